package io.dynamiccredentials.keys;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.function.Supplier;

/**
 * The two times of a node: of the day, which can leap, and since its start, which can't.
 *
 * @param clock tells the time of the day
 * @param sinceStart tells how much time passed in this process
 */
record NodeTime(Clock clock, Supplier<Duration> sinceStart) {

    static NodeTime of(Clock clock) {
        long start = System.nanoTime();
        return new NodeTime(clock, () -> Duration.ofNanos(System.nanoTime() - start));
    }

    Instant now() {
        return clock.instant();
    }

    Duration elapsed() {
        return sinceStart.get();
    }
}
