package io.dynamiccredentials.verify;

import static io.dynamiccredentials.TokenRejectedException.Reason.ALGORITHM_REFUSED;
import static io.dynamiccredentials.TokenRejectedException.Reason.MALFORMED;
import static io.dynamiccredentials.verify.Trial.CLAIMS;
import static io.dynamiccredentials.verify.Trial.EC;
import static io.dynamiccredentials.verify.Trial.headed;
import static io.dynamiccredentials.verify.Trial.header;
import static io.dynamiccredentials.verify.Trial.saying;
import static io.dynamiccredentials.verify.Trial.sayingBytes;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_16;
import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.dynamiccredentials.fixtures.Jws;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Headers and claims that are no JSON object, have two meanings, or are too large. All are signed well. */
final class JsonAttacks {
    private JsonAttacks() {}

    static List<Attack> rows() {
        List<Attack> rows = new ArrayList<>();
        addObjects(rows);
        addDuplicates(rows);
        addBytes(rows);
        addSizes(rows);
        return rows;
    }

    private static void addObjects(List<Attack> rows) {
        Map<String, String> texts = new LinkedHashMap<>();
        texts.put("a list", "[]");
        texts.put("a list of the object", "[" + CLAIMS + "]");
        texts.put("a string", "\"x\"");
        texts.put("a number", "1");
        texts.put("null", "null");
        texts.put("true", "true");
        texts.put("white space", "  ");
        texts.put("an open object", "{\"sub\":\"a\"");
        texts.put("an object and more", CLAIMS + " x");
        texts.put("two objects", CLAIMS + "{}");
        texts.put("an object and NUL", CLAIMS + "\0");
        texts.put("an object and a comma", CLAIMS.andAlso(""));
        texts.put("a comment", "/* */" + CLAIMS);
        texts.put("a comment to the end of the line", CLAIMS + "// x");
        texts.put("single quotes", CLAIMS.toString().replace('"', '\''));
        texts.put("names without quotes", CLAIMS.toString().replace("\"sub\"", "sub"));
        texts.put("a line feed in a string", CLAIMS.andAlso("\"x\":\"\n\""));
        texts.put("NUL in a string", CLAIMS.andAlso("\"x\":\"\0\""));
        texts.put("an escape that JSON has not", CLAIMS.andAlso("\"x\":\"\\x41\""));
        texts.put("half an escape", CLAIMS.andAlso("\"x\":\"\\u00\""));
        texts.put("a form feed as white space", CLAIMS.andAlso("\f\"x\":1"));
        texts.put("XML", "<claims/>");
        texts.forEach((name, text) -> rows.add(malformed("the claims are " + name, () -> saying(text))));
        for (String text :
                List.of("[]", "\"alg\"", "1", "null", "{\"alg\":\"ES256\"", "{\"alg\":\"ES256\"} x", "\0{}")) {
            rows.add(malformed("the header is " + text.replace('\0', '0'), () -> headed(text)));
        }
        rows.add(Attack.of(ALGORITHM_REFUSED, "the header is an empty object", () -> headed("{}")));
    }

    private static void addDuplicates(List<Attack> rows) {
        rows.add(malformed("sub twice", () -> saying(CLAIMS.andAlso("\"sub\":\"root\""))));
        rows.add(malformed("sub twice, once escaped", () -> saying(CLAIMS.andAlso("\"s\\u0075b\":\"root\""))));
        rows.add(malformed("iss twice", () -> saying(CLAIMS.andAlso("\"iss\":\"https://evil.example\""))));
        rows.add(malformed("aud twice", () -> saying(CLAIMS.andAlso("\"aud\":\"you\""))));
        rows.add(malformed(
                "exp twice with the same value", () -> saying(CLAIMS.andAlso("\"exp\":" + (Trial.NOW + 600)))));
        rows.add(malformed("an unknown claim twice", () -> saying(CLAIMS.andAlso("\"x\":1,\"x\":2"))));
        rows.add(
                malformed("a member twice deep inside", () -> saying(CLAIMS.with("x", "[{\"a\":{\"b\":1,\"b\":2}}]"))));
        rows.add(malformed("alg twice", () -> headed(header(EC).andAlso("\"alg\":\"none\""))));
        rows.add(malformed("alg twice, once escaped", () -> headed(header(EC).andAlso("\"\\u0061lg\":\"none\""))));
        rows.add(malformed("kid twice", () -> headed(header(EC).andAlso("\"kid\":\"x\""))));
    }

