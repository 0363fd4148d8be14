package io.dynamiccredentials.discovery;

import io.dynamiccredentials.IssuerUrl;
import io.dynamiccredentials.jwk.JwkSet;
import io.dynamiccredentials.jwk.PublicJwk;
import io.dynamiccredentials.keys.SigningKeys;
import java.net.URI;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Answers the two requests that every verifier makes, whatever web server the host runs.
 *
 * <p>Below the path of the issuer's address it knows {@code /.well-known/openid-configuration} and
 * {@code /.well-known/jwks}. Both answers are public and hold no private key. They are rendered when the published keys
 * change and sent as they are from then on. Of a request's headers only {@code If-None-Match} gets here, so no
 * {@code Host} can reach an answer. Safe for use by many threads.
 */
public final class DiscoveryEndpoint {
    private static final DiscoveryReply NOT_FOUND = DiscoveryReply.of(404, Map.of());
    private static final DiscoveryReply METHOD_NOT_ALLOWED = DiscoveryReply.of(405, Map.of("Allow", "GET, HEAD"));

    /** An empty key set would be cached by relying parties; "not yet" is not. */
    private static final DiscoveryReply NOT_YET =
            DiscoveryReply.of(503, Map.of("Retry-After", "1", "Cache-Control", "no-store"));

    private final IssuerUrl issuer;
    private final SigningKeys keys;
    private final CertificateChains chains;
    private final String documentPath;
    private final String jwksPath;

    private volatile @Nullable PublishedSite site;

    private DiscoveryEndpoint(Builder builder) {
        this.issuer = builder.issuer;
        this.keys = builder.keys;
        this.chains = builder.chains;
        this.documentPath = rawPath(issuer.discoveryDocument());
        this.jwksPath = rawPath(issuer.keySet());
    }

    /**
     * Returns the endpoint of {@code issuer}. Pass the same keys as to the token issuer.
     *
     * @throws IllegalArgumentException if the keys are loaded and can't be served: there are more than 8
     */
    public static DiscoveryEndpoint of(IssuerUrl issuer, SigningKeys keys) {
        return builder(issuer, keys).build();
    }

    /** Starts an endpoint of {@code issuer}. Pass the same keys as to the token issuer. */
    public static Builder builder(IssuerUrl issuer, SigningKeys keys) {
        return new Builder(issuer, keys);
    }

    /**
     * Answers a request without the header {@code If-None-Match}, as {@link #answer(String, String, List)} does.
     *
     * @throws IllegalArgumentException if what the keys publish can't be served
     */
    public DiscoveryReply answer(String method, String path) {
        return answer(method, path, List.of());
    }

    /**
     * Answers one request. While no keys are loaded the answer is 503, which nobody caches, and not an empty key set.
     *
     * @param method the HTTP method; {@code GET} and {@code HEAD} are known
     * @param path the path of the request as it stands in the request line, percent-encoding and all, without a query.
     *     It must be the path of the issuer's address, letter for letter
     * @param ifNoneMatch the values of the header {@code If-None-Match} in whatever case it was written; empty if there
     *     is none
     * @throws IllegalArgumentException if what the keys publish can't be served: more than 8 keys, a negative
     *     {@code maxAge}, or a certificate chain that is not its key's
     */
    public DiscoveryReply answer(String method, String path, List<String> ifNoneMatch) {
        boolean document = path.equals(documentPath);
        if (!document && !path.equals(jwksPath)) {
            return NOT_FOUND;
        }
        if (!method.equals("GET") && !method.equals("HEAD")) {
            return METHOD_NOT_ALLOWED;
        }
        Optional<JwkSet> published = loaded();
        if (published.isEmpty()) {
            return NOT_YET;
        }
        PublishedSite current = siteOf(published.get());
        Page page = document ? current.document() : current.jwks();
        return page.answer(method.equals("GET"), ifNoneMatch);
    }

    /** Returns whose endpoint this is. */
    IssuerUrl issuer() {
        return issuer;
    }

    /**
     * Returns what is published now.
     *
     * @throws IllegalStateException if no keys are loaded yet
     * @throws IllegalArgumentException if what the keys publish can't be served
     */
    PublishedSite site() {
        return siteOf(keys.published());
    }

    private PublishedSite siteOf(JwkSet published) {
        Duration maxAge = keys.maxAge();
        PublishedSite current = site;
        if (current == null || !current.isOf(published, maxAge)) {
            // Two threads may both render after a change; each answers with what it saw.
            current = PublishedSite.render(issuer, published, maxAge, chains);
            site = current;
        }
        return current;
    }

    private Optional<JwkSet> loaded() {
        try {
            return Optional.of(keys.published());
        } catch (IllegalStateException e) {
            return Optional.empty();
        }
    }

    private static String rawPath(URI address) {
        return URI.create(address.toASCIIString()).getRawPath();
    }

    /** Collects the settings of an endpoint. Not safe for use by several threads. */
    public static final class Builder {
        private final IssuerUrl issuer;
        private final SigningKeys keys;
        private CertificateChains chains = new CertificateChains(key -> List.of());

        private Builder(IssuerUrl issuer, SigningKeys keys) {
            this.issuer = issuer;
            this.keys = keys;
        }

        /**
         * Sets which certificates stand beside a key as {@code x5c} (RFC 7517, section 4.7), for relying parties that
         * read keys from nowhere else, such as Ceph's RADOS gateway. Default: none, as AWS prefers it.
         *
         * @param source gives the chain of a key, leaf first, each certificate signed by the next; empty for none. The
         *     leaf must hold exactly that public key. It is asked when the published keys change, not for each request,
         *     and must not block; a certificate renewed for the same key is shown from the next change on
         */
        public Builder certificateChains(Function<PublicJwk, List<X509Certificate>> source) {
            this.chains = new CertificateChains(source);
            return this;
        }

        /**
         * Returns the endpoint.
         *
         * @throws IllegalArgumentException if the keys are loaded and can't be served: more than 8 keys, a negative
         *     {@code maxAge}, or a certificate chain that is not its key's
         */
        public DiscoveryEndpoint build() {
            DiscoveryEndpoint endpoint = new DiscoveryEndpoint(this);
            endpoint.loaded().ifPresent(endpoint::siteOf);
            return endpoint;
        }
    }
}
