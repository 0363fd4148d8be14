package io.dynamiccredentials.testkit;

import io.dynamiccredentials.wire.StrictJson;
import java.util.LinkedHashMap;
import java.util.Map;

/** An answer of a fake. A class and not a record, since it holds credentials and must not print them. */
final class FakeAnswer {
    private final int status;
    private final Map<String, String> headers;
    private final String body;

    private FakeAnswer(int status, Map<String, String> headers, String body) {
        this.status = status;
        this.headers = headers;
        this.body = body;
    }

    static FakeAnswer of(int status, String contentType, String body) {
        return new FakeAnswer(status, Map.of("Content-Type", contentType, "Cache-Control", "no-store"), body);
    }

    static FakeAnswer json(int status, Map<String, ?> members) {
        return of(status, "application/json", StrictJson.write(members));
    }

    static FakeAnswer empty(int status) {
        return new FakeAnswer(status, Map.of(), "");
    }

    FakeAnswer header(String name, String value) {
        Map<String, String> more = new LinkedHashMap<>(headers);
        more.put(name, value);
        return new FakeAnswer(status, more, body);
    }

    int status() {
        return status;
    }

    Map<String, String> headers() {
        return headers;
    }

    String body() {
        return body;
    }
}
