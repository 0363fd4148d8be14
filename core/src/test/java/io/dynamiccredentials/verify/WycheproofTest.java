package io.dynamiccredentials.verify;

import static io.dynamiccredentials.TokenRejectedException.Reason.ALGORITHM_REFUSED;
import static io.dynamiccredentials.TokenRejectedException.Reason.MALFORMED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.dynamiccredentials.TokenRejectedException;
import io.dynamiccredentials.fixtures.ForeignKey;
import io.dynamiccredentials.jwk.JwkSet;
import io.dynamiccredentials.jwk.SigningAlgorithm;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * What Project Wycheproof found in others (github.com/C2SP/wycheproof, {@code testvectors_v1/json_web_*_test.json}).
 *
 * <p>Of the cases that are marked valid those signed with HMAC are refused on purpose, since who verifies them could
 * also sign. Each is named, so that a new file is noticed.
 */
class WycheproofTest {
    /** Valid only for a verifier that takes PS384 from a key for PS256. */
    private static final Set<Integer> OF_ANOTHER_ALGORITHM = Set.of(346, 350);

    /** Valid only for a verifier that takes {@code ES521}, which is no registered name, for ES512. */
    private static final Set<Integer> OF_AN_UNREGISTERED_ALGORITHM = Set.of(347, 351);

    private static final Set<Integer> SIGNATURES_WITH_HMAC = Set.of(1, 348, 352, 357, 358, 359, 372, 373, 376, 377);
    private static final Set<Integer> BASE64_GROUP = setOf(357, 377);

    @Test
    void signatures_allCases_acceptsTheValidOnesButTheNamed() {
        List<Case> cases = Case.read("json_web_signature_test.json", 401);
        Set<Integer> refused = new TreeSet<>(SIGNATURES_WITH_HMAC);
        refused.addAll(OF_ANOTHER_ALGORITHM);
        refused.addAll(OF_AN_UNREGISTERED_ALGORITHM);

        assertThat(valid(cases)).hasSize(46);
        assertThat(accepted(cases)).hasSize(32).isEqualTo(without(valid(cases), refused));
    }

    @Test
    void signatures_exceptionsOfTheList_areTheEightThatAreNamedHere() {
        JsonNode list = Vectors.json("wycheproof-exceptions.json").path("exceptions");
        Set<Integer> listed = new TreeSet<>();
        list.forEach(exception -> exception.path("tcIds").forEach(id -> listed.add(id.asInt())));

        assertThat(listed).containsExactlyInAnyOrder(367, 370, 372, 373, 346, 350, 347, 351);
    }

    @Test
    void signatures_keyWithTheAlgorithmOfTheToken_acceptsTheException() {
        List<Case> cases = Case.read("json_web_signature_test.json", 401);

        for (int id : OF_ANOTHER_ALGORITHM) {
            assertThat(find(cases, id).accepts()).isFalse();
            assertThat(find(cases, id).withKeyFor("PS256", "PS384").accepts()).isTrue();
        }
        for (int id : OF_AN_UNREGISTERED_ALGORITHM) {
            assertThat(find(cases, id).accepts()).isFalse();
            assertThat(find(cases, id).withKeyFor("ES521", "ES512").accepts()).isTrue();
        }
    }

    @Test
    void signatures_base64Group_isMalformedWhereOneSpellingIsNotTheOnlyOne() {
        List<Case> cases = Case.read("json_web_signature_test.json", 401);
        Set<Integer> malformed = new TreeSet<>();
        for (int id : BASE64_GROUP) {
            if (!isParsed(find(cases, id).text())) {
                malformed.add(id);
            }
        }

        // 367 and 370 are marked invalid and are, byte for byte, 357, which is not; 372 and 373 hold a "?".
        assertThat(find(cases, 367).text()).isEqualTo(find(cases, 357).text());
        assertThat(find(cases, 370).text()).isEqualTo(find(cases, 357).text());
        assertThat(malformed).isEqualTo(without(setOf(360, 375), Set.of(367, 370)));
    }

    @Test
    void hmac_markedValid_isRefusedForItsKeyAndForItsAlgorithm() {
        assertHmacRefused(Case.read("json_web_signature_test.json", 401), SIGNATURES_WITH_HMAC, Set.of(372, 373));
        assertHmacRefused(Case.read("json_web_key_test.json", 26), Set.of(2, 13, 14, 15), Set.of());
        assertHmacRefused(Case.read("json_web_crypto_test.json", 83), Set.of(1, 48), Set.of());
    }

    @Test
    void keys_allCases_acceptsTheOneGoodPublicKey() {
        List<Case> cases = Case.read("json_web_key_test.json", 26);

        assertThat(valid(cases)).containsExactly(2, 5, 13, 14, 15);
        assertThat(accepted(cases)).containsExactly(5);
    }

    @Test
    void crypto_signatures_acceptsTheTwoThatArePublicAndValid() {
        List<Case> signatures = ofKind(Case.read("json_web_crypto_test.json", 83), "jws");

        assertThat(signatures).hasSize(49);
        assertThat(valid(signatures)).containsExactly(1, 18, 33, 48);
        assertThat(accepted(signatures)).containsExactly(18, 33);
    }

