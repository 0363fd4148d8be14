package io.dynamiccredentials.keys;

import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Counts the tokens that this node signed and has not reported yet. Safe for use by many threads. */
final class SignedTokens {
    private final Map<KeyHour, Long> tokens = new ConcurrentHashMap<>();

    private record KeyHour(String keyId, long hour) {}

    void add(String keyId, Instant expiresAt) {
        tokens.merge(new KeyHour(keyId, Tally.hourOf(expiresAt)), 1L, Long::sum);
    }

    /** Takes out what was counted, by key. */
    Map<String, Tally> drain() {
        Map<String, Tally> drained = new HashMap<>();
        for (KeyHour hour : List.copyOf(tokens.keySet())) {
            Long count = tokens.remove(hour);
            if (count != null) {
                drained.merge(hour.keyId(), new Tally(Map.of(hour.hour(), count)), Tally::plus);
            }
        }
        return drained;
    }

    /** Puts back what was taken out and could not be reported. */
    void restore(Map<String, Tally> drained) {
        drained.forEach((keyId, tally) ->
                tally.byHour().forEach((hour, count) -> tokens.merge(new KeyHour(keyId, hour), count, Long::sum)));
    }
}
