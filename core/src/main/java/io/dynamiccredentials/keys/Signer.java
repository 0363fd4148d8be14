package io.dynamiccredentials.keys;

/**
 * Signs with one private key, wherever that key lives.
 *
 * <p><b>For implementers:</b> safe for use by many threads. The signature is in JOSE form (RFC 7518, section 3): for
 * ES256 the 64 bytes of R and S, not DER. A failure is an {@link IllegalStateException} whose chain holds no key.
 */
@FunctionalInterface
public interface Signer {

    /**
     * Signs {@code signingInput}. May block on the network where the key lives elsewhere.
     *
     * @throws IllegalStateException if the key can't sign now
     */
    byte[] sign(byte[] signingInput);
}
