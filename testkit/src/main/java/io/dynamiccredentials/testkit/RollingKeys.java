package io.dynamiccredentials.testkit;

import io.dynamiccredentials.jwk.JwkSet;
import io.dynamiccredentials.jwk.PublicJwk;
import io.dynamiccredentials.jwk.SigningAlgorithm;
import io.dynamiccredentials.keys.ActiveKey;
import io.dynamiccredentials.keys.SigningKey;
import io.dynamiccredentials.keys.SigningKeys;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** Keys that a test rotates, without the waiting that makes it safe. Safe for use by many threads. */
final class RollingKeys implements SigningKeys {
    private final SigningAlgorithm algorithm;
    private volatile State state;

    private record State(SigningKey active, JwkSet published) {}

    RollingKeys(SigningAlgorithm algorithm) {
        this.algorithm = algorithm;
        SigningKey first = SigningKey.generate(algorithm);
        this.state = new State(first, new JwkSet(List.of(first.publicJwk())));
    }

    @Override
    public ActiveKey active(Instant expiresAt) {
        return new ActiveKey(state.active(), Instant.MAX);
    }

    @Override
    public JwkSet published() {
        return state.published();
    }

    SigningKey signing() {
        return state.active();
    }

    /** Signs with a new key from now on, and publishes the old ones too. */
    synchronized void rotate() {
        SigningKey next = SigningKey.generate(algorithm);
        List<PublicJwk> published = new ArrayList<>(state.published().keys());
        published.add(next.publicJwk());
        state = new State(next, new JwkSet(published));
    }

    /** Publishes the key that signs and no other. */
    synchronized void withdrawOld() {
        state = new State(state.active(), new JwkSet(List.of(state.active().publicJwk())));
    }
}
