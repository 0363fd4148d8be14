package io.dynamiccredentials.run;

import io.dynamiccredentials.exchange.Refresher;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** When credentials that settle are replaced and handed over, so that the run always has some that work. Immutable. */
record Settling(Duration settling, Refresher refresher) {

    /**
     * Returns how long from now those that end at {@code end} are to be refreshed: so soon that newer ones settle while
     * they live. Not sooner than after a quarter of their life; and as usual if they end before newer ones can have
     * settled, whenever these are bought.
     */
    Optional<Duration> dueIn(Optional<Duration> usual, Instant end) {
        Duration inTime = refresher.safeLife(end).minus(settling);
        if (settling.isZero() || inTime.isNegative()) {
            return usual;
        }
        Duration life = Duration.between(refresher.clock().instant(), end);
        // The refresher takes up to a tenth more or less.
        Duration early = longer(inTime.multipliedBy(10).dividedBy(11), life.dividedBy(4));
        return Optional.of(shorter(early, usual.orElse(life.multipliedBy(3).dividedBy(4))));
    }

    /**
     * Returns how long from now newer ones may be handed over, after those that end at {@code formerEnd}: when they
     * have settled, or when the former ones end, since what works in most places is better than what works nowhere.
     */
    Duration handOverIn(Instant formerEnd) {
        return longer(Duration.ZERO, shorter(settling, refresher.safeLife(formerEnd)));
    }

    private static Duration longer(Duration one, Duration other) {
        return one.compareTo(other) > 0 ? one : other;
    }

    private static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }
}
