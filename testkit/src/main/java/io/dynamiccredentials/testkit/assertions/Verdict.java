package io.dynamiccredentials.testkit.assertions;

/**
 * What a relying party says to a token. Immutable.
 *
 * @param accepted whether it takes the token
 * @param reason the platform's own text, and what did not match; empty if it takes the token
 */
record Verdict(boolean accepted, String reason) {
    static final Verdict ACCEPTED = new Verdict(true, "");

    static Verdict refused(String text, String mismatch) {
        return new Verdict(false, mismatch.isEmpty() ? text : text + "\n  (" + mismatch + ")");
    }
}
