package io.dynamiccredentials.keys;

import io.dynamiccredentials.jwk.PublicJwk;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * How the keys of an issuer are, as one node sees it. Holds no secret. Immutable.
 *
 * @param checkedAt when the node last looked
 * @param keys the keys, the active one first
 * @param nextRotationAt when the next key is to become active; later if a problem keeps it
 * @param problems what is wrong, each a sentence with its remedy; empty if nothing is
 */
public record KeyHealth(Instant checkedAt, List<Key> keys, Instant nextRotationAt, List<String> problems) {

    /** Copies the lists. */
    public KeyHealth {
        keys = List.copyOf(keys);
        problems = List.copyOf(problems);
    }

    /** Tells whether nothing is wrong. */
    public boolean isHealthy() {
        return problems.isEmpty();
    }

    /**
     * One key.
     *
     * @param publicJwk its public half
     * @param factory the name of the factory that made it, which tells where it lives
     * @param state where it is in its life
     * @param publishedAt when it was published
     * @param seenAt since when it was seen at every public address as a next key; empty for the first key of a store
     * @param signsUntil when the last of its tokens ends, at the latest; empty for a key that never signed
     */
    public record Key(
            PublicJwk publicJwk,
            String factory,
            KeyState state,
            Instant publishedAt,
            Optional<Instant> seenAt,
            Optional<Instant> signsUntil) {}
}
