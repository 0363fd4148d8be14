package io.dynamiccredentials.run;

import java.time.Instant;
import java.util.Optional;

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
        /** Credentials were ended, or the truth about their end is known. */
        REVOKED,
        /** A platform, a rule or an endpoint said no, or something failed. */
        REFUSED,
        /** A file was found that a dead process had left. */
        LEAKED_FILE_FOUND
    }
}
