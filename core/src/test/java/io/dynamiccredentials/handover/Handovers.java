package io.dynamiccredentials.handover;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dynamiccredentials.Secret;
import io.dynamiccredentials.config.Configuration;
import io.dynamiccredentials.config.CredentialProvider;
import io.dynamiccredentials.config.TerraformVariables;
import io.dynamiccredentials.environment.RunDirectory;
import io.dynamiccredentials.environment.RunEnvironment;
import io.dynamiccredentials.fixtures.Rendering;
import io.dynamiccredentials.token.IdentityToken;
import io.dynamiccredentials.workload.Phase;
import io.dynamiccredentials.workload.TerraformRun;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What the tests of this package share. */
final class Handovers {
    static final String JWT = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJydW4ifQ.c2ln";
    static final Instant END = Instant.parse("2026-03-01T13:00:00Z");

    private Handovers() {}

    static List<Configuration<?>> read(CredentialProvider provider, Phase phase, Map<String, String> variables) {
        TerraformRun run = TerraformRun.builder("acme", "shop", "prod", "run-1")
                .phase(phase)
                .build();
        return TerraformVariables.read(variables, run, List.of(provider));
    }

    static Configuration<?> only(CredentialProvider provider, Map<String, String> variables) {
        List<Configuration<?>> configurations = read(provider, Phase.PLAN, variables);
        if (configurations.size() != 1) {
            throw new AssertionError("There must be one configuration; there are " + configurations);
        }
        return configurations.get(0);
    }

    static RunEnvironment render(CredentialProvider provider, Map<String, String> variables, RunDirectory directory) {
        return rendered(only(provider, variables), directory);
    }

    static RunEnvironment rendered(Configuration<?> configuration, RunDirectory directory) {
        return configuration.tag().isEmpty()
                ? Rendering.only(configuration, token(configuration), directory)
                : Rendering.amongOthers(configuration, token(configuration), directory);
    }

    static Map<String, String> values(RunEnvironment environment) {
        Map<String, String> values = new TreeMap<>();
        environment.variables().forEach((name, value) -> values.put(name, value.reveal()));
        return values;
    }

    static String input(RunEnvironment environment, String name) {
        return environment.terraformInputs().getOrDefault(name, Secret.of("")).reveal();
    }

    static String audience(CredentialProvider provider, Phase phase, Map<String, String> variables) {
        return read(provider, phase, variables).get(0).platform().exchanger().audience();
    }

    static void assertRefused(CredentialProvider provider, Map<String, String> variables, String... texts) {
        assertThatThrownBy(() -> read(provider, Phase.PLAN, variables))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll(texts);
    }

    static IdentityToken token(Configuration<?> configuration) {
        String audience = configuration.platform().exchanger().audience();
        Instant start = END.minusSeconds(3600);
        return new IdentityToken(Secret.of(JWT), "https://ci.example", "run", audience, "id-1", start, END);
    }
}
