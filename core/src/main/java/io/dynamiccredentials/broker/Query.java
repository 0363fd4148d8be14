package io.dynamiccredentials.broker;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The path of a request and the parameters behind it, percent-decoded (RFC 3986, section 2.1). Immutable.
 *
 * @param parameters the parameters by name and value, in their order
 */
record Query(String path, List<Map.Entry<String, String>> parameters) {

    /** Reads the target of a request; empty if an escape in it is none. */
    static Optional<Query> of(String target) {
        int start = target.indexOf('?');
        if (start < 0) {
            return Optional.of(new Query(target, List.of()));
        }
        List<Map.Entry<String, String>> parameters = new ArrayList<>();
        for (String parameter : target.substring(start + 1).split("&", -1)) {
            int equals = parameter.indexOf('=');
            Optional<String> name = decoded(equals < 0 ? parameter : parameter.substring(0, equals));
            Optional<String> value = decoded(equals < 0 ? "" : parameter.substring(equals + 1));
            if (name.isEmpty() || value.isEmpty()) {
                return Optional.empty();
            }
            parameters.add(Map.entry(name.get(), value.get()));
        }
        return Optional.of(new Query(target.substring(0, start), List.copyOf(parameters)));
    }

    /** Returns the values of all parameters of that name. */
    List<String> values(String name) {
        return parameters.stream()
                .filter(parameter -> parameter.getKey().equals(name))
                .map(Map.Entry::getValue)
                .toList();
    }

    private static Optional<String> decoded(String text) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '%') {
                int end = i + 3;
                if (end > text.length()
                        || Character.digit(text.charAt(i + 1), 16) < 0
                        || Character.digit(text.charAt(i + 2), 16) < 0) {
                    return Optional.empty();
                }
                bytes.write(Integer.parseInt(text, i + 1, end, 16));
                i = end - 1;
            } else {
                bytes.write(c);
            }
        }
        return Optional.of(bytes.toString(UTF_8));
    }
}
