package io.dynamiccredentials.testkit.vault;

import static io.dynamiccredentials.testkit.vault.FakeVaultPolicy.Capability.DENY;
import static io.dynamiccredentials.testkit.vault.FakeVaultPolicy.Capability.READ;
import static io.dynamiccredentials.testkit.vault.FakeVaultPolicy.Capability.UPDATE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dynamiccredentials.CredentialExchangeException;
import io.dynamiccredentials.Secret;
import io.dynamiccredentials.config.Configuration;
import io.dynamiccredentials.config.CredentialProvider;
import io.dynamiccredentials.config.TerraformVariables;
import io.dynamiccredentials.exchange.Credentials;
import io.dynamiccredentials.exchange.RenewableExchanger;
import io.dynamiccredentials.exchange.Revocation;
import io.dynamiccredentials.run.CloseReport.Item;
import io.dynamiccredentials.run.CloseReport.Outcome;
import io.dynamiccredentials.run.CloseReport.Thing;
import io.dynamiccredentials.run.DynamicCredentials;
import io.dynamiccredentials.run.RunLease;
import io.dynamiccredentials.testkit.Runs;
import io.dynamiccredentials.testkit.SettableClock;
import io.dynamiccredentials.testkit.TestIssuer;
import io.dynamiccredentials.vault.VaultBackedProvider;
import io.dynamiccredentials.vault.VaultJwtExchanger;
import io.dynamiccredentials.vault.VaultJwtRole;
import io.dynamiccredentials.vault.VaultProvider;
import io.dynamiccredentials.wire.BoundedHttpClient;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole life of credentials that Vault makes: login, reading, renewal over hours, and the end. */
class FakeVaultBackedRunTest {
    private static final String AUDIENCE = VaultJwtExchanger.STANDARD_AUDIENCE;
    private static final Duration TOKEN_TTL = Duration.ofMinutes(20);

    @TempDir
    Path directory;

    private final SettableClock clock = SettableClock.at(Runs.NOW);
    private final TestIssuer issuer = TestIssuer.start(clock);
    private final Iam iam = new Iam();
    private final FakeVault vault = FakeVault.start(clock);
    private final Map<String, String> variables = new HashMap<>(Map.of(
            "TFC_VAULT_PROVIDER_AUTH", "true",
            "TFC_VAULT_RUN_ROLE", "ci",
            "TFC_VAULT_NAMESPACE", "team",
            "TFC_VAULT_BACKED_AWS_AUTH", "true",
            "TFC_VAULT_BACKED_AWS_AUTH_TYPE", "iam_user",
            "TFC_VAULT_BACKED_AWS_RUN_VAULT_ROLE", "user"));

    @BeforeEach
    void configure() {
        VaultJwtRole role = VaultJwtRole.of("ci", Set.of(AUDIENCE), Runs.SUBJECTS, TOKEN_TTL);
        vault.trust(issuer.url()).role(role);
        vault.namespace("team")
                .trust(issuer.url())
                .role(role)
                .engine(FakeVaultAws.builder()
                        .iamUser("user", Duration.ofHours(1))
                        .assumedRole("role", "arn:aws:iam::123456789012:role/deploy")
                        .keys(iam)
                        .build())
                .engine(FakeVaultGcp.builder(clock).roleset("ci").build())
                .engine(FakeVaultAzure.builder().role("ci", Duration.ofHours(1)).build())
                .permit("aws/*", READ, UPDATE)
                .permit("gcp/*", READ, UPDATE)
                .permit("azure/*", READ, UPDATE)
                .permit("sys/leases/revoke", UPDATE);
    }

    /** Takes from tokens what Vault's {@code default} policy does not give them. */
    private void forbidLeaseRevocation() {
        vault.namespace("team").permit("sys/leases/revoke", DENY);
    }

    @AfterEach
    void stop() {
        vault.close();
        issuer.close();
    }

    @Test
    void user_renewedForHours_livesUntilItIsRevoked() {
        Held<?> held = exchange();
        Instant end = Runs.NOW.plus(Duration.ofHours(8));
        while (clock.instant().isBefore(end)) {
            Duration due = held.dueIn().orElseThrow();
            assertThat(due).isLessThan(TOKEN_TTL);
            clock.advance(due);
            held.renew();
            assertThat(iam.alive).hasSize(1);
            assertThat(vault.leases()).hasSize(1);
        }

        assertThat(vault.tokenRenewals()).isGreaterThan(30).isEqualTo(vault.leaseRenewals());
        assertThat(held.revoke()).isEqualTo(new Revocation.Revoked());
        assertThat(iam.alive).isEmpty();
        assertThat(vault.leases()).isEmpty();
        assertThat(vault.live()).isEmpty();
    }

