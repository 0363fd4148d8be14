package io.dynamiccredentials.broker;

import io.dynamiccredentials.Secret;
import io.dynamiccredentials.wire.UntrustedText;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.IntPredicate;

/**
 * The head of a request without a body, in the one form that nobody reads in two ways (RFC 9112). Immutable.
 *
 * @param path the path as it came, with nothing decoded
 * @param audiences the values of the query's parameters of this name, decoded
 * @param fromBrowser whether it has a header that only browsers send
 */
record RequestHead(
        String method,
        String path,
        List<String> audiences,
        String host,
        Optional<Secret> authorization,
        boolean fromBrowser) {
    private static final String END = "\r\n\r\n";
    private static final Set<String> ONCE = Set.of("host", "authorization", "content-length", "transfer-encoding");

    /** Reads a head up to its empty line; empty if it is in another form, or a body follows. */
    static Optional<RequestHead> parse(String text) {
        if (!text.endsWith(END)) {
            return Optional.empty();
        }
        String[] lines = text.substring(0, text.length() - END.length()).split("\r\n", -1);
        String[] words = lines[0].split(" ", -1);
        Map<String, String> headers = new TreeMap<>();
        for (int i = 1; i < lines.length; i++) {
            if (!addHeader(lines[i], headers)) {
                return Optional.empty();
            }
        }
        if (!isRequestLine(words) || bodyFollows(headers) || !headers.containsKey("host")) {
            return Optional.empty();
        }
        return Query.of(words[1]).map(query -> of(words[0], query, headers));
    }

    private static RequestHead of(String method, Query query, Map<String, String> headers) {
        return new RequestHead(
                method,
                query.path(),
                query.values("audience"),
                headers.getOrDefault("host", ""),
                Optional.ofNullable(headers.get("authorization")).map(Secret::of),
                headers.keySet().stream().anyMatch(name -> name.equals("origin") || name.equals("sec-fetch-site")));
    }

    private static boolean isRequestLine(String[] words) {
        return words.length == 3
                && isToken(words[0])
                && words[1].startsWith("/")
                && words[1].indexOf('#') < 0
                && UntrustedText.isVisibleAscii(words[1])
                && words[2].equals("HTTP/1.1");
    }

    private static boolean addHeader(String line, Map<String, String> headers) {
        int colon = line.indexOf(':');
        String value = line.substring(colon + 1);
        if (colon < 0 || !isToken(line.substring(0, colon)) || !all(value, RequestHead::isInValue)) {
            return false;
        }
        String name = line.substring(0, colon).toLowerCase(Locale.ROOT);
        String other = headers.putIfAbsent(name, value.strip());
        return other == null || !ONCE.contains(name);
    }

    private static boolean bodyFollows(Map<String, String> headers) {
        return headers.containsKey("transfer-encoding")
                || !headers.getOrDefault("content-length", "0").equals("0");
    }

    private static boolean isToken(String text) {
        return !text.isEmpty()
                && all(
                        text,
                        c -> (c >= '0' && c <= '9')
                                || (c >= 'A' && c <= 'Z')
                                || (c >= 'a' && c <= 'z')
                                || "!#$%&'*+-.^_`|~".indexOf(c) >= 0);
    }

    /** No control character but the tab, and no byte that readers decode in different ways. */
    private static boolean isInValue(int c) {
        return (c >= ' ' && c < 127) || c == '\t';
    }

    private static boolean all(String text, IntPredicate allowed) {
        return text.chars().allMatch(allowed);
    }
}
