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

    static NodeTime ofSystem() {
        long start = System.nanoTime();
        return new NodeTime(Clock.systemUTC(), () -> Duration.ofNanos(System.nanoTime() - start));
    }

    /** Returns the times by a clock that somebody sets. */
    static NodeTime toldBy(Clock clock) {
        Instant start = clock.instant();
        return new NodeTime(clock, () -> Duration.between(start, clock.instant()));
    }

    Instant now() {
        return clock.instant();
    }

    Duration elapsed() {
        return sinceStart.get();
    }
}
