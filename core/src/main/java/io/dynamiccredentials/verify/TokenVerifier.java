package io.dynamiccredentials.verify;

/**
 * Decides whether a received token is acceptable.
 *
 * <p><b>For implementers:</b> safe for use by many threads. Whatever the text, the only failure is a
 * {@link io.dynamiccredentials.TokenRejectedException}, and its message never repeats the token.
 */
@FunctionalInterface
public interface TokenVerifier {

    /**
     * Verifies a token in compact form (RFC 7515, section 3.1). May block to fetch the issuer's keys.
     *
     * @throws io.dynamiccredentials.TokenRejectedException if the token is not acceptable, with the first rule that it
     *     broke
     */
    VerifiedToken verify(String compactToken);
}
