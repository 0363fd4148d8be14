package io.dynamiccredentials.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.net.URI;
import java.net.URLDecoder;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** A request to a fake, read to its end. A class and not a record, since it holds tokens and must not print them. */
final class FakeRequest {
    private static final int MAX_BODY_BYTES = 1024 * 1024;

    private final String method;
    private final URI uri;
    private final Headers headers;
    private final String body;

    private FakeRequest(String method, URI uri, Headers headers, String body) {
        this.method = method;
        this.uri = uri;
        this.headers = headers;
        this.body = body;
    }

    static FakeRequest read(HttpExchange exchange) throws IOException {
        byte[] body = exchange.getRequestBody().readNBytes(MAX_BODY_BYTES);
        return new FakeRequest(
                exchange.getRequestMethod(),
                exchange.getRequestURI(),
                exchange.getRequestHeaders(),
                new String(body, UTF_8));
    }

    String method() {
        return method;
    }

    String path() {
        return uri.getPath();
    }

    URI uri() {
        return uri;
    }

    /** Tells whether it is a request of that method for that path. */
    boolean is(String method, String path) {
        return this.method.equals(method) && path().equals(path);
    }

    Optional<String> header(String name) {
        return Optional.ofNullable(headers.getFirst(name));
    }

    Headers headers() {
        return headers;
    }

    String body() {
        return body;
    }

    /** Reads the body as {@code application/x-www-form-urlencoded}; of a field that occurs twice the first counts. */
    Map<String, String> form() {
        return decode(body);
    }

    /** Reads the query of the address. */
    Map<String, String> query() {
        return decode(uri.getRawQuery() == null ? "" : uri.getRawQuery());
    }

    private static Map<String, String> decode(String encoded) {
        Map<String, String> fields = new LinkedHashMap<>();
        for (String pair : encoded.split("&", -1)) {
            int equals = pair.indexOf('=');
            if (equals > 0) {
                fields.putIfAbsent(
                        URLDecoder.decode(pair.substring(0, equals), UTF_8),
                        URLDecoder.decode(pair.substring(equals + 1), UTF_8));
            }
        }
        return fields;
    }
}
