package io.dynamiccredentials.wire;

import java.util.regex.Pattern;

/**
 * Makes text from an unverified token or from the network fit for a message: escaped, without tokens, cut at 80
 * characters.
 */
public final class UntrustedText {
    private static final int MAX_CHARACTERS = 80;
    private static final int MAX_NAME_CHARACTERS = 255;

    /** Bounds the work on a hostile text before any pattern runs over it. */
    private static final int MAX_SCANNED = 4096;

    // JWTs and Vault, Google and AWS credentials by their shapes.
    private static final Pattern SHAPED = Pattern.compile("eyJ[A-Za-z0-9_.-]{8,}|\\bya29\\.[A-Za-z0-9_.-]+"
            + "|\\b(?:hv[sbr]|[sbr])\\.[A-Za-z0-9_-]{20,}|\\bA(?:SI|KI)A[A-Z0-9]{12,}");

    /** Those, and any long run without a separator. */
    private static final Pattern CREDENTIAL = Pattern.compile(SHAPED.pattern() + "|[A-Za-z0-9_+=-]{40,}");

    /** A public name, though a thumbprint of 43 characters, or 64 in hexadecimal, looks like a secret. */
    private static final Pattern KEY_ID = Pattern.compile("[A-Za-z0-9_-]{1,43}|[0-9a-f]{64}");

    private UntrustedText() {}

    /** Returns {@code text} between double quotes, fit for a message. */
    public static String quote(String text) {
        return '"' + clean(text) + '"';
    }

    /**
     * Returns a name that a trusted issuer vouches for between double quotes: escaped, cut at 255 characters, and with
     * its long runs, such as the commit in a subject, unless they have the shape of a known credential.
     */
    public static String quoteName(String name) {
        return '"' + clean(name, SHAPED, MAX_NAME_CHARACTERS) + '"';
    }

    /** Returns a key's id between double quotes, fit for a message. */
    public static String quoteId(String keyId) {
        return '"' + cleanId(keyId) + '"';
    }

    /**
     * Returns the id of a key or a token fit for a message: as it is, if it has 1 to 43 base64url characters or 64
     * hexadecimal digits, as thumbprints have, and else like any other text.
     */
    public static String cleanId(String keyId) {
        return KEY_ID.matcher(keyId).matches() ? keyId : clean(keyId);
    }

    /** Returns {@code text} fit for a message, without quotes around it. */
    public static String clean(String text) {
        return clean(text, CREDENTIAL, MAX_CHARACTERS);
    }

    /**
     * Returns what a message may tell of a body that is not of the form that was expected: the beginning of a page, and
     * of anything else that is not empty only its length. It may be the rest of an answer that had secrets in it, and
     * the rest of a secret looks like no secret.
     */
    public static String cleanPage(String body) {
        if (body.isEmpty() || body.stripLeading().startsWith("<")) {
            return clean(body);
        }
        return body.length() + " characters";
    }

    private static String clean(String text, Pattern redactions, int maxCharacters) {
        String scanned = text.length() > MAX_SCANNED ? text.substring(0, MAX_SCANNED) : text;
        String redacted = redactions.matcher(scanned).replaceAll("[redacted]");
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < redacted.length(); i++) {
            if (out.length() >= maxCharacters) {
                return out.append('…').toString();
            }
            append(out, redacted.charAt(i));
        }
        return out.toString();
    }

    /**
     * Tells whether {@code text} is made of visible ASCII only, and of at least one character. Whatever goes into a
     * header or an environment variable must be: a line break would start another.
     */
    public static boolean isVisibleAscii(String text) {
        return !text.isEmpty() && text.chars().allMatch(c -> c > ' ' && c < 127);
    }

    /**
     * Tells whether {@code text} can name somebody or something: it has 1 to {@code maxLength} characters and no
     * control character, which would not be seen where it is compared or logged.
     */
    public static boolean isName(String text, int maxLength) {
        return !text.isEmpty() && text.length() <= maxLength && text.chars().noneMatch(Character::isISOControl);
    }

    private static void append(StringBuilder out, char c) {
        if (c == '"' || c == '\\') {
            out.append('\\').append(c);
        } else if (c == '\r' || c == '\n' || c == '\t') {
            out.append(' ');
        } else if (isUnprintable(c)) {
            // Terminal escapes and bidirectional overrides could rewrite the line that they are printed on, and some
            // readers of logs begin a new line at Unicode's own separators.
            out.append(String.format("\\u%04x", (int) c));
        } else {
            out.append(c);
        }
    }

    private static boolean isUnprintable(char c) {
        int type = Character.getType(c);
        return Character.isISOControl(c)
                || Character.isSurrogate(c)
                || type == Character.FORMAT
                || type == Character.LINE_SEPARATOR
                || type == Character.PARAGRAPH_SEPARATOR;
    }
}
