package io.dynamiccredentials.verify;

import io.dynamiccredentials.jwk.PublicJwk;
import io.dynamiccredentials.jwk.SigningAlgorithm;
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
    private static final int CURVE_BYTES = 64;

    private Signatures() {}

    static boolean verify(PublicJwk key, byte[] signingInput, byte[] signature) {
        JsonWebSignatureAlgorithm algorithm = switch (key.algorithm()) {
            case RS256 -> new RsaUsingShaAlgorithm.RsaSha256();
            case ES256 -> new EcdsaUsingShaAlgorithm.EcdsaP256UsingSha256();
            case EDDSA -> new EdDsaAlgorithm();
        };
        // jose4j takes a shorter ES256 signature and the JDK a longer Ed25519 one: a token would have several
        // spellings.
        if (key.algorithm() != SigningAlgorithm.RS256 && signature.length != CURVE_BYTES) {
            return false;
        }
        try {
            return algorithm.verifySignature(signature, key.publicKey(), signingInput, new ProviderContext());
        } catch (JoseException e) {
            // A signature that can't even be read is as wrong as one that does not match.
            return false;
        }
    }
}
