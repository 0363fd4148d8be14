package io.dynamiccredentials.verify;

import io.dynamiccredentials.wire.UntrustedText;
import java.util.ArrayList;
import java.util.List;

/**
 * Where a claim stands in a token: its name, or the names of the objects around it and then its own.
 *
 * <p>A list and not one text with separators, since names hold dots and slashes themselves: the namespace of a
 * Kubernetes service account is {@code ClaimPath.of("kubernetes.io", "namespace")}. Immutable.
 *
 * @param names from the outermost to the claim's own; 1 to 16, each of 1 to 255 characters
 */
public record ClaimPath(List<String> names) {
    private static final int MAX_NAMES = 16;
    private static final int MAX_LENGTH = 255;

    /**
     * Copies the names.
     *
     * @throws IllegalArgumentException if they are none, too many, or one is empty or too long
     */
    public ClaimPath {
        names = List.copyOf(names);
        if (names.isEmpty() || names.size() > MAX_NAMES) {
            throw new IllegalArgumentException(
                    "A claim is found by 1 to " + MAX_NAMES + " names; there are " + names.size());
        }
        for (String name : names) {
            if (name.isEmpty() || name.length() > MAX_LENGTH) {
                throw new IllegalArgumentException("A claim's name must have 1 to " + MAX_LENGTH
                        + " characters; there is one with " + name.length() + ", " + UntrustedText.quote(name));
            }
        }
    }

    /**
     * Returns the path of the claim {@code name}, or of one inside it.
     *
     * @throws IllegalArgumentException if there are more than 16 names, or one is empty or longer than 255 characters
     */
    public static ClaimPath of(String name, String... inside) {
        List<String> names = new ArrayList<>();
        names.add(name);
        names.addAll(List.of(inside));
        return new ClaimPath(names);
    }

    /** Returns the names with {@code >} between them, for messages. */
    @Override
    public String toString() {
        return String.join(" > ", names);
    }
}
