package io.dynamiccredentials.vault;

import io.dynamiccredentials.wire.UntrustedText;

/** Writes values as Vault's messages do. */
final class GoText {

    private GoText() {}

    /** Returns {@code name} as the verb {@code %q} prints it. */
    static String quoted(String name) {
        StringBuilder out = new StringBuilder("\"");
        name.codePoints().forEach(c -> {
            if (c == '"' || c == '\\') {
                out.append('\\').appendCodePoint(c);
            } else if (Character.isISOControl(c)) {
                out.append(String.format("\\x%02x", c));
            } else {
                out.appendCodePoint(c);
            }
        });
        return out.append('"').toString();
    }

    /** Returns text of a token as the verb {@code %q} prints it, cut and without what looks like a secret. */
    static String quotedFromToken(String text) {
        return UntrustedText.quote(text);
    }
}
