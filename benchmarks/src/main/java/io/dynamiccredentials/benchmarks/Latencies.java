package io.dynamiccredentials.benchmarks;

import java.util.concurrent.TimeUnit;

/**
 * How long many short things took: counts by duration, in steps of at most a sixteenth of it. Not safe for use by
 * several threads.
 */
final class Latencies {
    private static final int STEP_BITS = 4;
    private static final int STEPS = 1 << STEP_BITS;

    private final long[] counts = new long[(Long.SIZE - STEP_BITS) * STEPS];
    private long count;
    private long longestNanos;

    /** Counts one duration. */
    void add(long nanos) {
        counts[step(nanos)]++;
        count++;
        longestNanos = Math.max(longestNanos, nanos);
    }

    /** Counts all that {@code others} has counted. */
    void addAll(Latencies others) {
        for (int i = 0; i < counts.length; i++) {
            counts[i] += others.counts[i];
        }
        count += others.count;
        longestNanos = Math.max(longestNanos, others.longestNanos);
    }

    long count() {
        return count;
    }

    /** Returns the microseconds that this part of them, 0 to 1, did not exceed, rounded up to its step. */
    double micros(double part) {
        long wanted = (long) Math.ceil(part * count);
        long seen = 0;
        for (int i = 0; i < counts.length; i++) {
            seen += counts[i];
            if (seen >= wanted) {
                return Math.min(end(i), longestNanos) / (double) TimeUnit.MICROSECONDS.toNanos(1);
            }
        }
        return longestNanos / (double) TimeUnit.MICROSECONDS.toNanos(1);
    }

    /** Adds percentiles and the longest one to a report. */
    void describe(String what, Report report) {
        report.figure(what + ", p50", micros(0.5), "µs")
                .figure(what + ", p99", micros(0.99), "µs")
                .figure(what + ", longest", micros(1), "µs");
    }

    private static int step(long nanos) {
        if (nanos < STEPS) {
            return (int) Math.max(0, nanos);
        }
        int doublings = Long.SIZE - 1 - STEP_BITS - Long.numberOfLeadingZeros(nanos);
        return (doublings + 1) * STEPS + (int) (nanos >>> doublings) - STEPS;
    }

    /** Returns the longest duration of a step, in nanoseconds. */
    private static long end(int step) {
        if (step < STEPS) {
            return step;
        }
        int doublings = step / STEPS - 1;
        return ((long) (step % STEPS + STEPS + 1) << doublings) - 1;
    }
}
