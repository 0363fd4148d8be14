package io.dynamiccredentials.jdbc;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** A loopback proxy that forwards bytes until it is told to fall silent, and keeps the connections open. */
final class SilentProxy implements AutoCloseable {
    private final ServerSocket listener;
    private final List<Socket> sockets = Collections.synchronizedList(new ArrayList<>());
    private volatile boolean silent;

    private SilentProxy(ServerSocket listener) {
        this.listener = listener;
    }

    static SilentProxy to(String host, int port) throws IOException {
        SilentProxy proxy = new SilentProxy(new ServerSocket(0, 50, InetAddress.getLoopbackAddress()));
        start(() -> proxy.accept(host, port));
        return proxy;
    }

    int port() {
        return listener.getLocalPort();
    }

    void fallSilent() {
        silent = true;
    }

    @Override
    public void close() throws IOException {
        listener.close();
        for (Socket socket : List.copyOf(sockets)) {
            socket.close();
        }
    }

    private void accept(String host, int port) {
        try {
            while (true) {
                Socket near = listener.accept();
                Socket far = new Socket(host, port);
                sockets.add(near);
                sockets.add(far);
                start(() -> forward(near, far));
                start(() -> forward(far, near));
            }
        } catch (IOException e) {
            // The proxy was closed.
        }
    }

    private void forward(Socket from, Socket to) {
        try {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            byte[] bytes = new byte[8192];
            for (int read = in.read(bytes); read > 0; read = in.read(bytes)) {
                if (!silent) {
                    out.write(bytes, 0, read);
                }
            }
        } catch (IOException e) {
            // One side is gone; the other learns it when the proxy is closed.
        }
    }

    private static void start(Runnable work) {
        Thread thread = new Thread(work, "silent-proxy");
        thread.setDaemon(true);
        thread.start();
    }
}
