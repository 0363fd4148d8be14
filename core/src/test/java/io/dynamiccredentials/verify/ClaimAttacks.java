package io.dynamiccredentials.verify;

import static io.dynamiccredentials.TokenRejectedException.Reason.MALFORMED;
import static io.dynamiccredentials.TokenRejectedException.Reason.MISSING_CLAIM;
import static io.dynamiccredentials.TokenRejectedException.Reason.WRONG_AUDIENCE;
import static io.dynamiccredentials.TokenRejectedException.Reason.WRONG_ISSUER;
import static io.dynamiccredentials.verify.Trial.CLAIMS;
import static io.dynamiccredentials.verify.Trial.saying;

import io.dynamiccredentials.TokenRejectedException.Reason;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Issuers, subjects, audiences and ids that are nearly right, of the wrong type, or hold what no name holds. */
final class ClaimAttacks {
    private static final Map<String, String> CONTROLS = new TreeMap<>(Map.of(
            "NUL", "\\u0000",
            "a line feed", "\\n",
            "a carriage return", "\\r",
            "an escape", "\\u001b[2K",
            "DEL", "\\u007f",
            "a C1 control", "\\u0085"));

    private static final Map<String, String> HALVES = new TreeMap<>(Map.of(
            "half a pair, the high one", "\\ud83d",
            "half a pair, the low one", "\\ude80",
            "a pair in the wrong order", "\\ude80\\ud83d"));

    private ClaimAttacks() {}

    static List<Attack> rows() {
        List<Attack> rows = new ArrayList<>();
        addControls(rows);
        addIssuers(rows);
        addSubjects(rows);
        addAudiences(rows);
        addTokenIds(rows);
        return rows;
    }

    private static void addControls(List<Attack> rows) {
        rows.add(Attack.control("sub has 2048 characters", () -> saying(CLAIMS.withText("sub", "s".repeat(2048)))));
        rows.add(Attack.control("sub is not ASCII", () -> saying(CLAIMS.withText("sub", "sch\u00f6n/\\ud83d\\ude80"))));
        rows.add(Attack.control("one audience of several", () -> saying(CLAIMS.with("aud", "[\"you\",\"me\"]"))));
        rows.add(Attack.control("an id", () -> saying(CLAIMS.withText("jti", "4711"))));
        rows.add(Attack.control("claims of other types", () -> saying(CLAIMS.with("x", "{\"a\":[1,null,true,1.5]}"))));
    }

    private static void addIssuers(List<Attack> rows) {
        rows.add(Attack.of(MISSING_CLAIM, "iss", "iss is missing", () -> saying(CLAIMS.without("iss"))));
        for (String json : List.of("null", "1", "true", "[\"https://ci.example\"]", "{}", "\"\"")) {
            rows.add(claim(MALFORMED, "iss", "iss is " + json, json));
        }
        for (String issuer : List.of(
                "https://ci.example/",
                "https://CI.example",
                "HTTPS://ci.example",
                "https://ci.example:443",
                "http://ci.example",
                "https://ci.example.",
                "https://ci.example?",
                "https://ci.example#",
                "https://ci.example/./",
                "https://ci.example//tenant",
                "https://ci.example/tenant/../",
                "https://ci.example/Tenant",
                "https://ci.example@evil.example",
                "https://ci.example.evil.example",
                "https://%63i.example",
                " https://ci.example",
                "https://ci.example ",
                "https://c\u0456.example",
                "https://xn--c-8va.example",
                "https://evil.example/https://ci.example",
                "//ci.example")) {
            rows.add(claim(WRONG_ISSUER, "iss", "iss is spelled " + issuer, '"' + issuer + '"'));
        }
        rows.add(claim(WRONG_ISSUER, "iss", "GHSA-75c5-xw7c-p5pm iss is part of the issuer", "\"https://ci.exampl\""));
        rows.add(claim(WRONG_ISSUER, "iss", "iss is the issuer's host", "\"ci.example\""));
        rows.add(claim(WRONG_ISSUER, "iss", "iss is one letter", "\"h\""));
        addOdd(rows, "iss", Trial.ISSUER);
    }

    private static void addSubjects(List<Attack> rows) {
        rows.add(Attack.of(MISSING_CLAIM, "sub", "sub is missing", () -> saying(CLAIMS.without("sub"))));
        for (String json : List.of("null", "1", "true", "[\"project:shop\"]", "{}", "\"\"")) {
            rows.add(claim(MALFORMED, "sub", "sub is " + json, json));
        }
        rows.add(claim(MALFORMED, "sub", "sub is longer than 2048 characters", '"' + "s".repeat(2049) + '"'));
        addOdd(rows, "sub", "project:shop");
    }

    private static void addAudiences(List<Attack> rows) {
        rows.add(Attack.of(MISSING_CLAIM, "aud", "aud is missing", () -> saying(CLAIMS.without("aud"))));
        for (String json : List.of("\"you\"", "\"ME\"", "\"me \"", "\"m\"", "\"mee\"", "\"me,you\"", "\"*\"")) {
            rows.add(claim(WRONG_AUDIENCE, "aud", "aud is " + json, json));
        }
        for (String json : List.of("[\"you\"]", "[\"you\",\"them\"]")) {
            rows.add(claim(WRONG_AUDIENCE, "aud", "aud lists " + json, json));
        }
        rows.add(claim(MISSING_CLAIM, "aud", "CVE-2020-26160 aud is an empty list", "[]"));
        for (String json : List.of("[[\"me\"]]", "[\"me\",1]", "[1,\"me\"]", "[\"me\",null]", "[{\"aud\":\"me\"}]")) {
            rows.add(claim(MALFORMED, "aud", "aud mixes " + json, json));
        }
        rows.add(claim(MALFORMED, "aud", "aud is an object", "{\"me\":\"me\"}"));
        for (String json : List.of("null", "1", "true", "\"\"", "[\"\"]", "[\"me\",\"\"]")) {
            rows.add(claim(MALFORMED, "aud", "aud is the value " + json, json));
        }
        addOdd(rows, "aud", "[\"me\",\"x", "\"]");
    }

    private static void addTokenIds(List<Attack> rows) {
        // A list of used tokens that goes by the id would never find such a token again.
        for (String json : List.of("null", "1", "true", "[\"4711\"]", "{}")) {
            rows.add(claim(MALFORMED, "jti", "jti is " + json, json));
        }
        addOdd(rows, "jti", "4711");
    }

    private static void addOdd(List<Attack> rows, String claim, String text) {
        addOdd(rows, claim, '"' + text, "\"");
    }

    private static void addOdd(List<Attack> rows, String claim, String before, String after) {
        CONTROLS.forEach(
                (name, json) -> rows.add(claim(MALFORMED, claim, claim + " holds " + name, before + json + after)));
        // Half a pair is no text in any claim, so the claims as a whole are refused.
        HALVES.forEach((name, json) -> rows.add(Attack.of(
                MALFORMED, claim + " holds " + name, () -> saying(CLAIMS.with(claim, before + json + after)))));
    }

    private static Attack claim(Reason reason, String claim, String name, String json) {
        return Attack.of(reason, claim, name, () -> saying(CLAIMS.with(claim, json)));
    }
}
