package io.dynamiccredentials;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Thrown when a received token is not acceptable. The {@link #reason()} is the first rule that it broke.
 *
 * <p>The message names what was expected, such as the trusted issuers, so it belongs into the log and not into the
 * answer to whoever sent the token. KEYS_UNAVAILABLE and REPLAY_UNKNOWN are no fault of the token: the same one may be
 * good later (in HTTP, 503). CLAIM_MISMATCH is a true token of somebody who is not welcome (403); all others are 401.
 */
public final class TokenRejectedException extends DynamicCredentialsException {
    private static final long serialVersionUID = 1;

    /** The rule that a token broke. */
    public enum Reason {
        /** It is no compact JWS of a JSON object, or a member has the wrong type (RFC 7519, section 7.2). */
        MALFORMED,
        /** Its algorithm is not in the issuer's list, or is not the algorithm of the key. */
        ALGORITHM_REFUSED,
        /** The issuer publishes no key of that id. */
        UNKNOWN_KEY,
        /** The issuer's keys could not be fetched. */
        KEYS_UNAVAILABLE,
        /** The signature is not that of the key. */
        BAD_SIGNATURE,
        /** The issuer is not trusted. */
        WRONG_ISSUER,
        /** It is for somebody else (RFC 7519, section 4.1.3). */
        WRONG_AUDIENCE,
        /** Its time is over (RFC 7519, section 4.1.4). */
        EXPIRED,
        /** Its time has not come (RFC 7519, section 4.1.5). */
        NOT_YET_VALID,
        /** It says that it was issued later than now. */
        ISSUED_IN_FUTURE,
        /** It would be valid for longer than the verifier allows, or ends before it begins. */
        LIVES_TOO_LONG,
        /** It was issued longer ago than the verifier allows, whatever its {@code exp} says. */
        TOO_OLD,
        /** A required claim is absent. */
        MISSING_CLAIM,
        /** It is what it claims to be, and a claim is not one that a trust policy welcomes. */
        CLAIM_MISMATCH,
        /** It was used before, and the verifier takes each token once. */
        REPLAYED,
        /** Whether it was used before can't be told: the list of used tokens is full or can't be reached. */
        REPLAY_UNKNOWN
    }

    private final Reason reason;
    private final @Nullable String claim;

    private TokenRejectedException(Reason reason, @Nullable String claim, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.reason = reason;
        this.claim = claim;
    }

    /** Returns the rejection of a token as a whole. */
    public static TokenRejectedException of(Reason reason, String message) {
        return new TokenRejectedException(reason, null, message, null);
    }

    /** Returns the rejection of a token for the sake of one claim. */
    public static TokenRejectedException ofClaim(Reason reason, String claim, String message) {
        return new TokenRejectedException(reason, claim, message, null);
    }

    /** Returns the rejection of a token whose issuer's keys could not be had. */
    public static TokenRejectedException keysUnavailable(String message, Throwable cause) {
        return new TokenRejectedException(Reason.KEYS_UNAVAILABLE, null, message, cause);
    }

    /** Returns the rejection of a token of which can't be told whether it was used before. */
    public static TokenRejectedException replayUnknown(String message, Throwable cause) {
        return new TokenRejectedException(Reason.REPLAY_UNKNOWN, "jti", message, cause);
    }

    /** Returns the first rule that the token broke. */
    public Reason reason() {
        return reason;
    }

    /** Returns the claim that broke the rule, for example {@code aud}; empty if it is the token as a whole. */
    public Optional<String> claim() {
        return Optional.ofNullable(claim);
    }
}
