package io.dynamiccredentials.keys;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;

/** A clock that a test sets, and the time that passed beside it, which leaps don't touch. */
final class ManualClock extends Clock {
    static final Instant START = Instant.parse("2026-03-01T12:00:00Z");

    private volatile Instant now = START;
    private volatile Duration elapsed = Duration.ZERO;

    void pass(Duration duration) {
        now = now.plus(duration);
        elapsed = elapsed.plus(duration);
    }

    void leap(Duration duration) {
        now = now.plus(duration);
    }

    NodeTime nodeTime() {
        return new NodeTime(this, () -> elapsed);
    }

    @Override
    public Instant instant() {
        return now;
    }

    @Override
    public ZoneId getZone() {
        return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
        throw new UnsupportedOperationException();
    }
}
