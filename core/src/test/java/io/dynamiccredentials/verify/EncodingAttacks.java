package io.dynamiccredentials.verify;

import static io.dynamiccredentials.TokenRejectedException.Reason.MALFORMED;
import static io.dynamiccredentials.verify.Trial.CLAIMS;
import static io.dynamiccredentials.verify.Trial.EC;
import static io.dynamiccredentials.verify.Trial.header;
import static io.dynamiccredentials.verify.Trial.saying;
import static io.dynamiccredentials.verify.Trial.signed;

import io.dynamiccredentials.fixtures.Jws;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/** Other spellings of a good token, other numbers of parts, and other things that are no token. */
final class EncodingAttacks {
    private static final String ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

    private EncodingAttacks() {}

    static List<Attack> rows() {
        List<Attack> rows = new ArrayList<>();
        addParts(rows);
        addSerializations(rows);
        addSpellings(rows);
        addSignedSpellings(rows);
        return rows;
    }

    private static void addParts(List<Attack> rows) {
        rows.add(malformed("nothing", () -> ""));
        rows.add(malformed("one dot", () -> "."));
        rows.add(malformed("two dots", () -> ".."));
        rows.add(malformed("one part", () -> Jws.encode(CLAIMS.toString())));
        rows.add(malformed("no signature and no dot before it", () -> withoutSignature(good())));
        rows.add(malformed("no signature", () -> withoutSignature(good()) + "."));
        rows.add(malformed("no header", () -> good().substring(good().indexOf('.'))));
        rows.add(malformed("no claims", () -> signed(EC, Jws.encode(header(EC).toString()), "")));
        rows.add(malformed("four parts", () -> good() + ".AAAA"));
        rows.add(malformed("a dot at the end", () -> good() + "."));
        rows.add(malformed("a dot in front", () -> "." + good()));
        rows.add(malformed("CVE-2025-30204 a million dots", () -> ".".repeat(1_000_000)));
        rows.add(malformed("CVE-2025-27144 a good token and a million dots", () -> good() + ".".repeat(1_000_000)));
        rows.add(malformed("one character more than 16 KiB", () -> longer(16 * 1024 + 1)));
        rows.add(malformed("a megabyte", () -> longer(1 << 20)));
        rows.add(malformed("a good token twice", () -> good() + good()));
    }

    private static void addSerializations(List<Attack> rows) {
        String jwe = Jws.encode("{\"alg\":\"RSA-OAEP\",\"enc\":\"A128GCM\",\"kid\":\"k\"}");
        rows.add(malformed("CVE-2023-51774 encrypted for the public key", () -> jwe + ".AAAA.AAAA.AAAA.AAAA"));
        String zipped = Jws.encode("{\"alg\":\"dir\",\"enc\":\"A128GCM\",\"zip\":\"DEF\"}");
        rows.add(malformed("CVE-2024-28180 encrypted and compressed", () -> zipped + "..AAAA.AAAA.AAAA"));
        String password = Jws.encode("{\"alg\":\"PBES2-HS256+A128KW\",\"enc\":\"A128GCM\",\"p2c\":2147483647}");
        rows.add(malformed("encrypted with a password and very many rounds", () -> password + ".AAAA.AAAA.AAAA.AAAA"));
        rows.add(malformed("JSON, flattened", () -> json(good(), "")));
        rows.add(malformed(
                "JSON with a list of signatures",
                () -> "{\"payload\":\"" + good().split("\\.", -1)[1] + "\",\"signatures\":[{\"protected\":\""
                        + good().split("\\.", -1)[0] + "\"}]}"));
        rows.add(malformed("CVE-2022-39227 JSON that is compact to others", () -> {
            String[] parts = good().split("\\.", -1);
            String evil = Jws.encode(CLAIMS.withText("sub", "root").toString());
            return "{\"" + parts[0] + "." + evil + ".\":\"\",\"protected\":\"" + parts[0] + "\",\"payload\":\""
                    + parts[1] + "\",\"signature\":\"" + parts[2] + "\"}";
        }));
        rows.add(malformed("JSON with a compact token inside", () -> json(good(), ",\"token\":\"" + good() + "\"")));
        rows.add(malformed(
                "a token of a token", () -> signed(EC, Jws.encode(header(EC).toString()), Jws.encode(good()))));
        rows.add(malformed(
                "CVE-2019-17195 a header that is no JSON", () -> signed(EC, "AAAA", Jws.encode(CLAIMS.toString()))));
    }