    private static void addBytes(List<Attack> rows) {
        String claims = CLAIMS.toString();
        rows.add(malformed("claims in UTF-16", () -> sayingBytes(claims.getBytes(UTF_16))));
        rows.add(malformed("claims in UTF-16 without a mark", () -> sayingBytes(claims.getBytes(UTF_16LE))));
        rows.add(malformed("claims behind a byte order mark", () -> saying("\ufeff" + claims)));
        rows.add(malformed("a header behind a byte order mark", () -> headed("\ufeff" + header(EC))));
        rows.add(malformed(
                "claims in Latin-1",
                () -> sayingBytes(
                        CLAIMS.withText("sub", "sch\u00f6n").toString().getBytes(ISO_8859_1))));
        rows.add(bytes("an overlong slash", 0xc0, 0xaf));
        rows.add(bytes("an overlong NUL", 0xc0, 0x80));
        rows.add(bytes("half a pair in three bytes", 0xed, 0xa0, 0x80));
        rows.add(bytes("a pair in six bytes", 0xed, 0xa0, 0xbd, 0xed, 0xba, 0x80));
        rows.add(bytes("a character above the last", 0xf4, 0x90, 0x80, 0x80));
        rows.add(bytes("a character cut off", 0xe2, 0x82));
        rows.add(bytes("a byte that never occurs", 0xff));
        rows.add(malformed(
                "CVE-2024-29371 compressed claims",
                () -> sayingBytes(new byte[] {0x1f, (byte) 0x8b, 8, 0, 0, 0, 0, 0})));
    }

    private static void addSizes(List<Attack> rows) {
        rows.add(Attack.control("as deep as allowed", () -> saying(CLAIMS.with("x", nested(15)))));
        rows.add(malformed("a level deeper than allowed", () -> saying(CLAIMS.with("x", nested(16)))));
        rows.add(malformed(
                "CVE-2025-53864 five thousand levels of lists", () -> saying(CLAIMS.with("x", nested(5000)))));
        rows.add(malformed(
                "a thousand levels of objects",
                () -> saying(CLAIMS.with("x", "{\"x\":".repeat(1000) + "1" + "}".repeat(1000)))));
        rows.add(malformed(
                "a thousand levels in the header", () -> headed(header(EC).with("x5t", nested(1000)))));
        rows.add(Attack.control("256 members", () -> saying(members(256))));
        rows.add(malformed("257 members", () -> saying(members(257))));
        rows.add(malformed("a thousand members", () -> saying(members(1000))));
        rows.add(malformed("257 elements", () -> saying(CLAIMS.with("x", elements(257)))));
        rows.add(malformed(
                "257 audiences",
                () -> saying(
                        CLAIMS.with("aud", elements(256).replace("1", "\"you\"").replace("]", ",\"me\"]")))));
        rows.add(malformed(
                "300 elements in three lists",
                () -> saying(CLAIMS.with("x", "[" + elements(100) + "," + elements(100) + "," + elements(100) + "]"))));
        rows.add(malformed(
                "a number too large for others in a claim that nobody asked for",
                () -> saying(CLAIMS.with("x", "1e400"))));
        rows.add(malformed("a number of a thousand digits", () -> saying(CLAIMS.with("x", "1".repeat(1000)))));
        rows.add(malformed("a fraction of a thousand digits", () -> saying(CLAIMS.with("x", "0." + "1".repeat(1000)))));
    }

    private static Attack malformed(String name, Supplier<String> token) {
        return Attack.of(MALFORMED, name, token);
    }

    private static Attack bytes(String name, int... bytes) {
        return malformed("sub holds " + name, () -> {
            String text = CLAIMS.withText("sub", "~".repeat(bytes.length)).toString();
            byte[] all = text.getBytes(UTF_8);
            int at = text.indexOf('~');
            for (int i = 0; i < bytes.length; i++) {
                all[at + i] = (byte) bytes[i];
            }
            return Trial.signed(EC, Jws.encode(header(EC).toString()), Jws.encode(all));
        });
    }

    private static String nested(int levels) {
        return "[".repeat(levels) + "]".repeat(levels);
    }

    private static String elements(int count) {
        return IntStream.range(0, count).mapToObj(i -> "1").collect(Collectors.joining(",", "[", "]"));
    }

    /** Returns claims of {@code count} members in all. */
    private static RawJson members(int count) {
        RawJson claims = CLAIMS;
        for (int i = claims.members().size(); i < count; i++) {
            claims = claims.with("x" + i, "1");
        }
        return claims;
    }
}
