package io.dynamiccredentials.keys;

import io.dynamiccredentials.jwk.JwkSet;
import io.dynamiccredentials.jwk.SigningAlgorithm;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * The keys of one issuer: the one that signs now and all that are published.
 *
 * <p><b>For implementers:</b> safe for use by many threads. The active key is always among the published ones, a key is
 * published before it first signs, and it stays published until the last token that it signed has ended.
 */
public interface SigningKeys {

    /**
     * Returns the key that signs now, for a token that shall end at {@code expiresAt}. The answer may allow less.
     *
     * @throws IllegalStateException if there is none
     */
    ActiveKey active(Instant expiresAt);

    /**
     * Returns the public half of every key that a verifier may meet: the same object as long as none comes or goes.
     *
     * @throws IllegalStateException if none is loaded yet; the discovery endpoint then answers 503
     */
    JwkSet published();

    /** Returns how long a verifier may keep {@link #published()} before it asks again. Default 5 minutes. */
    default Duration maxAge() {
        return Duration.ofMinutes(5);
    }

    /** Returns the longest life of a token that these keys may sign. Default 24 hours. */
    default Duration maxTokenLifetime() {
        return Duration.ofHours(24);
    }

    /** Returns one key that never changes. */
    static SigningKeys of(SigningKey key) {
        JwkSet published = new JwkSet(List.of(key.publicJwk()));
        ActiveKey active = new ActiveKey(key, Instant.MAX);
        return new SigningKeys() {
            @Override
            public ActiveKey active(Instant expiresAt) {
                return active;
            }

            @Override
            public JwkSet published() {
                return published;
            }
        };
    }

    /**
     * Generates one key in memory. After a restart its tokens verify nowhere: meant for tests and trials.
     *
     * @throws IllegalArgumentException if {@code algorithm} is not {@linkplain SigningAlgorithm#forIssuing() for
     *     issuing}
     */
    static SigningKeys generate(SigningAlgorithm algorithm) {
        return of(SigningKey.generate(algorithm));
    }
}
