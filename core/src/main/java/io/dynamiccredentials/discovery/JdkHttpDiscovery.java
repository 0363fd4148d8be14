package io.dynamiccredentials.discovery;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import java.io.IOException;
import java.io.OutputStream;

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
            DiscoveryReply reply = endpoint.answer(
                    exchange.getRequestMethod(), exchange.getRequestURI().getPath());
            reply.headers()
                    .forEach((name, value) -> exchange.getResponseHeaders().set(name, value));
            byte[] body = reply.body().getBytes(UTF_8);
            if (body.length == 0) {
                exchange.sendResponseHeaders(reply.status(), -1);
                return;
            }
            exchange.sendResponseHeaders(reply.status(), body.length);
            try (OutputStream out = exchange.getResponseBody()) {
                out.write(body);
            }
        }
    }
}
