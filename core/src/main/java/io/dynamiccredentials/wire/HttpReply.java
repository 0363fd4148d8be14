package io.dynamiccredentials.wire;

import java.net.http.HttpHeaders;
import java.util.Optional;

/** One answer, read to its end. Its text form leaves the body out, which may hold credentials. Immutable. */
public final class HttpReply {
    private final int status;
    private final HttpHeaders headers;
    private final String body;

    HttpReply(int status, HttpHeaders headers, String body) {
        this.status = status;
        this.headers = headers;
        this.body = body;
    }

    /** Returns the HTTP status. */
    public int status() {
        return status;
    }

    /** Returns the first header {@code name}, in whatever case. */
    public Optional<String> header(String name) {
        return headers.firstValue(name);
    }

    /** Returns the body, decoded as UTF-8; empty if there was none. */
    public String body() {
        return body;
    }

    @Override
    public String toString() {
        return "HttpReply[status=" + status + "]";
    }
}
