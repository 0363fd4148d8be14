package io.dynamiccredentials.keys;

import io.dynamiccredentials.Secret;
import io.dynamiccredentials.jwk.PublicJwk;
import io.dynamiccredentials.jwk.SigningAlgorithm;
import java.util.Set;

/**
 * Makes signing keys at the place where they live: in this process, in Vault transit, in a KMS.
 *
 * <p>All keys, wherever they live, go through the same life cycle; a factory only makes them, opens them again after a
 * restart or on another node, and is told when one won't be needed again.
 *
 * <p><b>For implementers:</b> safe for use by many threads. All methods may block on a network. A failure is an
 * {@link IllegalStateException} whose message and causes hold no key.
 */
public interface SigningKeyFactory {

    /**
     * Returns the name of the place, by which stored keys find their factory again: 1 to 32 lower-case letters, digits
     * and {@code -}, for example {@code local} or {@code vault-transit}.
     */
    String name();

    /**
     * Makes a key, or takes over one that was made here and never used.
     *
     * <p>Several nodes may call this at once, of which one wins; a node may crash before the key is stored. So a
     * factory whose keys live elsewhere first looks for a key of its own that is not in {@code knownKeyIds}.
     *
     * @param knownKeyIds the ids of all keys that are or ever were in the life cycle; none of them may be returned
     * @throws IllegalStateException if none can be made now
     */
    Made create(Set<String> knownKeyIds);

    /**
     * Returns a signer for a key that this factory made, here or on another node.
     *
     * @param publicJwk its public half; the signer need not check that both belong together, the caller does
     * @param reference what {@link Made#reference()} was
     * @throws IllegalStateException if it can't be opened now
     */
    Signer open(PublicJwk publicJwk, Secret reference);

    /**
     * Is told that a key left the life cycle and will never sign again, so that it may be deleted or locked where it
     * lives. Called at most once, perhaps never: a crash may come before it. Does nothing by default.
     *
     * @throws IllegalStateException if that failed; it is reported and not repeated
     */
    default void discard(PublicJwk publicJwk, Secret reference) {}

    /**
     * Returns the factory whose keys live in this process and in the store: of {@code algorithm}, named {@code local}.
     *
     * @throws IllegalArgumentException if {@code algorithm} is not {@linkplain SigningAlgorithm#forIssuing() for
     *     issuing}
     */
    static SigningKeyFactory local(SigningAlgorithm algorithm) {
        return new LocalKeys(algorithm);
    }

    /**
     * A key that was made.
     *
     * @param publicJwk its public half, under its RFC 7638 thumbprint
     * @param reference all that {@link #open} needs: the private key itself where it lives here (it is stored
     *     encrypted), or the name of a key that lives elsewhere
     */
    record Made(PublicJwk publicJwk, Secret reference) {

        /**
         * Checks that tokens may be signed with the key.
         *
         * @throws IllegalArgumentException if it is for an algorithm that is not
         *     {@linkplain SigningAlgorithm#forIssuing() for issuing}
         */
        public Made {
            SigningKey.requireForIssuing(publicJwk.algorithm());
        }
    }
}
