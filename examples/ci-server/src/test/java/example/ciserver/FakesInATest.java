package example.ciserver;

import static org.assertj.core.api.Assertions.assertThat;

import io.dynamiccredentials.run.DynamicCredentials;
import io.dynamiccredentials.run.RunLease;
import io.dynamiccredentials.testkit.SettableClock;
import io.dynamiccredentials.testkit.TestIssuer;
import io.dynamiccredentials.testkit.vault.FakeVault;
import io.dynamiccredentials.vault.VaultJwtRole;
import io.dynamiccredentials.vault.VaultProvider;
import io.dynamiccredentials.workload.TerraformRun;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The test of the README, word for word; {@link ReadmeTest} compares them. */
class FakesInATest {

    // README: begin
    @Test
    void run_itsVaultToken_isDeadAfterwards(@TempDir Path directory) {
        SettableClock clock = SettableClock.at(Instant.parse("2026-03-01T12:00:00Z"));
        Set<String> audiences = Set.of("vault.workload.identity");
        VaultJwtRole role = VaultJwtRole.of("ci", audiences, "organization:acme:*", Duration.ofMinutes(20));
        try (TestIssuer issuer = TestIssuer.start(clock); // a TokenIssuer with its discovery document
                FakeVault vault = FakeVault.start(clock).trust(issuer.url()).role(role)) {
            DynamicCredentials door = DynamicCredentials.builder(issuer)
                    .provider(
                            VaultProvider.builder(vault.address()).clock(clock).build())
                    .directory(directory)
                    .clock(clock)
                    .build();
            Map<String, String> variables = Map.of(
                    "TFC_VAULT_PROVIDER_AUTH", "true",
                    "TFC_VAULT_ADDR", vault.address().toString(),
                    "TFC_VAULT_RUN_ROLE", "ci");
            TerraformRun run =
                    TerraformRun.builder("acme", "shop", "prod", "run-1").build();
            try (RunLease lease = door.open(run, variables)) {
                assertThat(lease.environment().variables()).containsKey("VAULT_TOKEN");
                assertThat(vault.live()).hasSize(1);
            }
            assertThat(vault.live()).isEmpty();
        }
    }
    // README: end
}
