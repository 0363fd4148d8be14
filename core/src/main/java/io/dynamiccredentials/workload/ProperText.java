package io.dynamiccredentials.workload;

import static java.nio.charset.StandardCharsets.UTF_8;

/** Checks that a text has one form in UTF-8, so that no two texts become one on the wire. */
final class ProperText {
    private ProperText() {}

    /**
     * Returns {@code value} if it is of proper Unicode without NUL, where readers in C stop.
     *
     * @throws IllegalArgumentException if it is not, or is longer than {@code maxCharacters}
     */
    static String require(String what, String value, int maxCharacters) {
        if (value.length() > maxCharacters) {
            throw new IllegalArgumentException(
                    "The " + what + " must have at most " + maxCharacters + " characters; it had " + value.length());
        }
        // An unpaired surrogate has no UTF-8: the JDK would write "?" in its place.
        if (value.indexOf('\0') >= 0 || !UTF_8.newEncoder().canEncode(value)) {
            throw new IllegalArgumentException(
                    "The " + what + " must be Unicode without NUL and without half of a surrogate pair");
        }
        return value;
    }
}
