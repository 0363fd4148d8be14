package io.dynamiccredentials.config;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/** Finds variables that nothing reads although somebody seems to count on it. Not safe for use by several threads. */
final class NameCheck {
    /** The words of all families that HashiCorp documents: their variables are no typing errors of each other's. */
    private static final Set<String> DOCUMENTED = Set.of(
            "AWS",
            "GCP",
            "AZURE",
            "VAULT",
            "VAULT_BACKED_AWS",
            "VAULT_BACKED_GCP",
            "VAULT_BACKED_AZURE",
            "KUBERNETES",
            "HCP",
            "HVS_BACKED_AWS",
            "HVS_BACKED_GCP",
            "TENCENTCLOUD",
            "WORKLOAD_IDENTITY");

    /** Also without the last letters of our prefix, in which a typing error would be silent. */
    private static final String OURS = "DYNAMIC_CRED";

    private static final List<String> MEANT_FOR_TERRAFORM = List.of("TFC_", "TFE_", "TCF_");
    private static final int MAX_STRANGERS = 500;

    private final Collection<VariableFamily> families;
    private final Switches switches;
    private final List<String> problems = new ArrayList<>();
    private int strangers;

    private NameCheck(Collection<VariableFamily> families, Switches switches) {
        this.families = families;
        this.switches = switches;
    }

    /** Returns what is wrong with the names of variables, in their order. */
    static List<String> problems(Set<String> names, Collection<VariableFamily> families, Switches switches) {
        NameCheck check = new NameCheck(families, switches);
        new TreeSet<>(names).forEach(check::check);
        return check.problems;
    }

    /** Tells whether a name looks like a misspelt switch of a family. */
    static boolean isMisspeltSwitch(String name, Collection<VariableFamily> families) {
        return misspelt(name, families.stream().map(family -> new VariableNames(family).switchOf("")))
                .isPresent();
    }

    private void check(String name) {
        String upper = name.toUpperCase(Locale.ROOT);
        boolean ours = upper.startsWith(OURS);
        if (!ours && MEANT_FOR_TERRAFORM.stream().noneMatch(upper::startsWith)) {
            return;
        }
        Optional<VariableFamily> family = familyOf(name);
        if (family.isPresent()) {
            checkMember(name, family.get());
        } else if (!isOfAnother(name) && isWorthALook()) {
            Optional<String> meant = misspelt(name, families.stream().flatMap(this::switchesAndOwn));
            if (meant.isPresent()) {
                problems.add(name + " looks like a misspelt " + meant.get());
            } else if (ours) {
                problems.add(name + " is not a variable that anything here knows. Check its spelling, or remove it");
            }
        }
    }

    /** Each look costs time, and a tenant may set any number of variables. */
    private boolean isWorthALook() {
        strangers++;
        if (strangers == MAX_STRANGERS) {
            problems.add("There are " + MAX_STRANGERS + " or more variables that begin with "
                    + VariableNames.TERRAFORM_PREFIX + " or " + VariableNames.OWN_PREFIX
                    + " and that nothing here knows. Remove those that nobody reads");
        }
        return strangers < MAX_STRANGERS;
    }

    private void checkMember(String name, VariableFamily family) {
        VariableNames names = new VariableNames(family);
        boolean isSwitch = name.equals(names.switchOf("")) || name.startsWith(names.switchOf("") + "_");
        if (isSwitch || isKnown(name, family) || !isWorthALook()) {
            return;
        }
        boolean off = switches.on(family).isEmpty();
        Optional<String> tag = tagOf(name, family);
        // What is off is not read; but a misspelt switch may be why it is off.
        Optional<String> meant = misspelt(name, off ? Stream.of(names.switchOf("")) : all(family));
        if (tag.isPresent()) {
            if (!off) {
                problems.add(name + " belongs to a configuration that nothing turns on. Set "
                        + names.switchOf(tag.get()) + " to \"true\", or to \"false\" to keep it off");
            }
        } else if (meant.isPresent()) {
            problems.add(name + " looks like a misspelt " + meant.get());
        } else if (!off) {
            problems.add(name + " is not a variable that " + family.word() + " knows. " + remedy(name, names));
        }
    }

    private static String remedy(String name, VariableNames names) {
        List<String> meant = names.meantBy(name);
        return meant.isEmpty()
                ? "Check its spelling; a tag is at its end, and a default has none"
                : "Set " + String.join(" or ", meant);
    }

    private boolean isKnown(String name, VariableFamily family) {
        VariableNames names = new VariableNames(family);
        return family.rules().stream()
                .anyMatch(rule -> names.defaults(rule).contains(name)
                        || names.explicit(rule, "").contains(name)
                        || tagOf(name, family, rule)
                                .filter(tag -> switches.knows(family, tag))
                                .isPresent());
    }

    private static Optional<String> tagOf(String name, VariableFamily family) {
        return family.rules().stream()
                .flatMap(rule -> tagOf(name, family, rule).stream())
                .findFirst();
    }

    private static Optional<String> tagOf(String name, VariableFamily family, SettingRule rule) {
        return new VariableNames(family)
                .explicit(rule, "").stream()
                        .filter(setting -> name.startsWith(setting + "_"))
                        .map(setting -> name.substring(setting.length() + 1))
                        .filter(tag -> !tag.isEmpty())
                        .findFirst();
    }

    /** Returns the family whose beginning the name has; of {@code VAULT} and {@code VAULT_BACKED_AWS} the latter. */
    private Optional<VariableFamily> familyOf(String name) {
        return families.stream()
                .filter(family -> new VariableNames(family).prefixes().stream().anyMatch(name::startsWith))
                .filter(family -> documented(name).map(family.word()::equals).orElse(true))
                .max((one, other) ->
                        Integer.compare(one.word().length(), other.word().length()));
    }

    /** Tells whether the name is one of a documented family that has no provider here. */
    private boolean isOfAnother(String name) {
        return documented(name)
                .filter(word ->
                        families.stream().noneMatch(family -> family.word().equals(word)))
                .isPresent();
    }

    private static Optional<String> documented(String name) {
        return DOCUMENTED.stream()
                .filter(word -> name.startsWith(VariableNames.TERRAFORM_PREFIX + word + "_")
                        || name.startsWith(VariableNames.TERRAFORM_PREFIX + "DEFAULT_" + word + "_"))
                .max((one, other) -> Integer.compare(one.length(), other.length()));
    }

    private Stream<String> switchesAndOwn(VariableFamily family) {
        return switches.on(family).isEmpty() ? Stream.of(new VariableNames(family).switchOf("")) : all(family);
    }

    private static Stream<String> all(VariableFamily family) {
        VariableNames names = new VariableNames(family);
        return Stream.concat(
                Stream.of(names.switchOf("")),
                family.rules().stream()
                        .flatMap(rule ->
                                Stream.concat(names.explicit(rule, "").stream(), names.defaults(rule).stream())));
    }

    /** Returns the known name that {@code name}, or what stands before a tag in it, was most probably meant to be. */
    private static Optional<String> misspelt(String name, Stream<String> known) {
        List<String> heads = new ArrayList<>(List.of(name));
        for (int at = name.lastIndexOf('_'); at > 0; at = name.lastIndexOf('_', at - 1)) {
            heads.add(name.substring(0, at));
        }
        Map<String, Integer> candidates = new TreeMap<>();
        known.forEach(meant -> heads.forEach(head -> EditDistance.small(head, meant)
                .ifPresent(distance -> candidates.merge(meant + name.substring(head.length()), distance, Math::min))));
        return candidates.entrySet().stream().min(Map.Entry.comparingByValue()).map(Map.Entry::getKey);
    }
}
