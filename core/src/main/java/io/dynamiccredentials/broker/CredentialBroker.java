package io.dynamiccredentials.broker;

import io.dynamiccredentials.Secret;
import io.dynamiccredentials.environment.LoopbackAnswer;
import io.dynamiccredentials.environment.LoopbackEndpoint;
import io.dynamiccredentials.environment.LoopbackEndpoints;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.Base64;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Serves to the processes of runs, on 127.0.0.1, what others read from files.
 *
 * <p>A host makes one and opens a part of it for each lease, which has a port and a bearer of its own. One daemon
 * thread serves all of them; it starts with the first port and ends with the last. Each open lease that has published
 * something takes a file descriptor, and up to 16 more for its connections. Other users of the machine can reach a
 * port, but get nothing without the bearer. Safe for use by many threads.
 *
 * <p>The endpoints speak a small part of HTTP/1.1 (RFC 9112): one {@code GET} and one answer for each connection, a
 * head of at most 8 KiB within 10 seconds, no body. A request needs the header {@code Authorization} with the bearer,
 * alone or after {@code Bearer}. A {@code Host} that is neither {@code 127.0.0.1} nor {@code localhost} with the port
 * is refused, and so is whatever a browser sends ({@code Origin}, {@code Sec-Fetch-Site}). A lease answers 50 requests
 * at once and 10 a second more, whoever else asks without the bearer. Refusals have a body {@code {"code": "…",
 * "message": "…"}}.
 */
public final class CredentialBroker implements AutoCloseable {

    /** What can become of a request. */
    public enum Outcome {
        /** The answer was given. */
        HANDED_OUT,
        /** It was no request, or one that an endpoint does not speak. */
        MALFORMED,
        /** The head was not whole in time, or nobody read the answer. */
        TOO_SLOW,
        /** It was addressed to another host, as after DNS rebinding. */
        FOREIGN_HOST,
        /** A browser sent it. */
        BROWSER,
        /** It had not the lease's bearer. */
        WRONG_BEARER,
        /** The lease has no endpoint of that name. */
        UNKNOWN_ENDPOINT,
        /** It asked for another audience than the endpoint's. */
        WRONG_AUDIENCE,
        /** What the endpoint has to give has ended. */
        ENDED,
        /** The lease was asked too often. */
        TOO_MANY_REQUESTS,
        /** The lease has as many connections as it may have. */
        TOO_MANY_CONNECTIONS
    }

    /**
     * Hears what becomes of requests to one lease.
     *
     * <p><b>For implementers:</b> quick and without I/O of its own, since the thread that calls it serves all leases.
     * What it throws is dropped. Of the refusals for too many requests or connections it hears one a second at most.
     */
    @FunctionalInterface
    public interface Observer {

        /**
         * Hears of one request.
         *
         * @param endpoint the endpoint that was asked, by whoever had the bearer; empty if nobody had
         */
        void heard(Optional<String> endpoint, Outcome outcome);
    }

