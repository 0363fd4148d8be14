package io.dynamiccredentials.broker;

import java.time.Duration;
import java.util.function.LongSupplier;

/** Limits how often something happens: so often at once, and so often a second more. Not safe for several threads. */
final class TokenBucket {
    private final long nanosForOne;
    private final long capacity;
    private final LongSupplier nanoTime;
    private long saved;
    private long at;

    TokenBucket(int atOnce, int aSecond, LongSupplier nanoTime) {
        this.nanosForOne = Duration.ofSeconds(1).toNanos() / aSecond;
        this.capacity = nanosForOne * atOnce;
        this.nanoTime = nanoTime;
        this.saved = capacity;
        this.at = nanoTime.getAsLong();
    }

    /** Takes one and tells whether there was one. */
    boolean take() {
        long now = nanoTime.getAsLong();
        saved = Math.min(capacity, saved + Math.max(0, now - at));
        at = now;
        if (saved < nanosForOne) {
            return false;
        }
        saved -= nanosForOne;
        return true;
    }
}
