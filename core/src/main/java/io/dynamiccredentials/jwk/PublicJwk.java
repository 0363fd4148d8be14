package io.dynamiccredentials.jwk;

import java.security.PublicKey;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jose4j.jwk.JsonWebKey;
import org.jose4j.jwk.PublicJsonWebKey;
import org.jose4j.lang.JoseException;

/**
 * A public key with its id and the one algorithm that it is for (RFC 7517, section 4).
 *
 * <p>RSA of 2048 to 8192 bits with an odd public exponent of at least 3 and without the ROCA weakness; a point on
 * P-256, P-384 or P-521, each for the one algorithm of its curve; or a point of large order on Ed25519. Immutable.
 */
public final class PublicJwk {
    /** The longest {@code kid}, in characters, that a key of others may have and a token may name. */
    public static final int MAX_ID_LENGTH = 256;

    private final String keyId;
    private final SigningAlgorithm algorithm;
    private final PublicKey publicKey;
    private final Map<String, Object> members;

    PublicJwk(String keyId, SigningAlgorithm algorithm, PublicJsonWebKey jwk) {
        this.keyId = keyId;
        this.algorithm = algorithm;
        this.publicKey = jwk.getPublicKey();
        this.members = publicMembers(keyId, algorithm, jwk);
    }

    /**
     * Returns {@code key} under its RFC 7638 thumbprint as the id, so that an id is never used for two keys.
     *
     * @throws IllegalArgumentException if {@code key} does not fit {@code algorithm} or is too weak
     */
    public static PublicJwk of(PublicKey key, SigningAlgorithm algorithm) {
        try {
            PublicJsonWebKey jwk = PublicJsonWebKey.Factory.newPublicJwk(key);
            KeyStrength.requireFit(jwk.getPublicKey(), algorithm);
            return new PublicJwk(jwk.calculateBase64urlEncodedThumbprint("SHA-256"), algorithm, jwk);
        } catch (JoseException e) {
            throw new IllegalArgumentException("This " + key.getAlgorithm() + " key can't be published as a JWK", e);
        }
    }

    /** Returns the id: for our own keys the RFC 7638 thumbprint with SHA-256, 43 base64url characters. */
    public String keyId() {
        return keyId;
    }

    /** Returns the only algorithm that this key may verify. */
    public SigningAlgorithm algorithm() {
        return algorithm;
    }

    /** Returns the key. */
    public PublicKey publicKey() {
        return publicKey;
    }

    /**
     * Returns the members of the JWK in a fixed order: {@code kty, use, alg, kid} and the public numbers, nothing else.
     */
    public Map<String, Object> members() {
        return members;
    }

    @Override
    public String toString() {
        return "PublicJwk[" + algorithm.jwsName() + ", kid=" + keyId + "]";
    }

    private static Map<String, Object> publicMembers(String keyId, SigningAlgorithm algorithm, PublicJsonWebKey jwk) {
        Map<String, Object> numbers = jwk.toParams(JsonWebKey.OutputControlLevel.PUBLIC_ONLY);
        Map<String, Object> members = new LinkedHashMap<>();
        members.put("kty", jwk.getKeyType());
        members.put("use", "sig");
        members.put("alg", algorithm.jwsName());
        members.put("kid", keyId);
        for (String name : new String[] {"crv", "x", "y", "n", "e"}) {
            Object number = numbers.get(name);
            if (number != null) {
                members.put(name, number);
            }
        }
        return Collections.unmodifiableMap(members);
    }
}
