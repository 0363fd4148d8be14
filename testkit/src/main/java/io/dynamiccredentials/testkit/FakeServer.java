package io.dynamiccredentials.testkit;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.dynamiccredentials.Secret;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The web server below each fake: loopback only, a port of the system's choice, daemon threads; and the place where
 * {@link Faults} happen.
 *
 * <p>Build a fake of a platform of your own on it: a {@link FakeService} says what it answers. Safe for use by many
 * threads.
 */
public final class FakeServer implements SecretSource, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(FakeServer.class);

    private final HttpServer server;
    private final String scheme;
    private final ExecutorService threads;
    private final CallLog calls = new CallLog();
    private final Faults faults = new Faults();
    private final SeenSecrets secrets = new SeenSecrets();
    private final CountDownLatch closing = new CountDownLatch(1);

    private FakeServer(@Nullable LoopbackTls tls) {
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
            Thread thread = new Thread(task, "fake-server");
            thread.setDaemon(true);
            return thread;
        });
        server.setExecutor(threads);
    }

    /** Starts a server that speaks plain http. */
    public static FakeServer start(FakeService service) {
        FakeServer server = bind();
        server.serve(service);
        return server;
    }

    /** Starts a server that speaks https with the certificate of {@code tls}. */
    public static FakeServer start(LoopbackTls tls, FakeService service) {
        FakeServer server = new FakeServer(tls);
        server.serve(service);
        return server;
    }

    /** Binds a port, so that its address is known, and answers nothing before {@link #serve}. */
    static FakeServer bind() {
        return new FakeServer(null);
    }

    /** Starts to answer. */
    void serve(FakeService service) {
        server.createContext("/", exchange -> {
            try (exchange) {
                handle(exchange, service);
            }
        });
        server.start();
    }

    /** Returns the address without a path. SDKs check certificates, so https goes by the name in them. */
    public URI address() {
        String host = scheme.equals("https") ? "localhost" : "127.0.0.1";
        return URI.create(scheme + "://" + host + ":" + server.getAddress().getPort());
    }

    /** Returns the requests that it had. */
    public CallLog calls() {
        return calls;
    }

    /** Returns what goes wrong with its requests. */
    public Faults faults() {
        return faults;
    }

    @Override
    public Set<Secret> secrets() {
        return secrets.all();
    }

    /** Forgets requests and faults. Secrets it remembers: they may have leaked. */
    public void reset() {
        calls.clear();
        faults.clear();
    }

    @Override
    public void close() {
        closing.countDown();
        server.stop(0);
        threads.shutdownNow();
    }

    private void handle(HttpExchange exchange, FakeService service) throws IOException {
        Optional<FakeRequest> request = FakeRequest.read(exchange);
        if (request.isEmpty()) {
            calls.add("too large", 413);
            send(exchange, FakeAnswer.empty(413), new byte[0]);
            return;
        }
        secrets.in(request.get());
        String operation = operation(service, request.get());
        Optional<Fault> fault = faults.take(operation);
        Optional<FakeAnswer> answer = fault.isPresent()
                ? answer(service, request.get(), fault.get())
                : Optional.of(answer(service, request.get()));
        calls.add(operation, answer.map(FakeAnswer::status).orElse(0));
        if (answer.isPresent()) {
            secrets.in(answer.get());
            send(exchange, answer.get(), fault.map(Fault::kind).orElse(null));
        }
    }

    /** Returns what is answered, or nothing if the connection ends without. */
    private Optional<FakeAnswer> answer(FakeService service, FakeRequest request, Fault fault) {
        return switch (fault.kind()) {
            case THROTTLED -> Optional.of(service.throttled(request, fault.time()));
            case FAILED -> Optional.of(service.failed(request, fault.number()));
            case ANSWERED -> fault.answer();
            case RESET -> Optional.empty();
            case LOST -> {
                secrets.in(answer(service, request));
                yield Optional.empty();
            }
            case DELAYED -> {
                pause(fault.time().orElse(Duration.ZERO));
                yield Optional.of(answer(service, request));
            }
            case STALLED, TRUNCATED, MALFORMED -> Optional.of(answer(service, request));
            case OVERSIZED -> Optional.of(answer(service, request).padded(fault.number()));
        };
    }

    private static String operation(FakeService service, FakeRequest request) {
        try {
            return service.operation(request);
        } catch (RuntimeException e) {
            LOG.warn("A fake has no name for a request", e);
            return "unknown";
        }
    }

    private static FakeAnswer answer(FakeService service, FakeRequest request) {
        try {
            return service.answer(request);
        } catch (RuntimeException e) {
            LOG.warn("A fake fell over, and answers 500", e);
            return service.failed(request, 500);
        }
    }

    private void send(HttpExchange exchange, FakeAnswer answer, Fault.@Nullable Kind kind) throws IOException {
        byte[] body = answer.bytes();
        byte[] half = Arrays.copyOf(body, body.length / 2);
        if (kind == Fault.Kind.MALFORMED) {
            send(exchange, answer, half);
        } else if ((kind == Fault.Kind.TRUNCATED || kind == Fault.Kind.STALLED) && body.length > 0) {
            begin(exchange, answer, body.length);
            exchange.getResponseBody().write(half);
            exchange.getResponseBody().flush();
            if (kind == Fault.Kind.STALLED) {
                pause(Duration.ofDays(1));
            }
        } else {
            send(exchange, answer, body);
        }
    }

    private static void send(HttpExchange exchange, FakeAnswer answer, byte[] body) throws IOException {
        begin(exchange, answer, body.length == 0 ? -1 : body.length);
        if (body.length > 0) {
            try (OutputStream out = exchange.getResponseBody()) {
                out.write(body);
            }
        }
    }

    private static void begin(HttpExchange exchange, FakeAnswer answer, long length) throws IOException {
        answer.headers().forEach((name, value) -> exchange.getResponseHeaders().set(name, value));
        exchange.sendResponseHeaders(answer.status(), length);
    }

    /** Waits, and not longer than the server lives. */
    private void pause(Duration time) {
        try {
            boolean closed = closing.await(time.toMillis(), TimeUnit.MILLISECONDS);
            if (closed) {
                LOG.debug("A delayed answer was overtaken by the end of its server");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
