package io.dynamiccredentials.broker;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.dynamiccredentials.Secret;
import io.dynamiccredentials.wire.StrictJson;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;

/** An answer to one request, after which the connection ends. Immutable. */
record Reply(int status, Map<String, String> headers, Secret body) {
    private static final Map<Integer, String> PHRASES = Map.of(
            200, "OK",
            400, "Bad Request",
            401, "Unauthorized",
            403, "Forbidden",
            404, "Not Found",
            405, "Method Not Allowed",
            421, "Misdirected Request",
            429, "Too Many Requests",
            431, "Request Header Fields Too Large",
            503, "Service Unavailable");

    static Reply of(String mediaType, Secret body) {
        return new Reply(200, Map.of("Content-Type", mediaType), body);
    }

    /** Makes a refusal, whose body has the form that the SDKs of AWS show to their users. */
    static Reply refusal(int status, String code, String message) {
        Map<String, String> members = new LinkedHashMap<>();
        members.put("code", code);
        members.put("message", message);
        return new Reply(status, Map.of("Content-Type", "application/json"), Secret.of(StrictJson.write(members)));
    }

    Reply header(String name, String value) {
        Map<String, String> more = new LinkedHashMap<>(headers);
        more.put(name, value);
        return new Reply(status, more, body);
    }

    /** Returns it as HTTP/1.1. */
    ByteBuffer bytes() {
        byte[] content = body.reveal().getBytes(UTF_8);
        StringBuilder head = new StringBuilder("HTTP/1.1 ")
                .append(status)
                .append(' ')
                .append(PHRASES.getOrDefault(status, "Unknown"))
                .append("\r\n");
        headers.forEach(
                (name, value) -> head.append(name).append(": ").append(value).append("\r\n"));
        head.append("Content-Length: ").append(content.length).append("\r\n");
        head.append("Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n");
        byte[] start = head.toString().getBytes(US_ASCII);
        return ByteBuffer.allocate(start.length + content.length)
                .put(start)
                .put(content)
                .flip();
    }
}
