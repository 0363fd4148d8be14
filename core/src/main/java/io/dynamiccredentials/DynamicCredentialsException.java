package io.dynamiccredentials;

import org.jspecify.annotations.Nullable;

/**
 * The failure of a stage: issuing, verifying or exchanging. Mistakes of the caller are the JDK's own exceptions
 * instead.
 *
 * <p>A message says what was expected, what came and what to do about it. It never holds a token, a key or a body from
 * the network.
 */
public abstract sealed class DynamicCredentialsException extends RuntimeException
        permits TokenIssuanceException, TokenRejectedException, CredentialExchangeException {
    private static final long serialVersionUID = 1;

    DynamicCredentialsException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
