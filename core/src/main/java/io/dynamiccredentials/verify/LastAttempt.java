package io.dynamiccredentials.verify;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How the last fetch from an issuer ended, and when the next one may begin. Immutable.
 *
 * <p>Good and bad attempts are stamped alike, by the clock that only runs: an issuer that fails is not asked again by
 * everybody who needs a key.
 *
 * @param endedAtNanos when the last attempt ended
 * @param failuresInARow how many failed since the last good one
 * @param pause how long to wait after the last attempt, zero if it was good
 * @param failure why it failed; null if it was good
 */
record LastAttempt(
        long endedAtNanos,
        int failuresInARow,
        Duration pause,
        @Nullable String failure) {
    private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
    private static final int MAX_DOUBLINGS = 6;
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(60);

    static LastAttempt good(Moment now) {
        return new LastAttempt(now.nanos(), 0, Duration.ZERO, null);
    }

    /**
     * Returns the next state after a failure: a pause of 1 second that doubles up to 60, or longer if the issuer asks
     * for it. A random part of up to half is taken off, so that many nodes don't come back together.
     */
    static LastAttempt failed(
            @Nullable LastAttempt before, Moment now, String failure, Duration retryAfter, double randomPart) {
        int earlier = before == null ? 0 : before.failuresInARow;
        Duration doubled = FIRST_PAUSE.multipliedBy(1L << Math.min(earlier, MAX_DOUBLINGS));
        Duration most = doubled.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : doubled;
        Duration pause = most.minusMillis((long) (most.toMillis() * randomPart / 2));
        return new LastAttempt(now.nanos(), earlier + 1, pause.compareTo(retryAfter) > 0 ? pause : retryAfter, failure);
    }

    boolean isPausing(Moment now) {
        return endedWithin(pause, now);
    }

    boolean endedWithin(Duration time, Moment now) {
        return now.nanos() - endedAtNanos < time.toNanos();
    }
}
