package io.dynamiccredentials.environment;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Base64;
import java.util.HexFormat;
import java.util.Set;

/** The encodings of a secret's UTF-8 as bytes. */
final class BinaryForms {
    private static final int[] LINE_LENGTHS = {64, 76};

    private BinaryForms() {}

    static void addTo(Set<String> forms, String text) {
        byte[] bytes = text.getBytes(UTF_8);
        for (int before = 0; before < 3; before++) {
            addBase64(forms, Base64.getEncoder().withoutPadding(), bytes, before);
            addBase64(forms, Base64.getUrlEncoder().withoutPadding(), bytes, before);
        }
        for (int lineLength : LINE_LENGTHS) {
            addLines(forms, Base64.getEncoder().withoutPadding().encodeToString(bytes), lineLength);
        }
        forms.add(HexFormat.of().formatHex(bytes));
        forms.add(HexFormat.of().withUpperCase().formatHex(bytes));
    }

    /**
     * Adds what of the encoding of longer data is the secret's alone, wherever it stands in it; and with the character
     * more that it has where the data ends with it.
     *
     * @param before how many bytes stand before the secret, modulo 3
     */
    private static void addBase64(Set<String> forms, Base64.Encoder encoder, byte[] bytes, int before) {
        byte[] data = new byte[before + bytes.length];
        System.arraycopy(bytes, 0, data, before, bytes.length);
        String encoded = encoder.encodeToString(data);
        int begin = (before * 8 + 5) / 6;
        int end = data.length * 8 / 6;
        if (end > begin) {
            forms.add(encoded.substring(begin, end));
            forms.add(encoded.substring(begin));
        }
    }

    /** Adds the lines into which {@code base64} and {@code openssl} break their output, each but the one. */
    private static void addLines(Set<String> forms, String encoded, int lineLength) {
        for (int at = 0; encoded.length() > lineLength && at < encoded.length(); at += lineLength) {
            forms.add(encoded.substring(at, Math.min(encoded.length(), at + lineLength)));
        }
    }
}