    @Test
    void user_notRenewed_diesWithTheLoginTokenWhenTheCredentialsSayTheyDo() {
        Held<?> held = exchange();

        assertThat(held.expiresAt()).isEqualTo(Runs.NOW.plus(TOKEN_TTL));
        clock.advance(TOKEN_TTL.minusSeconds(1));
        assertThat(vault.leases()).hasSize(1);
        clock.advance(Duration.ofSeconds(1));
        assertThat(vault.leases()).isEmpty();
        assertThat(iam.alive).isEmpty();
    }

    @Test
    void user_defaultPolicy_isEndedByVaultAndSaidToBeOrdered() {
        forbidLeaseRevocation();
        Held<?> held = exchange();

        assertThat(held.revoke()).isEqualTo(new Revocation.Ordered(held.expiresAt()));
        assertThat(iam.alive).isEmpty();
        assertThat(vault.live()).isEmpty();
    }

    @Test
    void user_platformDoesNotLetGo_isAFailureAndTheLoginTokenDead() {
        Held<?> held = exchange();
        iam.stubborn = true;

        assertThatThrownBy(held::revoke)
                .isInstanceOf(CredentialExchangeException.class)
                .hasMessageContaining("the revocation of lease \"aws/creds/user/");
        assertThat(vault.live()).isEmpty();
        assertThat(iam.alive).hasSize(1);
    }

    @Test
    void session_revoked_livesOnAndTheLoginTokenDoesNot() {
        variables.put("TFC_VAULT_BACKED_AWS_AUTH_TYPE", "assumed_role");
        variables.put("TFC_VAULT_BACKED_AWS_RUN_VAULT_ROLE", "role");
        variables.put("TFC_VAULT_BACKED_AWS_RUN_ROLE_ARN", "arn:aws:iam::123456789012:role/deploy");
        Held<?> held = exchange();

        assertThat(held.expiresAt()).isEqualTo(Runs.NOW.plus(Duration.ofHours(1)));
        assertThat(held.dueIn()).isEmpty();
        assertThat(held.revoke()).isEqualTo(new Revocation.LivesUntil(held.expiresAt()));
        assertThat(vault.live()).isEmpty();
    }

    @Test
    void engine_refuses_leavesNoLoginToken() {
        variables.put("TFC_VAULT_BACKED_AWS_RUN_VAULT_ROLE", "nobody");

        assertThatThrownBy(this::exchange)
                .isInstanceOf(CredentialExchangeException.class)
                .hasMessageContaining("Role \\\"nobody\\\" not found");
        assertThat(vault.live()).isEmpty();
    }

    @Test
    void google_andAzure_livesAreTheirOwn() {
        variables.keySet().removeIf(name -> name.startsWith("TFC_VAULT_BACKED"));
        variables.put("TFC_VAULT_BACKED_GCP_AUTH", "true");
        variables.put("TFC_VAULT_BACKED_GCP_AUTH_TYPE", "roleset/service_account_key");
        variables.put("TFC_VAULT_BACKED_GCP_RUN_VAULT_ROLESET", "ci");
        assertThat(exchange().revoke()).isEqualTo(new Revocation.Revoked());
        variables.put("TFC_VAULT_BACKED_GCP_AUTH_TYPE", "roleset/access_token");
        assertThat(exchange().revoke()).isEqualTo(new Revocation.LivesUntil(Runs.NOW.plus(Duration.ofHours(1))));
        variables.keySet().removeIf(name -> name.startsWith("TFC_VAULT_BACKED"));
        variables.put("TFC_VAULT_BACKED_AZURE_AUTH", "true");
        variables.put("TFC_VAULT_BACKED_AZURE_RUN_VAULT_ROLE", "ci");
        assertThat(exchange().revoke()).isEqualTo(new Revocation.Revoked());
        assertThat(vault.live()).isEmpty();
    }

    @Test
    void run_seesItsOwnVaultTokenAloneAndCantEndTheOther() throws Exception {
        RunLease lease = open();
        assertThat(vault.live()).hasSize(2);
        Set<String> seen = vaultTokens(lease);
        assertThat(seen).hasSize(1);
        String own = seen.iterator().next();
        assertThat(revokeSelf(own)).isEqualTo(204);

        // The lease and its token are none of the run's.
        assertThat(vault.live()).hasSize(1);
        assertThat(vault.leases()).hasSize(1);
        assertThat(iam.alive).hasSize(1);
        lease.close();
        assertThat(iam.alive).isEmpty();
        assertThat(vault.live()).isEmpty();
        assertThat(lease.report().items())
                .filteredOn(item -> item.thing() == Thing.CREDENTIALS)
                .extracting(Item::outcome)
                .containsOnly(Outcome.REVOKED);
    }