    @Test
    void crypto_encrypted_isMalformedAndHasNoUsableKey() {
        List<Case> encrypted = ofKind(Case.read("json_web_crypto_test.json", 83), "jwe");

        assertThat(encrypted).hasSize(34);
        assertAllRefused(encrypted);
    }

    @Test
    void encryption_allCases_areMalformedAndHaveNoUsableKey() {
        List<Case> encrypted = Case.read("json_web_encryption_test.json", 139);

        assertThat(ofKind(encrypted, "jwe")).hasSize(139);
        assertAllRefused(encrypted);
    }

    private static void assertHmacRefused(List<Case> cases, Set<Integer> expected, Set<Integer> malformed) {
        Set<Integer> withHmac = new TreeSet<>();
        for (Case each : ofKind(cases, "jws")) {
            if (each.valid() && each.isWithHmac()) {
                withHmac.add(each.id());
                assertThatThrownBy(() -> JwkSet.parse(each.keys()))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("private member \"k\"");
                TokenRejectedException.Reason reason = malformed.contains(each.id()) ? MALFORMED : ALGORITHM_REFUSED;
                JwkSet others = new JwkSet(
                        List.of(ForeignKey.generate(SigningAlgorithm.EDDSA).publicJwk()));
                assertReason(reason, () -> VectorVerifier.verify(others, each.text()));
            }
        }
        assertThat(withHmac).isEqualTo(new TreeSet<>(expected));
    }

    private static void assertAllRefused(List<Case> encrypted) {
        for (Case each : encrypted) {
            assertReason(MALFORMED, () -> CompactJws.parse(each.text()));
            assertThatThrownBy(() -> JwkSet.parse(each.keys()))
                    .as("key of case " + each.id())
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    private static void assertReason(TokenRejectedException.Reason reason, Runnable step) {
        assertThatThrownBy(step::run)
                .isInstanceOfSatisfying(
                        TokenRejectedException.class,
                        e -> assertThat(e.reason()).isEqualTo(reason));
    }

    private static boolean isParsed(String text) {
        try {
            CompactJws.parse(text);
            return true;
        } catch (TokenRejectedException e) {
            return false;
        }
    }

    private static Set<Integer> valid(List<Case> cases) {
        Set<Integer> ids = new TreeSet<>();
        cases.stream().filter(Case::valid).forEach(each -> ids.add(each.id()));
        return ids;
    }

    private static Set<Integer> accepted(List<Case> cases) {
        Set<Integer> ids = new TreeSet<>();
        cases.stream().filter(Case::accepts).forEach(each -> ids.add(each.id()));
        return ids;
    }

    private static Case find(List<Case> cases, int id) {
        return cases.stream().filter(each -> each.id() == id).findFirst().orElseThrow();
    }

    private static List<Case> ofKind(List<Case> cases, String kind) {
        return cases.stream().filter(each -> each.kind().equals(kind)).toList();
    }

    private static Set<Integer> without(Set<Integer> ids, Set<Integer> taken) {
        Set<Integer> rest = new TreeSet<>(ids);
        rest.removeAll(taken);
        return rest;
    }

    private static Set<Integer> setOf(int first, int last) {
        Set<Integer> ids = new TreeSet<>();
        IntStream.rangeClosed(first, last).forEach(ids::add);
        return ids;
    }

    /** One case with the keys of its group: the public ones where the group has them. */
    private record Case(int id, String comment, String kind, String text, boolean valid, String keys) {

        static List<Case> read(String file, int expected) {
            JsonNode root = Vectors.json("wycheproof/" + file);
            List<Case> cases = new ArrayList<>();
            for (JsonNode group : root.path("testGroups")) {
                JsonNode keys = group.has("public") ? group.path("public") : group.path("private");
                for (JsonNode test : group.path("tests")) {
                    cases.add(parse(test, keys.has("keys") ? keys.toString() : "{\"keys\":[" + keys + "]}"));
                }
            }
            assertThat(root.path("numberOfTests").asInt()).isEqualTo(expected);
            assertThat(cases).hasSize(expected);
            return cases;
        }

        private static Case parse(JsonNode test, String keys) {
            String kind = test.has("jws") ? "jws" : "jwe";
            return new Case(
                    test.path("tcId").asInt(),
                    test.path("comment").asText(),
                    kind,
                    test.path(kind).asText(),
                    test.path("result").asText().equals("valid"),
                    keys);
        }

        boolean isWithHmac() {
            return keys.contains("\"kty\":\"oct\"");
        }

        Case withKeyFor(String algorithm, String other) {
            String changed = keys.replace("\"alg\":\"" + algorithm + "\"", "\"alg\":\"" + other + "\"");
            assertThat(changed).isNotEqualTo(keys);
            return new Case(id, comment, kind, text, valid, changed);
        }

        /** Tells whether the token verifies. Any other exception than these two is a defect and passes through. */
        boolean accepts() {
            JwkSet published;
            try {
                published = JwkSet.parse(keys);
            } catch (IllegalArgumentException e) {
                return false;
            }
            try {
                return VectorVerifier.verify(published, text);
            } catch (TokenRejectedException e) {
                return false;
            }
        }
    }
}
