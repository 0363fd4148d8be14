package io.dynamiccredentials.exchange;

import java.time.Duration;
import java.time.Instant;

/** Credentials, and by both clocks until when they are used and when newer ones are due. Immutable. */
record Served<C extends Credentials>(
        C credentials, Duration life, long safeUntilNanos, long safeUntilMillis, long dueAtNanos, long dueAtMillis) {

    /** Holds {@code credentials} of that life, which newer ones should follow after {@code due}. */
    static <C extends Credentials> Served<C> of(C credentials, Duration life, Duration due, Refresher refresher) {
        Instant now = refresher.clock().instant();
        long nanos = refresher.nanoTime();
        Duration safe = life.minus(RefreshTimes.margin(life));
        return new Served<>(
                credentials,
                life,
                nanos + capped(safe),
                now.plus(safe).toEpochMilli(),
                nanos + capped(due),
                now.plus(due).toEpochMilli());
    }

    /** By both clocks: neither a clock that was set back nor a machine that slept makes dead credentials live. */
    boolean isUsable(Refresher refresher) {
        return refresher.nanoTime() - safeUntilNanos < 0 && refresher.clock().millis() < safeUntilMillis;
    }

    /** Returns in how long newer ones are due, by the clock that says sooner; not positive if they are. */
    Duration dueIn(Refresher refresher) {
        Duration running = Duration.ofNanos(dueAtNanos - refresher.nanoTime());
        Duration ofTheDay = Duration.ofMillis(dueAtMillis - refresher.clock().millis());
        return running.compareTo(ofTheDay) < 0 ? running : ofTheDay;
    }

    boolean isDue(Refresher refresher) {
        return dueIn(refresher).compareTo(Duration.ZERO) <= 0;
    }

    /** Nanoseconds of a long reach for 292 years, and the clock that only runs may be anywhere in them. */
    private static long capped(Duration duration) {
        Duration longest = Duration.ofDays(36_500);
        return (duration.compareTo(longest) > 0 ? longest : duration).toNanos();
    }
}