    private static void addSpellings(List<Attack> rows) {
        Map<String, UnaryOperator<String>> spellings = new LinkedHashMap<>();
        spellings.put("a scheme in front", token -> "Bearer " + token);
        spellings.put("a space in front", token -> " " + token);
        spellings.put("a space at the end", token -> token + " ");
        spellings.put("a line feed at the end", token -> token + "\n");
        spellings.put("a line break at the end", token -> token + "\r\n");
        spellings.put("NUL at the end", token -> token + "\0");
        spellings.put("a byte order mark in front", token -> "\ufeff" + token);
        spellings.put("quotes around", token -> '"' + token + '"');
        spellings.put("a comma and a second token", token -> token + "," + token);
        spellings.put("escaped dots", token -> token.replace(".", "%2E"));
        spellings.put("dots of another script", token -> token.replace('.', '\u3002'));
        spellings.put("letters of another width", token -> "\uff45" + token.substring(1));
        spellings.put(
                "a letter with its high byte set", token -> (char) (token.charAt(0) + 0x100) + token.substring(1));
        spellings.put("padding at the end", token -> token + "==");
        spellings.put("one sign of padding at the end", token -> token + "=");
        spellings.put("a line break in the signature", token -> insert(token, token.length() - 9, "\r\n"));
        spellings.put("a question mark in the signature", token -> insert(token, token.length() - 9, "?"));
        spellings.put("a signature of 1 mod 4 characters", token -> withoutSignature(token) + ".AAAAA");
        spellings.put("loose last bits in the signature", EncodingAttacks::loosen);
        spellings.put("a folded line", token -> insert(token, 76, "\n "));
        spellings.forEach((name, spelling) -> rows.add(malformed(name, () -> spelling.apply(good()))));
        rows.add(malformed("the other alphabet in the signature", () -> {
            String token = good();
            while (token.lastIndexOf('-') < token.lastIndexOf('.')) {
                token = good();
            }
            return withoutSignature(token)
                    + token.substring(token.lastIndexOf('.')).replace('-', '+');
        }));
    }

    /** Signs the spelling itself, so that a decoder which forgives it would find all right. */
    private static void addSignedSpellings(List<Attack> rows) {
        String head = Jws.encode(header(EC).without("typ").toString());
        String body = Jws.encode(CLAIMS.toString());
        // Texts that end within a byte triple, so that there is padding to write and are bits to loosen.
        String padded = Jws.encode(toLength(CLAIMS, 1));
        rows.add(malformed("padding in the claims, signed so", () -> signed(EC, head, padded + "==")));
        rows.add(malformed("loose last bits in the claims, signed so", () -> signed(EC, head, loosen(padded))));
        String headPadded = Jws.encode(toLength(header(EC), 1));
        rows.add(malformed("padding in the header, signed so", () -> signed(EC, headPadded + "==", body)));
        rows.add(malformed("loose last bits in the header, signed so", () -> signed(EC, loosen(headPadded), body)));
        rows.add(malformed("a line break in the claims, signed so", () -> signed(EC, head, insert(body, 40, "\r\n"))));
        rows.add(malformed("a space in the header, signed so", () -> signed(EC, insert(head, 20, " "), body)));
        rows.add(malformed("a tab in the claims, signed so", () -> signed(EC, head, insert(body, 40, "\t"))));
        rows.add(malformed("a question mark in the claims, signed so", () -> signed(EC, head, insert(body, 40, "?"))));
        rows.add(malformed(
                "claims of 1 mod 4 characters, signed so",
                () -> signed(EC, head, padded.substring(0, padded.length() - 1))));
        String slashes = Jws.encode(CLAIMS.withText("x", "???>>>???>>>").toString());
        rows.add(malformed(
                "the other alphabet in the claims, signed so",
                () -> signed(EC, head, slashes.replace('_', '/').replace('-', '+'))));
        rows.add(Attack.control("the right alphabet in the same claims", () -> signed(EC, head, slashes)));
        rows.add(malformed("percent signs in the claims, signed so", () -> signed(EC, head, body.replace("9", "%39"))));
        rows.add(malformed(
                "plain claims, signed so",
                () -> signed(EC, head, CLAIMS.toString().replace(".", "\\u002e"))));
    }

    private static Attack malformed(String name, Supplier<String> token) {
        return Attack.of(MALFORMED, name, token);
    }

    private static String good() {
        return saying(CLAIMS);
    }

    /** Returns a token of {@code length} characters, or one or two more where base64 has none of that length. */
    private static String longer(int length) {
        int bytes = (length - good().length()) * 3 / 4;
        String token = saying(CLAIMS.withText("x", "x".repeat(bytes)));
        while (token.length() < length) {
            bytes++;
            token = saying(CLAIMS.withText("x", "x".repeat(bytes)));
        }
        return token;
    }

    private static String json(String token, String more) {
        String[] parts = token.split("\\.", -1);
        return "{\"protected\":\"" + parts[0] + "\",\"payload\":\"" + parts[1] + "\",\"signature\":\"" + parts[2] + '"'
                + more + "}";
    }

    private static String withoutSignature(String token) {
        return token.substring(0, token.lastIndexOf('.'));
    }

    private static String insert(String text, int at, String piece) {
        return text.substring(0, at) + piece + text.substring(at);
    }

    private static String toLength(RawJson json, int remainder) {
        String text = json.toString();
        while (text.length() % 3 != remainder) {
            text += " ";
        }
        return text;
    }

    /** Sets a bit behind the last byte, which a canonical encoder leaves at zero. */
    private static String loosen(String text) {
        char last = text.charAt(text.length() - 1);
        return text.substring(0, text.length() - 1) + ALPHABET.charAt(ALPHABET.indexOf(last) + 1);
    }
}
