package io.dynamiccredentials.keys;

import static java.util.stream.Collectors.toUnmodifiableSet;

import io.dynamiccredentials.jwk.JwkSet;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * All keys of one issuer in one version. Immutable.
 *
 * @param version the version in the store
 * @param keys the keys: exactly one active
 * @param goneKeyIds the ids of keys that were removed or revoked, so that none of them ever comes back; the latest last
 * @param markedAt when a node last wrote, by its clock: what all nodes hold their clocks against
 * @param isStraightened whether stamps that seemed to lie in the future were changed to the present. If it was the
 *     present that was wrong, they are too early now
 */
record KeyRing(long version, List<RingKey> keys, List<String> goneKeyIds, Instant markedAt, boolean isStraightened) {
    /**
     * Eighty years of the standard period. An id that is forgotten could be offered again by a factory that keeps keys.
     */
    private static final int MAX_GONE = 1000;

    KeyRing {
        keys = List.copyOf(keys);
        goneKeyIds = List.copyOf(goneKeyIds.subList(Math.max(0, goneKeyIds.size() - MAX_GONE), goneKeyIds.size()));
        if (keys.stream().filter(key -> key.state() == KeyState.ACTIVE).count() != 1) {
            throw new IllegalArgumentException("A key ring has exactly one active key");
        }
    }

    KeyRing(long version, List<RingKey> keys, List<String> goneKeyIds, Instant markedAt) {
        this(version, keys, goneKeyIds, markedAt, false);
    }

    RingKey active() {
        return first(KeyState.ACTIVE).orElseThrow();
    }

    /** Returns the key that is to be promoted: of several, the one that was published first. */
    Optional<RingKey> next() {
        return first(KeyState.NEXT);
    }

    private Optional<RingKey> first(KeyState state) {
        for (RingKey key : keys) {
            if (key.state() == state) {
                return Optional.of(key);
            }
        }
        return Optional.empty();
    }

    Stream<RingKey> in(KeyState state) {
        return keys.stream().filter(key -> key.state() == state);
    }

    Optional<RingKey> find(String keyId) {
        return keys.stream().filter(key -> key.keyId().equals(keyId)).findFirst();
    }

    Set<String> keyIds() {
        return keys.stream().map(RingKey::keyId).collect(toUnmodifiableSet());
    }

    /** Returns the ids of the keys that sign or may yet sign. */
    Set<String> signingKeyIds() {
        return keys.stream()
                .filter(key -> key.state() != KeyState.RETIRED)
                .map(RingKey::keyId)
                .collect(toUnmodifiableSet());
    }

    /** Returns the ids of all keys that are or were here. */
    Set<String> knownKeyIds() {
        return Stream.concat(keys.stream().map(RingKey::keyId), goneKeyIds.stream())
                .collect(toUnmodifiableSet());
    }

    /** Returns the public halves, the active key first: some verifiers look at the first one only. */
    JwkSet published() {
        List<RingKey> ordered = new ArrayList<>();
        for (KeyState state : List.of(KeyState.ACTIVE, KeyState.NEXT, KeyState.RETIRED)) {
            in(state).forEach(ordered::add);
        }
        return new JwkSet(ordered.stream().map(RingKey::publicJwk).toList());
    }
}
