package io.dynamiccredentials.keys;

import static java.util.concurrent.TimeUnit.NANOSECONDS;

import io.dynamiccredentials.IssuerUrl;
import io.dynamiccredentials.jwk.JwkSet;
import io.dynamiccredentials.jwk.PublicJwk;
import io.dynamiccredentials.jwk.SigningAlgorithm;
import io.dynamiccredentials.wire.BoundedHttpClient;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The keys of one issuer, kept in a store and rotated without breaking a verifier, on one node or many.
 *
 * <p>Each key is first published as the <em>next</em> one, becomes <em>active</em> when every verifier must know it, is
 * <em>retired</em> when the one after it is active, and removed when its last token has ended. Nodes that share a store
 * need no leader: each computes the same step from what is stored, and compare-and-swap decides who stores it. A node
 * that can only read its store serves, and signs for as long as others extend the time of the active key.
 *
 * <p>A new key signs only after this process has fetched the key set from its public address and each mirror, and found
 * it there. Until it can, the old key signs on and {@link #health()} says why.
 *
 * <p>{@link Builder#start()} maintains the keys in one daemon thread until {@link #close()}; after
 * {@link Builder#open()} the host calls {@link #maintain()} itself. Safe for use by many threads.
 */
public final class RotatingSigningKeys implements SigningKeys, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RotatingSigningKeys.class);

    private final RotationPolicy policy;
    private final RotationNode node;
    private final @Nullable ScheduledThreadPoolExecutor maintenance;
    private final AtomicBoolean closed = new AtomicBoolean();

    private RotatingSigningKeys(Builder builder, boolean inBackground) {
        this.policy = builder.policy;
        this.node = builder.node();
        node.open();
        this.maintenance = inBackground ? schedule(builder.maintenanceInterval) : null;
    }

    /** Starts the settings for the keys of {@code issuer}, which live in {@code store} under {@code encryption}. */
    public static Builder builder(IssuerUrl issuer, SigningKeyStore store, StoreEncryption encryption) {
        return new Builder(issuer, store, encryption);
    }

    @Override
    public ActiveKey active(Instant expiresAt) {
        return node.active(expiresAt);
    }

    @Override
    public JwkSet published() {
        return node.published();
    }

    @Override
    public Duration maxAge() {
        return policy.maxAge();
    }

    @Override
    public Duration maxTokenLifetime() {
        return policy.maxTokenLifetime();
    }

    /**
     * Reads the store and takes the step that is due. Blocks on the store and, before a rotation, on the public
     * addresses. What goes wrong is in {@link #health()}; the next call tries again.
     */
    public void maintain() {
        node.maintain();
    }

    /**
     * Makes the next key the active one now, before the period is over. No token breaks: the next key is known to all
     * verifiers already. If another node rotates at the same time, that is enough. Blocks on the store and the public
     * addresses.
     *
     * @return the key that is active then
     * @throws IllegalStateException if the next key is not yet known to all verifiers, such as after another rotation a
     *     short while ago; the message says from when it is
     * @throws java.io.UncheckedIOException if the store can't be reached
     */
    public PublicJwk rotateNow() {
        return node.rotateNow();
    }

    /**
     * Removes a key that is compromised, at once and though it breaks its tokens. If it was the active one, the next
     * key signs from now on, whether verifiers know it or not. Other nodes follow with their next maintenance, caches
     * with their age. Blocks on the store.
     *
     * @param keyId the id of an active, next or retired key
     * @return what that broke
     * @throws IllegalArgumentException if there is no such key
     * @throws IllegalStateException if the store can't be written now
     * @throws java.io.UncheckedIOException if the store can't be reached
     */
    public KeyRevocation revoke(String keyId) {
        return node.revoke(keyId);
    }

    /** Returns how the keys are, as of the last maintenance. */
    public KeyHealth health() {
        return node.health();
    }

    /**
     * Ends the maintenance thread, and reports to the store what this node signed. Blocks on the store. The keys sign
     * and serve on until what they know is too old. Twice does nothing more.
     */
    @Override
    public void close() {
        if (maintenance != null) {
            maintenance.shutdownNow();
        }
        if (closed.compareAndSet(false, true)) {
            node.leave();
        }
    }

    private ScheduledThreadPoolExecutor schedule(Duration interval) {
        ScheduledThreadPoolExecutor executor = new ScheduledThreadPoolExecutor(1, task -> {
            Thread thread = new Thread(task, "dynamic-credentials-keys");
            thread.setDaemon(true);
            return thread;
        });
        ScheduledFuture<?> unused =
                executor.scheduleWithFixedDelay(this::maintainQuietly, 0, interval.toNanos(), NANOSECONDS);
        return executor;
    }

    private void maintainQuietly() {
        try {
            node.maintain();
        } catch (Throwable e) {
            // Anything thrown, errors too, would end the schedule without a word, and keys would never rotate again.
            LOG.error("The maintenance of signing keys failed and will be tried again", e);
        }
    }

    /** Collects the settings. Not safe for use by several threads. */
    public static final class Builder {
        private final IssuerUrl issuer;
        private final SigningKeyStore store;
        private final StoreEncryption encryption;
        private final List<URI> mirrors = new ArrayList<>();
        private final List<SigningKeyFactory> factories = new ArrayList<>();
        private RotationPolicy policy = RotationPolicy.standard();
        private SigningKeyFactory factory = SigningKeyFactory.local(SigningAlgorithm.RS256);
        private Consumer<KeyEvent> listener = event -> {};
        private Duration maintenanceInterval = Duration.ofMinutes(1);
        private NodeTime time = NodeTime.ofSystem();
        private @Nullable BoundedHttpClient http;
        private boolean assumePublished;

        private Builder(IssuerUrl issuer, SigningKeyStore store, StoreEncryption encryption) {
            this.issuer = issuer;
            this.store = store;
            this.encryption = encryption;
        }

        /** Sets how often keys rotate and what verifiers do. Default: {@link RotationPolicy#standard()}. */
        public Builder policy(RotationPolicy policy) {
            this.policy = policy;
            return this;
        }

        /**
         * Sets who makes new keys. Keys of this process that are in the store can be opened still. To change the place
         * or the algorithm of the keys of a store soon, {@link RotatingSigningKeys#revoke} the next key, which breaks
         * no token: another one is made here, and signs after its publish lead. Default: RSA keys in this process.
         */
        public Builder factory(SigningKeyFactory factory) {
            this.factory = factory;
            return this;
        }

        /**
         * Adds a factory that made keys in the store and makes no new ones, such as one for another transit key. Of
         * several with one name each is tried.
         */
        public Builder alsoOpening(SigningKeyFactory earlier) {
            this.factories.add(earlier);
            return this;
        }

        /**
         * Adds an address where the key set is published too, such as a bucket or a content delivery network that
         * verifiers ask. It must show a new key before that signs.
         *
         * @throws IllegalArgumentException if the issuer may not refer to it: an address must be https
         */
        public Builder mirror(URI address) {
            if (!issuer.mayReferTo(address)) {
                throw new IllegalArgumentException("A mirror must have an https address; it was " + address);
            }
            this.mirrors.add(address);
            return this;
        }

        /**
         * Takes it for granted that what is stored is seen by the world, for a process that can't reach its own issuer.
         * Excludes mirrors. Then nothing notices a key set that is not served, and tokens break when the new key signs.
         */
        public Builder assumingPublication() {
            this.assumePublished = true;
            return this;
        }

        /**
         * Sets who is told what happens to keys, by the thread that did it, the first time within {@link #start()}.
         * What it throws is logged and nothing more.
         */
        public Builder listener(Consumer<KeyEvent> listener) {
            this.listener = listener;
            return this;
        }

        /** Sets how often the background thread maintains the keys, 1 second to 15 minutes. Default 1 minute. */
        public Builder maintenanceInterval(Duration maintenanceInterval) {
            if (maintenanceInterval.compareTo(Duration.ofSeconds(1)) < 0
                    || maintenanceInterval.compareTo(Duration.ofMinutes(15)) > 0) {
                throw new IllegalArgumentException(
                        "maintenanceInterval must be 1 second to 15 minutes; it was " + maintenanceInterval);
            }
            this.maintenanceInterval = maintenanceInterval;
            return this;
        }

        /** Sets how the public addresses are fetched, such as whom TLS trusts. */
        public Builder http(BoundedHttpClient http) {
            this.http = http;
            return this;
        }

        /**
         * Sets the clock, for tests: it also tells how much time has passed, so that its leaps are taken for true.
         * Default: the system's clocks.
         */
        public Builder clock(Clock clock) {
            this.time = NodeTime.toldBy(clock);
            return this;
        }

        /**
         * Opens the store, makes the first keys if it is empty, and maintains them in a daemon thread from now on.
         * Blocks on the store.
         *
         * @throws IllegalStateException if the store can't be decrypted or read, or the active key does not sign
         * @throws java.io.UncheckedIOException if the store can't be reached
         * @throws IllegalArgumentException if a mirror was added and publication is assumed, or the maintenance
         *     interval is not shorter than three quarters of the policy's largest staleness
         */
        public RotatingSigningKeys start() {
            if (maintenanceInterval.compareTo(policy.servable()) >= 0) {
                throw new IllegalArgumentException("maintenanceInterval " + maintenanceInterval
                        + " must be shorter than three quarters of maxStaleness " + policy.maxStaleness()
                        + ", or the node serves no key set in between. Shorten it, or allow more staleness");
            }
            return new RotatingSigningKeys(this, true);
        }

        /** Does what {@link #start()} does, without a thread: the host calls {@link #maintain()}, best each minute. */
        public RotatingSigningKeys open() {
            return new RotatingSigningKeys(this, false);
        }

        private RotationNode node() {
            if (assumePublished && !mirrors.isEmpty()) {
                throw new IllegalArgumentException("With assumingPublication() nobody looks at the mirrors " + mirrors
                        + ". Leave out one of both");
            }
            List<SigningKeyFactory> openers = new ArrayList<>(factories);
            openers.add(factory);
            if (openers.stream().noneMatch(each -> each.name().equals(LocalKeys.NAME))) {
                openers.add(SigningKeyFactory.local(SigningAlgorithm.RS256));
            }
            PublicAddresses looked = assumePublished
                    ? PublicAddresses.ASSUMED
                    : new HttpPublicAddresses(
                            issuer,
                            mirrors,
                            http == null ? BoundedHttpClient.builder().build() : http);
            return new RotationNode(
                    policy,
                    factory,
                    new SealedRingStore(issuer, store, encryption),
                    looked,
                    new ProvingKeyOpener(openers),
                    time,
                    this::tell);
        }

        private void tell(KeyEvent event) {
            try {
                listener.accept(event);
            } catch (RuntimeException e) {
                // What happened is stored already; a listener's failure must not look like a failure to rotate.
                LOG.warn("The listener failed on: {}", event.message(), e);
            }
        }
    }
}
