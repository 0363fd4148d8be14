package io.dynamiccredentials.aws.trust;

import io.dynamiccredentials.wire.UntrustedText;
import java.util.Optional;

/**
 * What a trust policy decides of a request, and why. Immutable.
 *
 * @param mismatch the first thing that does not match, in the statement that comes closest; empty if the request is
 *     allowed
 */
public record AwsTrustDecision(Optional<Mismatch> mismatch) {

    /**
     * Something that a request must have and has not. Immutable.
     *
     * @param action the action that is not allowed, such as {@code sts:TagSession}
     * @param statement which statement refuses it, by its number, counted from 1, and its {@code Sid}
     * @param element the element of the statement that does not match, such as {@code Principal}; of a condition with
     *     its operator and key
     * @param expected what the statement wants, fit for a message
     * @param actual what the request has, fit for a message
     */
    public record Mismatch(String action, String statement, String element, String expected, String actual) {

        /** Returns all of it as one sentence. */
        @Override
        public String toString() {
            return action + " is not allowed: " + statement + ", " + element + ": expected " + expected + ", but it is "
                    + actual;
        }
    }

    static AwsTrustDecision allowed() {
        return new AwsTrustDecision(Optional.empty());
    }

    static AwsTrustDecision refused(Mismatch mismatch) {
        return new AwsTrustDecision(Optional.of(mismatch));
    }

    /** Returns what a request says fit for a message: a verified token's or a signed request's, so a name. */
    static String quote(Iterable<String> texts) {
        StringBuilder list = new StringBuilder();
        texts.forEach(text -> list.append(list.isEmpty() ? "" : " or ").append(UntrustedText.quoteName(text)));
        return list.toString();
    }

    /** Tells whether the request is allowed. */
    public boolean isAllowed() {
        return mismatch.isEmpty();
    }

    /** Returns {@code allowed}, or what does not match. */
    @Override
    public String toString() {
        return mismatch.map(Mismatch::toString).orElse("allowed");
    }
}
