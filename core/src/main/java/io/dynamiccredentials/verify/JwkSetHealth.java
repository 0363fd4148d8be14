package io.dynamiccredentials.verify;

import io.dynamiccredentials.IssuerUrl;
import java.time.Duration;
import java.util.Collections;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * What is known about the keys of one issuer, for a health page or a metric. Immutable.
 *
 * <p>Keys are fetched when a token needs them: before the first token, and after a quiet time longer than the hard age,
 * there are none, which is no failure. Raise an alarm on {@link #lastFailure()}, and don't make readiness depend on it.
 *
 * @param issuer whose keys they are
 * @param keyIds the ids of the keys that tokens are verified with now; empty if there are none
 * @param age how long ago they were fetched
 * @param usableFor for how long they are used at most if no newer ones can be had
 * @param failuresInARow how many fetches failed since the last good one
 * @param lastFailure why the last fetch failed, in words fit for a log; empty if it was good or there was none
 */
public record JwkSetHealth(
        IssuerUrl issuer,
        Set<String> keyIds,
        Optional<Duration> age,
        Optional<Duration> usableFor,
        int failuresInARow,
        Optional<String> lastFailure) {

    /** Copies the ids, in order. */
    public JwkSetHealth {
        keyIds = Collections.unmodifiableSet(new TreeSet<>(keyIds));
    }

    /** Tells whether keys are known and the last fetch was good. */
    public boolean isHealthy() {
        return !keyIds.isEmpty() && lastFailure.isEmpty();
    }
}
