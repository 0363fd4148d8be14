package io.dynamiccredentials.verify;

import com.fasterxml.jackson.databind.JsonNode;
import io.dynamiccredentials.IssuerUrl;
import io.dynamiccredentials.TokenRejectedException;
import io.dynamiccredentials.jwk.JwkSet;
import io.dynamiccredentials.jwk.PublicJwk;
import io.dynamiccredentials.wire.BoundedHttpClient;
import io.dynamiccredentials.wire.HttpReply;
import io.dynamiccredentials.wire.StrictJson;
import io.dynamiccredentials.wire.UntrustedText;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The keys of an issuer, found through its discovery document and kept for a while.
 *
 * <p>The document's {@code issuer} must be the configured one, byte for byte. Keys are fetched anew when they are older
 * than 5 minutes, and for an unknown key id at most every 5 seconds, however many ask. While the issuer can't be
 * reached, known keys serve for up to an hour. Ages are measured by a monotonic clock. Safe for use by many threads;
 * holds no thread.
 */
public final class RemoteJwkSet implements KeySource {
    private static final Duration MAX_AGE = Duration.ofMinutes(5);
    private static final Duration MAX_AGE_IN_OUTAGE = Duration.ofHours(1);

    private final IssuerUrl issuer;
    private final BoundedHttpClient http;
    private final Duration refetchInterval;
    private final LongSupplier nanoTime;
    private final ReentrantLock fetching = new ReentrantLock();
    private volatile @Nullable Snapshot snapshot;
    private volatile @Nullable Attempt lastAttempt;

    private record Snapshot(JwkSet keys, long fetchedAtNanos) {}

    private record Attempt(long atNanos, @Nullable IOException failure) {}

    private RemoteJwkSet(Builder builder) {
        this.issuer = builder.issuer;
        this.http = builder.http;
        this.refetchInterval = builder.refetchInterval;
        this.nanoTime = builder.nanoTime;
    }

    /** Starts a key set of {@code issuer} that is fetched through {@code http}. */
    public static Builder builder(IssuerUrl issuer, BoundedHttpClient http) {
        return new Builder(issuer, http);
    }

    @Override
    public Optional<PublicJwk> find(String keyId) {
        Optional<PublicJwk> fresh = cached(keyId, MAX_AGE);
        if (fresh.isPresent()) {
            return fresh;
        }
        refresh(keyId);
        Optional<PublicJwk> known = cached(keyId, MAX_AGE_IN_OUTAGE);
        Attempt attempt = lastAttempt;
        IOException failure = attempt == null ? null : attempt.failure();
        if (known.isEmpty() && failure != null) {
            throw TokenRejectedException.keysUnavailable(
                    "The keys of issuer \"" + issuer + "\" can't be fetched: " + failure.getMessage()
                            + ". Check that its discovery document is reachable from here",
                    failure);
        }
        return known;
    }

    private void refresh(String keyId) {
        if (attemptedWithin(refetchInterval)) {
            return;
        }
        boolean mustWait = cached(keyId, MAX_AGE_IN_OUTAGE).isEmpty();
        if (mustWait) {
            fetching.lock();
        } else if (!fetching.tryLock()) {
            // Somebody is asking the issuer already, who may be slow; the key that is known serves meanwhile.
            return;
        }
        try {
            // Whoever waited for the lock finds what its holder fetched.
            if (!attemptedWithin(refetchInterval) && cached(keyId, MAX_AGE).isEmpty()) {
                fetch();
            }
        } finally {
            fetching.unlock();
        }
    }

    private Optional<PublicJwk> cached(String keyId, Duration maxAge) {
        Snapshot current = snapshot;
        return current == null || nanoTime.getAsLong() - current.fetchedAtNanos() >= maxAge.toNanos()
                ? Optional.empty()
                : current.keys().find(keyId);
    }

    private boolean attemptedWithin(Duration interval) {
        Attempt attempt = lastAttempt;
        return attempt != null && nanoTime.getAsLong() - attempt.atNanos() < interval.toNanos();
    }

    private void fetch() {
        try {
            JsonNode document = parse(get(issuer.discoveryDocument()));
            if (!issuer.value().equals(document.path("issuer").textValue())) {
                throw new IOException("its discovery document names the issuer "
                        + UntrustedText.quote(document.path("issuer").asText()) + ", expected \"" + issuer + "\"");
            }
            JwkSet keys = keySet(get(jwksUri(document)));
            snapshot = new Snapshot(keys, nanoTime.getAsLong());
            lastAttempt = new Attempt(nanoTime.getAsLong(), null);
        } catch (IOException e) {
            lastAttempt = new Attempt(nanoTime.getAsLong(), e);
        } catch (RuntimeException e) {
            // A failure of any kind counts as an attempt, or every caller would ask the issuer again.
            lastAttempt = new Attempt(nanoTime.getAsLong(), new IOException("its answer can't be read"));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw TokenRejectedException.keysUnavailable("Interrupted while fetching keys of \"" + issuer + "\"", e);
        }
    }

    private URI jwksUri(JsonNode document) throws IOException {
        String text = StrictJson.text(document, "jwks_uri").orElse("");
        try {
            URI uri = URI.create(text);
            if (issuer.mayReferTo(uri)) {
                return uri;
            }
        } catch (IllegalArgumentException e) {
            // Falls through to the one refusal for all bad addresses.
        }
        throw new IOException("its jwks_uri is " + UntrustedText.quote(text) + ", expected an https address");
    }

    private String get(URI address) throws IOException, InterruptedException {
        HttpReply reply = http.send(HttpRequest.newBuilder(address).header("Accept", "application/json"));
        if (reply.status() != 200) {
            throw new IOException(UntrustedText.quote(address.toString()) + " answered HTTP " + reply.status());
        }
        return reply.body();
    }

    private static JsonNode parse(String body) throws IOException {
        try {
            return StrictJson.parseObject(body);
        } catch (IllegalArgumentException e) {
            throw new IOException("its discovery document is " + e.getMessage());
        }
    }

    private static JwkSet keySet(String body) throws IOException {
        try {
            return JwkSet.parse(body);
        } catch (IllegalArgumentException e) {
            throw new IOException("its key set is unusable: " + e.getMessage());
        }
    }

    /** Collects the settings of a key set. Not safe for use by several threads. */
    public static final class Builder {
        private final IssuerUrl issuer;
        private final BoundedHttpClient http;
        private Duration refetchInterval = Duration.ofSeconds(5);
        private LongSupplier nanoTime = System::nanoTime;

        private Builder(IssuerUrl issuer, BoundedHttpClient http) {
            this.issuer = issuer;
            this.http = http;
        }

        /** Sets the shortest time between two fetches, 0 to 1 minute. Default 5 seconds. */
        public Builder refetchInterval(Duration refetchInterval) {
            if (refetchInterval.isNegative() || refetchInterval.compareTo(Duration.ofMinutes(1)) > 0) {
                throw new IllegalArgumentException("The interval must be 0 to 1 minute; it was " + refetchInterval);
            }
            this.refetchInterval = refetchInterval;
            return this;
        }

        /** Sets the monotonic clock in nanoseconds. Default: {@link System#nanoTime()}. */
        public Builder nanoTime(LongSupplier nanoTime) {
            this.nanoTime = nanoTime;
            return this;
        }

        /** Returns the key set. Nothing is fetched yet. */
        public RemoteJwkSet build() {
            return new RemoteJwkSet(this);
        }
    }
}
