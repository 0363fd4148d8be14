package example.ciserver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dynamiccredentials.run.DynamicCredentials;
import io.dynamiccredentials.run.RunLease;
import io.dynamiccredentials.testkit.SettableClock;
import io.dynamiccredentials.testkit.TestIssuer;
import io.dynamiccredentials.workload.TerraformRun;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A platform of one's own has all that the others have: phases, defaults, tags, inputs and messages. */
class AcmeProviderTest {
    private final SettableClock clock = SettableClock.at(Instant.parse("2026-03-01T12:00:00Z"));
    private final TestIssuer issuer = TestIssuer.start(clock);

    @TempDir
    Path directory;

    @AfterEach
    void stop() {
        issuer.close();
    }

    @Test
    void open_untagged_hasTheToolsVariablesAndTheInput() {
        try (RunLease lease = open(Map.of("TFC_ACME_PROVIDER_AUTH", "true", "TFC_ACME_PLAN_STORE", "drafts"))) {
            assertThat(lease.environment().variables())
                    .containsKeys("ACME_TOKEN_FILE", "ACME_URL", "TF_VAR_tfc_acme_dynamic_credentials");
            assertThat(lease.provenance()).isEqualTo(Map.of("Acme", Map.of("STORE", "TFC_ACME_PLAN_STORE")));
        }
    }

    @Test
    void open_tagged_isInTheInputAlone() {
        try (RunLease lease =
                open(Map.of("TFC_ACME_PROVIDER_AUTH_B", "true", "TFC_DEFAULT_ACME_RUN_STORE", "releases"))) {
            assertThat(lease.environment().variables()).containsKey("ACME_URL").doesNotContainKey("ACME_TOKEN_FILE");
            assertThat(lease.environment().terraformInputsFile().reveal())
                    .contains("\"B\":{", "\"store\":\"releases\"");
        }
    }

    @Test
    void open_keyOfAcme_isRefusedBesideAMalformedSetting() {
        assertThatThrownBy(() -> open(Map.of(
                        "TFC_ACME_PROVIDER_AUTH", "true", "TFC_ACME_RUN_STORE", "../x", "ACME_API_KEY", "static")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("ACME_API_KEY, which carries")
                .hasMessageContaining("TFC_ACME_RUN_STORE must be small letters");
    }

    private RunLease open(Map<String, String> variables) {
        TerraformRun run = TerraformRun.builder("acme", "shop", "prod", "run-1").build();
        return DynamicCredentials.builder(issuer)
                .provider(new AcmeProvider())
                .directory(directory)
                .clock(clock)
                .build()
                .open(run, variables);
    }
}
