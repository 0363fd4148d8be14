package io.dynamiccredentials.verify;

import java.time.Clock;
import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * A moment by two clocks: one of the day, which can be set, and one that only runs, but may stand still while the
 * machine sleeps.
 *
 * @param nanos by the clock that only runs
 * @param epochMillis by the clock of the day
 */
record Moment(long nanos, long epochMillis) {

    /**
     * Returns how old something of {@code earlier} is, by the clock that says more: neither a clock that was set back
     * nor a machine that slept makes a withdrawn key young again.
     */
    Duration since(Moment earlier) {
        Duration ran = Duration.ofNanos(nanos - earlier.nanos);
        Duration passed = Duration.ofMillis(epochMillis - earlier.epochMillis);
        return ran.compareTo(passed) > 0 ? ran : passed;
    }

    /** Where moments come from. */
    record Clocks(Clock clock, LongSupplier nanoTime) {
        Moment now() {
            return new Moment(nanoTime.getAsLong(), clock.millis());
        }
    }
}
