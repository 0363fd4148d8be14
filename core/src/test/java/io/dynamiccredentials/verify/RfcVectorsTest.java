package io.dynamiccredentials.verify;

import static io.dynamiccredentials.TokenRejectedException.Reason.MALFORMED;
import static io.dynamiccredentials.TokenRejectedException.Reason.UNKNOWN_KEY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.dynamiccredentials.TokenRejectedException;
import io.dynamiccredentials.fixtures.ForeignKey;
import io.dynamiccredentials.jwk.JwkSet;
import io.dynamiccredentials.jwk.PublicJwk;
import io.dynamiccredentials.jwk.SigningAlgorithm;
import io.dynamiccredentials.wire.StrictJson;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the standards show: each signature by a public key verifies, and everything else is refused. */
class RfcVectorsTest {
    private static final Set<String> PRIVATE = Set.of("d", "p", "q", "dp", "dq", "qi");
    private static final String COOKBOOK = "rfc7520-cookbook/jws/";

    /** The id for keys of vectors that have none. */
    private static final String ANY_ID = "vector";

    @ParameterizedTest
    @CsvSource({
        "rfc7515_A.2,rfc7515_A.2,RS256",
        "rfc7515_A.3,rfc7515_A.3,ES256",
        "rfc7515_A.4,rfc7515_A.4,ES512",
        "rfc7520_4.1,rfc7520_3.4,RS256",
        "rfc7520_4.2,rfc7520_3.4,PS384",
        "rfc7520_4.3,rfc7520_3.2,ES512"
    })
    void verify_compactOfRfc7515And7520_isTrue(String token, String key, String algorithm) {
        JsonNode jwk = StrictJson.parseObject(Vectors.text("rfc-latchset/" + key + ".jwk"));

        assertVerifies(
                jwk, algorithm, Vectors.text("rfc-latchset/" + token + ".jwsc").strip());
    }

    @ParameterizedTest
    @ValueSource(strings = {"4_1.rsa_v15_signature", "4_2.rsa-pss_signature", "4_3.ecdsa_signature"})
    void verify_compactOfTheCookbook_isTrue(String file) {
        JsonNode vector = Vectors.json(COOKBOOK + file + ".json");

        assertVerifies(
                vector.path("input"), vector.path("output").path("compact").textValue());
    }

    @Test
    void verify_nestedOfRfc7520_isTrueForTheSignatureAndRefusedForTheEncryption() {
        JsonNode vector = Vectors.json("rfc7520-cookbook/6.nesting_signatures_and_encryption.json");
        JsonNode sign = vector.path("sign");

        assertVerifies(sign.path("input"), sign.path("output").path("compact").textValue());
        assertRefused(
                MALFORMED, vector.path("encrypt").path("output").path("compact").textValue());
    }

    @Test
    void verify_ed25519OfRfc8037_isTrue() {
        // Appendix A.4.
        JsonNode vector = Vectors.json("rfc7520-cookbook/curve25519/jws.json");

        assertVerifies(
                vector.path("input"), vector.path("output").path("compact").textValue());
    }

    @Test
    void verify_withoutAnId_isAnUnknownKey() {
        // RFC 7515 shows tokens without "kid", which say nothing of the key.
        assertThat(CompactJws.parse(
                                Vectors.text("rfc-latchset/rfc7515_A.3.jwsc").strip())
                        .keyId())
                .isEmpty();
        assertRefused(UNKNOWN_KEY, Vectors.text("rfc-latchset/rfc7515_A.3.jwsc").strip());
    }

