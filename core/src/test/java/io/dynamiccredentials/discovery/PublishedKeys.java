package io.dynamiccredentials.discovery;

import io.dynamiccredentials.jwk.JwkSet;
import io.dynamiccredentials.jwk.PublicJwk;
import io.dynamiccredentials.jwk.SigningAlgorithm;
import io.dynamiccredentials.keys.ActiveKey;
import io.dynamiccredentials.keys.SigningKey;
import io.dynamiccredentials.keys.SigningKeys;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Keys that publish what a test tells them to, and sign nothing. */
final class PublishedKeys implements SigningKeys {
    private volatile @Nullable JwkSet published;
    private volatile Duration maxAge = Duration.ofMinutes(5);

    static PublishedKeys notLoaded() {
        return new PublishedKeys();
    }

    static PublishedKeys of(PublicJwk... keys) {
        PublishedKeys published = new PublishedKeys();
        published.publish(keys);
        return published;
    }

    /** Returns that many new ES256 keys. */
    static PublicJwk[] fresh(int count) {
        return Stream.generate(() -> SigningKey.generate(SigningAlgorithm.ES256).publicJwk())
                .limit(count)
                .toArray(PublicJwk[]::new);
    }

    void publish(PublicJwk... keys) {
        published = new JwkSet(List.of(keys));
    }

    PublishedKeys maxAge(Duration maxAge) {
        this.maxAge = maxAge;
        return this;
    }

    @Override
    public ActiveKey active(Instant expiresAt) {
        throw new IllegalStateException("These keys sign nothing");
    }

    @Override
    public JwkSet published() {
        JwkSet current = published;
        if (current == null) {
            throw new IllegalStateException("not loaded");
        }
        return current;
    }

    @Override
    public Duration maxAge() {
        return maxAge;
    }
}
