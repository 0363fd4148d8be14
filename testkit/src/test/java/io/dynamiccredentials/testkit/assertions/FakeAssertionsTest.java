package io.dynamiccredentials.testkit.assertions;

import static io.dynamiccredentials.testkit.assertions.FakeAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dynamiccredentials.testkit.Runs;
import io.dynamiccredentials.testkit.SettableClock;
import io.dynamiccredentials.testkit.TestIssuer;
import io.dynamiccredentials.testkit.junit.FakePlatforms;
import io.dynamiccredentials.testkit.vault.FakeVault;
import io.dynamiccredentials.vault.VaultJwtExchanger;
import io.dynamiccredentials.vault.VaultJwtRole;
import io.dynamiccredentials.vault.VaultTokenCredentials;
import io.dynamiccredentials.wire.BoundedHttpClient;
import java.net.URI;
import java.net.http.HttpRequest;
import java.time.Duration;
import java.util.Set;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(FakePlatforms.class)
class FakeAssertionsTest {
    private static final String AUDIENCE = "vault.workload.identity";

    private static final BoundedHttpClient HTTP = BoundedHttpClient.builder().build();

    private VaultJwtExchanger exchanger;
    private VaultTokenCredentials credentials;

    @BeforeEach
    void logIn(TestIssuer issuer, FakeVault vault, SettableClock clock) {
        vault.trust(issuer.url()).role(VaultJwtRole.of("ci", Set.of(AUDIENCE), Runs.SUBJECTS, Duration.ofMinutes(20)));
        assertThat(vault).grantedNothing().hasNothingLive();
        exchanger = VaultJwtExchanger.builder(vault.address(), "ci", HTTP)
                .clock(clock)
                .build();
        credentials = exchanger.exchange(issuer.issue(Runs.plan(), exchanger.audience()));
    }

    @Test
    void whatHappened_isFound(FakeVault vault) {
        assertThat(vault)
                .granted("ci")
                .to(Runs.plan().subject())
                .granted("ci")
                .times(1)
                .didNotGrant("other")
                .hasLive("ci")
                .wasAsked("login", 1)
                .refused(0);
        exchanger.revoke(credentials);
        assertThat(vault).hasNothingLive().granted("ci").times(1);
    }

    @Test
    void calls_tokenInThePath_isNoPartOfTheLog(FakeVault vault) throws Exception {
        String token = credentials.token().reveal();
        HTTP.send(HttpRequest.newBuilder(URI.create(vault.address() + "/v1/auth/token/lookup/" + token))
                .header("X-Vault-Token", token));

        assertThat(vault).wasAsked("lookup", 1);
        org.assertj.core.api.Assertions.assertThat(vault.calls().all().toString())
                .doesNotContain(token);
    }

    @Test
    void whatDidNotHappen_fails(FakeVault vault) {
        fails(() -> assertThat(vault).granted("other"), "other", "ci");
        fails(
                () -> assertThat(vault).granted("ci").to("somebody"),
                "somebody",
                Runs.plan().subject());
        fails(() -> assertThat(vault).granted("ci").times(2), "2 times", "1");
        fails(() -> assertThat(vault).didNotGrant("ci"), "ci", Runs.plan().subject());
        fails(() -> assertThat(vault).grantedNothing(), "nothing was granted", "ci");
        fails(() -> assertThat(vault).hasNothingLive(), "all credentials are dead", "ci");
        fails(() -> assertThat(vault).hasLive("other"), "other", "ci");
        fails(() -> assertThat(vault).wasAsked("login", 2), "2 requests", "There were 1");
        fails(() -> assertThat(vault).refused(1), "1 refusals", "There were 0");
    }

    private static void fails(ThrowingCallable assertion, String... texts) {
        assertThatThrownBy(assertion).isInstanceOf(AssertionError.class).hasMessageContainingAll(texts);
    }
}
