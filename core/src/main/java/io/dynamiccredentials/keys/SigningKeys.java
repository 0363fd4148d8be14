package io.dynamiccredentials.keys;

import io.dynamiccredentials.jwk.JwkSet;
import io.dynamiccredentials.jwk.SigningAlgorithm;
import java.util.List;

/**
 * The keys of one issuer: the one that signs now and all that are published.
 *
 * <p><b>For implementers:</b> safe for use by many threads. The active key is always among the published ones, and a
 * key is published before it first signs.
 */
public interface SigningKeys {

    /**
     * Returns the key that signs now.
     *
     * @throws IllegalStateException if there is none
     */
    SigningKey active();

    /**
     * Returns the public half of every key that a verifier may meet.
     *
     * @throws IllegalStateException if none is loaded yet; the discovery endpoint then answers 503
     */
    JwkSet published();

    /** Returns one key that never changes. */
    static SigningKeys of(SigningKey key) {
        JwkSet published = new JwkSet(List.of(key.publicJwk()));
        return new SigningKeys() {
            @Override
            public SigningKey active() {
                return key;
            }

            @Override
            public JwkSet published() {
                return published;
            }
        };
    }

    /** Generates one key in memory. After a restart its tokens verify nowhere: meant for tests and trials. */
    static SigningKeys generate(SigningAlgorithm algorithm) {
        return of(SigningKey.generate(algorithm));
    }
}
