package io.dynamiccredentials.testkit;

import static io.dynamiccredentials.testkit.vault.FakeVaultPolicy.Capability.READ;
import static io.dynamiccredentials.testkit.vault.FakeVaultPolicy.Capability.UPDATE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dynamiccredentials.CredentialExchangeException;
import io.dynamiccredentials.run.CloseReport;
import io.dynamiccredentials.run.DynamicCredentials;
import io.dynamiccredentials.run.RunLease;
import io.dynamiccredentials.testkit.aws.FakeAws;
import io.dynamiccredentials.testkit.vault.FakeVault;
import io.dynamiccredentials.testkit.vault.FakeVaultAws;
import io.dynamiccredentials.vault.VaultBackedProvider;
import io.dynamiccredentials.vault.VaultJwtRole;
import io.dynamiccredentials.vault.VaultProvider;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Keys that one fake makes for another: who ends them, and who honours them until then. */
class VaultBackedAwsTest {
    private static final String ACCOUNT = "123456789012";
    private static final String ROLE = "arn:aws:iam::" + ACCOUNT + ":role/deploy";

    private final SettableClock clock = SettableClock.at(Instant.parse("2026-03-01T12:00:00Z"));
    private final TestIssuer issuer = TestIssuer.start(clock);
    private final FakeAws aws =
            FakeAws.start(clock).chainedRole(ROLE, Set.of("arn:aws:iam::" + ACCOUNT + ":user/vault"));
    private final FakeVault vault = FakeVault.start(clock)
            .trust(issuer.url())
            .role(VaultJwtRole.of(
                    "ci", Set.of("vault.workload.identity"), "organization:acme:*", Duration.ofMinutes(20)))
            .engine(FakeVaultAws.builder()
                    .iamUser("user", Duration.ofHours(1))
                    .assumedRole("role", ROLE, ROLE + "-other")
                    .keysOf(aws, ACCOUNT)
                    .build())
            .permit("aws/*", READ, UPDATE)
            .permit("sys/leases/revoke", UPDATE);

    @TempDir
    Path directory;

    @AfterEach
    void stop() {
        vault.close();
        aws.close();
        issuer.close();
    }

    @Test
    void iamUser_itsKey_isDeletedWithTheLease() {
        try (RunLease lease = open("iam_user", "user", Map.of())) {
            assertThat(lease.environment().variables())
                    .containsKeys("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
                    .doesNotContainKeys("AWS_SESSION_TOKEN", "AWS_ROLE_ARN");
            assertThat(aws.live())
                    .singleElement()
                    .satisfies(key ->
                            assertThat(key.principal()).startsWith("arn:aws:iam::" + ACCOUNT + ":user/vault-user-"));
            assertThat(vault.leases()).hasSize(1);
        }
        assertThat(aws.live()).isEmpty();
        assertThat(vault.leases()).isEmpty();
        assertThat(vault.live()).isEmpty();
    }

    @Test
    void assumedRole_itsSession_livesOnAndTheReportSaysSo() {
        RunLease lease = open("assumed_role", "role", Map.of("TFC_VAULT_BACKED_AWS_RUN_ROLE_ARN", ROLE));
        Instant end = aws.live().get(0).expiresAt();

        lease.close();

        assertThat(lease.report().items()).anySatisfy(item -> {
            assertThat(item.outcome()).isEqualTo(CloseReport.Outcome.LIVES_UNTIL);
            assertThat(item.what()).startsWith("Vault-backed AWS credentials of");
            assertThat(item.until())
                    .hasValueSatisfying(until -> assertThat(until).isBetween(end.minusSeconds(5), end.plusSeconds(5)));
        });
        assertThat(vault.live()).isEmpty();
    }

    @Test
    void assumedRole_thatDoesNotTrustVault_isRefusedAndNothingIsLeft() {
        assertThatThrownBy(() ->
                        open("assumed_role", "role", Map.of("TFC_VAULT_BACKED_AWS_RUN_ROLE_ARN", ROLE + "-other")))
                .isInstanceOf(CredentialExchangeException.class);
        assertThat(vault.live()).isEmpty();
        assertThat(aws.live()).isEmpty();
    }

    private RunLease open(String type, String role, Map<String, String> more) {
        VaultProvider provider =
                VaultProvider.builder(vault.address()).clock(clock).build();
        Map<String, String> variables = new HashMap<>(more);
        variables.put("TFC_VAULT_PROVIDER_AUTH", "true");
        variables.put("TFC_VAULT_ADDR", vault.address().toString());
        variables.put("TFC_VAULT_RUN_ROLE", "ci");
        variables.put("TFC_VAULT_BACKED_AWS_AUTH", "true");
        variables.put("TFC_VAULT_BACKED_AWS_AUTH_TYPE", type);
        variables.put("TFC_VAULT_BACKED_AWS_RUN_VAULT_ROLE", role);
        return DynamicCredentials.builder(issuer)
                .provider(provider)
                .provider(VaultBackedProvider.aws(provider))
                .directory(directory)
                .clock(clock)
                .build()
                .open(Runs.plan(), variables);
    }
}
