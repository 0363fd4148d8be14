package io.dynamiccredentials.verify;

import static io.dynamiccredentials.TokenRejectedException.Reason.MALFORMED;
import static io.dynamiccredentials.TokenRejectedException.Reason.MISSING_CLAIM;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dynamiccredentials.TokenRejectedException;
import io.dynamiccredentials.TokenRejectedException.Reason;
import java.time.Instant;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TokenClaimsTest {
    private static final String NAME_RULE = "must be a string of 1 to 2048 characters without control characters";

    @Test
    void parse_noObject_isMalformed() {
        assertThatThrownBy(() -> TokenClaims.parse("[]".getBytes(UTF_8)))
                .isInstanceOfSatisfying(
                        TokenRejectedException.class,
                        refused -> assertThat(refused.reason()).isEqualTo(MALFORMED))
                .hasMessageContaining("its claims part is");
    }

    @Test
    void json_isAllOfIt() {
        assertThat(claim("x", "[1]").json()).hasToString("{\"x\":[1]}");
    }

    @Test
    void name_absent_isEmpty() {
        assertThat(claim("x", "1").name("iss")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2047, 2048})
    void name_ofFitLength_isReturned(int length) {
        String name = "n".repeat(length);

        assertThat(claim("iss", '"' + name + '"').name("iss")).contains(name);
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"\"", "null", "1", "true", "[\"a\"]", "{}", "\"a\\u0000\"", "\"\\u001f\"", "\"\\u007f\""})
    void name_unfit_isMalformed(String json) {
        assertRefused(() -> claim("sub", json).name("sub"), MALFORMED, "sub", "claim \"sub\" " + NAME_RULE);
    }

    @Test
    void name_tooLong_isMalformed() {
        String json = '"' + "n".repeat(2049) + '"';

        assertRefused(() -> claim("jti", json).name("jti"), MALFORMED, "jti", NAME_RULE);
        assertThatThrownBy(() -> claim("jti", json).name("jti")).hasMessageNotContaining("array");
    }

    @ParameterizedTest
    @ValueSource(strings = {" ", "\u00e9", "\u2028", "a b"})
    void name_whatCanBeSeenOrStored_isReturned(String name) {
        assertThat(claim("sub", '"' + name + '"').name("sub")).contains(name);
    }

    @Test
    void audiences_one_isThatOne() {
        assertThat(claim("aud", "\"me\"").audiences()).containsExactly("me");
    }

    @Test
    void audiences_several_areAllInTheirOrder() {
        assertThat(claim("aud", "[\"b\",\"a\",\"b\",\"c\"]").audiences()).containsExactly("b", "a", "c");
    }

    @Test
    void audiences_none_isMissing() {
        assertRefused(() -> claim("x", "1").audiences(), MISSING_CLAIM, "aud", "has no claim \"aud\"");
        assertRefused(() -> claim("aud", "[]").audiences(), MISSING_CLAIM, "aud", "has no claim \"aud\"");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"\"",
                "null",
                "1",
                "{}",
                "{\"a\":\"me\"}",
                "[\"me\",1]",
                "[\"me\",\"\"]",
                "[[\"me\"]]",
                "[null]"
            })
    void audiences_unfit_areMalformed(String json) {
        assertRefused(
                () -> claim("aud", json).audiences(),
                MALFORMED,
                "aud",
                "claim \"aud\" " + NAME_RULE + ", or an array of such");
    }

    @Test
    void time_absent_isEmpty() {
        assertThat(claim("x", "1").time("exp")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "0, 1970-01-01T00:00:00Z",
        "1, 1970-01-01T00:00:01Z",
        "1772366400, 2026-03-01T12:00:00Z",
        "4294967296, 2106-02-07T06:28:16Z",
        "253402300799, 9999-12-31T23:59:59Z"
    })
    void time_wholeSeconds_areThatMoment(String json, Instant time) {
        assertThat(claim("exp", json).time("exp")).contains(time);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "-1",
                "253402300800",
                "9223372036854775807",
                "9223372036854775808",
                "18446744073709551617",
                "-9223372036854775809",
                "1.0",
                "0.5",
                "1e3",
                "\"1\"",
                "null",
                "true",
                "[1]",
                "{}"
            })
    void time_anythingElse_isMalformed(String json) {
        assertRefused(
                () -> claim("nbf", json).time("nbf"),
                MALFORMED,
                "nbf",
                "claim \"nbf\" must be whole seconds since 1970, before the year 10000");
    }

    private static TokenClaims claim(String name, String json) {
        return TokenClaims.parse(("{\"" + name + "\":" + json + "}").getBytes(UTF_8));
    }

    private static void assertRefused(ThrowingCallable reading, Reason reason, String claim, String message) {
        assertThatThrownBy(reading)
                .isInstanceOfSatisfying(TokenRejectedException.class, refused -> {
                    assertThat(refused.reason()).isEqualTo(reason);
                    assertThat(refused.claim()).contains(claim);
                })
                .hasMessageContaining(message);
    }
}
