package io.dynamiccredentials.config;

import java.util.Locale;
import java.util.OptionalInt;

/** Tells typing errors from other names. */
final class EditDistance {
    private static final int SMALL = 2;
    private static final int MAX_LENGTH = 128;

    private EditDistance() {}

    /**
     * Returns how many letters of {@code name} must change to make {@code meant} of it, letter case aside: 0 to 2.
     * Empty if they are the same, or have less in common.
     */
    static OptionalInt small(String name, String meant) {
        if (name.equals(meant) || name.length() > MAX_LENGTH || Math.abs(name.length() - meant.length()) > SMALL) {
            return OptionalInt.empty();
        }
        int distance = between(name.toUpperCase(Locale.ROOT), meant);
        return distance <= SMALL ? OptionalInt.of(distance) : OptionalInt.empty();
    }

    private static int between(String one, String other) {
        int[] row = new int[other.length() + 1];
        for (int j = 0; j <= other.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= one.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= other.length(); j++) {
                int change = diagonal + (one.charAt(i - 1) == other.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(change, Math.min(row[j], row[j - 1]) + 1);
            }
        }
        return row[other.length()];
    }
}
