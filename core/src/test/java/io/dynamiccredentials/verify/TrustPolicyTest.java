package io.dynamiccredentials.verify;

import static io.dynamiccredentials.TokenRejectedException.Reason.CLAIM_MISMATCH;
import static io.dynamiccredentials.TokenRejectedException.Reason.WRONG_AUDIENCE;
import static io.dynamiccredentials.TokenRejectedException.Reason.WRONG_ISSUER;
import static io.dynamiccredentials.verify.Condition.allOf;
import static io.dynamiccredentials.verify.Condition.anyOf;
import static io.dynamiccredentials.verify.Condition.claim;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dynamiccredentials.IssuerUrl;
import io.dynamiccredentials.TokenRejectedException;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class TrustPolicyTest {
    private static final IssuerUrl ISSUER = IssuerUrl.of("https://ci.example");

    @Test
    void require_welcomeToken_isReturned() {
        VerifiedToken token = SomeToken.with("\"env\":\"prod\"");

        assertThat(policy(claim("env").is("prod")).require(token)).isSameAs(token);
        assertThat(policy(claim("env").is("prod")).mismatch(token)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"https://ci.example/", "https://ci.example.evil", "http://ci.example", "https://ci.exampl"})
    void require_almostTheIssuer_isRejected(String issuer) {
        VerifiedToken token = SomeToken.of(issuer, "me", "\"sub\":\"s\"");

        assertThatThrownBy(() -> policy(claim("sub").is("s")).require(token))
                .isInstanceOfSatisfying(TokenRejectedException.class, refused -> {
                    assertThat(refused.reason()).isEqualTo(WRONG_ISSUER);
                    assertThat(refused.claim()).contains("iss");
                })
                .hasMessageContaining("expected \"https://ci.example\", actual \"" + issuer + "\"");
    }

    @Test
    void require_otherAudience_isRejected() {
        TrustPolicy policy = TrustPolicy.builder(ISSUER)
                .audience("me")
                .audience("myself")
                .require(claim("sub").is("s"))
                .build();

        assertThat(policy.mismatch(SomeToken.of("https://ci.example", "myself", "\"sub\":\"s\"")))
                .isEmpty();
        assertThat(policy.mismatch(SomeToken.of("https://ci.example", "ME", "\"sub\":\"s\"")))
                .contains(new TrustMismatch(WRONG_AUDIENCE, "aud", "\"me\" or \"myself\"", "\"ME\""));
    }

    /** Whoever asks for a value gets it by its type, and nothing that only looks like it. */
    static Stream<List<Object>> conditions() {
        return Stream.of(
                List.of(
                        claim("c").is("1"),
                        "\"1\"",
                        List.of("1", "[\"1\"]", "\"1 \"", "true", "null", "{\"c\":\"1\"}")),
                List.of(claim("c").is("true"), "\"true\"", List.of("true", "\"TRUE\"", "[true]")),
                List.of(claim("c").is(true), "true", List.of("false", "\"true\"", "1", "[true]", "null")),
                List.of(claim("c").is(false), "false", List.of("true", "\"false\"", "0", "null", "[]")),
                List.of(claim("c").is(1), "1", List.of("\"1\"", "1.0", "1e0", "true", "[1]", "4294967297", "null")),
                List.of(claim("c").is(-1), "-1", List.of("18446744073709551615", "\"-1\"", "1")),
                List.of(claim("c").isOneOf("a", "b"), "\"b\"", List.of("\"c\"", "[\"a\"]", "\"a,b\"", "\"\"")),
                List.of(claim("c").matches("a/*"), "\"a/b/c\"", List.of("\"a\"", "\"xa/b\"", "[\"a/b\"]", "1")),
                List.of(claim("c").matches("1?"), "\"12\"", List.of("12", "\"1\"", "\"123\"")),
                List.of(
                        claim("c").contains("a"),
                        "[1,\"b\",\"a\"]",
                        List.of("\"a\"", "[\"b\"]", "[[\"a\"]]", "{\"a\":\"a\"}", "[]", "[\"aa\"]", "null")),
                List.of(claim("c").isPresent(), "\"\"", List.of("null")),
                List.of(claim("c").isPresent(), "[]", List.of("null")),
                List.of(claim("c", "d").is("x"), "{\"d\":\"x\"}", List.of("\"x\"", "{\"e\":\"x\"}", "[\"x\"]", "{}")));
    }

    @ParameterizedTest
    @MethodSource("conditions")
    void mismatch_claim_isMetByItsValueAlone(List<Object> row) {
        TrustPolicy policy = policy((Condition) row.get(0));

        assertThat(policy.mismatch(SomeToken.with("\"c\":" + row.get(1)))).isEmpty();
        for (Object other : (List<?>) row.get(2)) {
            assertThat(policy.mismatch(SomeToken.with("\"c\":" + other)))
                    .as("%s with %s", row.get(0), other)
                    .isPresent();
        }
        assertThat(policy.mismatch(SomeToken.with(""))).isPresent();
        assertThat(policy.mismatch(SomeToken.with("\"C\":" + row.get(1)))).isPresent();
    }

    @Test
    void mismatch_nestedName_isNoPathInAText() {
        TrustPolicy policy = policy(claim("kubernetes.io", "namespace").is("shop"));

        assertThat(policy.mismatch(SomeToken.with("\"kubernetes.io\":{\"namespace\":\"shop\"}")))
                .isEmpty();
        assertThat(policy.mismatch(SomeToken.with("\"kubernetes\":{\"io\":{\"namespace\":\"shop\"}}")))
                .contains(new TrustMismatch(CLAIM_MISMATCH, "kubernetes.io > namespace", "\"shop\"", "absent"));
    }

    @Test
    void mismatch_severalConditions_isThatOfTheFirstThatFails() {
        TrustPolicy policy = TrustPolicy.builder(ISSUER)
                .audience("me")
                .require(claim("a").is("1"))
                .require(claim("b").is(2), claim("c").is(true))
                .build();

        assertThat(policy.mismatch(SomeToken.with("\"a\":\"1\",\"b\":2,\"c\":true")))
                .isEmpty();
        assertThat(policy.mismatch(SomeToken.with("\"a\":\"1\",\"b\":\"2\",\"c\":false")))
                .contains(new TrustMismatch(CLAIM_MISMATCH, "b", "2", "\"2\""));
        assertThat(policy.mismatch(SomeToken.with("\"a\":\"1\",\"b\":2,\"c\":[1,2]")))
                .contains(new TrustMismatch(CLAIM_MISMATCH, "c", "true", "a list of 2"));
        assertThat(policy.mismatch(SomeToken.with("\"a\":{},\"b\":2")))
                .contains(new TrustMismatch(CLAIM_MISMATCH, "a", "\"1\"", "an object"));
    }

    @Test
    void mismatch_combinations_holdAsTheyRead() {
        TrustPolicy policy = policy(anyOf(
                allOf(claim("env").is("prod"), claim("ref").is("refs/heads/main")),
                claim("tag").matches("v*")));

        assertThat(policy.mismatch(SomeToken.with("\"env\":\"prod\",\"ref\":\"refs/heads/main\"")))
                .isEmpty();
        assertThat(policy.mismatch(SomeToken.with("\"tag\":\"v1\""))).isEmpty();
        assertThat(policy.mismatch(SomeToken.with("\"env\":\"prod\",\"ref\":\"refs/heads/x\",\"tag\":\"w\"")))
                .get()
                .asString()
                .isEqualTo("ref: expected one of 2 alternatives, actual"
                        + " (1) ref: expected \"refs/heads/main\", actual \"refs/heads/x\";"
                        + " (2) tag: expected a match of \"v*\", actual \"w\"");
    }

    @Test
    void require_noneOfThePolicies_tellsWhyOfTheClosest() {
        TrustPolicy other = TrustPolicy.builder(IssuerUrl.of("https://other.example"))
                .audience("me")
                .require(claim("sub").is("x"))
                .build();
        TrustPolicy policy = TrustPolicy.anyOf(
                other,
                TrustPolicy.anyOf(policy(claim("sub").is("y")), other),
                policy(claim("sub").is("z")));

        assertThatThrownBy(() -> policy.require(SomeToken.with("")))
                .isInstanceOfSatisfying(TokenRejectedException.class, refused -> {
                    assertThat(refused.reason()).isEqualTo(CLAIM_MISMATCH);
                    assertThat(refused.claim()).contains("sub");
                })
                .hasMessageContaining("one of 2 alternatives")
                .hasMessageContaining("(1) sub: expected \"y\", actual \"s\"; (2) sub: expected \"z\", actual \"s\"")
                .hasMessageNotContaining("other.example");
        assertThat(policy.mismatch(SomeToken.of("https://ci.example", "me", "\"sub\":\"y\"")))
                .isEmpty();
        assertThat(policy.mismatch(SomeToken.of("https://other.example", "me", "\"sub\":\"y\"")))
                .isPresent();
        assertThat(TrustPolicy.anyOf(other).mismatch(SomeToken.with("")))
                .contains(
                        new TrustMismatch(WRONG_ISSUER, "iss", "\"https://other.example\"", "\"https://ci.example\""));
    }

    @Test
    void mismatch_manyAlternativesAndLongTexts_isBounded() {
        Condition[] many = IntStream.range(0, 200)
                .mapToObj(i -> claim("sub").is("x".repeat(4000) + i))
                .toArray(Condition[]::new);
        TrustPolicy policy = policy(anyOf(anyOf(many), claim("sub").isOneOf(texts(256))));

        assertThat(policy.mismatch(SomeToken.of("https://ci.example", "me", "\"sub\":\"" + "é ".repeat(5000) + "\"")))
                .get()
                .asString()
                .hasSizeBetween(200, 1500)
                .contains("more");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 40, 80, 160, 400, 4000})
    void mismatch_longAlternatives_alwaysTellsTheFirst(int length) {
        Condition[] many = IntStream.range(0, 12)
                .mapToObj(i ->
                        claim("c".repeat(200), "d".repeat(200), "e".repeat(200)).is("x".repeat(length) + i))
                .toArray(Condition[]::new);
        TrustPolicy policy =
                TrustPolicy.anyOf(policy(anyOf(anyOf(many), claim("a").is("b"))), policy(anyOf(many)));

        assertThat(policy.mismatch(SomeToken.of("https://ci.example", "me", "\"sub\":\"s\"")))
                .get()
                .asString()
                .contains("one of 2 alternatives, actual (1) ", "and 1 more")
                .hasSizeBetween(200, 1500);
    }

    @Test
    void require_hostileClaim_isCleanInTheMessage() {
        VerifiedToken token = SomeToken.of(
                "https://ci.example", "me", "\"sub\":\"x\\\" accepted\\n\\u001b[2J eyJhbGciOiJub25lIn0.e30.\"");

        assertThatThrownBy(() -> policy(claim("sub").is("y")).require(token))
                .hasMessageContaining("actual \"x\\\" accepted \\u001b[2J [redacted]\"")
                .hasMessageNotContaining("eyJ");
    }

    @Test
    void build_silence_isRefused() {
        assertRefused(
                () -> TrustPolicy.builder(ISSUER).require(claim("sub").is("s")).build(), "audience");
        assertRefused(
                () -> TrustPolicy.builder(ISSUER)
                        .audience(" ")
                        .require(claim("sub").is("s"))
                        .build(),
                "blank");
        assertRefused(() -> TrustPolicy.builder(ISSUER).audience("me").build(), "condition");
        assertRefused(TrustPolicy::anyOf, "there are 0");
        assertRefused(Condition::anyOf, "at least one");
        assertRefused(Condition::allOf, "at least one");
        assertRefused(() -> claim("a").isOneOf(), "there are 0");
        assertRefused(() -> claim("a").is(""), "with 0");
        assertRefused(() -> claim("a").contains(""), "with 0");
        assertRefused(() -> claim("a").matches(""), "pattern");
        assertRefused(() -> claim("a").matches("**"), "isPresent()");
    }

    @Test
    void build_beyondTheBounds_isRefused() {
        assertThat(claim("a").isOneOf(texts(256))).isNotNull();
        assertRefused(() -> claim("a").isOneOf(texts(257)), "257");
        assertRefused(() -> claim("a").is("x".repeat(4097)), "4097");
        Condition deepest = claim("a").isPresent();
        for (int depth = 2; depth <= 8; depth++) {
            deepest = anyOf(deepest);
        }
        Condition nested = deepest;
        assertRefused(() -> allOf(nested), "9 deep");
        assertThat(policy(nested)).isNotNull();
        assertThat(allOf(conditions(256))).isNotNull();
        assertThat(policy(conditions(256))).isNotNull();
        assertRefused(() -> allOf(conditions(257)), "they are 257");
        assertRefused(() -> policy(conditions(257)), "they are 257");
        TrustPolicy one = policy(claim("a").isPresent());
        assertThat(TrustPolicy.anyOf(policies(one, 64))).isNotNull();
        assertRefused(() -> TrustPolicy.anyOf(TrustPolicy.anyOf(policies(one, 64)), one), "there are 65");
    }

    @Test
    void toString_ofConditions_readsLikeThePolicy() {
        assertThat(allOf(
                        claim("a").is("b"),
                        anyOf(claim("c", "d").is(1), claim("e").isPresent())))
                .hasToString("(a is \"b\" and (c > d is 1 or e is any value))");
    }

    @Test
    void combinations_arrayChangesLater_doNotFollow() {
        Condition[] conditions = {claim("sub").is("x")};
        TrustPolicy policy = policy(allOf(conditions));

        conditions[0] = claim("sub").isPresent();

        assertThat(policy.mismatch(SomeToken.with(""))).isPresent();
    }

    private static TrustPolicy policy(Condition... conditions) {
        return TrustPolicy.builder(ISSUER).audience("me").require(conditions).build();
    }

    private static String[] texts(int count) {
        return IntStream.range(0, count).mapToObj(i -> "v" + i).toArray(String[]::new);
    }

    private static Condition[] conditions(int count) {
        Condition[] conditions = new Condition[count];
        Arrays.fill(conditions, claim("a").isPresent());
        return conditions;
    }

    private static TrustPolicy[] policies(TrustPolicy policy, int count) {
        return Collections.nCopies(count, policy).toArray(new TrustPolicy[0]);
    }

    private static void assertRefused(Runnable building, String piece) {
        assertThatThrownBy(building::run)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(piece);
    }
}
