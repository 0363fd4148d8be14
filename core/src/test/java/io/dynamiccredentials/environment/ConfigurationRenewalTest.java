package io.dynamiccredentials.environment;

import static org.assertj.core.api.Assertions.assertThat;

import io.dynamiccredentials.Secret;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigurationRenewalTest {
    @TempDir
    Path parent;

    @Test
    void with_renewalOfARenewal_hasItsPlaceAndLeavesOthers() {
        try (RunDirectory directory = RunDirectory.create(parent)) {
            RunEnvironment.Builder builder = RunEnvironment.builder(directory);
            ConfigurationEnvironment first = render(builder.onlyConfiguration(Optional.empty()), "ACME", "1");
            render(builder.onlyConfiguration(Optional.empty()), "OTHER", "1");
            RunEnvironment environment = builder.build();

            ConfigurationEnvironment second = render(first.renewal(), "ACME", "2");
            ConfigurationEnvironment third = render(second.renewal(), "ACME", "3");

            RunEnvironment renewed = environment.with(second).with(third);
            assertThat(renewed.variables())
                    .containsEntry("ACME", Secret.of("3"))
                    .containsEntry("OTHER", Secret.of("1"));
            assertThat(renewed.files())
                    .hasSize(2)
                    .allSatisfy(file -> assertThat(file).exists());
            assertThat(renewed.files().get(0)).hasContent("3");
        }
    }

    private static ConfigurationEnvironment render(ConfigurationEnvironment environment, String name, String value) {
        environment.file(name.equals("ACME") ? "acme" : "other", Secret.of(value));
        return environment.variable(name, value);
    }
}
