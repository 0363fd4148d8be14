package io.dynamiccredentials.verify;

import io.dynamiccredentials.fixtures.Jws;
import io.dynamiccredentials.keys.SigningKey;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Random;

/** Tokens with small changes, most of them signed well all the same. The same seed gives the same changes. */
final class TokenMutations {
    /** Without x5t#S256, by which Nimbus looks for a key and we, who go by the key's id alone, do not. */
    private static final List<String> NAMES = List.of(
            "iss", "sub", "aud", "exp", "iat", "nbf", "jti", "alg", "kid", "typ", "x5t", "crit", "b64", "x", "azp");

    private static final List<String> VALUES = List.of(
            "\"https://ci.example\"",
            "\"https://ci.example/\"",
            "\"me\"",
            "[\"me\"]",
            "[\"you\",\"me\"]",
            "[]",
            "\"\"",
            "null",
            "true",
            "{}",
            "0",
            "-0",
            "-1",
            "1.5",
            "1e3",
            "1e400",
            "9223372036854775807",
            "\"1772366400\"",
            "\"JWT\"",
            "\"jwt\"",
            "\"ES256\"",
            "\"RS256\"",
            "\"EdDSA\"",
            "\"Ed25519\"",
            "\"none\"",
            "\"sch\u00f6n\"",
            "\"\\u0073\"",
            "\"\\ud83d\\ude80\"",
            "\"\\ud83d\"",
            "\"\\u0000\"",
            "\" \"",
            "\"a\\\\b\\\"c\\/\"",
            "[[[[[[[1]]]]]]]",
            "{\"a\":{\"b\":[1,2,{\"c\":null}]}}",
            "\"AAAA\"");

    private static final String ODD_CHARACTERS = "=+/?. \n-_A\u00e9\0";

    private final Random random;

    TokenMutations(long seed) {
        this.random = new Random(seed);
    }

    /** Returns a good token with more claims, which a verifier must accept. */
    String good() {
        RawJson claims = Trial.CLAIMS
                .withText("jti", "id-" + random.nextInt())
                .with("x" + random.nextInt(9), random.nextBoolean() ? "[1,{\"a\":\"\\u00e9\"}]" : "\"b\u00fc\"");
        int ahead = random.nextInt(60);
        return Jws.sign(
                key(),
                claims.with("nbf", String.valueOf(Trial.NOW - 30 + ahead)).toString());
    }

    /** Returns a token with one or two changes in its claims, signed well. */
    String withOtherClaims() {
        return Jws.sign(key(), edited(Trial.CLAIMS));
    }

    /** Returns a token with one or two changes in its header, signed well. */
    String withOtherHeader() {
        SigningKey key = key();
        return Jws.sign(key, edited(Trial.header(key)), Trial.CLAIMS.toString());
    }

    /** Returns a token whose claims are spelled in another base64, signed so. */
    String withOtherSpelling() {
        SigningKey key = key();
        String header = Jws.encode(Trial.header(key).toString());
        String claims = Jws.encode(Trial.CLAIMS + " ".repeat(random.nextInt(3)));
        return random.nextBoolean()
                ? Trial.signed(key, header, oneCharacterOff(claims))
                : Trial.signed(key, oneCharacterOff(header), claims);
    }

    /** Returns a good token with one character changed, taken away or put in anywhere. */
    String withOtherCharacter() {
        return oneCharacterOff(good());
    }

    /** Returns a good token with some bits of its signature changed, or its length. */
    String withOtherSignature() {
        String token = good();
        byte[] signature = Base64.getUrlDecoder().decode(token.substring(token.lastIndexOf('.') + 1));
        if (random.nextInt(4) == 0) {
            signature = Arrays.copyOf(
                    signature, signature.length + (random.nextBoolean() ? 1 : -1) * (1 + random.nextInt(2)));
        } else {
            signature[random.nextInt(signature.length)] ^= (byte) (1 << random.nextInt(8));
        }
        return token.substring(0, token.lastIndexOf('.') + 1) + Jws.encode(signature);
    }

    private String edited(RawJson json) {
        RawJson changed = json;
        for (int i = random.nextInt(2); i >= 0; i--) {
            changed = oneMemberOff(changed);
        }
        String text =
                random.nextInt(6) == 0 ? changed.andAlso('"' + pick(NAMES) + "\":" + pick(VALUES)) : changed.toString();
        return random.nextInt(6) == 0 ? text.replace(",", " ,\n\t") : text;
    }

    private RawJson oneMemberOff(RawJson json) {
        List<String> names = new ArrayList<>(json.members().keySet());
        return switch (random.nextInt(5)) {
            case 0 -> json.without(pick(names));
            case 1 -> json.with(pick(names), pick(VALUES));
            case 2 -> json.with(pick(List.of("exp", "iat", "nbf")), time());
            case 3 ->
                json.with(
                        "\\u00" + Integer.toHexString(0x61 + random.nextInt(26))
                                + pick(names).substring(1),
                        pick(VALUES));
            default -> json.with(pick(NAMES), pick(VALUES));
        };
    }

    /** Returns a time at which some rule changes its mind, or one beside it. */
    private String time() {
        int[] edges = {0, 60, -60, 600, 86_400, -86_400, 86_460};
        return String.valueOf(Trial.NOW + edges[random.nextInt(edges.length)] - 1 + random.nextInt(3));
    }

    private String oneCharacterOff(String text) {
        int at = random.nextInt(text.length());
        char odd = random.nextBoolean()
                ? ODD_CHARACTERS.charAt(random.nextInt(ODD_CHARACTERS.length()))
                : (char) (text.charAt(at) ^ (1 << random.nextInt(7)));
        return switch (random.nextInt(4)) {
            case 0 -> text.substring(0, at) + text.substring(at + 1);
            case 1 -> text.substring(0, at) + odd + text.substring(at);
            case 2 -> text + odd;
            // A character in its own place would leave the token as good as it was.
            default ->
                odd == text.charAt(at) ? oneCharacterOff(text) : text.substring(0, at) + odd + text.substring(at + 1);
        };
    }

    /** Returns an RSA key rarely, since it takes its time to sign. */
    private SigningKey key() {
        return switch (random.nextInt(6)) {
            case 0 -> Trial.RSA;
            case 1, 2 -> Trial.EC;
            default -> Trial.ED;
        };
    }

    private String pick(List<String> list) {
        return list.get(random.nextInt(list.size()));
    }
}
