package io.dynamiccredentials;

import org.jspecify.annotations.Nullable;

/**
 * Thrown when no identity token can be issued: there is no active key, the signer failed, or the token would break a
 * rule.
 */
public final class TokenIssuanceException extends DynamicCredentialsException {
    private static final long serialVersionUID = 1;

    /** Creates the failure with its explanation and, where there is one, the signer's own failure. */
    public TokenIssuanceException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
