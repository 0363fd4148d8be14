package io.dynamiccredentials.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.dynamiccredentials.IssuerUrl;
import io.dynamiccredentials.jwk.SigningAlgorithm;
import io.dynamiccredentials.token.IdentityToken;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class IssuerKeysTest {
    private final TestIssuer issuer = TestIssuer.start(SigningAlgorithm.ES256, SettableClock.at(Runs.NOW));
    private final IssuerKeys keys = new IssuerKeys();

    @AfterEach
    void stop() {
        keys.close();
        issuer.close();
    }

    @Test
    void find_publishedKey_isFoundAndKept() {
        String keyId = issuer.publicJwk().keyId();

        assertThat(keys.find(issuer.url(), keyId)).isInstanceOf(IssuerKeys.Found.class);
        assertThat(keys.find(issuer.url(), keyId)).isInstanceOf(IssuerKeys.Found.class);
        assertThat(keys.fetches()).isEqualTo(1);
        assertThat(issuer.calls().count("discovery")).isEqualTo(1);
        assertThat(issuer.calls().count("keys")).isEqualTo(1);
    }

    @Test
    void find_unknownKey_isFetchedAnewEachTime() {
        assertThat(keys.find(issuer.url(), "no such key")).isInstanceOf(IssuerKeys.Unknown.class);
        assertThat(keys.find(issuer.url(), "no such key")).isInstanceOf(IssuerKeys.Unknown.class);
        assertThat(keys.fetches()).isEqualTo(2);
    }

    @Test
    void find_afterARotation_seesTheNewKey() {
        find();
        issuer.rotate();

        assertThat(find()).isInstanceOf(IssuerKeys.Found.class);
    }

    @Test
    void hold_rotation_isSeenLate() {
        find();
        keys.hold();
        issuer.rotate();

        assertThat(find()).isInstanceOf(IssuerKeys.Unknown.class);
        assertThat(keys.fetches()).isEqualTo(1);

        keys.release();
        assertThat(find()).isInstanceOf(IssuerKeys.Found.class);
    }

    @Test
    void hold_nothingFetchedYet_fetchesOnce() {
        keys.hold();

        assertThat(find()).isInstanceOf(IssuerKeys.Found.class);
    }

    @Test
    void find_withdrawnKey_isKnownUntilForgotten() {
        String old = issuer.publicJwk().keyId();
        find();
        issuer.rotate().withdrawOldKeys();

        assertThat(keys.find(issuer.url(), old)).isInstanceOf(IssuerKeys.Found.class);
        keys.forget();
        assertThat(keys.find(issuer.url(), old)).isInstanceOf(IssuerKeys.Unknown.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"discovery", "keys"})
    void find_documentIsSpoilt_isUnreachable(String document) {
        issuer.faults().of(document).next(Fault.failed(503), Fault.malformed(), Fault.reset(), Fault.reset());

        assertThat(find())
                .isInstanceOfSatisfying(
                        IssuerKeys.Unreachable.class,
                        why -> assertThat(why.problem()).contains("503"));
        assertThat(find()).isInstanceOf(IssuerKeys.Unreachable.class);
        assertThat(find()).isInstanceOf(IssuerKeys.Unreachable.class);
    }

    @Test
    void find_documentOfAnotherIssuer_isRefused() {
        try (FakeServer liar = FakeServer.start(request -> FakeAnswer.json(
                200,
                Map.of(
                        "issuer",
                        issuer.url().value(),
                        "jwks_uri",
                        issuer.url().keySet().toString())))) {
            IssuerUrl url = IssuerUrl.loopback(liar.address().toString());

            assertThat(keys.find(url, "any"))
                    .isInstanceOfSatisfying(
                            IssuerKeys.Unreachable.class,
                            why -> assertThat(why.problem()).contains("issuer did not match"));
        }
    }

    @Test
    void isSignedBy_eachBadToken_isFalse() {
        BadTokens bad = issuer.bad();
        assertThat(received(issuer.issue(Runs.plan(), "a")).isSignedBy(issuer.publicJwk()))
                .isTrue();
        for (IdentityToken token : new IdentityToken[] {
            bad.withBadSignature(Runs.plan(), "a"),
            bad.withUnpublishedKey(Runs.plan(), "a"),
            bad.tampered(Runs.plan(), Runs.apply(), "a"),
            bad.unsigned(Runs.plan(), "a"),
            bad.signedWithPublicKey(Runs.plan(), "a"),
            bad.withHeader(Runs.plan(), "a", "alg", "ES384")
        }) {
            assertThat(received(token).isSignedBy(issuer.publicJwk())).isFalse();
        }
    }

    @Test
    void isSignedBy_badClaimsSignedWell_isTrue() {
        IdentityToken token = issuer.bad()
                .withClaim(Runs.plan(), "a", "exp", Duration.ofDays(1).toString());

        assertThat(received(token).isSignedBy(issuer.publicJwk())).isTrue();
        assertThat(received(token)).hasToString("ReceivedToken");
    }

    private IssuerKeys.Answer find() {
        return keys.find(issuer.url(), issuer.publicJwk().keyId());
    }

    private static ReceivedToken received(IdentityToken token) {
        return ReceivedToken.parse(token.compact().reveal()).orElseThrow();
    }
}
