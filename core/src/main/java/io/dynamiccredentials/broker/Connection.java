package io.dynamiccredentials.broker;

import io.dynamiccredentials.broker.CredentialBroker.Outcome;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.Optional;

/** One connection of a client: one request, one answer, and the end. For the broker's thread only. */
final class Connection implements BrokerLoop.Channel {
    /** How much more than a request it takes from a client before it cuts it. */
    private static final int MAX_REST_BYTES = 64 * 1024;

    private enum State {
        READING,
        ANSWERING,
        /**
         * The answer is sent, and the client still sends: closing now would take the answer from it (RFC 9112, 9.6).
         */
        LINGERING
    }

    private final BrokerLoop loop;
    private final LeaseSocket socket;
    private final SocketChannel channel;
    private final HeadBuffer head = new HeadBuffer();
    private ByteBuffer answer = ByteBuffer.allocate(0);
    private State state = State.READING;
    private boolean clientMaySend;
    private int restBytes;

    Connection(BrokerLoop loop, LeaseSocket socket, SocketChannel channel) {
        this.loop = loop;
        this.socket = socket;
        this.channel = channel;
    }

    void start() {
        try {
            channel.configureBlocking(false);
            loop.register(channel, SelectionKey.OP_READ, this);
            loop.patienceFor(this);
        } catch (IOException e) {
            cut();
        }
    }

    @Override
    public void ready(SelectionKey key) throws IOException {
        switch (state) {
            case READING -> read(key);
            case ANSWERING -> write(key);
            case LINGERING -> drop();
        }
    }

    private void read(SelectionKey key) throws IOException {
        ByteBuffer bytes = loop.buffer();
        if (channel.read(bytes) < 0) {
            cut();
            return;
        }
        HeadBuffer.State read = head.add(bytes.flip());
        if (read == HeadBuffer.State.PARTIAL) {
            return;
        }
        clientMaySend = read != HeadBuffer.State.WHOLE || bytes.hasRemaining();
        answer = socket.desk().answer(read, head.text()).bytes();
        state = State.ANSWERING;
        loop.patienceFor(this);
        write(key);
    }

    private void write(SelectionKey key) throws IOException {
        channel.write(answer);
        if (answer.hasRemaining()) {
            key.interestOps(SelectionKey.OP_WRITE);
        } else if (clientMaySend) {
            state = State.LINGERING;
            key.interestOps(SelectionKey.OP_READ);
            loop.lingerFor(this);
            channel.shutdownOutput();
        } else {
            cut();
        }
    }

    private void drop() throws IOException {
        int read = channel.read(loop.buffer());
        restBytes += Math.max(0, read);
        if (read < 0 || restBytes > MAX_REST_BYTES) {
            cut();
        }
    }

    /** Tells whether nobody would lose an answer by its end: no whole request has come, or the answer is sent. */
    boolean isIdle() {
        return state != State.ANSWERING;
    }

    void tooSlow() {
        socket.desk().observe(Optional.empty(), Outcome.TOO_SLOW);
        cut();
    }

    @Override
    public void cut() {
        closeQuietly(channel);
        loop.forget(this);
        socket.forget(this);
    }

    static void closeQuietly(Closeable channel) {
        try {
            channel.close();
        } catch (IOException e) {
            // There is nothing left to do with it.
            return;
        }
    }
}
