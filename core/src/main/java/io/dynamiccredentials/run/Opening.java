package io.dynamiccredentials.run;

import io.dynamiccredentials.config.Configuration;
import io.dynamiccredentials.config.VariableFamily;
import io.dynamiccredentials.environment.ConfigurationEnvironment;
import io.dynamiccredentials.environment.RunEnvironment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Obtains and renders what configurations ask for, one after the other. Not safe for use by several threads. */
final class Opening {
    private final LeaseServices services;
    private final Optional<String> stateBackend;
    private final List<KeptConfiguration<?>> configurations = new ArrayList<>();

    /**
     * Prepares it.
     *
     * @param stateBackend the tag of what is for the state backend of the run's Terraform
     */
    Opening(
            LeaseServices services,
            List<Configuration<?>> configurations,
            Optional<String> stateBackend,
            Ledger ledger,
            LeaseEvents events) {
        this.services = services;
        this.stateBackend = stateBackend;
        configurations.forEach(
                each -> this.configurations.add(new KeptConfiguration<>(each, services, ledger, events)));
    }

    /**
     * Obtains all credentials and renders them. Those that must settle come first, and are waited for all at once:
     * meanwhile the tokens of the others would grow old. All are kept fresh from the moment they are there.
     */
    void open(RunEnvironment.Builder environment) {
        List<KeptConfiguration<?>> settling = new ArrayList<>();
        List<KeptConfiguration<?>> instant = new ArrayList<>();
        configurations.forEach(each -> (each.settling().isZero() ? instant : settling).add(each));
        settling.forEach(KeptConfiguration::obtain);
        settle(settling);
        instant.forEach(KeptConfiguration::obtain);
        for (KeptConfiguration<?> each : configurations) {
            each.render(environmentOf(each, environment));
        }
    }

    /** Hands to {@code lease} what is renewed from now on, and what was since it was rendered. */
    List<KeptConfiguration<?>> keep(RunLease lease) {
        configurations.forEach(each -> each.handTo(lease::renewed));
        return configurations;
    }

    /** Returns all of it, for who lets go of it if the lease does not come to be. */
    List<KeptConfiguration<?>> configurations() {
        return configurations;
    }

    private ConfigurationEnvironment environmentOf(KeptConfiguration<?> kept, RunEnvironment.Builder environment) {
        Configuration<?> configuration = kept.configuration();
        VariableFamily family = configuration.family();
        if (isForStateBackend(configuration)) {
            return environment.stateBackend(configuration.tag().orElseThrow(), family.input());
        }
        long forTheseTools = configurations.stream()
                .map(KeptConfiguration::configuration)
                .filter(other ->
                        !isForStateBackend(other) && other.family().tools().equals(family.tools()))
                .count();
        return configuration.tag().isEmpty() && forTheseTools == 1
                ? environment.onlyConfiguration(family.input())
                : environment.configuration(configuration.tag(), family.input());
    }

    private boolean isForStateBackend(Configuration<?> configuration) {
        return stateBackend.isPresent() && configuration.tag().equals(stateBackend);
    }

    private void settle(List<KeptConfiguration<?>> settling) {
        Duration longest = Duration.ZERO;
        String name = "";
        for (KeptConfiguration<?> each : settling) {
            if (each.settling().compareTo(longest) > 0) {
                longest = each.settling();
                name = each.configuration().name();
            }
        }
        if (!longest.isZero()) {
            services.pause(longest, name);
        }
    }
}