    @Test
    void run_defaultPolicy_isReportedAsOrdered() {
        forbidLeaseRevocation();
        RunLease lease = open();
        lease.close();

        assertThat(lease.report().items())
                .filteredOn(item -> item.outcome() == Outcome.ORDERED)
                .singleElement()
                .satisfies(item -> {
                    assertThat(item.what()).startsWith("Vault-backed AWS credentials of access key \"AKIA");
                    assertThat(item.until()).contains(Runs.NOW.plus(TOKEN_TTL));
                });
    }

    private List<CredentialProvider> providers() {
        variables.put("TFC_VAULT_ADDR", vault.address().toString());
        VaultProvider provider =
                VaultProvider.builder(vault.address()).clock(clock).build();
        return List.of(
                provider,
                VaultBackedProvider.aws(provider),
                VaultBackedProvider.gcp(provider),
                VaultBackedProvider.azure(provider));
    }

    private Held<?> exchange() {
        Configuration<?> backed = TerraformVariables.read(variables, Runs.plan(), providers()).stream()
                .filter(configuration -> configuration.family().word().startsWith("VAULT_BACKED"))
                .findFirst()
                .orElseThrow();
        return Held.of(backed, issuer);
    }

    private RunLease open() {
        DynamicCredentials.Builder door =
                DynamicCredentials.builder(issuer).directory(directory).clock(clock);
        providers().forEach(door::provider);
        return door.build().open(Runs.plan(), variables);
    }

    private static Set<String> vaultTokens(RunLease lease) throws IOException {
        String all = lease.environment().variables().values().stream()
                        .map(Secret::reveal)
                        .collect(Collectors.joining("\n"))
                + lease.environment().terraformInputsFile().reveal();
        for (Path file : lease.environment().files()) {
            all += "\n" + Files.readString(file);
        }
        return Pattern.compile("hvs\\.\\w+")
                .matcher(all)
                .results()
                .map(found -> found.group())
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private int revokeSelf(String token) throws Exception {
        try (BoundedHttpClient http = BoundedHttpClient.builder().build()) {
            return http.send(HttpRequest.newBuilder(URI.create(vault.address() + "/v1/auth/token/revoke-self"))
                            .header("X-Vault-Namespace", "team")
                            .header("X-Vault-Token", token)
                            .POST(BodyPublishers.noBody()))
                    .status();
        }
    }

    /** Credentials whose type nobody outside their module knows. */
    private static final class Held<C extends Credentials> {
        private final RenewableExchanger<C> exchanger;
        private C credentials;

        private Held(RenewableExchanger<C> exchanger, C credentials) {
            this.exchanger = exchanger;
            this.credentials = credentials;
        }

        static <C extends Credentials> Held<C> of(Configuration<C> configuration, TestIssuer issuer) {
            if (configuration.platform().exchanger() instanceof RenewableExchanger<C> renewable) {
                return new Held<>(renewable, renewable.exchange(issuer.issue(Runs.plan(), renewable.audience())));
            }
            throw new AssertionError("What Vault makes can be renewed");
        }

        Instant expiresAt() {
            return credentials.expiresAt();
        }

        Optional<Duration> dueIn() {
            return exchanger.renewalDueIn(credentials);
        }

        void renew() {
            credentials = exchanger.renew(credentials);
        }

        Revocation revoke() {
            return exchanger.revoke(credentials);
        }
    }

    /** An AWS that knows which of its keys are alive. */
    private static final class Iam implements FakeVaultAws.Keys {
        private final List<String> alive = new ArrayList<>();
        private boolean stubborn;

        @Override
        public synchronized FakeVaultAws.Key make(FakeVaultAws.Order order) {
            boolean user = order.type() == FakeVaultAws.Type.IAM_USER;
            String id = (user ? "AKIA" : "ASIA") + "0123456789ABCDE" + alive.size();
            alive.add(id);
            return new FakeVaultAws.Key(
                    id, Secret.of("secret"), user ? Optional.empty() : Optional.of(Secret.of("session")));
        }

        @Override
        public synchronized void delete(FakeVaultAws.Key key) {
            if (stubborn) {
                throw new IllegalStateException("AWS does not let go of it");
            }
            alive.remove(key.accessKeyId());
        }
    }
}