    private static final int BEARER_BYTES = 32;
    private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9.-]{0,63}(?:_[A-Za-z0-9_]{1,64})?");

    private final Clock clock;
    private final LongSupplier nanoTime;
    private final SecureRandom random = new SecureRandom();
    private final Set<LeaseEndpoints> open = ConcurrentHashMap.newKeySet();
    private final ReentrantLock lock = new ReentrantLock();
    private @Nullable BrokerLoop loop;
    private long sockets;
    private boolean closed;

    CredentialBroker(Clock clock, LongSupplier nanoTime) {
        this.clock = clock;
        this.nanoTime = nanoTime;
    }

    /**
     * Makes a broker without a lease, a port or a thread.
     *
     * @param clock what the end of answers is held against
     */
    public static CredentialBroker of(Clock clock) {
        return new CredentialBroker(clock, System::nanoTime);
    }

    /**
     * Opens the part of one lease. Its port opens with the first answer that is published.
     *
     * @throws IllegalStateException if the broker is closed
     */
    public LeaseEndpoints open(Observer observer) {
        lock.lock();
        try {
            if (closed) {
                throw new IllegalStateException("This broker is closed; make another one for more leases");
            }
            LeaseEndpoints endpoints = new LeaseEndpoints(this, newBearer(), observer);
            open.add(endpoints);
            return endpoints;
        } finally {
            lock.unlock();
        }
    }

    /** Closes the endpoints of all leases that are still open. A second call does nothing. */
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
        } finally {
            lock.unlock();
        }
        finish(open.stream().filter(LeaseEndpoints::begunToClose).count());
    }

    /** Waits until the sockets are closed of which somebody began to close {@code ended}. */
    private void finish(long ended) {
        if (ended == 0) {
            return;
        }
        try {
            runningLoop().awaitTurn();
        } finally {
            releaseLoop(ended);
        }
    }

    private BrokerLoop runningLoop() {
        lock.lock();
        try {
            return Objects.requireNonNull(loop, "A loop runs as long as there is a socket");
        } finally {
            lock.unlock();
        }
    }

    private Secret newBearer() {
        byte[] bytes = new byte[BEARER_BYTES];
        random.nextBytes(bytes);
        return Secret.of(Base64.getUrlEncoder().withoutPadding().encodeToString(bytes));
    }

    private LeaseSocket openSocket(Secret bearer, Map<String, LoopbackAnswer> answers, Observer observer) {
        BrokerLoop shared = retainLoop();
        try {
            return LeaseSocket.open(
                    shared,
                    port -> new LeaseDesk(bearer, port, answers, clock, nanoTime, new GuardedObserver(observer)));
        } catch (IOException e) {
            releaseLoop(1);
            throw new UncheckedIOException(
                    "No port can be opened on 127.0.0.1 for the endpoints of a lease. Check how many files this process "
                            + "may open",
                    e);
        }
    }

    private BrokerLoop retainLoop() {
        lock.lock();
        try {
            if (loop == null) {
                loop = BrokerLoop.start(nanoTime);
            }
            sockets++;
            return loop;
        } finally {
            lock.unlock();
        }
    }

    private void releaseLoop(long ended) {
        lock.lock();
        try {
            sockets -= ended;
            if (sockets == 0 && loop != null) {
                loop.stop();
                loop = null;
            }
        } finally {
            lock.unlock();
        }
    }

    @Override
    public String toString() {
        return "CredentialBroker[leases=" + open.size() + "]";
    }

    /**
     * The endpoints of one lease, with one port and one bearer. Safe for use by many threads.
     *
     * <p>Closing it refuses connections from then on and cuts those that are open.
     */
    public static final class LeaseEndpoints implements LoopbackEndpoints, AutoCloseable {
        private final CredentialBroker broker;
        private final Secret bearer;
        private final Observer observer;
        private final Map<String, LoopbackAnswer> answers = new ConcurrentHashMap<>();
        private final ReentrantLock lock = new ReentrantLock();
        private @Nullable LeaseSocket socket;
        private boolean closed;

        private LeaseEndpoints(CredentialBroker broker, Secret bearer, Observer observer) {
            this.broker = broker;
            this.bearer = bearer;
            this.observer = observer;
        }

        /**
         * {@inheritDoc}
         *
         * @throws IllegalArgumentException if the name is none
         */
        @Override
        public LoopbackEndpoint publish(String name, LoopbackAnswer answer) {
            if (!NAME.matcher(name).matches()) {
                throw new IllegalArgumentException("An endpoint is named as a file of a run: by 1 to 64 lower-case "
                        + "letters, digits, dots and hyphens, starting with a letter or digit, and perhaps \"_\" and a "
                        + "tag; the name was \"" + name + "\"");
            }
            lock.lock();
            try {
                if (closed) {
                    throw new IllegalStateException("The endpoints of this lease are closed; nothing is published");
                }
                if (socket == null) {
                    socket = broker.openSocket(bearer, answers, observer);
                }
                answers.put(name, answer);
                return new LoopbackEndpoint(URI.create("http://127.0.0.1:" + socket.port() + "/" + name), bearer);
            } finally {
                lock.unlock();
            }
        }

        /**
         * Closes the port and all connections, and forgets the answers. A second call does nothing.
         *
         * @throws IllegalStateException if the broker's thread does not get to it within 10 seconds, since an observer
         *     keeps it
         */
        @Override
        public void close() {
            broker.finish(begunToClose() ? 1 : 0);
        }

        /** Gives nothing out from now on, and tells whether there is a socket that somebody has to wait for. */
        private boolean begunToClose() {
            lock.lock();
            try {
                closed = true;
                answers.clear();
                broker.open.remove(this);
                if (socket == null) {
                    return false;
                }
                socket.close();
                socket = null;
                return true;
            } finally {
                lock.unlock();
            }
        }

        @Override
        public String toString() {
            return "LeaseEndpoints" + answers.keySet();
        }
    }

    /** Keeps what an observer throws from the thread that serves all leases. */
    private record GuardedObserver(Observer observer) implements Observer {
        @Override
        public void heard(Optional<String> endpoint, Outcome outcome) {
            try {
                observer.heard(endpoint, outcome);
            } catch (RuntimeException | Error e) {
                // The answer matters more than who hears of it, and whoever threw knows.
                return;
            }
        }
    }
}
