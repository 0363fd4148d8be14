package io.dynamiccredentials.wire;

import java.util.Base64;

/** Base64url in the one spelling that JOSE knows (RFC 7515, section 2; RFC 4648, section 5). */
public final class Base64Url {
    private Base64Url() {}

    /**
     * Decodes {@code text}.
     *
     * @throws IllegalArgumentException if it has padding, white space, the other alphabet or loose last bits, which the
     *     JDK's decoder forgives in part; the message does not repeat it
     */
    public static byte[] decode(String text) {
        byte[] bytes;
        try {
            bytes = Base64.getUrlDecoder().decode(text);
        } catch (IllegalArgumentException e) {
            throw notCanonical();
        }
        // Writing the bytes again shows every other spelling of them.
        if (!Base64.getUrlEncoder().withoutPadding().encodeToString(bytes).equals(text)) {
            throw notCanonical();
        }
        return bytes;
    }

    private static IllegalArgumentException notCanonical() {
        return new IllegalArgumentException("not in canonical base64url");
    }
}
