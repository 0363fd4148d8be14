package io.dynamiccredentials.verify;

import io.dynamiccredentials.TokenRejectedException.Reason;
import java.util.List;

/**
 * Why a {@link TrustPolicy} does not welcome a token: the first of its terms that the token does not meet. Immutable.
 *
 * <p>Its texts are fit for a message or a log: what comes from the token is escaped and cut, and of alternatives only
 * so many are told that the whole stays below 1500 characters.
 *
 * @param reason WRONG_ISSUER, WRONG_AUDIENCE or CLAIM_MISMATCH
 * @param claim the claim that differs, for example {@code sub} or {@code kubernetes.io > namespace}
 * @param expected what the policy expects of it
 * @param actual what the token has there
 */
public record TrustMismatch(Reason reason, String claim, String expected, String actual) {
    private static final int MAX_ALTERNATIVES_CHARACTERS = 1000;

    /** Returns the mismatch of a token that meets none of several alternatives; told as that of {@code closest}. */
    static TrustMismatch ofAlternatives(TrustMismatch closest, List<TrustMismatch> all) {
        StringBuilder actual = new StringBuilder();
        for (int i = 0; i < all.size(); i++) {
            String next = (i == 0 ? "" : "; ") + "(" + (i + 1) + ") " + all.get(i);
            int room = MAX_ALTERNATIVES_CHARACTERS - actual.length();
            // The first is told in any case, cut if need be.
            if (next.length() > room && i > 0) {
                actual.append("; and ").append(all.size() - i).append(" more");
                break;
            }
            actual.append(next.length() > room ? next.substring(0, room) + "…" : next);
        }
        return new TrustMismatch(
                closest.reason, closest.claim, "one of " + all.size() + " alternatives", actual.toString());
    }

    /** Returns claim, expected and actual in one line. */
    @Override
    public String toString() {
        return claim + ": expected " + expected + ", actual " + actual;
    }
}
