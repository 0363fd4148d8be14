package io.dynamiccredentials.benchmarks;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.LongAccumulator;
import java.util.concurrent.atomic.LongAdder;

/**
 * Sees to it that what runs have is newer than it has to be. Safe for use by many threads.
 *
 * <p>A refresh is missed if it comes after the last safe moment of what it replaces: a tenth of its life before its
 * end, at most a minute. It is late if it comes after the last moment at which it can have been due.
 */
final class Deadlines {
    private static final Duration LONGEST_MARGIN = Duration.ofMinutes(1);

    private final Clock clock;
    private final Queue<Watch> watches = new ConcurrentLinkedQueue<>();
    private final LongAdder refreshes = new LongAdder();
    private final LongAdder missed = new LongAdder();
    private final LongAccumulator worstLatenessMillis = new LongAccumulator(Math::max, 0);

    Deadlines(Clock clock) {
        this.clock = clock;
    }

    /**
     * Watches one thing that a run has.
     *
     * @param latestDue the part of its life after which its refresh is due at the latest
     */
    Watch watch(double latestDue) {
        Watch watch = new Watch(latestDue);
        watches.add(watch);
        return watch;
    }

    /** Counts what is past its last safe moment now, as missed too. */
    void sample() {
        long now = clock.millis();
        watches.forEach(watch -> watch.requireSafe(now));
    }

    long refreshes() {
        return refreshes.sum();
    }

    long missed() {
        return missed.sum();
    }

    double worstLatenessSeconds() {
        return worstLatenessMillis.get() / (double) Duration.ofSeconds(1).toMillis();
    }

    /** One thing that one run has. Renewed by one thread at a time. */
    final class Watch {
        private final double latestDue;
        private volatile long dueAt = Long.MAX_VALUE;
        private volatile long safeUntil = Long.MAX_VALUE;

        private Watch(double latestDue) {
            this.latestDue = latestDue;
        }

        /** Takes note that the run has something newer from now on. */
        void renewed(Instant expiresAt) {
            long now = clock.millis();
            if (safeUntil != Long.MAX_VALUE) {
                refreshes.increment();
                worstLatenessMillis.accumulate(now - dueAt);
                requireSafe(now);
            }
            long life = expiresAt.toEpochMilli() - now;
            dueAt = now + (long) (life * latestDue);
            safeUntil = now + life - Math.min(life / 10, LONGEST_MARGIN.toMillis());
        }

        private void requireSafe(long now) {
            if (now > safeUntil) {
                missed.increment();
            }
        }
    }
}
