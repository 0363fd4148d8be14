package io.dynamiccredentials.config;

import io.dynamiccredentials.workload.Phase;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What the variables of a workspace say about one platform in one phase.
 *
 * <p>For each setting the first of these that is set wins; explicit beats default, and within each, phase beats run:
 *
 * <ol>
 *   <li>{@code TFC_AWS_PLAN_ROLE_ARN}
 *   <li>{@code TFC_AWS_RUN_ROLE_ARN}
 *   <li>{@code TFC_DEFAULT_AWS_PLAN_ROLE_ARN}
 *   <li>{@code TFC_DEFAULT_AWS_RUN_ROLE_ARN}
 * </ol>
 *
 * <p>A setting that does not depend on the phase has the first and the third form without the phase. Not safe for use
 * by several threads.
 */
public final class PlatformSettings {
    private final String platform;
    private final Phase phase;
    private final Map<String, String> variables;
    private final Set<String> known = new TreeSet<>();

    PlatformSettings(String platform, Phase phase, Map<String, String> variables) {
        this.platform = platform;
        this.phase = phase;
        this.variables = Map.copyOf(variables);
    }

    /**
     * Returns a setting that the platform can't do without, for example {@code ADDR}.
     *
     * @throws IllegalArgumentException if no variable gives it
     */
    public Setting required(String name) {
        return optional(name).orElseThrow(() -> missing(List.of(explicit(name))));
    }

    /** Returns a setting that has a default, for example {@code WORKLOAD_IDENTITY_AUDIENCE}. */
    public Optional<Setting> optional(String name) {
        return first(explicit(name), defaulted(name));
    }

    /**
     * Returns a setting that may differ between the phases and that the platform can't do without, for example
     * {@code ROLE_ARN}.
     *
     * @throws IllegalArgumentException if no variable gives it for this phase
     */
    public Setting requiredForPhase(String name) {
        return optionalForPhase(name)
                .orElseThrow(() -> missing(List.of(explicit("RUN_" + name), explicit(phase.name() + "_" + name))));
    }

    /** Returns a setting that may differ between the phases. */
    public Optional<Setting> optionalForPhase(String name) {
        for (Phase other : Phase.values()) {
            known.add(explicit(other.name() + "_" + name));
            known.add(defaulted(other.name() + "_" + name));
        }
        String ofPhase = phase.name() + "_" + name;
        String ofRun = "RUN_" + name;
        return first(explicit(ofPhase), explicit(ofRun), defaulted(ofPhase), defaulted(ofRun));
    }

    /** Returns a variable of the workspace that its tools read by themselves, for example {@code ARM_TENANT_ID}. */
    public Optional<Setting> workspaceVariable(String name) {
        return first(name);
    }

    /** Returns the variables of this platform that nothing has asked for: typing errors, mostly. */
    Set<String> unknown() {
        Set<String> unknown = new TreeSet<>();
        for (String name : variables.keySet()) {
            boolean ours = name.startsWith(explicit("")) || name.startsWith(defaulted(""));
            if (ours && !known.contains(name) && !name.equals(explicit("PROVIDER_AUTH"))) {
                unknown.add(name);
            }
        }
        return unknown;
    }

    /**
     * Returns the variables of this platform that nothing has asked for and the one that each was probably meant to be.
     */
    Map<String, String> misspelt() {
        Map<String, String> misspelt = new TreeMap<>();
        for (String name : unknown()) {
            known.stream()
                    .filter(meant -> EditDistance.isSmall(name, meant))
                    .findFirst()
                    .ifPresent(meant -> misspelt.put(name, meant));
        }
        return misspelt;
    }

    private Optional<Setting> first(String... names) {
        List<Setting> found = new ArrayList<>();
        for (String name : names) {
            known.add(name);
            String value = variables.get(name);
            if (value != null) {
                // A blank value is refused even where another variable would win: somebody meant something by it.
                found.add(new Setting(name, value));
            }
        }
        return found.stream().findFirst();
    }

    private IllegalArgumentException missing(List<String> names) {
        return new IllegalArgumentException(String.join(" or ", names) + " is required while "
                + explicit("PROVIDER_AUTH") + " is \"true\"; neither it nor its " + defaulted("…") + " form is set");
    }

    private String explicit(String name) {
        return "TFC_" + platform + "_" + name;
    }

    private String defaulted(String name) {
        return "TFC_DEFAULT_" + platform + "_" + name;
    }
}
