package io.dynamiccredentials.exchange;

import io.dynamiccredentials.token.IdentityToken;
import java.util.Optional;

/**
 * Trades identity tokens at one platform for credentials of one role.
 *
 * <p><b>For implementers:</b> safe for use by many threads. Every answer is checked before it becomes credentials. Each
 * attempt is one request chain with a total time-out; whether to try again is the caller's decision, helped by
 * {@link io.dynamiccredentials.CredentialExchangeException#retryable()}.
 */
public interface CredentialExchanger<C extends Credentials> {

    /** Returns the platform's name as messages and reports show it, for example {@code AWS}. */
    String platform();

    /** Returns the audience that the platform expects in a token, so that the caller can't get it wrong. */
    String audience();

    /**
     * Trades {@code token} for credentials. Blocks on the network, at most for the exchanger's total time-out per
     * request.
     *
     * @throws io.dynamiccredentials.CredentialExchangeException if the platform gave none; never returns half of them
     */
    C exchange(IdentityToken token);

    /**
     * Ends {@code credentials} at the platform, if it has a way. Unless overridden, says that it has none.
     *
     * @throws io.dynamiccredentials.CredentialExchangeException if the platform has a way and it failed
     */
    default Revocation revoke(C credentials) {
        return new Revocation.LivesUntil(credentials.expiresAt());
    }

    /**
     * Returns by what somebody else can end {@code credentials} if this process dies. Unless overridden, there is
     * nothing: they end by themselves.
     */
    default Optional<RevocationHandle> handle(C credentials) {
        return Optional.empty();
    }
}
