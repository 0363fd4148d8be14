package io.dynamiccredentials.gcp;

import com.fasterxml.jackson.databind.JsonNode;
import io.dynamiccredentials.gcp.ProviderDecision.Check;
import io.dynamiccredentials.gcp.ProviderDecision.Refused;
import java.time.Instant;
import java.util.Optional;

/**
 * When Google takes a token, as measured: with a leeway of less than 61 s in both directions, and however long it
 * lives.
 */
final class TokenTimes {
    private static final long SKEW_SECONDS = 60;

    private TokenTimes() {}

    /** Returns why a token is not taken at {@code now}; empty if it is. */
    static Optional<Refused> refusal(JsonNode claims, Instant now) {
        JsonNode issuedAt = claims.path("iat");
        JsonNode expiresAt = claims.path("exp");
        if (!issuedAt.isNumber() || !expiresAt.isNumber()) {
            return refused(
                    claims, "the claims iat and exp", "iat " + issuedAt.isNumber() + ", exp " + expiresAt.isNumber());
        }
        double second = now.getEpochSecond() + now.getNano() / 1e9;
        if (expiresAt.doubleValue() + SKEW_SECONDS <= second) {
            return refused(claims, "an exp after " + now.minusSeconds(SKEW_SECONDS), expiresAt.asText());
        }
        if (issuedAt.doubleValue() > second + SKEW_SECONDS) {
            return refused(claims, "an iat until " + now.plusSeconds(SKEW_SECONDS), issuedAt.asText());
        }
        if (expiresAt.doubleValue() <= issuedAt.doubleValue()) {
            return refused(claims, "an exp after iat", expiresAt.asText());
        }
        return notBefore(claims, now, second);
    }

    // UNVERIFIED: nobody has written down what Google does with nbf.
    private static Optional<Refused> notBefore(JsonNode claims, Instant now, double second) {
        JsonNode notBefore = claims.path("nbf");
        boolean begun =
                notBefore.isMissingNode() || (notBefore.isNumber() && notBefore.doubleValue() <= second + SKEW_SECONDS);
        return begun
                ? Optional.empty()
                : refused(claims, "an nbf until " + now.plusSeconds(SKEW_SECONDS), notBefore.asText());
    }

    private static Optional<Refused> refused(JsonNode claims, String expected, String actual) {
        return Optional.of(new Refused(
                Check.TIME,
                "invalid_grant",
                "ID Token issued at " + claims.path("iat").asText("null") + " is stale to sign-in.",
                expected,
                actual));
    }
}
