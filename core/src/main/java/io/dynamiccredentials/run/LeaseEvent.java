package io.dynamiccredentials.run;

import io.dynamiccredentials.token.IdentityToken;
import java.time.Instant;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Something that happened to a lease. Holds no secret. Immutable.
 *
 * @param kind what happened
 * @param at when
 * @param runId the run's id
 * @param configuration the configuration that it is about, for example {@code AWS (PROD)}; empty for the whole lease
 * @param tokenId the {@code jti} of the identity token, if there is one
 * @param tokenFingerprint the first 8 hexadecimal digits of the SHA-256 of that token
 * @param requestId the platform's id of the request
 * @param principal who the platform says the holder is
 * @param detail more in words: why it was refused, which endpoint was asked, which file was found
 */
public record LeaseEvent(
        Kind kind,
        Instant at,
        String runId,
        Optional<String> configuration,
        Optional<String> tokenId,
        Optional<String> tokenFingerprint,
        Optional<String> requestId,
        Optional<String> principal,
        Optional<String> detail) {
    private static final Pattern FINGERPRINT = Pattern.compile("[0-9a-f]{8}");

    /**
     * Checks the fingerprint.
     *
     * @throws IllegalArgumentException if it is none, as a token in its place would be; the message does not repeat it
     */
    public LeaseEvent {
        if (tokenFingerprint
                .filter(fingerprint -> !FINGERPRINT.matcher(fingerprint).matches())
                .isPresent()) {
            throw new IllegalArgumentException("The fingerprint of a token must be 8 hexadecimal digits in lower case; "
                    + "it had " + tokenFingerprint.get().length() + " characters. Take it from the secret");
        }
    }

    /** Makes an event of a whole lease. */
    static LeaseEvent of(Kind kind, Instant at, String runId) {
        Optional<String> none = Optional.empty();
        return new LeaseEvent(kind, at, runId, none, none, none, none, none, none);
    }

    /** Returns the same event, of one configuration. */
    LeaseEvent about(String configuration) {
        return new LeaseEvent(
                kind, at, runId, Optional.of(configuration), tokenId, tokenFingerprint, requestId, principal, detail);
    }

    /** Returns the same event, with what names this token without its power. */
    LeaseEvent with(IdentityToken token) {
        return new LeaseEvent(
                kind,
                at,
                runId,
                configuration,
                Optional.of(token.tokenId()),
                Optional.of(token.compact().fingerprint()),
                requestId,
                principal,
                detail);
    }

    /** Returns the same event, which a platform knows by this request. */
    LeaseEvent answering(Optional<String> requestId) {
        return new LeaseEvent(kind, at, runId, configuration, tokenId, tokenFingerprint, requestId, principal, detail);
    }

    /** Returns the same event, with who the platform says the holder is. */
    LeaseEvent heldBy(String principal) {
        return new LeaseEvent(
                kind, at, runId, configuration, tokenId, tokenFingerprint, requestId, Optional.of(principal), detail);
    }

    /** Returns the same event, with more in words. */
    LeaseEvent saying(String detail) {
        return new LeaseEvent(
                kind, at, runId, configuration, tokenId, tokenFingerprint, requestId, principal, Optional.of(detail));
    }

    /** What can happen. */
    public enum Kind {
        /** An identity token was issued. */
        ISSUED,
        /** A token was traded for credentials. */
        EXCHANGED,
        /** Credentials or a token were renewed or replaced by newer ones, and the run has them. */
        REFRESHED,
        /** An endpoint on loopback handed something out. */
        SERVED,
        /** Credentials were ended by their platform. */
        REVOKED,
        /**
         * Credentials can't be ended, or their platform has not confirmed it: they live until the time in the detail.
         */
        LIVES_ON,
        /** A platform, a rule or an endpoint said no, or something failed. */
        REFUSED,
        /** A file was found that a dead process had left. */
        LEAKED_FILE_FOUND
    }
}
