package io.dynamiccredentials;

/**
 * Thrown when no identity token can be issued: there is no active key, the signer failed, or the token would break a
 * rule.
 */
public final class TokenIssuanceException extends DynamicCredentialsException {
    private static final long serialVersionUID = 1;

    /** Creates the failure of a rule. */
    public TokenIssuanceException(String message) {
        super(message, null);
    }

    /** Creates the failure of a signer, with what it said. */
    public TokenIssuanceException(String message, Throwable cause) {
        super(message, cause);
    }
}
