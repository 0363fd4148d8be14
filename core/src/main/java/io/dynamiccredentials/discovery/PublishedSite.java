package io.dynamiccredentials.discovery;

import io.dynamiccredentials.IssuerUrl;
import io.dynamiccredentials.jwk.JwkSet;
import io.dynamiccredentials.wire.StrictJson;
import java.time.Duration;
import java.util.Map;

/** Both public documents of an issuer while one key set is published, rendered once. Immutable. */
final class PublishedSite {
    /** Google Cloud takes no larger set as an upload; AWS and Entra read the first 100 keys. */
    private static final int MAX_KEYS = 8;

    private final JwkSet keys;
    private final Duration maxAge;
    private final Page document;
    private final Page jwks;

    private PublishedSite(IssuerUrl issuer, JwkSet keys, Duration maxAge, CertificateChains chains) {
        String cacheControl = "public, max-age=" + maxAge.toSeconds();
        this.keys = keys;
        this.maxAge = maxAge;
        this.document = new Page(DiscoveryDocument.of(issuer, keys).toJson(), cacheControl);
        this.jwks = new Page(
                StrictJson.write(
                        Map.of("keys", keys.keys().stream().map(chains::members).toList())),
                cacheControl);
    }

    /**
     * Renders both documents.
     *
     * @throws IllegalArgumentException if there are more than 8 keys, a chain that is not its key's, or a negative
     *     {@code maxAge}
     */
    static PublishedSite render(IssuerUrl issuer, JwkSet keys, Duration maxAge, CertificateChains chains) {
        if (keys.keys().size() > MAX_KEYS) {
            throw new IllegalArgumentException("The published key set of \"" + issuer + "\" may hold at most "
                    + MAX_KEYS + " keys, which is what Google Cloud takes; it holds "
                    + keys.keys().size() + ". Rotate less often, or remove keys whose tokens have ended");
        }
        if (maxAge.isNegative()) {
            throw new IllegalArgumentException("The maxAge of signing keys must not be negative; it was " + maxAge);
        }
        return new PublishedSite(issuer, keys, maxAge, chains);
    }

    /** Tells whether this is what {@code keys} and {@code maxAge} render to: they are those that it was made of. */
    boolean isOf(JwkSet keys, Duration maxAge) {
        return this.keys.equals(keys) && this.maxAge.equals(maxAge);
    }

    Page document() {
        return document;
    }

    Page jwks() {
        return jwks;
    }
}
