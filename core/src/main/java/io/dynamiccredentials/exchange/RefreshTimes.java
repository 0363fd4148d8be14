package io.dynamiccredentials.exchange;

import java.time.Duration;
import java.util.Optional;

/**
 * When credentials are refreshed, when they are not used any more, and how long a failure keeps from the next attempt,
 * all in proportion to their life: what suits an hour does not suit a minute.
 */
final class RefreshTimes {
    private static final double DUE_AT = 0.75;
    private static final double JITTER = 0.1;
    private static final Duration LONGEST_MARGIN = Duration.ofMinutes(1);
    private static final Duration SHORTEST_PAUSE = Duration.ofMillis(50);
    private static final Duration LONGEST_FIRST_PAUSE = Duration.ofSeconds(5);
    private static final Duration SHORTEST_LONGEST_PAUSE = Duration.ofMillis(500);
    private static final Duration LONGEST_PAUSE = Duration.ofMinutes(2);
    private static final int MAX_DOUBLINGS = 16;

    private RefreshTimes() {}

    /** Returns after which part of {@code life} to refresh: 75 percent, and up to a tenth of that less or more. */
    static Duration dueAfter(Duration life, double random) {
        return scaled(life, DUE_AT * (1 + JITTER * (2 * random - 1)));
    }

    /** Returns {@code hint}, up to a tenth less or more. */
    static Duration around(Duration hint, double random) {
        return scaled(hint, 1 + JITTER * (2 * random - 1));
    }

    /** Returns how long before their end credentials of that life are not used any more: a request needs its time. */
    static Duration margin(Duration life) {
        return least(life.dividedBy(10), LONGEST_MARGIN);
    }

    /**
     * Returns how long to wait after a failure: twice as long as after the one before, and at least as long as the
     * platform wants.
     *
     * @param failuresInARow how many failed since the last success, at least 1
     * @param hopeless whether soon is no better than now: a refusal, or a platform that fails most who ask
     */
    static Duration pause(
            Duration life, int failuresInARow, boolean hopeless, Optional<Duration> retryAfter, double random) {
        Duration longest = clamp(life.dividedBy(10), SHORTEST_LONGEST_PAUSE, LONGEST_PAUSE);
        Duration first = clamp(life.dividedBy(100), SHORTEST_PAUSE, LONGEST_FIRST_PAUSE);
        Duration doubled = first.multipliedBy(1L << Math.min(failuresInARow - 1, MAX_DOUBLINGS));
        Duration pause = hopeless ? longest : least(doubled, longest);
        Duration wanted = retryAfter.filter(asked -> asked.compareTo(pause) > 0).orElse(pause);
        // Only ever more, so that no platform is asked more often than it says.
        return scaled(wanted, 1 + random / 4);
    }

    private static Duration scaled(Duration duration, double factor) {
        // Longer lives than centuries don't occur, and nanoseconds of these fit a double well enough.
        return Duration.ofMillis((long) (duration.toMillis() * factor));
    }

    private static Duration least(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }

    static Duration clamp(Duration value, Duration least, Duration most) {
        return value.compareTo(least) < 0 ? least : least(value, most);
    }
}
