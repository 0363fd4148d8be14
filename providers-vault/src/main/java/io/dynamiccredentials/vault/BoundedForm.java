package io.dynamiccredentials.vault;

import java.util.regex.Pattern;

/** Judges the form of text of any length that a workspace gives. */
final class BoundedForm {
    /** More than any name of Vault or domain has; it bounds the work and the stack that a pattern takes. */
    static final int MAX_LENGTH = 512;

    private BoundedForm() {}

    static boolean matches(Pattern form, String text) {
        return text.length() <= MAX_LENGTH && form.matcher(text).matches();
    }
}
