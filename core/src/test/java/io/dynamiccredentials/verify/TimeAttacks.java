package io.dynamiccredentials.verify;

import static io.dynamiccredentials.TokenRejectedException.Reason.EXPIRED;
import static io.dynamiccredentials.TokenRejectedException.Reason.ISSUED_IN_FUTURE;
import static io.dynamiccredentials.TokenRejectedException.Reason.LIVES_TOO_LONG;
import static io.dynamiccredentials.TokenRejectedException.Reason.MALFORMED;
import static io.dynamiccredentials.TokenRejectedException.Reason.MISSING_CLAIM;
import static io.dynamiccredentials.TokenRejectedException.Reason.NOT_YET_VALID;
import static io.dynamiccredentials.verify.Trial.CLAIMS;
import static io.dynamiccredentials.verify.Trial.NOW;
import static io.dynamiccredentials.verify.Trial.saying;

import io.dynamiccredentials.TokenRejectedException.Reason;
import java.util.ArrayList;
import java.util.List;

/**
 * Times that are none, that are over, or that never end. The verifier allows 60 seconds of skew and 24 hours of life.
 */
final class TimeAttacks {
    private static final List<String> NO_WHOLE_SECONDS = List.of(
            "\"1772366400\"",
            "\"2026-03-01T12:00:00Z\"",
            "\"\"",
            "null",
            "true",
            "[1772366400]",
            "{}",
            "1772366400.0",
            "1772366400.5",
            "1.7723664e9",
            "1e300",
            "-1",
            "253402300800",
            "1772366400000",
            "9223372036854775807",
            "9223372036854775808",
            "-9223372036854775808",
            "-9223372036854775809",
            "18446744073709551616");

    private TimeAttacks() {}

    static List<Attack> rows() {
        List<Attack> rows = new ArrayList<>();
        addControls(rows);
        for (String claim : List.of("exp", "iat", "nbf")) {
            for (String json : NO_WHOLE_SECONDS) {
                rows.add(Attack.of(MALFORMED, claim, claim + " is " + json, () -> saying(CLAIMS.with(claim, json))));
            }
        }
        for (String json : List.of(
                "1".repeat(40),
                "1e400",
                "1e1000000000",
                "0x69a42bc0",
                "01772366400",
                "+1772366400",
                "NaN",
                "Infinity",
                "1_000")) {
            rows.add(Attack.of(MALFORMED, "exp is the number " + json, () -> saying(CLAIMS.with("exp", json))));
        }
        addOrder(rows);
        return rows;
    }

    private static void addControls(List<Attack> rows) {
        rows.add(control("the last second with skew", "iat", NOW - 600, "exp", NOW - 59));
        rows.add(control("the first second with skew", "iat", NOW + 60, "exp", NOW + 600));
        rows.add(control("nbf at the edge of skew", "iat", NOW, "nbf", NOW + 60));
        rows.add(control("as long a life as allowed", "iat", NOW, "exp", NOW + 86_400));
    }

    private static void addOrder(List<Attack> rows) {
        rows.add(Attack.of(MISSING_CLAIM, "exp", "exp is missing", () -> saying(CLAIMS.without("exp"))));
        rows.add(Attack.of(MISSING_CLAIM, "iat", "iat is missing", () -> saying(CLAIMS.without("iat"))));
        rows.add(attack(EXPIRED, "exp", "it ended as long ago as skew goes", "iat", NOW - 600, "exp", NOW - 60));
        rows.add(attack(EXPIRED, "exp", "it ended a day ago", "iat", NOW - 90_000, "exp", NOW - 86_400));
        rows.add(attack(EXPIRED, "exp", "exp is zero", "iat", 0, "exp", 0));
        rows.add(Attack.of(EXPIRED, "exp", "exp is minus zero", () -> saying(CLAIMS.with("exp", "-0"))));
        rows.add(attack(NOT_YET_VALID, "nbf", "nbf is beyond skew", "iat", NOW, "nbf", NOW + 61));
        rows.add(attack(NOT_YET_VALID, "nbf", "nbf is after exp", "exp", NOW + 600, "nbf", NOW + 601));
        rows.add(Attack.of(
                ISSUED_IN_FUTURE,
                "iat",
                "iat is beyond skew, and nbf is not",
                () -> saying(CLAIMS.with("iat", NOW + 61).with("nbf", NOW))));
        rows.add(attack(
                ISSUED_IN_FUTURE, "iat", "iat is beyond skew, and nbf absent", "iat", NOW + 61, "exp", NOW + 600));
        rows.add(attack(
                LIVES_TOO_LONG, "exp", "it lives a second longer than allowed", "iat", NOW, "exp", NOW + 86_401));
        rows.add(attack(LIVES_TOO_LONG, "exp", "it lives 300 years", "iat", NOW, "exp", NOW + 9_467_280_000L));
        rows.add(attack(
                LIVES_TOO_LONG, "exp", "it lives to the last second of 9999", "iat", NOW, "exp", 253_402_300_799L));
        rows.add(attack(LIVES_TOO_LONG, "exp", "it was issued in 1970", "iat", 0, "exp", NOW + 600));
        rows.add(attack(LIVES_TOO_LONG, "exp", "it ends before it was issued", "iat", NOW + 30, "exp", NOW + 20));
    }

    private static Attack control(String name, String claim, long seconds, String other, long otherSeconds) {
        return Attack.control(name, () -> saying(times(claim, seconds, other, otherSeconds)));
    }

    private static Attack attack(
            Reason reason, String claim, String name, String first, long seconds, String other, long otherSeconds) {
        return Attack.of(reason, claim, name, () -> saying(times(first, seconds, other, otherSeconds)));
    }

    private static RawJson times(String claim, long seconds, String other, long otherSeconds) {
        return CLAIMS.with(claim, String.valueOf(seconds)).with(other, String.valueOf(otherSeconds));
    }
}
