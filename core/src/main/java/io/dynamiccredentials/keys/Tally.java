package io.dynamiccredentials.keys;

import java.time.Instant;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * How many tokens a key signed, by the hour in which they end. Immutable.
 *
 * @param byHour the number of tokens by the hour of their {@code exp}, in hours since 1970
 */
record Tally(Map<Long, Long> byHour) {
    static final Tally NONE = new Tally(Map.of());

    private static final long SECONDS_PER_HOUR = 3600;

    Tally {
        byHour = Collections.unmodifiableMap(new TreeMap<>(byHour));
    }

    static long hourOf(Instant expiresAt) {
        return Math.floorDiv(expiresAt.getEpochSecond(), SECONDS_PER_HOUR);
    }

    Tally plus(Tally other) {
        if (other.byHour.isEmpty()) {
            return this;
        }
        Map<Long, Long> sum = new TreeMap<>(byHour);
        other.byHour.forEach((hour, tokens) -> sum.merge(hour, tokens, Long::sum));
        return new Tally(sum);
    }

    /** Forgets the tokens that have ended. */
    Tally without(Instant endedBefore) {
        long hour = hourOf(endedBefore);
        if (byHour.keySet().stream().allMatch(each -> each >= hour)) {
            return this;
        }
        Map<Long, Long> rest = new TreeMap<>(byHour);
        rest.keySet().removeIf(each -> each < hour);
        return new Tally(rest);
    }

    /** Counts the tokens that may end at {@code now} or later. */
    long aliveAt(Instant now) {
        long hour = hourOf(now);
        return byHour.entrySet().stream()
                .filter(each -> each.getKey() >= hour)
                .mapToLong(Map.Entry::getValue)
                .sum();
    }
}
