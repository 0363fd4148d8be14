package io.dynamiccredentials.testkit.aws;

/** Ends a request to STS with the status, code and text of an error. */
final class StsRefusedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int status;
    private final String code;

    StsRefusedException(int status, String code, String message) {
        super(message);
        this.status = status;
        this.code = code;
    }

    /** Says that the identity token is not good. */
    static StsRefusedException invalidToken(String message) {
        return new StsRefusedException(400, "InvalidIdentityToken", message);
    }

    /** Says that a field of the request is not good. */
    static StsRefusedException validation(String message) {
        return new StsRefusedException(400, "ValidationError", message);
    }

    static StsRefusedException accessDenied(String message) {
        return new StsRefusedException(403, "AccessDenied", message);
    }

    int status() {
        return status;
    }

    String code() {
        return code;
    }

    String text() {
        return String.valueOf(getMessage());
    }
}
