package io.dynamiccredentials.keys;

import io.dynamiccredentials.jwk.JwkSet;
import io.dynamiccredentials.jwk.PublicJwk;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a node last read from the store, and how old that is. It takes nothing older, and nothing that does not follow
 * from it. Read by many threads; written by one at a time.
 */
final class KnownRing {
    private final RotationPolicy policy;
    private final NodeTime time;

    private volatile @Nullable View view;
    private volatile Duration goneAt = Duration.ZERO;
    private volatile long behindBy;

    /**
     * One reading. Immutable.
     *
     * @param published the public halves; the same object as long as none comes or goes
     * @param readAt when it was read, as time since the node's start
     * @param readAtTime the same by the clock, which goes on while a machine sleeps
     */
    private record View(KeyRing ring, JwkSet published, Duration readAt, Instant readAtTime) {}

    KnownRing(RotationPolicy policy, NodeTime time) {
        this.policy = policy;
        this.time = time;
    }

    boolean isLoaded() {
        return view != null;
    }

    /**
     * Returns the ring.
     *
     * @throws IllegalStateException if none was read yet
     */
    KeyRing ring() {
        return require().ring();
    }

    /**
     * Returns the public halves.
     *
     * @throws IllegalStateException if none was read yet, or that was too long ago
     */
    JwkSet published() {
        View current = require();
        Duration age = age();
        if (age.compareTo(policy.servable()) > 0) {
            throw new IllegalStateException("The key store was last read " + age.toMinutes()
                    + " minutes ago, and keys that others published since would be missing. Check the store");
        }
        return current.published();
    }

    /** Returns how old the reading is. A machine that slept finds out by its clock alone. */
    Duration age() {
        View current = require();
        Duration passed = time.elapsed().minus(current.readAt());
        Duration byClock = Duration.between(current.readAtTime(), time.now());
        return passed.compareTo(byClock) > 0 ? passed : byClock;
    }

    /** Returns how long ago this node saw the last key leave. */
    Duration sinceGone() {
        return time.elapsed().minus(goneAt);
    }

    /** Returns by how many versions the store was behind when it was last read. */
    long behindBy() {
        return behindBy;
    }

    /** Takes what was read, or written, for known. */
    void adopt(KeyRing ring) {
        View last = view;
        if (last != null && last.ring().version() == ring.version()) {
            view = new View(last.ring(), last.published(), time.elapsed(), time.now());
            return;
        }
        if (last == null || !last.ring().goneKeyIds().equals(ring.goneKeyIds())) {
            goneAt = time.elapsed();
        }
        JwkSet fresh = ring.published();
        boolean same = last != null && keyIds(last.published()).equals(keyIds(fresh));
        view = new View(ring, last != null && same ? last.published() : fresh, time.elapsed(), time.now());
    }

    /**
     * Tells whether the store shows less than is known: a replica lags, or an old copy was restored.
     *
     * @throws IllegalStateException if the store was emptied, or an old copy was restored and written on: making new
     *     keys would break all tokens, and a revoked key would be back
     */
    boolean isAheadOf(Optional<KeyRing> stored) {
        View current = view;
        if (current == null) {
            return false;
        }
        long version = current.ring().version();
        if (stored.isEmpty()) {
            throw new IllegalStateException(
                    "the store is empty and held version " + version + " before. Restore it, or restart to begin anew");
        }
        behindBy = Math.max(0, version - stored.get().version());
        if (behindBy == 0) {
            requireSuccessor(current.ring(), stored.get());
        }
        return behindBy > 0;
    }

    private static void requireSuccessor(KeyRing known, KeyRing ring) {
        Set<String> back = new HashSet<>(known.goneKeyIds());
        back.retainAll(ring.keyIds());
        boolean sameVersion = ring.version() == known.version();
        boolean sameKeys = ring.keyIds().equals(known.keyIds())
                && ring.active().keyId().equals(known.active().keyId());
        if (!back.isEmpty() || (sameVersion && !sameKeys)) {
            throw new IllegalStateException("version " + ring.version()
                    + " of the store does not follow from what this node knows, and brings back keys that were removed or "
                    + "revoked: " + back
                    + ". An old copy was restored and written on. Revoke again what was revoked since "
                    + "that copy, and restart the nodes");
        }
    }

    private View require() {
        View current = view;
        if (current == null) {
            throw new IllegalStateException("No keys are loaded yet");
        }
        return current;
    }

    private static List<String> keyIds(JwkSet set) {
        return set.keys().stream().map(PublicJwk::keyId).toList();
    }
}
