package io.dynamiccredentials.verify;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The key ids that an issuer was asked for in vain, those 64 of them that came up last.
 *
 * <p>Whoever goes on sending tokens of a key that is gone makes us ask its issuer ever more rarely, once a minute at
 * last. A key id that is new here is not held up by others. Safe for use by many threads.
 */
final class MissedKeyIds {
    private static final int CAPACITY = 64;
    private static final int MAX_DOUBLINGS = 6;
    private static final Duration LONGEST_PAUSE = Duration.ofMinutes(1);

    private final Map<String, Miss> misses = new LinkedHashMap<>(16, 0.75f, true);

    private record Miss(int times, long askAgainAtNanos) {}

    synchronized boolean mayAskFor(String keyId, Moment now) {
        Miss miss = misses.get(keyId);
        return miss == null || now.nanos() - miss.askAgainAtNanos() >= 0;
    }

    /** Remembers that the issuer had no such key just now; the pause doubles from {@code interval} to a minute. */
    synchronized void add(String keyId, Moment now, Duration interval) {
        Miss before = misses.get(keyId);
        int earlier = before == null ? 0 : before.times();
        Duration doubled = interval.multipliedBy(1L << Math.min(earlier, MAX_DOUBLINGS));
        Duration pause = doubled.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : doubled;
        misses.put(keyId, new Miss(earlier + 1, now.nanos() + pause.toNanos()));
        if (misses.size() > CAPACITY) {
            misses.remove(misses.keySet().iterator().next());
        }
    }
}
