package io.dynamiccredentials.verify;

import static io.dynamiccredentials.TokenRejectedException.Reason.ALGORITHM_REFUSED;
import static io.dynamiccredentials.TokenRejectedException.Reason.UNKNOWN_KEY;

import io.dynamiccredentials.TokenRejectedException;
import io.dynamiccredentials.jwk.PublicJwk;
import io.dynamiccredentials.jwk.SigningAlgorithm;
import io.dynamiccredentials.wire.UntrustedText;

/**
 * Decides which key of an issuer may have signed a token.
 *
 * <p>The header's algorithm must be in the issuer's list and be the key's own, and the key must have the header's id: a
 * sender can choose neither (RFC 8725, sections 3.1 and 3.2).
 */
final class KeyChoice {
    private KeyChoice() {}

    static PublicJwk choose(CompactJws token, TrustedIssuer issuer) {
        SigningAlgorithm algorithm = requireAlgorithm(token.algorithm().orElse(""), issuer);
        PublicJwk key = requireKey(token.keyId().orElse(""), issuer);
        if (key.algorithm() != algorithm) {
            throw TokenRejectedException.of(
                    ALGORITHM_REFUSED,
                    "Key " + UntrustedText.quoteId(key.keyId()) + " is for "
                            + key.algorithm().jwsName() + "; the token says " + algorithm.jwsName());
        }
        return key;
    }

    private static SigningAlgorithm requireAlgorithm(String name, TrustedIssuer issuer) {
        return SigningAlgorithm.parse(name)
                .filter(issuer.algorithms()::contains)
                .orElseThrow(() -> TokenRejectedException.of(
                        ALGORITHM_REFUSED,
                        "The token's algorithm is " + UntrustedText.quote(name) + ", expected one of "
                                + issuer.algorithms() + " for issuer \"" + issuer.issuer() + "\""));
    }

    private static PublicJwk requireKey(String keyId, TrustedIssuer issuer) {
        if (keyId.isEmpty()) {
            throw TokenRejectedException.of(
                    UNKNOWN_KEY,
                    "The token names no key; expected the kid of one of issuer \"" + issuer.issuer() + "\"");
        }
        return issuer.keys()
                .find(keyId)
                .orElseThrow(() -> TokenRejectedException.of(
                        UNKNOWN_KEY,
                        "Issuer \"" + issuer.issuer() + "\" publishes no key with the token's kid "
                                + UntrustedText.quoteId(keyId)
                                + ". Check that it publishes a key before it signs with it"));
    }
}
