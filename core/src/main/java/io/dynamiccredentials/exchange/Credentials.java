package io.dynamiccredentials.exchange;

import io.dynamiccredentials.Secret;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Short-lived secrets of one platform, with an end.
 *
 * <p><b>For implementers:</b> an immutable value whose sensitive components are all of type
 * {@link io.dynamiccredentials.Secret}, so that its text form shows none.
 */
public interface Credentials {

    /** Returns when the platform stops accepting them, if nobody ends them sooner. */
    Instant expiresAt();

    /**
     * Returns who the platform says their holder is, for audit logs: an ARN, an e-mail address, an accessor. Not
     * secret.
     */
    String principal();

    /**
     * Returns every secret that they consist of, each by itself and in the text form in which a tool may print it. Logs
     * are masked by it.
     */
    List<Secret> secrets();

    /**
     * Returns the id under which the platform's support finds the request that gave them. Unless overridden, none is
     * known.
     */
    default Optional<String> requestId() {
        return Optional.empty();
    }
}
