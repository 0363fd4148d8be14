package io.dynamiccredentials.config;

import io.dynamiccredentials.workload.Phase;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/** The names of a family's variables. Immutable. */
final class VariableNames {
    static final String TERRAFORM_PREFIX = "TFC_";
    static final String OWN_PREFIX = "DYNAMIC_CREDENTIALS_";

    private static final String DEFAULT = "DEFAULT_";
    private static final Pattern PHASE = Pattern.compile("^(?:RUN|PLAN|APPLY)_");

    private final VariableFamily family;

    VariableNames(VariableFamily family) {
        this.family = family;
    }

    /** Returns the name of the switch; of a family without one, the name of the setting that turns it on. */
    String switchOf(String tag) {
        String end = family.switchName()
                .orElseGet(() -> family.rules().stream()
                        .filter(SettingRule::isRequired)
                        .findFirst()
                        .orElseThrow()
                        .name());
        return tagged(TERRAFORM_PREFIX + family.word() + "_" + end, tag);
    }

    /** Returns the variables that may give a setting its value in one phase; the first that is set wins. */
    List<String> of(SettingRule rule, Phase phase, String tag) {
        List<String> names = new ArrayList<>();
        for (String variant : variants(rule, phase)) {
            names.add(tagged(explicit(rule) + variant, tag));
        }
        if (rule.hasDefaultTwin()) {
            for (String variant : variants(rule, phase)) {
                names.add(defaulted(rule) + variant);
            }
        }
        return names;
    }

    /** Returns the variables that give a setting of one configuration a value of its own, of any phase. */
    Set<String> explicit(SettingRule rule, String tag) {
        Set<String> names = new LinkedHashSet<>();
        for (Phase phase : List.of(Phase.PLAN, Phase.APPLY)) {
            variants(rule, phase).forEach(variant -> names.add(tagged(explicit(rule) + variant, tag)));
        }
        return names;
    }

    /** Returns the variables that give a setting a value in all configurations that have none. */
    Set<String> defaults(SettingRule rule) {
        Set<String> names = new LinkedHashSet<>();
        if (rule.hasDefaultTwin()) {
            for (Phase phase : List.of(Phase.PLAN, Phase.APPLY)) {
                variants(rule, phase).forEach(variant -> names.add(defaulted(rule) + variant));
            }
        }
        return names;
    }

    /** Returns all variables of the untagged configuration but the switch, from which settings could be told apart. */
    List<String> untagged() {
        List<String> names = new ArrayList<>();
        family.rules().forEach(rule -> names.addAll(explicit(rule, "")));
        return names;
    }

    /**
     * Returns the variables that may have been meant by {@code name}, whose form is wrong; empty if none comes near.
     */
    List<String> meantBy(String name) {
        return prefixes().stream()
                .filter(name::startsWith)
                .map(prefix -> PHASE.matcher(name.substring(prefix.length())).replaceFirst(""))
                .flatMap(end -> family.rules().stream()
                        .filter(rule -> rule.name().equals(end))
                        .flatMap(rule -> of(rule, Phase.PLAN, "").stream().filter(meant -> !meant.contains("_PLAN_"))))
                .filter(meant -> !meant.equals(name))
                .distinct()
                .toList();
    }

    /** Returns the beginnings that only this family's variables have. */
    List<String> prefixes() {
        return List.of(
                TERRAFORM_PREFIX + family.word() + "_",
                TERRAFORM_PREFIX + DEFAULT + family.word() + "_",
                OWN_PREFIX + family.word() + "_",
                OWN_PREFIX + DEFAULT + family.word() + "_");
    }

    private static List<String> variants(SettingRule rule, Phase phase) {
        return rule.isPerPhase()
                ? List.of(phase.roles().name() + "_" + rule.name(), "RUN_" + rule.name())
                : List.of(rule.name());
    }

    private String explicit(SettingRule rule) {
        return prefix(rule) + family.word() + "_";
    }

    private String defaulted(SettingRule rule) {
        return prefix(rule) + DEFAULT + family.word() + "_";
    }

    private static String prefix(SettingRule rule) {
        return rule.isBeyondTerraform() ? OWN_PREFIX : TERRAFORM_PREFIX;
    }

    private static String tagged(String name, String tag) {
        return tag.isEmpty() ? name : name + "_" + tag;
    }
}
