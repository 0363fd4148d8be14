package io.dynamiccredentials.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.dynamiccredentials.Secret;
import io.dynamiccredentials.wire.StrictJson;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** An answer of a fake. It holds credentials, and its text form shows the status alone. Immutable. */
public final class FakeAnswer {
    private final int status;
    private final Map<String, String> headers;
    private final String body;
    private final List<Secret> secrets;

    private FakeAnswer(int status, Map<String, String> headers, String body, List<Secret> secrets) {
        this.status = status;
        this.headers = headers;
        this.body = body;
        this.secrets = List.copyOf(secrets);
    }

    /** Returns an answer with a body that nobody may keep ({@code Cache-Control: no-store}). */
    public static FakeAnswer of(int status, String contentType, String body) {
        return new FakeAnswer(
                status, Map.of("Content-Type", contentType, "Cache-Control", "no-store"), body, List.of());
    }

    /** Returns an answer with {@code members} as a JSON object. */
    public static FakeAnswer json(int status, Map<String, ?> members) {
        return of(status, "application/json", StrictJson.write(members));
    }

    /** Returns an answer without a body. */
    public static FakeAnswer empty(int status) {
        return new FakeAnswer(status, Map.of(), "", List.of());
    }

    /** Returns it with one more header. */
    public FakeAnswer header(String name, String value) {
        Map<String, String> more = new LinkedHashMap<>(headers);
        more.put(name, value);
        return new FakeAnswer(status, more, body, secrets);
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
        return new FakeAnswer(status, headers, body + " ".repeat(blanks), secrets);
    }

    /**
     * Returns it with the remark that its body holds these secrets, of which no name tells. Members that are called as
     * platforms call theirs, such as {@code access_token}, are known without.
     */
    public FakeAnswer holding(Secret... more) {
        List<Secret> all = new ArrayList<>(secrets);
        all.addAll(List.of(more));
        return new FakeAnswer(status, headers, body, all);
    }

    List<Secret> secrets() {
        return secrets;
    }

    String body() {
        return body;
    }

    @Override
    public String toString() {
        return "FakeAnswer[" + status + "]";
    }
}
