package io.dynamiccredentials.testkit.aws;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.dynamiccredentials.testkit.FakeRequest;
import java.net.URLDecoder;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Reads a request in the AWS query protocol: the body of a {@code POST}, or the query of a {@code GET}. */
final class StsQuery {
    private static final Set<String> OPERATIONS =
            Set.of("AssumeRoleWithWebIdentity", "AssumeRole", "GetCallerIdentity");

    /** Ends a name in the order of pairs, which goes by names first: no encoded character is before it. */
    private static final char END = '\0';

    private StsQuery() {}

    /** Returns the fields; none if the request is for another place than STS answers at. */
    static Map<String, String> fields(FakeRequest request) {
        if (request.method().equals("GET") && request.target().startsWith("/?")) {
            return request.query();
        }
        // The target as it was sent: what a query beside a body means is told nowhere.
        return request.method().equals("POST") && request.target().equals("/") ? request.form() : Map.of();
    }

    /** Returns the operation's name, or {@code unknown}: what a stranger wrote stays out of the log of calls. */
    static String operation(FakeRequest request) {
        String action = fields(request).getOrDefault("Action", "");
        return OPERATIONS.contains(action) ? action : "unknown";
    }

    /** Returns the query as it was sent; empty if there is none. */
    static String query(FakeRequest request) {
        int mark = request.target().indexOf('?');
        return mark < 0 ? "" : request.target().substring(mark + 1);
    }

    /** Returns the query as AWS Signature Version 4 has it: without its own signature, in order, encoded anew. */
    static String canonical(String query) {
        List<String> pairs = new ArrayList<>();
        for (String pair : query.isEmpty() ? new String[0] : query.split("&", -1)) {
            int equals = pair.indexOf('=');
            String name = equals < 0 ? pair : pair.substring(0, equals);
            if (!name.equals("X-Amz-Signature")) {
                pairs.add(encode(decode(name)) + END + (equals < 0 ? "" : encode(decode(pair.substring(equals + 1)))));
            }
        }
        Collections.sort(pairs);
        return String.join("&", pairs).replace(END, '=');
    }

    private static String decode(String text) {
        try {
            return URLDecoder.decode(text, UTF_8);
        } catch (IllegalArgumentException e) {
            return "";
        }
    }

    private static String encode(String text) {
        StringBuilder out = new StringBuilder();
        for (byte b : text.getBytes(UTF_8)) {
            char c = (char) (b & 0xFF);
            boolean plain = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
            out.append(plain || "-._~".indexOf(c) >= 0 ? String.valueOf(c) : String.format("%%%02X", (int) c));
        }
        return out.toString();
    }
}
