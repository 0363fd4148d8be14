package io.dynamiccredentials.wire;

import java.net.http.HttpHeaders;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Makes answers as a client would read them, without a server. */
public final class SomeReply {
    private SomeReply() {}

    /** Returns an empty answer with these headers: names and values in turn. */
    public static HttpReply with(String... namesAndValues) {
        Map<String, List<String>> headers = new TreeMap<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            headers.computeIfAbsent(namesAndValues[i], name -> new ArrayList<>())
                    .add(namesAndValues[i + 1]);
        }
        return new HttpReply(200, HttpHeaders.of(headers, (name, value) -> true), "");
    }
}
