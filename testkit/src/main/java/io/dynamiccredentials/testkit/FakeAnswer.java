package io.dynamiccredentials.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.dynamiccredentials.wire.StrictJson;
import java.util.LinkedHashMap;
import java.util.Map;

/** An answer of a fake. It holds credentials, and its text form shows the status alone. Immutable. */
public final class FakeAnswer {
    private final int status;
    private final Map<String, String> headers;
    private final String body;

    private FakeAnswer(int status, Map<String, String> headers, String body) {
        this.status = status;
        this.headers = headers;
        this.body = body;
    }

    /** Returns an answer with a body that nobody may keep ({@code Cache-Control: no-store}). */
    public static FakeAnswer of(int status, String contentType, String body) {
        return new FakeAnswer(status, Map.of("Content-Type", contentType, "Cache-Control", "no-store"), body);
    }

    /** Returns an answer with {@code members} as a JSON object. */
    public static FakeAnswer json(int status, Map<String, ?> members) {
        return of(status, "application/json", StrictJson.write(members));
    }

    /** Returns an answer without a body. */
    public static FakeAnswer empty(int status) {
        return new FakeAnswer(status, Map.of(), "");
    }

    /** Returns it with one more header. */
    public FakeAnswer header(String name, String value) {
        Map<String, String> more = new LinkedHashMap<>(headers);
        more.put(name, value);
        return new FakeAnswer(status, more, body);
    }

    /** Returns the status. */
    public int status() {
        return status;
    }

    Map<String, String> headers() {
        return headers;
    }

    byte[] bytes() {
        return body.getBytes(UTF_8);
    }

    /** Returns it with so many blanks after the body. */
    FakeAnswer padded(int blanks) {
        return new FakeAnswer(status, headers, body + " ".repeat(blanks));
    }

    @Override
    public String toString() {
        return "FakeAnswer[" + status + "]";
    }
}
