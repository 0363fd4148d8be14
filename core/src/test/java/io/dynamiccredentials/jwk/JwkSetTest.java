package io.dynamiccredentials.jwk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dynamiccredentials.fixtures.ForeignKey;
import io.dynamiccredentials.keys.SigningKey;
import io.dynamiccredentials.wire.StrictJson;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class JwkSetTest {
    private static final PublicJwk RSA =
            SigningKey.generate(SigningAlgorithm.RS256).publicJwk();

    @ParameterizedTest
    @MethodSource("io.dynamiccredentials.jwk.SigningAlgorithm#forIssuing")
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
    @CsvSource({"use,enc", "alg,HS256", "alg,none", "alg,ES256", "kid,''", "kty,XYZ", "n,AQAB", "e,AQ", "e,Ag"})
    void parse_unusableKey_isLeftOut(String member, String value) {
        Map<String, Object> changes = new LinkedHashMap<>(Map.of("kid", "unusable"));
        changes.put(member, value);
        String unusable = json(RSA, changes);

        JwkSet set = JwkSet.parse("{\"keys\":[" + unusable + "," + json(RSA, Map.of()) + "]}");

        assertThat(set.keys()).extracting(PublicJwk::keyId).containsExactly(RSA.keyId());
    }

    @Test
    void parse_keyOperationsWithoutVerify_isLeftOut() {
        String forEncryption = json(RSA, Map.of("kid", "a", "key_ops", List.of("encrypt")));
        String forVerifying = json(RSA, Map.of("kid", "b", "key_ops", List.of("verify")));

        assertThat(JwkSet.parse("{\"keys\":[" + forEncryption + "," + forVerifying + "]}")
                        .keys())
                .extracting(PublicJwk::keyId)
                .containsExactly("b");
    }

    @Test
    void parse_noAlgorithm_takesTheOneOfTheKind() {
        Map<String, Object> members = new LinkedHashMap<>(RSA.members());
        members.remove("alg");
        members.remove("use");

        JwkSet set = JwkSet.parse("{\"keys\":[" + StrictJson.write(members) + "]}");

        assertThat(set.keys().get(0).algorithm()).isEqualTo(SigningAlgorithm.RS256);
    }

    @ParameterizedTest
    @ValueSource(strings = {"d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv"})
    void parse_privateMember_refusesTheSet(String member) {
        String leaked = json(RSA, Map.of(member, "AQAB"));

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
        String key = json(RSA, Map.of());

        assertThatThrownBy(() -> JwkSet.parse("{\"keys\":[" + key + "," + key + "]}"))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void parse_moreThanHundredKeys_isRefused() {
        String many = "{},".repeat(100) + json(RSA, Map.of());

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
        JwkSet set = JwkSet.parse("{\"keys\":[" + malformed + "," + json(RSA, Map.of()) + "]}");

        assertThat(set.keys()).extracting(PublicJwk::keyId).containsExactly(RSA.keyId());
    }

    @ParameterizedTest
    @ValueSource(strings = {"x5c", "x5t", "x5u", "unheard"})
    void parse_oddExtraMember_isIgnored(String member) {
        Map<String, Object> changes = new LinkedHashMap<>();
        changes.put(member, null);

        assertThat(JwkSet.parse("{\"keys\":[" + json(RSA, changes) + "]}").keys())
                .hasSize(1);
    }

    @Test
    void parse_hundredKeys_isTheLimit() {
        assertThat(JwkSet.parse("{\"keys\":[" + "{},".repeat(99) + json(RSA, Map.of()) + "]}")
                        .keys())
                .hasSize(1);
    }

    @Test
    void parse_twoUnusableKeysOfOneId_costNoOther() {
        String unusable = json(RSA, Map.of("kid", "a", "use", "enc"));
        String usable = json(RSA, Map.of("kid", "a"));

        assertThat(JwkSet.parse("{\"keys\":[" + unusable + "," + unusable + "," + usable + "]}")
                        .keys())
                .hasSize(1);
    }

    @Test
    void parse_privateMemberOfAnUnusableKey_refusesTheSet() {
        String leaked = json(RSA, Map.of("kid", "a", "use", "enc", "d", 1));

        assertThatThrownBy(() -> JwkSet.parse("{\"keys\":[" + json(RSA, Map.of()) + "," + leaked + "]}"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("\"d\"")
                .hasMessageContaining("must withdraw");
    }

    @Test
    void parse_randomlyDamagedText_givesASetOrRefuses() {
        Random random = new Random(20260823);
        String good = new JwkSet(List.of(
                        RSA,
                        ForeignKey.generate(SigningAlgorithm.ES512).publicJwk(),
                        ForeignKey.generate(SigningAlgorithm.EDDSA).publicJwk()))
                .toJson();
        int usable = 0;
        for (int i = 0; i < 20_000; i++) {
            usable += isUsable(damaged(good, random)) ? 1 : 0;
        }
        // Both outcomes must occur, or the damage is too little or too much to say anything.
        assertThat(usable).isBetween(1000, 19_000);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "\u0000",
                "\ufeff{\"keys\":[]}",
                "{\"keys\":[1e999999999]}",
                "{\"keys\":[{\"kty\":\"RSA\",\"kid\":\"a\",\"n\":\"\ud800\",\"e\":\"AQAB\"}]}",
                "{\"keys\":[{\"kty\":\"EC\",\"kid\":\"\udc00\",\"crv\":\"\",\"x\":\"\",\"y\":\"\"}]}",
                "{\"keys\":[{\"kty\":\"EC\",\"kid\":\"a\",\"crv\":\"P-256\",\"x\":{},\"y\":[]}]}",
                "{\"keys\":[],\"keys\":[]}",
                "{\"keys\":"
            })
    void parse_oddText_isRefused(String text) {
        assertThatThrownBy(() -> JwkSet.parse(text)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> JwkSet.parse(text + "[".repeat(100_000))).isInstanceOf(IllegalArgumentException.class);
    }

    /** Any exception but the one that is documented passes through, and fails the test. */
    private static boolean isUsable(String text) {
        try {
            return !JwkSet.parse(text).keys().isEmpty();
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private static String damaged(String text, Random random) {
        String odd = "AAaz09-_=+/ \"\\{}[]:,.e\u0000\ud800é";
        StringBuilder changed = new StringBuilder(text);
        for (int edits = 1 + random.nextInt(3); edits > 0; edits--) {
            int at = random.nextInt(changed.length());
            char other = odd.charAt(random.nextInt(odd.length()));
            switch (random.nextInt(4)) {
                case 0 -> changed.setCharAt(at, other);
                case 1 -> changed.insert(at, other);
                case 2 -> changed.deleteCharAt(at);
                default -> changed.delete(at, Math.min(changed.length() - 1, at + random.nextInt(40)));
            }
        }
        return changed.toString();
    }

    private static String json(PublicJwk key, Map<String, ?> changes) {
        Map<String, Object> members = new LinkedHashMap<>(key.members());
        members.putAll(changes);
        return StrictJson.write(members);
    }
}
