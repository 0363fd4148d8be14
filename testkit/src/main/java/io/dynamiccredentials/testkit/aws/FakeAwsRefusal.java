package io.dynamiccredentials.testkit.aws;

import com.fasterxml.jackson.databind.JsonNode;
import io.dynamiccredentials.TokenRejectedException;
import io.dynamiccredentials.testkit.FakeAnswer;
import io.dynamiccredentials.testkit.TokenCheck;
import java.time.Duration;
import java.time.Instant;

/** What STS answers to a token that it does not take. */
final class FakeAwsRefusal {
    static final String NOT_VALID = "The web identity token provided could not be validated. See the "
            + "AssumeRoleWithWebIdentity documentation for requirements.";

    private FakeAwsRefusal() {}

    /** Says why a token was rejected at {@code at} by a verifier that allows {@code skew}. */
    static FakeAnswer of(TokenRejectedException e, JsonNode claims, Instant at, Duration skew) {
        String claimed = claims.path(e.claim().orElse("")).asText();
        long now = at.getEpochSecond();
        return switch (e.reason()) {
            case WRONG_ISSUER -> invalid(noProvider(claims));
            case WRONG_AUDIENCE -> invalid("Incorrect token audience");
            case MISSING_CLAIM ->
                invalid("Missing a required claim: " + e.claim().orElse(""));
            case UNKNOWN_KEY, KEYS_UNAVAILABLE ->
                invalid("Couldn't retrieve verification key from your identity provider,  please reference "
                        + "AssumeRoleWithWebIdentity documentation for requirements");
            case EXPIRED ->
                AwsAnswer.error(
                        400,
                        "ExpiredTokenException",
                        "Token expired: current date/time " + (now - skew.toSeconds())
                                + " must be before the expiration date/time " + claimed);
            case NOT_YET_VALID ->
                invalid("Token not yet valid: current date/time " + (now + skew.toSeconds())
                        + " must be after or equal to the not-before date/time " + claimed);
            case ISSUED_IN_FUTURE -> invalid("Token issued in the future: " + claimed);
            case ALGORITHM_REFUSED -> invalid(notAJwt());
            case MALFORMED ->
                switch (e.claim().orElse("")) {
                    case "iss" -> invalid(noProvider(claims));
                    case "aud" -> invalid("Incorrect token audience");
                    case "exp", "iat", "nbf" -> invalid("Invalid timestamp in token claims.");
                    default -> invalid(notAJwt());
                };
            case BAD_SIGNATURE, LIVES_TOO_LONG -> invalid(NOT_VALID);
            case TOO_OLD, CLAIM_MISMATCH, REPLAYED, REPLAY_UNKNOWN -> throw TokenCheck.ofNoFake(e);
        };
    }

    static FakeAnswer invalid(String message) {
        return AwsAnswer.error(400, "InvalidIdentityToken", message);
    }

    static String notAJwt() {
        return "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)";
    }

    static String noProvider(JsonNode claims) {
        return "No OpenIDConnect provider found in your account for "
                + claims.path("iss").asText();
    }
}
