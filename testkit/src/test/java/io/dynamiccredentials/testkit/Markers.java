package io.dynamiccredentials.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Random;
import java.util.Set;

/**
 * Makes secrets of the platforms' own shapes, of which any 24 characters in a row tell that they are secret. Not safe
 * for use by several threads.
 */
final class Markers {
    /** No name, word or encoding of anything else has it. */
    static final String MARK = "Q7zLeAk";

    private static final String LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    private static final int BETWEEN = 8;

    private final Random random;

    Markers(Random random) {
        this.random = random;
    }

    /**
     * Returns how a mark looks in text, base64 at any place, and hexadecimal digits; other encodings leave it alone.
     */
    static Set<String> looks() {
        Set<String> looks = new LinkedHashSet<>();
        looks.add(MARK);
        byte[] bytes = MARK.getBytes(UTF_8);
        looks.add(HexFormat.of().formatHex(bytes));
        looks.add(HexFormat.of().formatHex(bytes).toUpperCase(Locale.ROOT));
        for (int before = 0; before < 3; before++) {
            byte[] shifted = new byte[before + bytes.length];
            System.arraycopy(bytes, 0, shifted, before, bytes.length);
            String base64 = Base64.getEncoder().withoutPadding().encodeToString(shifted);
            // The first and the last characters have bits of the neighbours.
            int first = (before * 8 + 5) / 6;
            looks.add(base64.substring(first, (shifted.length * 8) / 6));
        }
        return looks;
    }

    /** Returns a text of so many letters and digits. */
    String text(int length) {
        StringBuilder text = new StringBuilder();
        while (text.length() < length) {
            text.append(MARK);
            for (int i = 0; i < BETWEEN; i++) {
                text.append(LETTERS.charAt(random.nextInt(LETTERS.length())));
            }
        }
        return text.substring(0, length);
    }

    /** Returns a token like those that are issued and that Entra gives. */
    String jwt() {
        return "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ4In0" + text(40) + "." + text(300);
    }

    String vaultToken() {
        return "hvs." + text(90);
    }

    String googleToken() {
        return "ya29." + text(180);
    }

    /** Returns a secret access key, which has the characters of base64. */
    String awsSecretKey() {
        return text(11) + "/" + text(12) + "+" + text(15);
    }

    String awsSessionToken() {
        return "IQoJ" + text(300) + "/" + text(40) + "==";
    }

    /** Returns a client secret as Entra makes them. */
    String clientSecret() {
        return text(3) + "8Q~" + text(20) + "." + text(10);
    }
}
