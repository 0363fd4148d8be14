package io.dynamiccredentials.verify;

import io.dynamiccredentials.IssuerUrl;
import io.dynamiccredentials.jwk.JwkSet;
import io.dynamiccredentials.wire.BoundedHttpClient;
import io.dynamiccredentials.wire.HttpReply;
import io.dynamiccredentials.wire.PlatformAddress;
import io.dynamiccredentials.wire.PublicAddress;
import io.dynamiccredentials.wire.UntrustedText;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * Fetches an issuer's keys once: its discovery document, unless that was read just now, and then its key set.
 *
 * <p>Both together get 5 seconds, whatever the issuer does. Safe for use by many threads.
 *
 * @param http sends the requests and follows no redirect
 * @param clocks tell how much of the time is left
 * @param privateAllowed whether addresses inside a network may be asked
 */
record JwkSetFetcher(BoundedHttpClient http, Moment.Clocks clocks, boolean privateAllowed) {
    private static final Duration DEADLINE = Duration.ofSeconds(5);
    private static final int MAX_ENTITY_TAG_LENGTH = 256;

    /** A failed fetch, and how long the issuer wants to be left alone. */
    static final class FetchException extends IOException {
        private static final long serialVersionUID = 1;

        private final Duration retryAfter;

        FetchException(String message, Duration retryAfter) {
            super(message);
            this.retryAfter = retryAfter;
        }

        Duration retryAfter() {
            return retryAfter;
        }
    }

    /**
     * Fetches the keys of {@code issuer} anew.
     *
     * @param before what is known, so that an unchanged set needn't travel again; null if nothing is
     * @param trustPlace whether the place of the keys may be taken from {@code before}
     * @throws IOException if there is no usable set; its message is fit for a log
     */
    KeySnapshot fetch(IssuerUrl issuer, @Nullable KeySnapshot before, boolean trustPlace)
            throws IOException, InterruptedException {
        Moment start = clocks.now();
        if (before != null && trustPlace && before.knowsThePlace(start)) {
            return keysAt(before.jwksUri(), issuer, before, before.discoveredAt(), start);
        }
        HttpReply reply = get(issuer.discoveryDocument(), issuer, null, start);
        requireOk(reply, issuer.discoveryDocument());
        return keysAt(metadata(reply, issuer).jwksUri(), issuer, before, start, start);
    }

    private KeySnapshot keysAt(
            URI jwksUri, IssuerUrl issuer, @Nullable KeySnapshot before, Moment discoveredAt, Moment start)
            throws IOException, InterruptedException {
        String tag = before != null && before.jwksUri().equals(jwksUri) ? before.entityTag() : null;
        Moment sent = clocks.now();
        HttpReply reply = get(jwksUri, issuer, tag, start);
        JwkSet keys;
        if (reply.status() == 304 && before != null && tag != null) {
            keys = before.keys();
        } else {
            requireOk(reply, jwksUri);
            keys = keySet(reply);
        }
        Duration softAge = CacheHeaders.softAge(reply);
        // Between 75 and 90 % of the age: early enough for a slow issuer, and not on all nodes at once.
        long renewPercent = ThreadLocalRandom.current().nextLong(75, 91);
        return new KeySnapshot(
                keys,
                jwksUri,
                discoveredAt,
                entityTag(reply, tag),
                sent,
                softAge,
                softAge.multipliedBy(renewPercent).dividedBy(100));
    }

    private HttpReply get(URI address, IssuerUrl issuer, @Nullable String tag, Moment start)
            throws IOException, InterruptedException {
        if (!privateAllowed && !(issuer.isLoopback() && PlatformAddress.isLoopback(address))) {
            PublicAddress.require(address);
        }
        HttpRequest.Builder request =
                HttpRequest.newBuilder(address).header("Accept", "application/json, application/jwk-set+json");
        if (tag != null) {
            request.header("If-None-Match", tag);
        }
        Duration spent = Duration.ofNanos(clocks.now().nanos() - start.nanos());
        return http.send(request, DEADLINE.minus(spent));
    }

    private void requireOk(HttpReply reply, URI address) throws FetchException {
        if (reply.status() != 200) {
            throw new FetchException(
                    UntrustedText.quote(address.toString()) + " answered HTTP " + reply.status() + ", expected 200",
                    CacheHeaders.retryAfter(
                            reply, Instant.ofEpochMilli(clocks.now().epochMillis())));
        }
    }

    private static DiscoveryMetadata metadata(HttpReply reply, IssuerUrl issuer) throws FetchException {
        try {
            return DiscoveryMetadata.parse(reply.body(), issuer);
        } catch (IllegalArgumentException e) {
            throw new FetchException("its discovery document is unusable: " + e.getMessage(), Duration.ZERO);
        }
    }

    private static JwkSet keySet(HttpReply reply) throws FetchException {
        try {
            return JwkSet.parse(reply.body());
        } catch (IllegalArgumentException e) {
            throw new FetchException("its key set is unusable: " + e.getMessage(), Duration.ZERO);
        }
    }

    private static @Nullable String entityTag(HttpReply reply, @Nullable String sent) {
        String tag = reply.header("ETag").orElse(reply.status() == 304 && sent != null ? sent : "");
        boolean fit = tag.length() <= MAX_ENTITY_TAG_LENGTH && UntrustedText.isVisibleAscii(tag);
        return fit ? tag : null;
    }
}
