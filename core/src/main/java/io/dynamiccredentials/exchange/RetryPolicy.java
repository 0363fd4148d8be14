package io.dynamiccredentials.exchange;

import io.dynamiccredentials.CredentialExchangeException;
import java.time.Duration;
import java.util.Optional;

/**
 * How often a run's first exchange is tried again, and after which pauses. Immutable.
 *
 * @param attempts how many attempts there are at most, 1 to 10
 * @param firstPause the longest first pause; each further one may be twice as long
 * @param longestPause the longest pause, unless the platform asks for more
 * @param deadline until when the last attempt has begun, counted from the first
 */
public record RetryPolicy(int attempts, Duration firstPause, Duration longestPause, Duration deadline) {
    /** Four attempts within a minute, with pauses of up to 0.2, 0.4 and 0.8 seconds. */
    public static final RetryPolicy STANDARD =
            new RetryPolicy(4, Duration.ofMillis(200), Duration.ofSeconds(20), Duration.ofMinutes(1));

    private static final int MOST_ATTEMPTS = 10;

    /**
     * Checks the limits.
     *
     * @throws IllegalArgumentException if one is out of range
     */
    public RetryPolicy {
        if (attempts < 1 || attempts > MOST_ATTEMPTS) {
            throw new IllegalArgumentException(
                    "An exchange is tried 1 to " + MOST_ATTEMPTS + " times; it was " + attempts);
        }
        if (firstPause.isNegative() || longestPause.compareTo(firstPause) < 0 || deadline.isNegative()) {
            throw new IllegalArgumentException(
                    "Pauses and the deadline must not be negative, and the longest pause not "
                            + "shorter than the first; they were " + firstPause + ", " + longestPause + " and "
                            + deadline);
        }
    }

    /**
     * Returns how long to wait before the next attempt; empty if there is none.
     *
     * @param failure how the last attempt failed
     * @param made how many attempts were made, at least 1
     * @param elapsed how long ago the first one began
     * @param random a number from 0 to 1, by which many that fail at once don't come back at once
     */
    public Optional<Duration> pauseAfter(
            CredentialExchangeException failure, int made, Duration elapsed, double random) {
        if (!failure.retryable() || made >= attempts) {
            return Optional.empty();
        }
        Duration doubled = firstPause.multipliedBy(1L << (made - 1));
        Duration longest = doubled.compareTo(longestPause) < 0 ? doubled : longestPause;
        Duration pause = Duration.ofNanos((long) (longest.toNanos() * random));
        Duration wanted = failure.retryAfter().orElse(Duration.ZERO);
        Duration next = pause.compareTo(wanted) > 0 ? pause : wanted;
        return elapsed.plus(next).compareTo(deadline) > 0 ? Optional.empty() : Optional.of(next);
    }
}
