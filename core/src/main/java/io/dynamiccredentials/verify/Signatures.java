package io.dynamiccredentials.verify;

import io.dynamiccredentials.jwk.PublicJwk;
import java.security.interfaces.RSAPublicKey;
import org.jose4j.jca.ProviderContext;
import org.jose4j.jws.EcdsaUsingShaAlgorithm;
import org.jose4j.jws.EdDsaAlgorithm;
import org.jose4j.jws.JsonWebSignatureAlgorithm;
import org.jose4j.jws.RsaUsingShaAlgorithm;
import org.jose4j.lang.JoseException;

/**
 * Checks one signature with the one algorithm of its key. jose4j guards the JCA against the signatures that fooled it.
 */
final class Signatures {
    private static final int OCTET_BITS = 8;

    private Signatures() {}

    static boolean verify(PublicJwk key, byte[] signingInput, byte[] signature) {
        // jose4j takes a shorter ECDSA signature and the JDK a longer Ed25519 one: a token would have several
        // spellings.
        if (signature.length != length(key)) {
            return false;
        }
        try {
            return algorithm(key).verifySignature(signature, key.publicKey(), signingInput, new ProviderContext());
        } catch (JoseException e) {
            // A signature that can't even be read is as wrong as one that does not match.
            return false;
        }
    }

    /** Returns the one length of a signature: of an RSA key's modulus, or of two numbers of the curve's. */
    private static int length(PublicJwk key) {
        return switch (key.algorithm()) {
            case RS256, RS384, RS512, PS256, PS384, PS512 -> octets((RSAPublicKey) key.publicKey());
            case ES256, EDDSA -> 64;
            case ES384 -> 96;
            case ES512 -> 132;
        };
    }

    private static int octets(RSAPublicKey key) {
        return (key.getModulus().bitLength() + OCTET_BITS - 1) / OCTET_BITS;
    }

    private static JsonWebSignatureAlgorithm algorithm(PublicJwk key) {
        return switch (key.algorithm()) {
            case RS256 -> new RsaUsingShaAlgorithm.RsaSha256();
            case RS384 -> new RsaUsingShaAlgorithm.RsaSha384();
            case RS512 -> new RsaUsingShaAlgorithm.RsaSha512();
            // jose4j fixes the salt's length and the trailer, and the JDK then refuses every other.
            case PS256 -> new RsaUsingShaAlgorithm.RsaPssSha256();
            case PS384 -> new RsaUsingShaAlgorithm.RsaPssSha384();
            case PS512 -> new RsaUsingShaAlgorithm.RsaPssSha512();
            case ES256 -> new EcdsaUsingShaAlgorithm.EcdsaP256UsingSha256();
            case ES384 -> new EcdsaUsingShaAlgorithm.EcdsaP384UsingSha384();
            case ES512 -> new EcdsaUsingShaAlgorithm.EcdsaP521UsingSha512();
            case EDDSA -> new EdDsaAlgorithm();
        };
    }
}
