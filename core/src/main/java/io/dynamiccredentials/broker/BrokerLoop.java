package io.dynamiccredentials.broker;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.stream.LongStream;

/**
 * The one thread that serves the sockets of all leases. Nothing on it blocks, and nothing that a client does ends it.
 *
 * <p>Methods that say so may be called by any thread, all others by its own only.
 */
final class BrokerLoop {
    static final String THREAD = "dynamic-credentials-broker";

    /** What a channel does as soon as it can go on. */
    interface Channel {

        /** Goes on. What it throws closes the channel. */
        void ready(SelectionKey key) throws IOException;

        /** Closes the channel at once. */
        void cut();
    }

    private static final int READ_BYTES = 8 * 1024;
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final Duration PAUSE = Duration.ofSeconds(1);
    private static final long CLOSE_SECONDS = 10;

    private final Selector selector;
    private final Thread thread = new Thread(this::run, THREAD);
    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(READ_BYTES);
    private final Waits<Connection> connections;
    private final Waits<Connection> lingering;
    private final Waits<LeaseSocket> pauses;
    private boolean stopped;

    private BrokerLoop(Selector selector, LongSupplier nanoTime) {
        this.selector = selector;
        this.connections = new Waits<>(PATIENCE, nanoTime);
        this.lingering = new Waits<>(PAUSE, nanoTime);
        this.pauses = new Waits<>(PAUSE, nanoTime);
    }

    /** Starts a loop. */
    static BrokerLoop start(LongSupplier nanoTime) {
        try {
            BrokerLoop loop = new BrokerLoop(Selector.open(), nanoTime);
            loop.thread.setDaemon(true);
            loop.thread.start();
            return loop;
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "The endpoints of leases need a selector, which can't be opened. Check how many files this process "
                            + "may open",
                    e);
        }
    }

    /** Ends the thread soon. By any thread, once there is no socket left. */
    void stop() {
        submit(() -> stopped = true);
    }

    /** Runs {@code task} on the thread soon. By any thread. */
    void submit(Runnable task) {
        tasks.add(task);
        selector.wakeup();
    }

    /**
     * Waits until all that was submitted before is done, and the channels that it closed are truly closed; also while
     * the thread is interrupted. By any thread.
     *
     * @throws IllegalStateException if the loop does not get to it
     */
    void awaitTurn() {
        if (Thread.currentThread().equals(thread)) {
            return;
        }
        CountDownLatch done = new CountDownLatch(1);
        // What a selector knows stays open until it looks again; so this is told in the turn after the next.
        submit(() -> submit(done::countDown));
        if (!awaited(done)) {
            throw new IllegalStateException("The broker's thread did not close a lease's port within " + CLOSE_SECONDS
                    + " seconds. Look for an observer that does not return");
        }
    }

    private static boolean awaited(CountDownLatch done) {
        boolean interrupted = Thread.interrupted();
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(CLOSE_SECONDS);
        try {
            while (true) {
                try {
                    return done.await(end - System.nanoTime(), TimeUnit.NANOSECONDS);
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Hears of {@code channel} from now on. */
    SelectionKey register(SelectableChannel channel, int interest, Channel handler) throws ClosedChannelException {
        return channel.register(selector, interest, handler);
    }

    /** Returns the one buffer that all connections read into, empty. */
    ByteBuffer buffer() {
        return buffer.clear();
    }

    /** Cuts the connection in 10 seconds. */
    void patienceFor(Connection connection) {
        connections.add(connection);
    }

    /** Cuts the connection in a second. */
    void lingerFor(Connection connection) {
        connections.remove(connection);
        lingering.add(connection);
    }

    void forget(Connection connection) {
        connections.remove(connection);
        lingering.remove(connection);
    }

    /** Lets the socket accept again in a second. */
    void pause(LeaseSocket socket) {
        pauses.add(socket);
    }

    void forget(LeaseSocket socket) {
        pauses.remove(socket);
    }

    private void run() {
        while (!stopped) {
            guarded(this::turn);
        }
        guarded(selector::close);
    }

    private void turn() throws IOException {
        selector.select(this::serve, timeoutMillis());
        connections.due().forEach(Connection::tooSlow);
        lingering.due().forEach(Connection::cut);
        pauses.due().forEach(LeaseSocket::resume);
        // Those that they submit wait for the next turn.
        List<Runnable> now = new ArrayList<>();
        for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
            now.add(task);
        }
        now.forEach(task -> guarded(task::run));
    }

    private void serve(SelectionKey key) {
        Channel channel = (Channel) key.attachment();
        try {
            channel.ready(key);
        } catch (IOException | RuntimeException | Error e) {
            // Whatever one client brings about is no other's business, even if memory is short.
            channel.cut();
        }
    }

    private long timeoutMillis() {
        return LongStream.of(connections.nanosToNext(), lingering.nanosToNext(), pauses.nanosToNext())
                .filter(nanos -> nanos != Long.MAX_VALUE)
                .min()
                .stream()
                .map(nanos -> Math.max(1, TimeUnit.NANOSECONDS.toMillis(nanos) + 1))
                .findFirst()
                .orElse(0);
    }

    private interface Step {
        void run() throws IOException;
    }

    private static void guarded(Step step) {
        try {
            step.run();
        } catch (IOException | RuntimeException | Error e) {
            // Without this thread no lease has credentials any more.
            return;
        }
    }
}
