package io.dynamiccredentials.verify;

import io.dynamiccredentials.IssuerUrl;
import io.dynamiccredentials.wire.BoundedHttpClient;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The key sets of any number of issuers: fetched when the first token comes, kept for minutes, renewed in the
 * background, and never trusted for longer than their issuer may be out of reach.
 *
 * <ul>
 *   <li><b>Soft age</b>: the answer's {@code max-age} less its {@code Age}, at least 1 and at most 15 minutes; 5 if it
 *       says nothing, 1 if it says {@code no-store}, {@code no-cache} or nonsense. A key that the issuer withdrew is
 *       refused from then on at the latest. Keys in use are renewed before that, at 75 to 90 %.
 *   <li><b>Outage</b>: while the issuer can't be reached, or serves anything but a set with a usable key, the known
 *       keys serve on for the outage window, 1 hour unless set otherwise and 23 at most. Failed fetches are repeated
 *       after a pause of 1 second that doubles up to 60, less a random part of up to half, or after what
 *       {@code Retry-After} says, up to 5 minutes; a caller waits for one only if the last is more than 2 minutes ago.
 *       Keys that no token needed for so long are not renewed, and then an outage shows at the next token.
 *   <li><b>New keys</b>: a token with an unknown key id makes the issuer be asked, at most every 4 seconds however many
 *       such tokens come, and for one key id ever more rarely: after 4 seconds at first, a minute at last. This never
 *       delays the renewal. At most 16 callers wait for it; more are told KEYS_UNAVAILABLE.
 *   <li><b>Bounds</b>: https only (except for {@link IssuerUrl#loopback}), no redirect, 5 seconds for the discovery
 *       document and the keys together (a caller waits 6 at most, whatever the resolver does), no addresses inside a
 *       network unless allowed, 100 keys, and 256 KiB unless {@code http} is set to a client that reads more.
 * </ul>
 *
 * <p>One fetch per issuer is under way at a time and serves all who wait for it. Ages are measured by the system's
 * monotonic clock and by the time of day; the greater counts. There is no thread per issuer: two for all that is
 * renewed, up to 64 while callers wait for fetches, all gone after 10 idle seconds, and those of the HTTP client. Safe
 * for use by many threads; make one and share it.
 */
public final class RemoteJwkSets implements AutoCloseable {
    private static final Duration LONGEST_OUTAGE_WINDOW = Duration.ofHours(23);
    private static final int RENEWING_THREADS = 2;
    private static final int FETCHING_THREADS = 64;
    private static final int IDLE_SECONDS = 10;

    private final Duration refetchInterval;
    private final Duration outageWindow;
    private final boolean ownsHttp;
    private final Moment.Clocks clocks;
    private final ThreadPoolExecutor background;
    private final ThreadPoolExecutor foreground;
    private final ConcurrentMap<IssuerUrl, RemoteJwkSet> sets = new ConcurrentHashMap<>();

    /** Null once it is closed, so that what an older Java can't end by a call ends since nobody refers to it. */
    private volatile @Nullable JwkSetFetcher fetcher;

    private RemoteJwkSets(Builder builder) {
        this.refetchInterval = builder.refetchInterval;
        this.outageWindow = builder.outageWindow;
        this.clocks = new Moment.Clocks(builder.clock, builder.nanoTime);
        this.ownsHttp = builder.http == null;
        this.fetcher = new JwkSetFetcher(
                builder.http == null ? BoundedHttpClient.builder().build() : builder.http,
                clocks,
                builder.privateAddressesAllowed);
        this.background = pool("jwk-sets-renew-", RENEWING_THREADS, RENEWING_THREADS, new LinkedBlockingQueue<>());
        background.allowCoreThreadTimeOut(true);
        this.foreground = pool("jwk-sets-fetch-", 0, FETCHING_THREADS, new SynchronousQueue<>());
    }

    private static ThreadPoolExecutor pool(String name, int core, int most, BlockingQueue<Runnable> queue) {
        AtomicInteger number = new AtomicInteger();
        return new ThreadPoolExecutor(core, most, IDLE_SECONDS, TimeUnit.SECONDS, queue, task -> {
            Thread thread = new Thread(task, name + number.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        });
    }

    /** Starts with the ages and bounds that the type's description tells. */
    public static Builder builder() {
        return new Builder();
    }

    /** Returns the keys of {@code issuer}, the same object each time. Nothing is fetched yet. */
    public RemoteJwkSet of(IssuerUrl issuer) {
        return sets.computeIfAbsent(issuer, name -> new RemoteJwkSet(name, this));
    }

    /** Returns what is known about the keys of each issuer now, in the order of their names. Never blocks. */
    public List<JwkSetHealth> health() {
        return sets.values().stream()
                .map(RemoteJwkSet::health)
                .sorted(Comparator.comparing(health -> health.issuer().value()))
                .toList();
    }

    /** Ends all threads. Every key is unavailable from now on. A second call does nothing. */
    @Override
    public void close() {
        JwkSetFetcher open = fetcher;
        fetcher = null;
        background.shutdownNow();
        foreground.shutdownNow();
        if (open != null && ownsHttp) {
            open.http().close();
        }
    }

    JwkSetFetcher fetcher() throws IOException {
        JwkSetFetcher open = fetcher;
        if (open == null) {
            throw new IOException("the key sets were closed");
        }
        return open;
    }

    boolean isClosed() {
        return fetcher == null;
    }

    Moment now() {
        return clocks.now();
    }

    Duration refetchInterval() {
        return refetchInterval;
    }

    /** Returns the age at which keys are trusted no longer, whatever their issuer does. */
    Duration hardAge(KeySnapshot snapshot) {
        return snapshot.softAge().plus(outageWindow);
    }

    /** Returns the threads that fetch what somebody waits for; they refuse work when all are busy or this is closed. */
    Executor fetchThreads() {
        return foreground;
    }

    /** Runs {@code task} soon; false if this is closed or there is no thread to be had. */
    boolean runInBackground(Runnable task) {
        try {
            background.execute(task);
            return true;
        } catch (RejectedExecutionException | OutOfMemoryError e) {
            // The JVM says so when it can't start a thread. A known key needs none.
            return false;
        }
    }

    /** Collects the settings of key sets. Not safe for use by several threads. */
    public static final class Builder {
        private @Nullable BoundedHttpClient http;
        private Duration refetchInterval = Duration.ofSeconds(4);
        private Duration outageWindow = Duration.ofHours(1);
        private boolean privateAddressesAllowed;
        private Clock clock = Clock.systemUTC();
        private LongSupplier nanoTime = System::nanoTime;

        private Builder() {}

        /**
         * Sets the client that fetches, for issuers with a certificate of a private authority. It stays the caller's to
         * close. Default: one with the JVM's trust store.
         */
        public Builder http(BoundedHttpClient http) {
            this.http = http;
            return this;
        }

        /**
         * Sets the shortest time between two fetches for the sake of unknown keys, 1 second to 1 minute. Default 4 s.
         *
         * @throws IllegalArgumentException if it is out of this range
         */
        public Builder refetchInterval(Duration refetchInterval) {
            this.refetchInterval =
                    requireWithin("refetchInterval", refetchInterval, Duration.ofSeconds(1), Duration.ofMinutes(1));
            return this;
        }

        /**
         * Sets for how long known keys are trusted beyond their soft age while their issuer can't be reached, 0 to 23
         * hours. Default 1 hour. Whoever can keep us from the issuer can use a withdrawn key for that long.
         *
         * @throws IllegalArgumentException if it is out of this range
         */
        public Builder outageWindow(Duration outageWindow) {
            this.outageWindow = requireWithin("outageWindow", outageWindow, Duration.ZERO, LONGEST_OUTAGE_WINDOW);
            return this;
        }

        /**
         * Allows issuers and key sets at addresses inside a network, such as 10.0.0.7, as a cluster's own issuer has.
         * Default: refused, so that no document makes us call what only we can reach.
         */
        public Builder allowPrivateAddresses() {
            this.privateAddressesAllowed = true;
            return this;
        }

        /** Sets the clock of the day. Default: the system's. */
        public Builder clock(Clock clock) {
            this.clock = clock;
            return this;
        }

        /** Sets the monotonic clock in nanoseconds. Default: {@link System#nanoTime()}. */
        public Builder nanoTime(LongSupplier nanoTime) {
            this.nanoTime = nanoTime;
            return this;
        }

        /** Returns the key sets. Nothing is fetched yet and no thread is started. */
        public RemoteJwkSets build() {
            return new RemoteJwkSets(this);
        }

        private static Duration requireWithin(String setting, Duration value, Duration least, Duration most) {
            if (value.compareTo(least) < 0 || value.compareTo(most) > 0) {
                throw new IllegalArgumentException(
                        "The " + setting + " must be " + least + " to " + most + "; it was " + value);
            }
            return value;
        }
    }
}
