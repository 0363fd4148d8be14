package io.dynamiccredentials.testkit.aws;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dynamiccredentials.fixtures.Jws;
import io.dynamiccredentials.testkit.IssuerKeys;
import io.dynamiccredentials.testkit.ReceivedToken;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which key of an issuer is a token's. */
class StsKeysTest {
    private static final String NO_KEY = "Couldn't retrieve verification key";
    private static final String NOT_VALID = "could not be validated";

    private final AnyIssuer issuer = new AnyIssuer();
    private final IssuerKeys issuers = new IssuerKeys();
    private final StsKeys keys = new StsKeys(issuers);

    @AfterEach
    void stop() {
        issuers.close();
        issuer.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"RS256", "RS384", "RS512", "ES256", "ES384", "ES512"})
    void signature_ofEachAlgorithm_isGood(String algorithm) {
        assertGood(AnyIssuer.token(algorithm, "{}"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"PS256", "EdDSA", "HS256", "none", ""})
    void algorithm_thatStsHasNot_hasNoKey(String algorithm) {
        String[] parts = AnyIssuer.token("RS256", "{}").split("\\.", -1);

        assertRefused(
                Jws.encode("{\"alg\":\"" + algorithm + "\",\"kid\":\"rsa\"}") + "." + parts[1] + "." + parts[2],
                NO_KEY);
    }

    @Test
    void signature_ofAnotherAlgorithm_isRefused() {
        String[] parts = AnyIssuer.token("RS256", "{}").split("\\.", -1);

        assertRefused(Jws.encode("{\"alg\":\"RS384\",\"kid\":\"rsa\"}") + "." + parts[1] + "." + parts[2], NOT_VALID);
    }

    @Test
    void signature_ofChangedClaims_isRefused() {
        String[] parts = AnyIssuer.token("RS256", "{}").split("\\.", -1);

        assertRefused(parts[0] + "." + Jws.encode("{\"sub\":\"other\"}") + "." + parts[2], NOT_VALID);
        assertRefused(parts[0] + "." + parts[1] + ".", NOT_VALID);
    }

    @Test
    void keyId_absent_isThatOfTheOnlyKey() {
        String token = AnyIssuer.token("RS256", AnyIssuer.RSA, null, "{}");
        assertRefused(token, NO_KEY);

        issuer.publish(List.of(AnyIssuer.jwk(AnyIssuer.RSA)));
        assertGood(token);
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"\"", "1", "null", "[\"rsa\"]"})
    void keyId_ofAnotherForm_isThatOfNoKey(String keyId) {
        issuer.publish(List.of(AnyIssuer.jwk(AnyIssuer.RSA)));
        String[] parts = AnyIssuer.token("RS256", "{}").split("\\.", -1);

        assertRefused(
                Jws.encode("{\"alg\":\"RS256\",\"kid\":" + keyId + "}") + "." + parts[1] + "." + parts[2], NO_KEY);
    }

    @Test
    void key_withoutIdOrNumbers_isNone() {
        for (String member : List.of("kid", "kty", "n", "e")) {
            publish(member, null);
            assertRefused(AnyIssuer.token("RS256", "{}"), NO_KEY);
        }
        publish("n", "AQAB");
        assertRefused(AnyIssuer.token("RS256", "{}"), NO_KEY);
    }

    @Test
    void key_ofEachUse() {
        publish("use", null);
        assertGood(AnyIssuer.token("RS256", "{}"));
        for (Object use : List.of("enc", "SIG", "", 1)) {
            publish("use", use);
            assertRefused(AnyIssuer.token("RS256", "{}"), NO_KEY);
        }
        publish("key_ops", List.of("verify"));
        assertRefused(AnyIssuer.token("RS256", "{}"), NO_KEY);
    }

    @Test
    void key_laterOfTheSameId_isUnusable() {
        Map<String, Object> unusable = AnyIssuer.jwk(AnyIssuer.RSA);
        unusable.put("use", "enc");
        issuer.publish(List.of(AnyIssuer.jwk(AnyIssuer.RSA), unusable));

        assertRefused(AnyIssuer.token("RS256", "{}"), NO_KEY);
    }

    @Test
    void key_withACertificate_mustBeThatOfIt() {
        for (Object certificates : List.of(List.of(AnyIssuer.certificate()), List.of(), List.of("x"), "x")) {
            publish("x5c", certificates);
            assertRefused(AnyIssuer.token("RS256", "{}"), NO_KEY);
        }
        Map<String, Object> certified = AnyIssuer.certifiedJwk();
        issuer.publish(List.of(certified));
        // The key is taken, and is not the one that signed.
        String algorithm = "RSA".equals(certified.get("kty")) ? "RS256" : "ES256";
        assertRefused(AnyIssuer.token(algorithm, AnyIssuer.key(algorithm), "rsa", "{}"), NOT_VALID);
    }

    @Test
    void keys_100OfAKind_areTheMost() {
        List<Map<String, Object>> published = new ArrayList<>(List.of(AnyIssuer.jwk(AnyIssuer.RSA)));
        for (int i = 1; i < 100; i++) {
            Map<String, Object> other = AnyIssuer.jwk(AnyIssuer.OTHER_RSA);
            other.put("kid", "other-" + i);
            published.add(other);
        }
        issuer.publish(published);
        assertGood(AnyIssuer.token("RS256", "{}"));

        Map<String, Object> more = new LinkedHashMap<>(AnyIssuer.jwk(AnyIssuer.OTHER_RSA));
        more.put("kid", "more");
        published.add(more);
        issuers.forget();
        assertRefused(AnyIssuer.token("RS256", "{}"), NO_KEY);
    }

    @Test
    void keys_held_areNotFetchedAgain() {
        assertGood(AnyIssuer.token("RS256", "{}"));
        issuers.hold();
        Map<String, Object> next = AnyIssuer.jwk(AnyIssuer.RSA);
        next.put("kid", "next");
        issuer.publish(List.of(next));
        String token = AnyIssuer.token("RS256", AnyIssuer.RSA, "next", "{}");

        assertRefused(token, NO_KEY);
        issuers.release();
        assertGood(token);
    }

    private void publish(String member, @Nullable Object value) {
        Map<String, Object> key = AnyIssuer.jwk(AnyIssuer.RSA);
        key.remove(member);
        if (value != null) {
            key.put(member, value);
        }
        issuer.publish(List.of(key));
        issuers.forget();
    }

    private void assertGood(String token) {
        assertThatCode(() -> keys.requireSignature(received(token), issuer.url()))
                .doesNotThrowAnyException();
    }

    private void assertRefused(String token, String message) {
        assertThatThrownBy(() -> keys.requireSignature(received(token), issuer.url()))
                .isInstanceOf(StsRefusedException.class)
                .hasMessageContaining(message);
    }

    private static ReceivedToken received(String token) {
        return ReceivedToken.parse(token).orElseThrow();
    }
}
