package io.dynamiccredentials.verify;

import io.dynamiccredentials.IssuerUrl;
import io.dynamiccredentials.jwk.JwkSet;
import io.dynamiccredentials.jwk.PublicJwk;
import io.dynamiccredentials.jwk.SigningAlgorithm;
import java.util.EnumSet;
import java.util.Set;

/** Verifies what is signed as a token is, with a payload that is none: all steps of the verifier up to the claims. */
final class VectorVerifier {
    private static final IssuerUrl ISSUER = IssuerUrl.of("https://vectors.example");

    private VectorVerifier() {}

    static boolean verify(JwkSet keys, String compact) {
        TrustedIssuer issuer =
                new TrustedIssuer(ISSUER, Set.of("me"), EnumSet.allOf(SigningAlgorithm.class), keys::find);
        CompactJws token = CompactJws.parse(compact);
        PublicJwk key = KeyChoice.choose(token, issuer);
        return Signatures.verify(key, token.signingInput(), token.signature());
    }
}
