package io.dynamiccredentials.testkit;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;

/** A clock that stands still until a test moves it. Safe for use by many threads. */
public final class SettableClock extends Clock {
    private volatile Instant now;

    private SettableClock(Instant now) {
        this.now = now;
    }

    /** Returns a clock that stands at {@code now}. */
    public static SettableClock at(Instant now) {
        return new SettableClock(now);
    }

    /** Moves the clock to {@code instant}, forward or back. */
    public synchronized void moveTo(Instant instant) {
        now = instant;
    }

    /** Moves the clock forward, or back if {@code by} is negative. */
    public synchronized void advance(Duration by) {
        now = now.plus(by);
    }

    @Override
    public Instant instant() {
        return now;
    }

    /** Returns UTC. */
    @Override
    public ZoneId getZone() {
        return ZoneOffset.UTC;
    }

    /**
     * Refuses other zones: instants have none.
     *
     * @throws UnsupportedOperationException always
     */
    @Override
    public Clock withZone(ZoneId zone) {
        throw new UnsupportedOperationException("A settable clock shows UTC only");
    }
}
