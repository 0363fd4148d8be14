package io.dynamiccredentials.broker;

import io.dynamiccredentials.broker.CredentialBroker.Outcome;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.channels.SelectionKey;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntFunction;

/** The listening socket of one lease. Its methods are for the broker's thread, where they say nothing else. */
final class LeaseSocket implements BrokerLoop.Channel {
    static final int MAX_CONNECTIONS = 16;

    /** How many connections it takes before others have their turn. */
    private static final int ACCEPTED_AT_ONCE = 16;

    private static final int BACKLOG = 128;

    private final BrokerLoop loop;
    private final ServerSocketChannel channel;
    private final int port;
    private final LeaseDesk desk;
    private final Set<Connection> connections = new LinkedHashSet<>();

    private LeaseSocket(BrokerLoop loop, ServerSocketChannel channel, int port, LeaseDesk desk) {
        this.loop = loop;
        this.channel = channel;
        this.port = port;
        this.desk = desk;
    }

    /**
     * Opens a socket on a random port. By any thread.
     *
     * @param desk makes who answers at the port
     */
    static LeaseSocket open(BrokerLoop loop, IntFunction<LeaseDesk> desk) throws IOException {
        ServerSocketChannel channel = ServerSocketChannel.open(StandardProtocolFamily.INET);
        try {
            channel.configureBlocking(false);
            channel.bind(new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), 0), BACKLOG);
            int port = channel.socket().getLocalPort();
            LeaseSocket socket = new LeaseSocket(loop, channel, port, desk.apply(port));
            loop.submit(socket::resume);
            return socket;
        } catch (IOException | RuntimeException | Error e) {
            channel.close();
            throw e;
        }
    }

    /** Returns the port. By any thread. */
    int port() {
        return port;
    }

    /** Closes the socket and its connections with the loop's next turn. By any thread. */
    void close() {
        loop.submit(this::cut);
    }

    LeaseDesk desk() {
        return desk;
    }

    /** Accepts from now on. */
    void resume() {
        try {
            loop.register(channel, SelectionKey.OP_ACCEPT, this);
        } catch (IOException e) {
            // It is closed, so that nobody waits for it.
            cut();
        }
    }

    @Override
    public void ready(SelectionKey key) {
        for (int i = 0; i < ACCEPTED_AT_ONCE; i++) {
            try {
                SocketChannel accepted = channel.accept();
                if (accepted == null) {
                    return;
                }
                take(accepted);
            } catch (IOException e) {
                // Mostly too many open files: the selector would call at once again, and for ever.
                key.interestOps(0);
                loop.pause(this);
                return;
            }
        }
    }

    /** Whoever holds connections and asks nothing must not keep others out: the oldest such one makes room. */
    private void take(SocketChannel accepted) throws IOException {
        if (connections.size() >= MAX_CONNECTIONS) {
            desk.observe(Optional.empty(), Outcome.TOO_MANY_CONNECTIONS);
            Optional<Connection> oldest =
                    connections.stream().filter(Connection::isIdle).findFirst();
            if (oldest.isEmpty()) {
                accepted.close();
                return;
            }
            oldest.get().cut();
        }
        Connection connection = new Connection(loop, this, accepted);
        connections.add(connection);
        connection.start();
    }

    void forget(Connection connection) {
        connections.remove(connection);
    }

    @Override
    public void cut() {
        Connection.closeQuietly(channel);
        loop.forget(this);
        List.copyOf(connections).forEach(Connection::cut);
    }
}
