package io.dynamiccredentials.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.net.URI;
import java.net.URLDecoder;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** A request to a fake, read to its end. It holds tokens, and its text form shows the method alone. Immutable. */
public final class FakeRequest {
    /** The longest body that a fake reads. */
    static final int MAX_BODY_BYTES = 1024 * 1024;

    private final String method;
    private final URI uri;
    private final Headers headers;
    private final byte[] body;

    private FakeRequest(String method, URI uri, Headers headers, byte[] body) {
        this.method = method;
        this.uri = uri;
        this.headers = headers;
        this.body = body;
    }

    /** Reads a request; empty if its body is longer than {@link #MAX_BODY_BYTES}. */
    static Optional<FakeRequest> read(HttpExchange exchange) throws IOException {
        byte[] body = exchange.getRequestBody().readNBytes(MAX_BODY_BYTES + 1);
        return body.length > MAX_BODY_BYTES
                ? Optional.empty()
                : Optional.of(new FakeRequest(
                        exchange.getRequestMethod(), exchange.getRequestURI(), exchange.getRequestHeaders(), body));
    }

    /** Returns the method. */
    public String method() {
        return method;
    }

    /** Returns the path, decoded. */
    public String path() {
        return uri.getPath();
    }

    /** Returns path and query as they were sent, nothing decoded. */
    public String target() {
        return uri.toString();
    }

    /** Tells whether it is a request of that method for that path. */
    public boolean is(String method, String path) {
        return this.method.equals(method) && path().equals(path);
    }

    /** Returns the first header of that name. */
    public Optional<String> header(String name) {
        return Optional.ofNullable(headers.getFirst(name));
    }

    /** Returns all headers by their names, in lower case. */
    public Map<String, List<String>> headers() {
        Map<String, List<String>> all = new LinkedHashMap<>();
        headers.forEach((name, values) -> all.put(name.toLowerCase(Locale.ROOT), List.copyOf(values)));
        return all;
    }

    /** Returns the body as it was sent. */
    public byte[] bodyBytes() {
        return body.clone();
    }

    /** Returns the body as text, in which bytes that are no UTF-8 are lost. */
    public String body() {
        return new String(body, UTF_8);
    }

    /**
     * Reads the body as {@code application/x-www-form-urlencoded}; of a field that occurs twice the first counts, and
     * one without {@code =} has an empty value.
     */
    public Map<String, String> form() {
        return fields(body());
    }

    /**
     * Reads the query; of a parameter that occurs twice the first counts, and one without {@code =} has an empty value.
     */
    public Map<String, String> query() {
        int mark = target().indexOf('?');
        return mark < 0 ? Map.of() : fields(target().substring(mark + 1));
    }

    private static Map<String, String> fields(String text) {
        Map<String, String> fields = new LinkedHashMap<>();
        for (String pair : text.split("&", -1)) {
            String[] parts = pair.split("=", 2);
            String name = decode(parts[0]);
            if (!name.isEmpty()) {
                fields.putIfAbsent(name, parts.length == 1 ? "" : decode(parts[1]));
            }
        }
        return fields;
    }

    /** Takes what can't be decoded, such as a percent sign with no digits behind it, as empty. */
    private static String decode(String text) {
        try {
            return URLDecoder.decode(text, UTF_8);
        } catch (IllegalArgumentException e) {
            return "";
        }
    }

    @Override
    public String toString() {
        return "FakeRequest[" + method + "]";
    }
}
