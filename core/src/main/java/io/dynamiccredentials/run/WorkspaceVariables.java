package io.dynamiccredentials.run;

import io.dynamiccredentials.config.Configuration;
import io.dynamiccredentials.config.CredentialProvider;
import io.dynamiccredentials.config.TerraformVariables;
import io.dynamiccredentials.environment.AmbientIdentity;
import io.dynamiccredentials.environment.VariableName;
import io.dynamiccredentials.workload.Workload;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * What workspaces may ask for and set: the variables of the providers, and none that carries an identity. Immutable.
 */
final class WorkspaceVariables {
    private final Collection<CredentialProvider> providers;
    private final Optional<String> stateBackend;
    private final Set<String> identityVariables = new TreeSet<>();

    /**
     * Knows the providers.
     *
     * @param stateBackend the tag of what is for the state backend of the run's Terraform
     */
    WorkspaceVariables(Collection<CredentialProvider> providers, Optional<String> stateBackend) {
        this.providers = providers;
        this.stateBackend = stateBackend;
        providers.forEach(provider -> identityVariables.addAll(provider.family().identityVariables()));
    }

    /** Says all that is wrong with the variables at once, whether it is about identities or about settings. */
    List<Configuration<?>> read(Workload workload, Map<String, String> workspaceVariables) {
        List<String> problems = new ArrayList<>();
        workspaceVariables.forEach((name, value) -> problem(name, value).ifPresent(problems::add));
        List<Configuration<?>> configurations = List.of();
        try {
            configurations = TerraformVariables.read(workspaceVariables, workload, providers);
            problemOfState(configurations).ifPresent(problems::add);
        } catch (IllegalArgumentException e) {
            problems.add(String.valueOf(e.getMessage()));
        }
        if (!problems.isEmpty()) {
            throw new IllegalArgumentException(String.join("\n", problems));
        }
        return configurations;
    }

    /** A run that has credentials must not keep its state with those of its providers where it should have others. */
    private Optional<String> problemOfState(List<Configuration<?>> configurations) {
        if (stateBackend.isEmpty() || configurations.isEmpty()) {
            return Optional.empty();
        }
        List<String> names = configurations.stream()
                .filter(configuration -> configuration.tag().equals(stateBackend))
                .map(Configuration::name)
                .toList();
        return names.size() == 1
                ? Optional.empty()
                : Optional.of("One configuration must have the tag " + stateBackend.get()
                        + ", which is for Terraform's state backend; it was " + names
                        + ". Turn on one, such as TFC_AWS_PROVIDER_AUTH_" + stateBackend.get());
    }

    /** Says why a workspace may not set a variable whose name is one. */
    private Optional<String> problem(String name, String value) {
        if (!VariableName.isOne(name)) {
            return Optional.empty();
        }
        if (value.indexOf('\0') >= 0) {
            // The JDK would refuse it too, and print the value.
            return Optional.of("The value of " + name + " must not have a NUL character in it");
        }
        if (carriesIdentity(name) || name.equals("HOME")) {
            return Optional.of("The workspace sets " + name
                    + ", which carries or leads to an identity of its own and could win over the run's. Remove it");
        }
        return Optional.ofNullable(AmbientIdentity.SHUT.get(name))
                .filter(shut -> !shut.equals(value))
                .map(shut -> "The workspace opens a way to this machine's identity: " + name + " must be absent or \""
                        + shut + "\"");
    }

    /** Tells whether the variable {@code name} carries an identity or says where one is. */
    boolean carriesIdentity(String name) {
        return AmbientIdentity.carries(name) || identityVariables.contains(name);
    }
}
