package io.dynamiccredentials.verify;

import io.dynamiccredentials.jwk.JwkSet;
import io.dynamiccredentials.jwk.PublicJwk;
import java.util.Optional;

/**
 * Finds the public keys of one issuer.
 *
 * <p><b>For implementers:</b> safe for use by many threads.
 */
@FunctionalInterface
public interface KeySource {

    /**
     * Finds the key of that id; empty if the issuer has none. May block on the network.
     *
     * @throws io.dynamiccredentials.TokenRejectedException with reason KEYS_UNAVAILABLE if the keys can't be had
     */
    Optional<PublicJwk> find(String keyId);

    /** Returns a source that knows exactly {@code keys}. */
    static KeySource of(JwkSet keys) {
        return keys::find;
    }
}
