package io.dynamiccredentials.exchange;

import java.time.Instant;

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
}