    @ParameterizedTest
    @CsvSource({
        // HMAC.
        "rfc7515_A.1.jwsc,ALGORITHM_REFUSED", "rfc7520_4.4.jwsc,ALGORITHM_REFUSED",
        // The algorithm "none", which has no signature, and a detached payload.
        "rfc7515_A.5.jwsc,MALFORMED", "rfc7520_4.5.jwsc,ALGORITHM_REFUSED"
    })
    void verify_hmacOrNoneOrDetached_isRefused(String file, TokenRejectedException.Reason reason) {
        assertRefused(reason, Vectors.text("rfc-latchset/" + file).strip());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "rfc7515_A.6.jwsg", "rfc7515_A.7.jwsf", "rfc7520_4.1.jwsf", "rfc7520_4.1.jwsg", "rfc7520_4.2.jwsf",
                "rfc7520_4.2.jwsg", "rfc7520_4.3.jwsf", "rfc7520_4.3.jwsg", "rfc7520_4.4.jwsf", "rfc7520_4.4.jwsg",
                "rfc7520_4.5.jwsf", "rfc7520_4.5.jwsg", "rfc7520_4.6.jwsf", "rfc7520_4.6.jwsg", "rfc7520_4.7.jwsf",
                "rfc7520_4.7.jwsg", "rfc7520_4.8.jwsg"
            })
    void verify_jsonSerialization_isMalformed(String file) {
        assertRefused(MALFORMED, Vectors.text("rfc-latchset/" + file));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "4_1.rsa_v15_signature",
                "4_2.rsa-pss_signature",
                "4_3.ecdsa_signature",
                "4_4.hmac-sha2_integrity_protection",
                "4_5.signature_with_detached_content",
                "4_6.protecting_specific_header_fields",
                "4_7.protecting_content_only",
                "4_8.multiple_signatures"
            })
    void verify_jsonSerializationOfTheCookbook_isMalformed(String file) {
        JsonNode output = Vectors.json(COOKBOOK + file + ".json").path("output");

        assertRefused(MALFORMED, output.path("json").toString());
        assertRefused(MALFORMED, output.path("json_flat").toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"hmac-sha2_b64_false", "4.2.hmac-sha2_b64_false"})
    void verify_payloadNotEncoded_isMalformed(String file) {
        JsonNode vector = Vectors.json("rfc7520-cookbook/rfc7797/" + file + ".json");

        assertRefused(MALFORMED, vector.path("output").path("compact").asText());
        assertRefused(MALFORMED, vector.path("output").path("json").toString());
        assertRefused(
                MALFORMED,
                vector.path("signing").path("sig-input").textValue() + "."
                        + vector.path("signing").path("sig").textValue());
    }

    @Test
    void keys_ofRfc7517_leavesOutTheOneForEncryption() {
        // Appendix A.1: one EC key for encryption, and an RSA key.
        JwkSet keys = JwkSet.parse(Vectors.text("rfc-latchset/rfc7517_A.1.jwkset"));

        assertThat(keys.keys()).extracting(PublicJwk::keyId).containsExactly("2011-04-29");
        assertThat(keys.keys().get(0).algorithm()).isEqualTo(SigningAlgorithm.RS256);
    }

    @Test
    void keys_withACertificate_isReadWithoutIt() {
        // RFC 7517, appendix B: "use" and "kid", no "alg", and a chain.
        JwkSet keys = JwkSet.parse("{\"keys\":[" + Vectors.text("rfc-latchset/rfc7517_B.jwk") + "]}");

        assertThat(keys.keys().get(0).members()).containsOnlyKeys("kty", "use", "alg", "kid", "n", "e");
        assertThat(keys.keys().get(0).algorithm()).isEqualTo(SigningAlgorithm.RS256);
    }

    @ParameterizedTest
    @ValueSource(strings = {"rfc7517_A.2", "rfc7517_A.3", "rfc7515_A.6", "rfc7520_4.8"})
    void keys_privateOrSymmetric_areRefused(String file) {
        String keys = Vectors.text("rfc-latchset/" + file + ".jwkset");

        assertThatThrownBy(() -> JwkSet.parse(keys))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("private member");
    }

    private static void assertVerifies(JsonNode input, String compact) {
        assertVerifies(input.path("key"), input.path("alg").textValue(), compact);
    }

    private static void assertVerifies(JsonNode jwk, String algorithm, String compact) {
        assertThatThrownBy(() -> JwkSet.parse("{\"keys\":[" + jwk + "]}"))
                .as("the private key of the vector")
                .isInstanceOf(IllegalArgumentException.class);
        PublicJwk key = publicKey(jwk, algorithm);
        CompactJws token = CompactJws.parse(compact);

        assertThat(token.algorithm()).contains(algorithm);
        assertThat(Signatures.verify(key, token.signingInput(), token.signature()))
                .isTrue();
        if (token.keyId().isPresent()) {
            assertThat(VectorVerifier.verify(new JwkSet(List.of(key)), compact)).isTrue();
        }
        Stream.of(SigningAlgorithm.values())
                .filter(other -> other != key.algorithm())
                .forEach(other -> assertNotFor(other, jwk, compact));
    }

    /** Checks that the same key under another algorithm does not verify, where a key set takes it at all. */
    private static void assertNotFor(SigningAlgorithm other, JsonNode jwk, String compact) {
        CompactJws token = CompactJws.parse(compact);
        if (jwk.path("kty").asText().equals("RSA") && other.jwsName().matches("[RP]S.*")) {
            assertThat(Signatures.verify(publicKey(jwk, other.jwsName()), token.signingInput(), token.signature()))
                    .isFalse();
        } else {
            assertThatThrownBy(() -> publicKey(jwk, other.jwsName())).isInstanceOf(IllegalArgumentException.class);
        }
    }

    private static PublicJwk publicKey(JsonNode jwk, String algorithm) {
        ObjectNode members = jwk.deepCopy();
        members.remove(PRIVATE);
        members.put("alg", algorithm);
        if (!members.has("kid")) {
            members.put("kid", ANY_ID);
        }
        return JwkSet.parse("{\"keys\":[" + members + "]}").keys().get(0);
    }

    private static void assertRefused(TokenRejectedException.Reason reason, String text) {
        JwkSet keys = new JwkSet(List.of(
                ForeignKey.generate(SigningAlgorithm.ES256).publicJwk(),
                ForeignKey.generate(SigningAlgorithm.EDDSA).publicJwk()));
        assertThatThrownBy(() -> VectorVerifier.verify(keys, text))
                .isInstanceOfSatisfying(
                        TokenRejectedException.class,
                        e -> assertThat(e.reason()).isEqualTo(reason));
    }
}
