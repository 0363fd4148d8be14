package io.dynamiccredentials;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * A text that can't be printed or serialized by accident: a token, a key, a session credential.
 *
 * <p>{@link #toString()} is the same for every secret, Java serialization fails, and a JSON mapper finds no property.
 * The only way to the text is {@link #reveal()}, a name that one can search a code base for. The characters stay in
 * memory until they are collected: Java strings can't be wiped. Immutable.
 */
public final class Secret {
    private final String text;

    private Secret(String text) {
        this.text = text;
    }

    /** Wraps {@code text}. */
    public static Secret of(String text) {
        return new Secret(text);
    }

    /** Tells whether the text has any character. Named so that JSON mappers see no property in it. */
    public boolean hasText() {
        return !text.isEmpty();
    }

    /** Returns the text itself. The caller takes over the duty to keep it out of logs and messages. */
    public String reveal() {
        return text;
    }

    /** Returns the first 8 hexadecimal digits of the SHA-256 of the text, enough to tell two secrets apart in a log. */
    public String fingerprint() {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(text.getBytes(UTF_8));
            return HexFormat.of().formatHex(hash, 0, 4);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java platform has SHA-256", e);
        }
    }

    /** Compares in a time that depends on the lengths only. */
    @Override
    public boolean equals(Object other) {
        return other instanceof Secret secret
                && MessageDigest.isEqual(text.getBytes(UTF_8), secret.text.getBytes(UTF_8));
    }

    /** Returns the same number for all secrets: a hash of the text would be a part of it. */
    @Override
    public int hashCode() {
        return 1;
    }

    @Override
    public String toString() {
        return "[redacted]";
    }
}
