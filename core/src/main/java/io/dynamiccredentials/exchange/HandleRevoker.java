package io.dynamiccredentials.exchange;

import io.dynamiccredentials.token.IdentityToken;
import java.time.Instant;
import java.util.function.Function;

/**
 * Ends credentials whose owner died, by what a journal remembers of them and with an identity of its own.
 *
 * <p><b>For implementers:</b> safe for use by many threads. A journal may be read by somebody who did not write it:
 * hold an address in a handle against those that the host allows. Credentials that are gone already count as revoked.
 */
public interface HandleRevoker {

    /** Returns the platform whose handles it takes. */
    String platform();

    /**
     * Ends the credentials that {@code handle} names. Blocks on the network.
     *
     * @param expiresAt when they end by themselves, as far as the journal knows: whoever held them may have prolonged
     *     them
     * @param tokens issues a token of the host's own for an audience, by which the revoker proves who it is
     * @throws io.dynamiccredentials.CredentialExchangeException if they could not be ended; they may live on
     * @throws IllegalArgumentException if {@code handle} is malformed or names an address that the host does not allow
     */
    Revocation revoke(RevocationHandle handle, Instant expiresAt, Function<String, IdentityToken> tokens);
}
