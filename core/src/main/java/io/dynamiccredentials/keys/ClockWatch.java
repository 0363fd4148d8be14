package io.dynamiccredentials.keys;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Decides whether a node may act by its clock: not after a leap, and not while nodes differ.
 *
 * <p>It holds the clock against the mark that nodes leave in the store and against the time that passed in this
 * process. After a difference, such as a leap or a long downtime, the node holds still for an hour: time for a clock to
 * be put right, or for other nodes to object by a mark of theirs. Not safe for use by several threads.
 */
final class ClockWatch {
    private static final Duration SETTLING = Duration.ofHours(1);

    private final Duration margin;
    private @Nullable Instant lastNow;
    private Duration lastElapsed = Duration.ZERO;
    private @Nullable Duration heldUntil;

    ClockWatch(Duration margin) {
        this.margin = margin;
    }

    /** Begins with a clock that nothing contradicts, since nobody left a mark before. */
    void begin(Instant now, Duration elapsed) {
        lastNow = now;
        lastElapsed = elapsed;
    }

    /**
     * Tells whether the clock may be acted on.
     *
     * @param now the time by the clock
     * @param elapsed the time that passed in this process, which no one can set
     * @param markedAt when a node last wrote, by its clock
     */
    boolean trusts(Instant now, Duration elapsed, Instant markedAt) {
        Duration passed = lastNow == null ? Duration.ZERO : elapsed.minus(lastElapsed);
        boolean leapt = lastNow != null && exceeds(lastNow.plus(passed), now, margin);
        // The mark may be as old as the time since this node last left one.
        boolean differs = exceeds(markedAt, now, margin.plus(passed));
        if (leapt || differs) {
            heldUntil = elapsed.plus(SETTLING);
        }
        lastNow = now;
        lastElapsed = elapsed;
        return heldUntil == null || elapsed.compareTo(heldUntil) >= 0;
    }

    private static boolean exceeds(Instant one, Instant other, Duration allowed) {
        return Duration.between(one, other).abs().compareTo(allowed) > 0;
    }
}
