package io.dynamiccredentials.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The web server below each fake: loopback only, a port of the system's choice, daemon threads. */
final class LoopbackServer implements AutoCloseable {
    private static final int FIRST_ERROR = 400;

    private final HttpServer server;
    private final String scheme;
    private final ExecutorService threads;
    private final AtomicInteger refused = new AtomicInteger();

    /**
     * Binds a port and answers nothing before one of the two methods that start it. Without {@code tls} it speaks plain
     * http.
     */
    LoopbackServer(@Nullable LoopbackTls tls) {
        // On JDK 17 each answer on a kept-alive connection waits 40 ms without this. Read once, when the first server
        // starts.
        if (System.getProperty("sun.net.httpserver.nodelay") == null) {
            System.setProperty("sun.net.httpserver.nodelay", "true");
        }
        InetSocketAddress anyPort = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        try {
            if (tls == null) {
                this.server = HttpServer.create(anyPort, 0);
                this.scheme = "http";
            } else {
                HttpsServer https = HttpsServer.create(anyPort, 0);
                https.setHttpsConfigurator(new HttpsConfigurator(tls.serverContext()));
                this.server = https;
                this.scheme = "https";
            }
        } catch (IOException e) {
            throw new UncheckedIOException("No loopback port can be bound", e);
        }
        this.threads = Executors.newCachedThreadPool(task -> {
            Thread thread = new Thread(task, "loopback-server");
            thread.setDaemon(true);
            return thread;
        });
        server.setExecutor(threads);
    }

    /** Returns the address without a trailing slash. SDKs check certificates, so https goes by the name in them. */
    URI address() {
        String host = scheme.equals("https") ? "localhost" : "127.0.0.1";
        return URI.create(scheme + "://" + host + ":" + server.getAddress().getPort());
    }

    void serve(HttpHandler handler) {
        server.createContext("/", handler);
        server.start();
    }

    /** Starts to answer with {@code fake}; a body that is too long is refused before that sees it. */
    void start(Function<FakeRequest, FakeAnswer> fake) {
        serve(exchange -> {
            try (exchange) {
                answer(exchange, FakeRequest.read(exchange).map(fake).orElseGet(() -> FakeAnswer.empty(413)));
            }
        });
    }

    /** Returns how many requests were answered with an error. */
    int refused() {
        return refused.get();
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }

    private void answer(HttpExchange exchange, FakeAnswer answer) throws IOException {
        if (answer.status() >= FIRST_ERROR) {
            refused.incrementAndGet();
        }
        answer.headers().forEach((name, value) -> exchange.getResponseHeaders().set(name, value));
        byte[] body = answer.body().getBytes(UTF_8);
        exchange.sendResponseHeaders(answer.status(), body.length == 0 ? -1 : body.length);
        if (body.length > 0) {
            try (OutputStream out = exchange.getResponseBody()) {
                out.write(body);
            }
        }
    }
}
