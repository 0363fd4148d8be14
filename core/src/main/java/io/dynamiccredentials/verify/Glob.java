package io.dynamiccredentials.verify;

/**
 * A pattern for a whole text: {@code *} stands for any run of characters, also an empty one, and {@code ?} for exactly
 * one.
 *
 * <p>It is no regular expression and needs no backtracking: matching takes at most the product of the two lengths. Both
 * are bounded, the pattern by 2048 characters. Case-sensitive. Immutable.
 */
public final class Glob {
    private static final int MAX_LENGTH = 2048;

    private final String pattern;

    private Glob(String pattern) {
        this.pattern = pattern;
    }

    /**
     * Returns the pattern {@code pattern}.
     *
     * @throws IllegalArgumentException if it is empty, which would match nothing, or longer than 2048 characters
     */
    public static Glob of(String pattern) {
        if (pattern.isEmpty() || pattern.length() > MAX_LENGTH) {
            throw new IllegalArgumentException(
                    "A pattern must have 1 to " + MAX_LENGTH + " characters; it has " + pattern.length());
        }
        return new Glob(pattern);
    }

    /** Tells whether the whole of {@code text} matches. */
    public boolean matches(String text) {
        int at = 0;
        int star = -1;
        int resumeAt = 0;
        int i = 0;
        while (i < text.length()) {
            if (at < pattern.length() && pattern.charAt(at) == '*') {
                star = at++;
                resumeAt = i;
            } else if (at < pattern.length() && (pattern.charAt(at) == '?' || pattern.charAt(at) == text.charAt(i))) {
                at++;
                i++;
            } else if (star >= 0) {
                // Only the last star needs to give way: an earlier one that took more could gain nothing.
                at = star + 1;
                i = ++resumeAt;
            } else {
                return false;
            }
        }
        while (at < pattern.length() && pattern.charAt(at) == '*') {
            at++;
        }
        return at == pattern.length();
    }

    @Override
    public String toString() {
        return pattern;
    }
}
