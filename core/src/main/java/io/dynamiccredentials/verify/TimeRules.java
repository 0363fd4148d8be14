package io.dynamiccredentials.verify;

import static io.dynamiccredentials.TokenRejectedException.Reason.EXPIRED;
import static io.dynamiccredentials.TokenRejectedException.Reason.ISSUED_IN_FUTURE;
import static io.dynamiccredentials.TokenRejectedException.Reason.LIVES_TOO_LONG;
import static io.dynamiccredentials.TokenRejectedException.Reason.NOT_YET_VALID;
import static io.dynamiccredentials.TokenRejectedException.Reason.TOO_OLD;

import io.dynamiccredentials.TokenRejectedException;
import io.dynamiccredentials.TokenRejectedException.Reason;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Decides whether now is the time of a token (RFC 7519, sections 4.1.4 to 4.1.6).
 *
 * @param clockSkew by how much the issuer's clock may differ
 * @param maxLifetime the longest time between {@code iat} and {@code exp}
 * @param maxAge the longest time since {@code iat}; null if the lifetime alone decides
 */
record TimeRules(
        Duration clockSkew, Duration maxLifetime, @Nullable Duration maxAge) {

    /** Checks the times of {@code claims} at {@code now}. */
    Times check(TokenClaims claims, Instant now) {
        Instant issuedAt = claims.time("iat").orElseThrow(() -> TokenClaims.missing("iat"));
        Instant expiresAt = claims.time("exp").orElseThrow(() -> TokenClaims.missing("exp"));
        Instant notBefore = claims.time("nbf").orElse(issuedAt);
        // A token that ends exactly now has ended: exp is the first moment at which it is no longer valid.
        if (!now.isBefore(expiresAt.plus(clockSkew))) {
            throw refusal(EXPIRED, "exp", "The token expired at " + expiresAt, now);
        }
        if (now.isBefore(issuedAt.minus(clockSkew))) {
            throw refusal(ISSUED_IN_FUTURE, "iat", "The token was issued at " + issuedAt, now);
        }
        if (now.isBefore(notBefore.minus(clockSkew))) {
            throw refusal(NOT_YET_VALID, "nbf", "The token is valid from " + notBefore + " on", now);
        }
        Duration lifetime = Duration.between(issuedAt, expiresAt);
        if (lifetime.isNegative() || expiresAt.isBefore(notBefore) || lifetime.compareTo(maxLifetime) > 0) {
            throw TokenRejectedException.ofClaim(
                    LIVES_TOO_LONG,
                    "exp",
                    "The token lives from " + issuedAt + " (nbf " + notBefore + ") to " + expiresAt
                            + ", expected a life of zero to " + maxLifetime + " that does not end before nbf");
        }
        if (maxAge != null && now.isAfter(issuedAt.plus(maxAge).plus(clockSkew))) {
            throw refusal(
                    TOO_OLD,
                    "iat",
                    "The token was issued at " + issuedAt + ", expected at most " + maxAge + " ago",
                    now);
        }
        return new Times(issuedAt, expiresAt);
    }

    /** When a token was issued and when it ends. */
    record Times(Instant issuedAt, Instant expiresAt) {}

    private TokenRejectedException refusal(Reason reason, String claim, String what, Instant now) {
        return TokenRejectedException.ofClaim(
                reason,
                claim,
                what + "; now is " + now + ", allowed skew " + clockSkew + ". Get a new token, or check the clocks");
    }
}
