package io.dynamiccredentials.testkit.vault;

import static io.dynamiccredentials.testkit.vault.FakeVaultPolicy.Capability.READ;
import static io.dynamiccredentials.testkit.vault.FakeVaultPolicy.Capability.UPDATE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dynamiccredentials.CredentialExchangeException;
import io.dynamiccredentials.CredentialExchangeException.Kind;
import io.dynamiccredentials.exchange.HandleRevoker;
import io.dynamiccredentials.exchange.Revocation;
import io.dynamiccredentials.exchange.RevocationHandle;
import io.dynamiccredentials.testkit.HandedOut;
import io.dynamiccredentials.testkit.Runs;
import io.dynamiccredentials.testkit.SettableClock;
import io.dynamiccredentials.testkit.TestIssuer;
import io.dynamiccredentials.vault.VaultJwtExchanger;
import io.dynamiccredentials.vault.VaultJwtRole;
import io.dynamiccredentials.vault.VaultProvider;
import io.dynamiccredentials.vault.VaultTokenCredentials;
import io.dynamiccredentials.vault.VaultTokenParameters;
import io.dynamiccredentials.wire.BoundedHttpClient;
import io.dynamiccredentials.wire.StrictJson;
import java.net.URI;
import java.net.http.HttpRequest;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class FakeVaultSweepTest {
    private static final String AUDIENCE = VaultJwtExchanger.STANDARD_AUDIENCE;

    private final SettableClock clock = SettableClock.at(Runs.NOW);
    private final BoundedHttpClient http = BoundedHttpClient.builder().build();
    private final TestIssuer issuer = TestIssuer.start(clock);
    private final AtomicInteger ended = new AtomicInteger();
    private final FakeVault vault = FakeVault.start(clock);
    private final VaultJwtExchanger exchanger = VaultJwtExchanger.builder(vault.address(), "ci", http)
            .namespace("team")
            .clock(clock)
            .build();

    @BeforeEach
    void configure() {
        for (String namespace : List.of("team", "other")) {
            vault.namespace(namespace)
                    .trust(issuer.url())
                    .role(role("ci"))
                    .role(role("Sweeper", "sweeping"))
                    .policy(FakeVaultPolicy.named("sweeping")
                            .rule("auth/token/revoke-accessor", UPDATE)
                            .rule("sys/leases/revoke", UPDATE))
                    .engine(new Engine())
                    .permit("made/*", READ);
        }
    }

    @AfterEach
    void stop() {
        vault.close();
        issuer.close();
    }

    @Test
    void revoke_liveToken_isDeadAndSoIsTheSweepersOwn() {
        RevocationHandle handle = exchanger.handle(login()).orElseThrow();
        assertThat(vault.live()).hasSize(1);

        assertThat(revoke("sweeper", handle)).isEqualTo(new Revocation.Revoked());

        assertThat(vault.live()).isEmpty();
    }

    @Test
    void revoke_tokenIsGoneAlready_countsAsRevoked() {
        VaultTokenCredentials token = login();
        exchanger.revoke(token);

        assertThat(revoke("sweeper", exchanger.handle(token).orElseThrow())).isEqualTo(new Revocation.Revoked());
    }

    @Test
    void revoke_lease_endsTheSecretBeforeItsToken() throws Exception {
        VaultTokenCredentials token = login();
        Map<String, String> members =
                new TreeMap<>(exchanger.handle(token).orElseThrow().members());
        members.put("lease", lease(token));

        assertThat(revoke("sweeper", new RevocationHandle("Vault", members))).isEqualTo(new Revocation.Revoked());

        assertThat(ended).hasValue(1);
        assertThat(vault.leases()).isEmpty();
        assertThat(vault.live()).isEmpty();
    }

    @Test
    void revoke_roleWithoutThePolicy_isRefusedAndTheTokenLives() {
        VaultTokenCredentials token = login();

        assertThatThrownBy(() -> revoke("ci", exchanger.handle(token).orElseThrow()))
                .isInstanceOfSatisfying(CredentialExchangeException.class, e -> {
                    assertThat(e.kind()).isEqualTo(Kind.REFUSED);
                    assertThat(e.status()).hasValue(403);
                })
                .hasMessageContaining("permission denied")
                .hasMessageContaining("auth/token/revoke-accessor");
        assertThat(vault.live()).extracting(HandedOut::principal).containsExactly(token.principal());
    }

    @Test
    void revoke_tokenOfAnotherNamespace_isNotFoundThere() {
        VaultTokenCredentials token = login();
        Map<String, String> members =
                new TreeMap<>(exchanger.handle(token).orElseThrow().members());
        members.put("namespace", "other");

        assertThat(revoke("sweeper", new RevocationHandle("Vault", members))).isEqualTo(new Revocation.Revoked());

        assertThat(vault.live()).extracting(HandedOut::principal).containsExactly(token.principal());
    }

    @Test
    void revoke_tokenOfTheHostIsRefused_failsAndTheTokenLives() {
        RevocationHandle handle = exchanger.handle(login()).orElseThrow();
        HandleRevoker revoker = revoker("sweeper");

        assertThatThrownBy(() ->
                        revoker.revoke(handle, Runs.NOW, audience -> issuer.issue(Runs.ofOtherProject(), audience)))
                .isInstanceOf(CredentialExchangeException.class);
        assertThat(vault.live()).hasSize(1);
    }

    private Revocation revoke(String role, RevocationHandle handle) {
        return revoker(role)
                .revoke(handle, Runs.NOW.plusSeconds(1200), audience -> issuer.issue(Runs.plan(), audience));
    }

    private HandleRevoker revoker(String role) {
        return VaultProvider.builder(vault.address())
                .clock(clock)
                .http(http)
                .sweeperRole(role)
                .build()
                .revoker()
                .orElseThrow();
    }

    private VaultTokenCredentials login() {
        return exchanger.exchange(issuer.issue(Runs.plan(), AUDIENCE));
    }

    private String lease(VaultTokenCredentials token) throws Exception {
        String body = http.send(HttpRequest.newBuilder(URI.create(vault.address() + "/v1/made/secret"))
                        .header("X-Vault-Namespace", "team")
                        .header("X-Vault-Token", token.token().reveal()))
                .body();
        return StrictJson.text(StrictJson.parseObject(body), "lease_id").orElseThrow();
    }

    private static VaultJwtRole role(String name, String... policies) {
        return VaultJwtRole.builder(name, "sub")
                .boundAudiences(Set.of(AUDIENCE))
                .globs()
                .boundClaim("sub", Runs.SUBJECTS)
                .tokens(VaultTokenParameters.builder()
                        .ttl(Duration.ofMinutes(20))
                        .policies(policies)
                        .build())
                .build();
    }

    /** Makes secrets that count their end. */
    private final class Engine implements FakeVaultEngine {
        @Override
        public String mount() {
            return "made";
        }

        @Override
        public Optional<FakeVaultSecret> read(String path, Map<String, String> parameters) {
            return Optional.of(
                    FakeVaultSecret.of(Map.of("made", path)).leased(Duration.ofHours(1), ended::incrementAndGet));
        }
    }
}
