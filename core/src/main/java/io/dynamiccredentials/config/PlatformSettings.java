package io.dynamiccredentials.config;

import io.dynamiccredentials.wire.UntrustedText;
import io.dynamiccredentials.workload.Phase;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * What the variables of a workspace say about one configuration of a platform in one phase.
 *
 * <p>For each setting the first of these that is set wins; explicit beats default, and within each, phase beats run:
 *
 * <ol>
 *   <li>{@code TFC_AWS_PLAN_ROLE_ARN} (of the configuration that is tagged {@code PROD}:
 *       {@code TFC_AWS_PLAN_ROLE_ARN_PROD})
 *   <li>{@code TFC_AWS_RUN_ROLE_ARN} ({@code TFC_AWS_RUN_ROLE_ARN_PROD})
 *   <li>{@code TFC_DEFAULT_AWS_PLAN_ROLE_ARN}
 *   <li>{@code TFC_DEFAULT_AWS_RUN_ROLE_ARN}
 * </ol>
 *
 * <p>A setting that does not depend on the phase has the first and the third form without the phase. A tagged
 * configuration takes nothing from the untagged one. Immutable.
 */
public final class PlatformSettings {
    private final VariableFamily family;
    private final VariableNames names;
    private final String tag;
    private final Phase phase;
    private final Map<String, String> variables;
    private final Map<ConfigurationName, PlatformSettings> others;

    PlatformSettings(
            VariableFamily family,
            String tag,
            Phase phase,
            Map<String, String> variables,
            Map<ConfigurationName, PlatformSettings> others) {
        this.family = family;
        this.names = new VariableNames(family);
        this.tag = tag;
        this.phase = phase;
        this.variables = variables;
        this.others = others;
    }

    /** Returns the tag; empty for the untagged configuration. */
    public Optional<String> tag() {
        return Optional.of(tag).filter(text -> !text.isEmpty());
    }

    /** Returns a setting, if a variable gives it; not its default, which has no variable: see {@link #valueOf}. */
    public Optional<Setting> optional(SettingRule rule) {
        requireDeclared(rule);
        return names.of(rule, phase, tag).stream()
                .filter(this::hasValue)
                .findFirst()
                .map(this::setting);
    }

    /**
     * Returns a setting that the configuration can't do without.
     *
     * @throws IllegalArgumentException if no variable gives it
     */
    public Setting required(SettingRule rule) {
        return optional(rule).orElseThrow(() -> new IllegalArgumentException(missing(rule)));
    }

    /**
     * Returns the setting that this configuration itself has, in this phase or another; empty if it has at most a
     * default. Tells settings that contradict each other from defaults that do no harm.
     */
    public Optional<Setting> explicit(SettingRule rule) {
        requireDeclared(rule);
        return names.explicit(rule, tag).stream()
                .filter(this::hasValue)
                .findFirst()
                .map(this::setting);
    }

    /** Returns the value of a setting: that of a variable or else its default, if it has one. */
    public Optional<String> valueOf(SettingRule rule) {
        return optional(rule).map(Setting::value).or(rule::defaultValue);
    }

    /** Tells whether a setting has this value, by a variable or by default. */
    public boolean is(SettingRule rule, String value) {
        return valueOf(rule).filter(value::equals).isPresent();
    }

    /** Returns a variable of the workspace that its tools read by themselves, for example {@code ARM_TENANT_ID}. */
    public Optional<Setting> workspaceVariable(String name) {
        return Optional.of(name).filter(variables::containsKey).map(this::setting);
    }

    /**
     * Refuses a variable of the workspace by which its tools would send secrets elsewhere.
     *
     * @param allowed values that do no harm
     * @throws IllegalArgumentException if it is set to anything else
     */
    public void requireNoDetour(String variable, Set<String> allowed) {
        workspaceVariable(variable)
                .ifPresent(own -> own.require(
                        allowed::contains,
                        allowed.isEmpty()
                                ? "removed from the workspace, since only the host chooses where secrets are sent"
                                : "absent or " + quoted(allowed)
                                        + ", since only the host chooses where secrets are sent"));
    }

