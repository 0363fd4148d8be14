package io.dynamiccredentials.discovery;

import io.dynamiccredentials.wire.BoundedHttpClient;
import io.dynamiccredentials.wire.HttpReply;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Publishes what a {@link DiscoveryEndpoint} would answer as two files, for an issuer whose address is a bucket or a
 * plain web server, and checks from outside that the world sees them.
 *
 * <p>The files are {@code .well-known/jwks} and {@code .well-known/openid-configuration} below the path of the issuer's
 * address. Publish after each change of the keys, before a new key signs, from one node at a time. Safe for use by many
 * threads, which take turns.
 */
public final class StaticPublisher {
    private final DiscoveryEndpoint endpoint;
    private final SiteTarget target;
    private final BoundedHttpClient http;

    /** Keeps an older key set from being written after a newer one. */
    private final Lock publishing = new ReentrantLock();

    private StaticPublisher(Builder builder) {
        this.endpoint = builder.endpoint;
        this.target = builder.target;
        this.http = builder.http == null ? BoundedHttpClient.builder().build() : builder.http;
    }

    /** Starts a publisher of what {@code endpoint} would answer, which stores it at {@code target}. */
    public static Builder builder(DiscoveryEndpoint endpoint, SiteTarget target) {
        return new Builder(endpoint, target);
    }

    /**
     * Stores both files, the keys first, and reads them back as {@link #readBack()} does. Blocks on the target and on
     * the network. May be called as often as one likes, and again after a failure.
     *
     * @return which files were written and which were there already
     * @throws IllegalStateException if no keys are loaded yet; nothing is written
     * @throws IllegalArgumentException if what the keys publish can't be served, as for {@link DiscoveryEndpoint};
     *     nothing is written
     * @throws UncheckedIOException if a file can't be stored, or can't be fetched afterwards
     * @throws SiteDiffersException if the world sees something else afterwards
     */
    public Publication publish() {
        publishing.lock();
        try {
            PublishedSite site = endpoint.site();
            Publication publication = put(site);
            readBack(site);
            return publication;
        } finally {
            publishing.unlock();
        }
    }

    /**
     * Fetches both documents from the issuer's public address and compares them byte for byte with what the keys
     * publish now. Called from time to time it notices who else writes there. Blocks on the network; writes nothing.
     *
     * @throws IllegalStateException if no keys are loaded yet
     * @throws UncheckedIOException if there is no whole answer
     * @throws SiteDiffersException if the world sees something else
     */
    public void readBack() {
        readBack(endpoint.site());
    }

    private Publication put(PublishedSite site) {
        List<String> written = new ArrayList<>();
        List<String> unchanged = new ArrayList<>();
        // The keys first, so that nobody finds a document whose keys are not there yet.
        for (SiteFile file :
                List.of(site.jwks().file(path(jwks())), site.document().file(path(document())))) {
            boolean changed = target.put(file);
            (changed ? written : unchanged).add(file.path());
        }
        return new Publication(written, unchanged);
    }

    private void readBack(PublishedSite site) {
        String seenKeys = fetch("key set", jwks());
        String keys = site.jwks().json();
        if (!seenKeys.equals(keys)) {
            throw SiteDiffersException.of("key set", jwks(), SiteDifference.ofKeySets(keys, seenKeys));
        }
        String seenDocument = fetch("discovery document", document());
        String json = site.document().json();
        if (!seenDocument.equals(json)) {
            throw SiteDiffersException.of(
                    "discovery document", document(), SiteDifference.ofDocuments(json, seenDocument));
        }
    }

    private String fetch(String what, URI address) {
        try {
            HttpReply reply = http.send(HttpRequest.newBuilder(address)
                    .header("Accept", Page.CONTENT_TYPE)
                    .header("Cache-Control", "no-cache"));
            if (reply.status() != 200) {
                throw SiteDiffersException.ofStatus(what, address, reply.status());
            }
            return reply.body();
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "The published " + what + " can't be fetched from \"" + address + "\": " + e.getMessage()
                            + ". Check that the address is public and that this machine reaches it",
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UncheckedIOException(
                    new InterruptedIOException("Interrupted while fetching the published " + what));
        }
    }

    private URI jwks() {
        return endpoint.issuer().keySet();
    }

    private URI document() {
        return endpoint.issuer().discoveryDocument();
    }

    /** Returns the path of a file: decoded, as web servers look for it, and relative. */
    private static String path(URI address) {
        return address.getPath().substring(1);
    }

    /** Collects the settings of a publisher. Not safe for use by several threads. */
    public static final class Builder {
        private final DiscoveryEndpoint endpoint;
        private final SiteTarget target;
        private @Nullable BoundedHttpClient http;

        private Builder(DiscoveryEndpoint endpoint, SiteTarget target) {
            this.endpoint = endpoint;
            this.target = target;
        }

        /** Sets the client that reads back. Default: one of its own, with the limits of that client's builder. */
        public Builder http(BoundedHttpClient http) {
            this.http = http;
            return this;
        }

        /** Returns the publisher. */
        public StaticPublisher build() {
            return new StaticPublisher(this);
        }
    }
}
