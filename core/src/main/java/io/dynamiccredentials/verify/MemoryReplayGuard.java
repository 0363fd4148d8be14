package io.dynamiccredentials.verify;

import static io.dynamiccredentials.TokenRejectedException.Reason.EXPIRED;
import static io.dynamiccredentials.TokenRejectedException.Reason.REPLAY_UNKNOWN;

import io.dynamiccredentials.TokenRejectedException;
import java.time.Clock;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashSet;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.Set;

/**
 * Remembers used tokens in memory: for a relying party that is one process, and whose restart may let tokens be used a
 * second time. Many nodes share one in their database instead, {@code JdbcReplayGuard}.
 *
 * <p>Forgets what has ended. When it is full of tokens that have not, it refuses new ones rather than forget one: let
 * it hold at least as many tokens as are verified in the longest lifetime. An entry takes some 200 bytes. Whatever its
 * clock does, a token that was forgotten is not taken again: one that leaped ahead and came back makes it refuse tokens
 * until that time has come, or the process is restarted. Safe for use by many threads; holds no thread.
 */
public final class MemoryReplayGuard implements ReplayGuard {
    private final int maxEntries;
    private final Clock clock;
    private final Set<String> used = new HashSet<>();
    private final Queue<Entry> byEnd = new PriorityQueue<>(Comparator.comparing(Entry::end));
    private Instant latest = Instant.MIN;

    private record Entry(String key, Instant end) {}

    private MemoryReplayGuard(Builder builder) {
        this.maxEntries = builder.maxEntries;
        this.clock = builder.clock;
    }

    /**
     * Starts a guard that remembers up to {@code maxEntries} tokens.
     *
     * @param maxEntries 1 to 10,000,000
     */
    public static Builder builder(int maxEntries) {
        return new Builder(maxEntries);
    }

    @Override
    public boolean firstUse(String issuer, String tokenId, Instant presentableUntil) {
        String key = ReplayGuard.key(issuer, tokenId);
        synchronized (used) {
            forgetEnded();
            if (used.contains(key)) {
                return false;
            }
            if (!presentableUntil.isAfter(latest)) {
                throw TokenRejectedException.ofClaim(
                        EXPIRED,
                        "exp",
                        "The token ended at " + presentableUntil + " with the skew that is allowed; the replay guard's"
                                + " clock has shown " + latest + ". Check that clock if the token should be good");
            }
            if (used.size() >= maxEntries) {
                throw TokenRejectedException.ofClaim(
                        REPLAY_UNKNOWN,
                        "jti",
                        "The replay guard is full: it holds " + maxEntries
                                + " tokens that have not ended, expected fewer"
                                + ". Give it more entries, or have tokens live shorter");
            }
            byEnd.add(new Entry(key, presentableUntil));
            return used.add(key);
        }
    }

    /** Shows how many tokens it may hold. */
    @Override
    public String toString() {
        return "MemoryReplayGuard[of " + maxEntries + "]";
    }

    private void forgetEnded() {
        Instant now = clock.instant();
        // A clock that is set back would bring forgotten tokens back to life; the latest time that it showed counts.
        if (now.isAfter(latest)) {
            latest = now;
        }
        for (Entry next = byEnd.peek(); next != null && !next.end().isAfter(latest); next = byEnd.peek()) {
            used.remove(next.key());
            byEnd.remove();
        }
    }

    /** Collects what may differ from the defaults. Not safe for use by several threads. */
    public static final class Builder {
        private static final int MOST = 10_000_000;

        private final int maxEntries;
        private Clock clock = Clock.systemUTC();

        private Builder(int maxEntries) {
            this.maxEntries = maxEntries;
        }

        /** Sets the clock, which should be the verifier's. Default: the system's. */
        public Builder clock(Clock clock) {
            this.clock = clock;
            return this;
        }

        /**
         * Returns the guard, which is empty.
         *
         * @throws IllegalArgumentException if the number of entries is out of its bounds
         */
        public MemoryReplayGuard build() {
            if (maxEntries < 1 || maxEntries > MOST) {
                throw new IllegalArgumentException(
                        "A replay guard holds 1 to " + MOST + " tokens; the number was " + maxEntries);
            }
            return new MemoryReplayGuard(this);
        }
    }
}
