package io.dynamiccredentials.vault;

/**
 * A pattern of {@code bound_claims_type=glob}: {@code *} stands for any run of characters and nothing else is special,
 * not even {@code ?}.
 */
final class GoGlob {

    private GoGlob() {}

    /** Tells whether the whole of {@code text} matches.. */
    static boolean matches(String pattern, String text) {
        String[] parts = pattern.split("\\*", -1);
        if (parts.length == 1) {
            return text.equals(pattern);
        }
        String last = parts[parts.length - 1];
        if (!text.startsWith(parts[0])) {
            return false;
        }
        int from = parts[0].length();
        for (int i = 1; i < parts.length - 1; i++) {
            int found = text.indexOf(parts[i], from);
            if (found < 0) {
                return false;
            }
            from = found + parts[i].length();
        }
        return text.length() - from >= last.length() && text.endsWith(last);
    }
}
