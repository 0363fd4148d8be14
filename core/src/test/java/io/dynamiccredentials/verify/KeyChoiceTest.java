package io.dynamiccredentials.verify;

import static io.dynamiccredentials.TokenRejectedException.Reason.ALGORITHM_REFUSED;
import static io.dynamiccredentials.TokenRejectedException.Reason.UNKNOWN_KEY;
import static io.dynamiccredentials.verify.Trial.EC;
import static io.dynamiccredentials.verify.Trial.RSA;
import static io.dynamiccredentials.verify.Trial.headed;
import static io.dynamiccredentials.verify.Trial.header;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dynamiccredentials.TokenRejectedException;
import io.dynamiccredentials.TokenRejectedException.Reason;
import io.dynamiccredentials.jwk.PublicJwk;
import io.dynamiccredentials.jwk.SigningAlgorithm;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class KeyChoiceTest {
    private final List<String> asked = new ArrayList<>();

    @ParameterizedTest
    @MethodSource("io.dynamiccredentials.jwk.SigningAlgorithm#forIssuing")
    void choose_keyOfThatIdAndAlgorithm_isChosen(SigningAlgorithm algorithm) {
        PublicJwk key = Trial.keyFor(algorithm).publicJwk();

        assertThat(choose(header(Trial.keyFor(algorithm)), algorithm).keyId()).isEqualTo(key.keyId());
        assertThat(asked).containsExactly(key.keyId());
    }

    @Test
    void choose_algorithmThatTheIssuerMayNotUse_isRefusedWithoutLookingForAKey() {
        assertRefused(
                header(EC),
                ALGORITHM_REFUSED,
                "algorithm is \"ES256\", expected one of [RS256] for issuer \"https://ci.example\"",
                SigningAlgorithm.RS256);
        assertThat(asked).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "none", "HS256", "es256", "ES256 ", "ES256K", "EDDSA"})
    void choose_noAlgorithmOfOurs_isRefusedWithoutLookingForAKey(String name) {
        assertRefused(
                header(EC).withText("alg", name),
                ALGORITHM_REFUSED,
                "algorithm is \"" + name + "\", expected one of",
                SigningAlgorithm.values());
        assertThat(asked).isEmpty();
    }

    @Test
    void choose_noAlgorithm_isRefusedWithoutLookingForAKey() {
        assertRefused(header(EC).without("alg"), ALGORITHM_REFUSED, "algorithm is \"\"", SigningAlgorithm.values());
        assertThat(asked).isEmpty();
    }

    @Test
    void choose_algorithmOfAnotherKey_isRefused() {
        assertRefused(
                header(EC).withText("alg", "RS256"),
                ALGORITHM_REFUSED,
                "is for ES256; the token says RS256",
                SigningAlgorithm.ES256,
                SigningAlgorithm.RS256);
    }

    @Test
    void choose_otherAlgorithmForTheSameKindOfKey_isRefused() {
        assertRefused(
                header(RSA).withText("alg", "RS512"),
                ALGORITHM_REFUSED,
                "is for RS256; the token says RS512",
                SigningAlgorithm.values());
    }

    @Test
    void choose_noKeyId_isRefusedWithoutLookingForAKey() {
        for (RawJson header : List.of(header(EC).without("kid"), header(EC).withText("kid", ""))) {
            assertRefused(
                    header,
                    UNKNOWN_KEY,
                    "names no key; expected the kid of one of issuer \"https://ci.example\"",
                    SigningAlgorithm.ES256);
        }
        assertThat(asked).isEmpty();
    }

    @Test
    void choose_keyIdThatTheIssuerDoesNotPublish_isRefused() {
        assertRefused(
                header(EC).withText("kid", "gone"),
                UNKNOWN_KEY,
                "\"https://ci.example\" publishes no key with the token's kid \"gone\"",
                SigningAlgorithm.ES256);
        assertThat(asked).containsExactly("gone");
    }

    private PublicJwk choose(RawJson header, SigningAlgorithm... algorithms) {
        TrustedIssuer issuer = Trial.issuer(
                Trial.ISSUER,
                Trial.AUDIENCE,
                keyId -> {
                    asked.add(keyId);
                    return Trial.KEYS.find(keyId);
                },
                Set.of(algorithms));
        return KeyChoice.choose(CompactJws.parse(headed(header)), issuer);
    }

    private void assertRefused(RawJson header, Reason reason, String message, SigningAlgorithm... algorithms) {
        assertThatThrownBy(() -> choose(header, algorithms))
                .isInstanceOfSatisfying(
                        TokenRejectedException.class,
                        refused -> assertThat(refused.reason()).isEqualTo(reason))
                .hasMessageContaining(message);
    }
}
