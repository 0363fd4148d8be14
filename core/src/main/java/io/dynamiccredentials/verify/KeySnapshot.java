package io.dynamiccredentials.verify;

import io.dynamiccredentials.jwk.JwkSet;
import java.net.URI;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * An issuer's keys as they were found at one moment. Immutable.
 *
 * <p>Its age counts from the discovery: keys that were fetched once more at a place that the issuer may have left since
 * are no younger for it.
 *
 * @param keys the keys, at least one
 * @param jwksUri where they were found
 * @param discoveredAt when the discovery document said so
 * @param entityTag the answer's {@code ETag}, if it had one that can be sent back
 * @param fetchedAt when the request for the keys was sent
 * @param softAge from this age on the keys are used only if newer ones can't be had
 * @param renewAge from this age on they are renewed in the background
 */
record KeySnapshot(
        JwkSet keys,
        URI jwksUri,
        Moment discoveredAt,
        @Nullable String entityTag,
        Moment fetchedAt,
        Duration softAge,
        Duration renewAge) {

    boolean isDue(Moment now) {
        return now.since(discoveredAt).compareTo(softAge) >= 0;
    }

    boolean isAlmostDue(Moment now) {
        return now.since(discoveredAt).compareTo(renewAge) >= 0;
    }

    /** Tells whether the place of the keys was looked up so lately that a new key needs no new look. */
    boolean knowsThePlace(Moment now) {
        return now.since(discoveredAt).compareTo(softAge.dividedBy(2)) < 0;
    }
}
