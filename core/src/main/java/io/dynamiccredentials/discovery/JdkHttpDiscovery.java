package io.dynamiccredentials.discovery;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import java.io.IOException;
import java.net.URI;
import java.util.List;

/**
 * Serves a {@link DiscoveryEndpoint} from the JDK's own {@link com.sun.net.httpserver.HttpServer}.
 *
 * <pre>{@code
 * server.createContext("/", JdkHttpDiscovery.of(endpoint));
 * }</pre>
 *
 * <p>The server is the host's: it starts and stops it. Safe for use by many threads.
 */
public final class JdkHttpDiscovery implements HttpHandler {
    private final DiscoveryEndpoint endpoint;

    private JdkHttpDiscovery(DiscoveryEndpoint endpoint) {
        this.endpoint = endpoint;
    }

    /** Returns a handler for {@code endpoint}. */
    public static JdkHttpDiscovery of(DiscoveryEndpoint endpoint) {
        return new JdkHttpDiscovery(endpoint);
    }

    @Override
    public void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            send(answer(exchange), exchange);
        }
    }

    private DiscoveryReply answer(HttpExchange exchange) throws IOException {
        List<String> ifNoneMatch = exchange.getRequestHeaders().getOrDefault("If-None-Match", List.of());
        try {
            return endpoint.answer(exchange.getRequestMethod(), rawPath(exchange.getRequestURI()), ifNoneMatch);
        } catch (IllegalArgumentException e) {
            // The JDK's server would hang up without an answer.
            exchange.sendResponseHeaders(500, -1);
            throw e;
        }
    }

    private static void send(DiscoveryReply reply, HttpExchange exchange) throws IOException {
        // Before the headers are sent, and by hand: for HEAD the JDK's server takes no length but this one.
        reply.headers().forEach((name, value) -> exchange.getResponseHeaders().set(name, value));
        if (reply.bodyBytes() == 0) {
            exchange.sendResponseHeaders(reply.status(), -1);
            return;
        }
        exchange.sendResponseHeaders(reply.status(), reply.bodyBytes());
        reply.writeBody(exchange.getResponseBody());
    }

    /** Returns the path as it came. The JDK reads {@code //x/y} as the path {@code /y} on a host {@code x}. */
    private static String rawPath(URI target) {
        boolean path = target.isAbsolute() || target.getRawAuthority() == null;
        return path && target.getRawPath() != null ? target.getRawPath() : "";
    }
}
