package io.dynamiccredentials.discovery;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.OutputStream;
import java.util.Map;

/** An answer for the host's web server to send. Immutable. */
public final class DiscoveryReply {
    private final int status;
    private final Map<String, String> headers;
    private final byte[] body;

    private DiscoveryReply(int status, Map<String, String> headers, byte[] body) {
        this.status = status;
        this.headers = Map.copyOf(headers);
        this.body = body;
    }

    /** Returns an answer with {@code body}, which it keeps and nobody may change any more. */
    static DiscoveryReply of(int status, Map<String, String> headers, byte[] body) {
        return new DiscoveryReply(status, headers, body);
    }

    /** Returns an answer without a body. */
    static DiscoveryReply of(int status, Map<String, String> headers) {
        return new DiscoveryReply(status, headers, new byte[0]);
    }

    /** Returns the HTTP status: 200, 304, 404, 405 or 503. */
    public int status() {
        return status;
    }

    /**
     * Returns the headers, each with one value. An answer to {@code HEAD} has the {@code Content-Length} of the answer
     * to {@code GET}, and no body.
     */
    public Map<String, String> headers() {
        return headers;
    }

    /** Returns the body as text, to be sent as UTF-8; empty for an answer without one. */
    public String body() {
        return new String(body, UTF_8);
    }

    /**
     * Writes the bytes of the body, if there are any, and leaves {@code out} open.
     *
     * @throws IOException if {@code out} takes no more
     */
    public void writeBody(OutputStream out) throws IOException {
        out.write(body);
    }

    /** Returns how many bytes {@link #writeBody} writes. */
    int bodyBytes() {
        return body.length;
    }

    @Override
    public String toString() {
        return "DiscoveryReply[status=" + status + "]";
    }
}
