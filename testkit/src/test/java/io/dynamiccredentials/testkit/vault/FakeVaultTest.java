package io.dynamiccredentials.testkit.vault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dynamiccredentials.CredentialExchangeException;
import io.dynamiccredentials.CredentialExchangeException.Kind;
import io.dynamiccredentials.exchange.Revocation;
import io.dynamiccredentials.testkit.HandedOut;
import io.dynamiccredentials.testkit.Runs;
import io.dynamiccredentials.testkit.SettableClock;
import io.dynamiccredentials.testkit.TestIssuer;
import io.dynamiccredentials.token.IdentityToken;
import io.dynamiccredentials.vault.VaultJwtExchanger;
import io.dynamiccredentials.vault.VaultJwtRole;
import io.dynamiccredentials.vault.VaultTokenCredentials;
import io.dynamiccredentials.wire.BoundedHttpClient;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class FakeVaultTest {
    private static final String AUDIENCE = VaultJwtExchanger.STANDARD_AUDIENCE;

    private final SettableClock clock = SettableClock.at(Runs.NOW);
    private final BoundedHttpClient http = BoundedHttpClient.builder().build();
    private final TestIssuer issuer = TestIssuer.start(clock);
    private final FakeVault vault = FakeVault.start(clock);
    private final VaultJwtExchanger exchanger = VaultJwtExchanger.builder(vault.address(), "ci", http)
            .namespace("team/")
            .clock(clock)
            .build();

    @BeforeEach
    void configure() {
        vault.namespace("team").trust(issuer.url()).role(role("ci"));
    }

    @AfterEach
    void stop() {
        vault.close();
        issuer.close();
    }

    @Test
    void exchange_goodToken_givesATokenThatWorks() throws Exception {
        VaultTokenCredentials credentials = exchanger.exchange(issuer.issue(Runs.plan(), AUDIENCE));

        assertThat(lookup(credentials)).isEqualTo(200);
        assertThat(vault.live())
                .containsExactly(new HandedOut(
                        "ci",
                        credentials.principal(),
                        Runs.plan().subject(),
                        issuer.issued().get(0).tokenId(),
                        credentials.expiresAt()));
        assertThat(credentials.expiresAt()).isEqualTo(Runs.NOW.plus(Duration.ofMinutes(20)));
        assertThat(credentials.renewable()).isTrue();
    }

    @Test
    void revoke_liveToken_isDeadAfterwards() throws Exception {
        VaultTokenCredentials credentials = exchanger.exchange(issuer.issue(Runs.plan(), AUDIENCE));

        assertThat(exchanger.revoke(credentials)).isEqualTo(new Revocation.Revoked());
        assertThat(lookup(credentials)).isEqualTo(403);
        assertThat(vault.live()).isEmpty();
    }

    @Test
    void renew_liveToken_movesItsEnd() throws Exception {
        VaultTokenCredentials credentials = exchanger.exchange(issuer.issue(Runs.plan(), AUDIENCE));
        clock.advance(Duration.ofMinutes(15));

        VaultTokenCredentials renewed = exchanger.renew(credentials);

        assertThat(renewed.expiresAt()).isEqualTo(Runs.NOW.plus(Duration.ofMinutes(35)));
        clock.advance(Duration.ofMinutes(15));
        assertThat(lookup(renewed)).isEqualTo(200);
    }

    @Test
    void lookup_endedToken_isForbidden() throws Exception {
        VaultTokenCredentials credentials = exchanger.exchange(issuer.issue(Runs.plan(), AUDIENCE));
        clock.advance(Duration.ofMinutes(20));

        assertThat(lookup(credentials)).isEqualTo(403);
    }

    @Test
    void exchange_unknownIssuer_isRefused() {
        assertRefused(issuer.bad().fromUnknownIssuer(Runs.plan(), AUDIENCE), "invalid issuer (iss) claim");
    }

    @Test
    void exchange_wrongAudience_isRefused() {
        assertRefused(issuer.issue(Runs.plan(), "aws.workload.identity"), "invalid audience (aud) claim");
    }

    @Test
    void exchange_wrongSubject_isRefused() {
        assertRefused(issuer.issue(Runs.ofOtherProject(), AUDIENCE), "does not match any associated bound");
    }

    @Test
    void exchange_expired_isRefused() {
        assertRefused(issuer.bad().expired(Runs.plan(), AUDIENCE), "token is expired", "Issue a new token");
    }

    @Test
    void exchange_badSignature_isRefused() {
        assertRefused(issuer.bad().withBadSignature(Runs.plan(), AUDIENCE), "error verifying token signature");
    }

    @Test
    void exchange_tamperedClaims_isRefused() {
        assertRefused(
                issuer.bad().tampered(Runs.ofOtherProject(), Runs.plan(), AUDIENCE), "error verifying token signature");
    }

    @Test
    void exchange_unpublishedKey_isRefused() {
        assertRefused(issuer.bad().withUnpublishedKey(Runs.plan(), AUDIENCE), "error verifying token signature");
    }

    @Test
    void exchange_unknownRole_isMisconfigured() {
        VaultJwtExchanger other = VaultJwtExchanger.builder(vault.address(), "nobody", http)
                .namespace("team")
                .build();

        assertThatThrownBy(() -> other.exchange(issuer.issue(Runs.plan(), AUDIENCE)))
                .isInstanceOfSatisfying(
                        CredentialExchangeException.class,
                        e -> assertThat(e.kind()).isEqualTo(Kind.MISCONFIGURED))
                .hasMessageContaining("could not be found");
    }

    @Test
    void exchange_otherNamespace_isForbidden() {
        VaultJwtExchanger other =
                VaultJwtExchanger.builder(vault.address(), "ci", http).build();

        assertThatThrownBy(() -> other.exchange(issuer.issue(Runs.plan(), AUDIENCE)))
                .isInstanceOfSatisfying(CredentialExchangeException.class, e -> {
                    // Vault keeps from strangers what is mounted where.
                    assertThat(e.status()).hasValue(403);
                    assertThat(e).hasMessageContaining("the path at which the JWT auth method is mounted");
                });
    }

    @Test
    void role_writtenAgain_isTheNewOne() {
        vault.namespace("team").role(VaultJwtRole.of("CI", Set.of("other"), Runs.SUBJECTS, Duration.ofMinutes(20)));

        assertRefused(issuer.issue(Runs.plan(), AUDIENCE), "invalid audience (aud) claim");
    }

    private static VaultJwtRole role(String name) {
        return VaultJwtRole.of(name, Set.of(AUDIENCE), Runs.SUBJECTS, Duration.ofMinutes(20));
    }

    private void assertRefused(IdentityToken token, String text) {
        assertRefused(token, text, "bound_audiences");
    }

    private void assertRefused(IdentityToken token, String text, String remedy) {
        assertThatThrownBy(() -> exchanger.exchange(token))
                .isInstanceOfSatisfying(CredentialExchangeException.class, e -> {
                    assertThat(e.platform()).isEqualTo("Vault");
                    assertThat(e.kind()).isEqualTo(Kind.REFUSED);
                    assertThat(e.status()).hasValue(400);
                })
                .hasMessageContainingAll(text, remedy);
    }

    private int lookup(VaultTokenCredentials credentials) throws IOException, InterruptedException {
        return http.send(HttpRequest.newBuilder(URI.create(vault.address() + "/v1/auth/token/lookup-self"))
                        .header("X-Vault-Namespace", "team")
                        .header("X-Vault-Token", credentials.token().reveal()))
                .status();
    }
}
