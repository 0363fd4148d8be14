package io.dynamiccredentials.jwk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dynamiccredentials.keys.SigningKey;
import io.dynamiccredentials.wire.StrictJson;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class JwkSetTest {
    private final PublicJwk rsa = SigningKey.generate(SigningAlgorithm.RS256).publicJwk();

    @ParameterizedTest
    @EnumSource(SigningAlgorithm.class)
    void parse_ownJson_givesTheSameKey(SigningAlgorithm algorithm) {
        PublicJwk key = SigningKey.generate(algorithm).publicJwk();
        JwkSet parsed = JwkSet.parse(new JwkSet(List.of(key)).toJson());

        assertThat(parsed.find(key.keyId())).hasValueSatisfying(found -> {
            assertThat(found.publicKey()).isEqualTo(key.publicKey());
            assertThat(found.algorithm()).isEqualTo(algorithm);
            assertThat(found.members()).isEqualTo(key.members());
        });
        assertThat(parsed.find("other")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"use,enc", "alg,RS512", "alg,none", "alg,ES256", "kid,''", "kty,XYZ", "n,AQAB", "e,AQ", "e,Ag"})
    void parse_unusableKey_isLeftOut(String member, String value) {
        Map<String, Object> changes = new LinkedHashMap<>(Map.of("kid", "unusable"));
        changes.put(member, value);
        String unusable = json(rsa, changes);

        JwkSet set = JwkSet.parse("{\"keys\":[" + unusable + "," + json(rsa, Map.of()) + "]}");

        assertThat(set.keys()).extracting(PublicJwk::keyId).containsExactly(rsa.keyId());
    }

    @Test
    void parse_keyOperationsWithoutVerify_isLeftOut() {
        String forEncryption = json(rsa, Map.of("kid", "a", "key_ops", List.of("encrypt")));
        String forVerifying = json(rsa, Map.of("kid", "b", "key_ops", List.of("verify")));

        assertThat(JwkSet.parse("{\"keys\":[" + forEncryption + "," + forVerifying + "]}")
                        .keys())
                .extracting(PublicJwk::keyId)
                .containsExactly("b");
    }

    @Test
    void parse_noAlgorithm_takesTheOneOfTheKind() {
        Map<String, Object> members = new LinkedHashMap<>(rsa.members());
        members.remove("alg");
        members.remove("use");

        JwkSet set = JwkSet.parse("{\"keys\":[" + StrictJson.write(members) + "]}");

        assertThat(set.keys().get(0).algorithm()).isEqualTo(SigningAlgorithm.RS256);
    }

    @ParameterizedTest
    @ValueSource(strings = {"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
    void parse_privateMember_refusesTheSet(String member) {
        String leaked = json(rsa, Map.of(member, "AQAB"));

        assertThatThrownBy(() -> JwkSet.parse("{\"keys\":[" + leaked + "]}"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("\"" + member + "\"");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"{}", "{\"keys\":[]}", "{\"keys\":{}}", "{\"keys\":[{}]}", "{\"keys\":null}", "[]", "<html>"})
    void parse_noUsableKey_isRefused(String json) {
        assertThatThrownBy(() -> JwkSet.parse(json)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void parse_twoKeysOfOneId_isRefused() {
        String key = json(rsa, Map.of());

        assertThatThrownBy(() -> JwkSet.parse("{\"keys\":[" + key + "," + key + "]}"))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void parse_moreThanHundredKeys_isRefused() {
        String many = "{},".repeat(100) + json(rsa, Map.of());

        assertThatThrownBy(() -> JwkSet.parse("{\"keys\":[" + many + "]}"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("100");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"\",\"kid\":\"a\"}",
                "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"AA\",\"kid\":\"a\"}",
                "{\"kty\":\"OKP\",\"crv\":\"X25519\",\"x\":\"AA\",\"kid\":\"a\"}",
                "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"AQ\",\"y\":\"AQ\",\"kid\":\"off the curve\"}",
                "{\"kty\":\"EC\",\"crv\":\"P-256\",\"kid\":\"a\"}",
                "{\"kty\":\"EC\",\"crv\":\"P-999\",\"x\":\"AQ\",\"y\":\"AQ\",\"kid\":\"a\"}",
                "{\"kty\":\"RSA\",\"n\":1,\"e\":null,\"kid\":\"a\"}",
                "{\"kty\":\"RSA\",\"n\":\"\",\"e\":\"\",\"kid\":\"a\"}",
                "{\"kty\":[],\"kid\":\"a\"}",
                "1",
                "null",
                "[]"
            })
    void parse_malformedKey_costsNoOther(String malformed) {
        JwkSet set = JwkSet.parse("{\"keys\":[" + malformed + "," + json(rsa, Map.of()) + "]}");

        assertThat(set.keys()).extracting(PublicJwk::keyId).containsExactly(rsa.keyId());
    }

    @ParameterizedTest
    @ValueSource(strings = {"x5c", "x5t", "x5u", "unheard"})
    void parse_oddExtraMember_isIgnored(String member) {
        Map<String, Object> changes = new LinkedHashMap<>();
        changes.put(member, null);

        assertThat(JwkSet.parse("{\"keys\":[" + json(rsa, changes) + "]}").keys())
                .hasSize(1);
    }

    private static String json(PublicJwk key, Map<String, ?> changes) {
        Map<String, Object> members = new LinkedHashMap<>(key.members());
        members.putAll(changes);
        return StrictJson.write(members);
    }
}
