package io.dynamiccredentials.keys;

import java.util.regex.Pattern;

/**
 * One version of what a {@link SigningKeyStore} holds. Immutable.
 *
 * @param version the version, 1 for the first; each follows the one before by 1. Versions compare as numbers
 * @param sealed the keys, encrypted: a JWE in compact form (RFC 7516, section 3.1), at most 1 MiB of ASCII
 */
public record StoredKeys(long version, String sealed) {
    private static final int MAX_CHARACTERS = 1024 * 1024;
    private static final Pattern COMPACT = Pattern.compile("[A-Za-z0-9_-]+(?:\\.[A-Za-z0-9_-]*){4}");

    /**
     * Checks both.
     *
     * @throws IllegalArgumentException if {@code version} is below 1 or {@code sealed} is not of that form
     */
    public StoredKeys {
        if (version < 1) {
            throw new IllegalArgumentException("A stored version is at least 1; it was " + version);
        }
        if (sealed.length() > MAX_CHARACTERS || !COMPACT.matcher(sealed).matches()) {
            throw new IllegalArgumentException("Stored keys are a JWE in compact form of at most " + MAX_CHARACTERS
                    + " characters; these " + sealed.length() + " characters are not");
        }
    }

    /** Shows the version only. */
    @Override
    public String toString() {
        return "StoredKeys[version=" + version + "]";
    }
}
