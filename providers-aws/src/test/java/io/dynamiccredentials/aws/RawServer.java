package io.dynamiccredentials.aws;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** A loopback server that sends bytes which are no good HTTP: some at once, others again and again without an end. */
final class RawServer implements AutoCloseable {
    private final ServerSocket socket;
    private final byte[] start;
    private final byte[] again;
    private final Duration pause;
    private final CountDownLatch asked = new CountDownLatch(1);
    private final CountDownLatch closed = new CountDownLatch(1);

    private RawServer(byte[] start, byte[] again, Duration pause) {
        this.start = start;
        this.again = again;
        this.pause = pause;
        try {
            this.socket = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Thread thread = new Thread(this::serve, "raw-server");
        thread.setDaemon(true);
        thread.start();
    }

    /** Starts a server that sends {@code start} and nothing more. */
    static RawServer once(byte[] start) {
        return new RawServer(start, new byte[0], Duration.ofMillis(20));
    }

    /** Starts a server that sends {@code start} and then {@code again} every 20 ms. */
    static RawServer dripping(String start, String again) {
        return new RawServer(start.getBytes(ISO_8859_1), again.getBytes(ISO_8859_1), Duration.ofMillis(20));
    }

    /** Starts a server that sends {@code start} and then {@code again} as fast as the client takes it. */
    static RawServer flooding(String start, String again) {
        return new RawServer(
                start.getBytes(ISO_8859_1), again.repeat(8192 / again.length()).getBytes(ISO_8859_1), Duration.ZERO);
    }

    URI address() {
        return URI.create("http://127.0.0.1:" + socket.getLocalPort());
    }

    /** Waits until the first bytes of an answer are on their way. */
    void awaitRequest() throws InterruptedException {
        asked.await();
    }

    @Override
    public void close() {
        closed.countDown();
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void serve() {
        while (!socket.isClosed()) {
            serveOne();
        }
    }

    private void serveOne() {
        try (Socket connection = socket.accept()) {
            answer(connection);
        } catch (IOException | InterruptedException e) {
            // The client hung up, as these tests want it to.
            return;
        }
    }

    private void answer(Socket connection) throws IOException, InterruptedException {
        // All of these requests fit into one packet, and what is left of one does no harm.
        if (connection.getInputStream().read(new byte[16 * 1024]) < 0) {
            return;
        }
        OutputStream out = connection.getOutputStream();
        out.write(start);
        out.flush();
        asked.countDown();
        do {
            out.write(again);
            out.flush();
        } while (!closed.await(pause.toMillis(), TimeUnit.MILLISECONDS));
    }
}
