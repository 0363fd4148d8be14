package io.dynamiccredentials.keys;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;

import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The text of a key file: four lines of ASCII, each ended by a line feed.
 *
 * <pre>
 * dynamic-credentials signing keys, format 1
 * version 12
 * eyJ...            the sealed keys
 * sha256 0f3c...    64 hexadecimal digits, of the three lines above
 * </pre>
 *
 * <p>Each text but exactly that one is refused, so a file that was cut anywhere is damaged and never empty.
 */
final class KeyFile {
    static final int MAX_BYTES = 2 * 1024 * 1024;

    private static final String TITLE = "dynamic-credentials signing keys, format ";
    private static final Pattern FORMAT = Pattern.compile("\\A" + TITLE + "([1-9][0-9]{0,8})\n");
    private static final Pattern TEXT = Pattern.compile(
            "\\A" + TITLE + "1\nversion ([1-9][0-9]{0,18})\n([A-Za-z0-9_.-]+)\nsha256 [0-9a-f]{64}\n\\z");

    private KeyFile() {}

    static byte[] encode(StoredKeys keys) {
        String lines = TITLE + "1\nversion " + keys.version() + "\n" + keys.sealed() + "\n";
        return (lines + "sha256 " + sha256(lines) + "\n").getBytes(US_ASCII);
    }

    /**
     * Parses the bytes of {@code file}.
     *
     * @throws IllegalStateException if they are not a key file, of a newer format, or damaged
     */
    static StoredKeys decode(Path file, byte[] bytes) {
        String text = new String(bytes, ISO_8859_1);
        Matcher format = FORMAT.matcher(text);
        if (format.find() && !format.group(1).equals("1")) {
            throw new IllegalStateException("The key file \"" + file + "\" has format " + format.group(1)
                    + "; this release reads format 1. Run the release that wrote it, or a newer one");
        }
        Matcher parts = TEXT.matcher(text);
        if (!parts.find()) {
            throw damaged(file, bytes, "its four lines are not whole");
        }
        StoredKeys keys;
        try {
            keys = new StoredKeys(Long.parseLong(parts.group(1)), parts.group(2));
        } catch (IllegalArgumentException e) {
            throw damaged(file, bytes, "its version or its content is none");
        }
        if (!Arrays.equals(bytes, encode(keys))) {
            throw damaged(file, bytes, "its SHA-256 is another");
        }
        return keys;
    }

    private static IllegalStateException damaged(Path file, byte[] bytes, String how) {
        return new IllegalStateException("The key file \"" + file + "\" of " + bytes.length
                + " bytes is damaged, or no key file: " + how
                + ". Restore it from a backup; deleting it gives up all keys in it");
    }

    private static String sha256(String lines) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(lines.getBytes(US_ASCII)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Each Java platform has SHA-256; this one has not", e);
        }
    }
}