    private static String quoted(Set<String> values) {
        return new TreeSet<>(values).stream().map(value -> "\"" + value + "\"").collect(Collectors.joining(" or "));
    }

    /** Returns the variable that turns the configuration on. */
    public String switchVariable() {
        return names.switchOf(tag);
    }

    /** What is set and blank is a problem of its own, which must not hide the others. */
    private boolean hasValue(String name) {
        return !variables.getOrDefault(name, "").isBlank();
    }

    private Setting setting(String name) {
        return new Setting(name, String.valueOf(variables.get(name)));
    }

    /**
     * Returns the settings of another configuration that is on, which this one builds on.
     *
     * @param tag its tag; empty for the untagged one
     * @throws IllegalArgumentException if it is not on, or wrong itself
     */
    public PlatformSettings of(VariableFamily family, Optional<String> tag) {
        PlatformSettings other = others.get(new ConfigurationName(family.word(), tag.orElse("")));
        if (other == null) {
            throw new IllegalArgumentException(names.switchOf(this.tag) + " needs the "
                    + (tag.isEmpty() ? "untagged configuration" : "configuration tagged \"" + tag.get() + "\"") + " of "
                    + family.word() + ". Set " + new VariableNames(family).switchOf(tag.orElse(""))
                    + " and the rest of it");
        }
        return other;
    }

    /** Returns what is wrong with the settings, each by itself. */
    List<String> problems() {
        List<String> problems = new ArrayList<>();
        for (SettingRule rule : family.rules()) {
            problems(rule, problems);
        }
        return problems;
    }

    private void problems(SettingRule rule, List<String> problems) {
        Set<String> all = new LinkedHashSet<>(names.of(rule, phase, tag));
        // Also those of another phase: a plan must not pass where the apply would be refused.
        all.addAll(names.explicit(rule, tag));
        all.addAll(names.defaults(rule));
        for (String name : all) {
            String value = variables.get(name);
            if (value != null && value.isBlank()) {
                // Refused even where another variable would win: somebody meant something by it.
                problems.add(name + " is set and empty. Give it a value or remove it");
            } else if (value != null && !rule.permits(value)) {
                problems.add(name + " must be " + rule.expected() + "; it was " + UntrustedText.quote(value));
            }
        }
        boolean found = names.of(rule, phase, tag).stream().anyMatch(variables::containsKey);
        if (!found && rule.isRequiredIn(this)) {
            problems.add(missing(rule));
        }
        explicit(rule)
                .ifPresent(own -> rule.voidIn(this)
                        .ifPresent(condition -> problems.add(
                                own.variable() + " has no effect " + condition + ". Remove it, or change that")));
    }

    /** Returns, by the name of the setting, the variable that gives it; {@code the default} if none does. */
    Map<String, String> provenance() {
        Map<String, String> provenance = new LinkedHashMap<>();
        for (SettingRule rule : family.rules()) {
            optional(rule)
                    .map(Setting::variable)
                    .or(() -> rule.defaultValue().map(value -> "the default"))
                    .ifPresent(variable -> provenance.put(rule.name(), variable));
        }
        return provenance;
    }

    private String missing(SettingRule rule) {
        List<String> own = new ArrayList<>(names.of(rule, phase, tag));
        List<String> defaults = List.copyOf(names.defaults(rule));
        own.removeAll(defaults);
        // RUN first: it is what most should set.
        own.sort((one, other) -> Boolean.compare(other.contains("_RUN_"), one.contains("_RUN_")));
        return String.join(" or ", own) + " is required while " + names.switchOf(tag) + " is \"true\""
                + (rule.isConditional() ? " (" + rule.requirement() + ")" : "")
                + "; neither it nor a default of it is set";
    }

    private void requireDeclared(SettingRule rule) {
        if (!family.rules().contains(rule)) {
            throw new IllegalStateException(
                    "The setting " + rule + " must be declared by " + family + " to be read; it has " + family.rules());
        }
    }

    @Override
    public String toString() {
        return "PlatformSettings[" + family + (tag.isEmpty() ? "" : " " + tag) + ", " + provenance() + "]";
    }
}
