package io.dynamiccredentials.handover;

import static io.dynamiccredentials.handover.Handovers.JWT;
import static org.assertj.core.api.Assertions.assertThat;

import io.dynamiccredentials.config.Configuration;
import io.dynamiccredentials.environment.RunDirectory;
import io.dynamiccredentials.environment.RunEnvironment;
import io.dynamiccredentials.workload.Phase;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ManualTokenProviderTest {
    private static final String AUDIENCE = "TFC_WORKLOAD_IDENTITY_AUDIENCE";

    private final ManualTokenProvider provider = ManualTokenProvider.create();

    @TempDir
    private Path directory = Path.of("");

    @Test
    void render_untagged_setsTheVariableAndNothingElse() {
        try (RunDirectory run = RunDirectory.create(directory)) {
            RunEnvironment environment = Handovers.render(provider, Map.of(AUDIENCE, "jfrog"), run);

            assertThat(Handovers.values(environment)).isEqualTo(Map.of("TFC_WORKLOAD_IDENTITY_TOKEN", JWT));
            assertThat(environment.files()).isEmpty();
            assertThat(environment.terraformInputs()).isEmpty();
        }
    }

    @Test
    void render_tagged_setsTheVariableWithItsTagAsWritten() {
        try (RunDirectory run = RunDirectory.create(directory)) {
            RunEnvironment environment = Handovers.render(provider, Map.of(AUDIENCE + "_tailScale", "ts"), run);

            assertThat(Handovers.values(environment)).isEqualTo(Map.of("TFC_WORKLOAD_IDENTITY_TOKEN_tailScale", JWT));
        }
    }

    @Test
    void read_severalAudiences_makeSeveralTokens() {
        List<Configuration<?>> configurations =
                Handovers.read(provider, Phase.PLAN, Map.of(AUDIENCE, "one", AUDIENCE + "_A", "two"));

        assertThat(configurations)
                .extracting(
                        configuration -> configuration.platform().exchanger().audience())
                .containsExactly("one", "two");
        assertThat(configurations).extracting(Configuration::name).containsExactly("Manual token", "Manual token (A)");
    }

    @Test
    void read_noAudience_isNothing() {
        assertThat(Handovers.read(provider, Phase.PLAN, Map.of())).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "two words", "new\nline"})
    void read_malformedAudience_isRefused(String audience) {
        Handovers.assertRefused(provider, Map.of(AUDIENCE, audience), AUDIENCE);
    }

    @Test
    void read_reservedTag_isRefused() {
        Handovers.assertRefused(provider, Map.of(AUDIENCE + "_TYPE", "one"), "reserved");
    }
}
