package io.dynamiccredentials.environment;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntPredicate;

/** The ways in which languages write a secret as text of their own. */
final class TextForms {
    private static final String ALWAYS_PLAIN = "-._";

    /**
     * What stays as it is in a URL beside letters and digits, for: RFC 3986; forms; {@code encodeURIComponent};
     * Python's {@code quote}; {@code encodeURI}.
     */
    private static final List<String> PLAIN_IN_URLS = List.of(
            ALWAYS_PLAIN + "~",
            ALWAYS_PLAIN + "*",
            ALWAYS_PLAIN + "~!'()*",
            ALWAYS_PLAIN + "~/",
            ALWAYS_PLAIN + "~!'()*;,/?:@&=+$#");

    /** What writers of JSON write as {@code \}{@code u}: most; Go; Gson; .NET. */
    private static final List<String> UNICODE_ESCAPED = List.of("", "<>&", "<>&='", "<>&'\"+`");

    private static final Map<Character, String> JSON =
            Map.of('"', "\\\"", '\\', "\\\\", '\b', "\\b", '\f', "\\f", '\n', "\\n", '\r', "\\r", '\t', "\\t");

    private static final Map<Character, String> XML_TEXT = Map.of('&', "&amp;", '<', "&lt;", '>', "&gt;");

    private TextForms() {}

    static boolean hasLines(String text) {
        return text.indexOf('\n') >= 0 || text.indexOf('\r') >= 0;
    }

    static void addTo(Set<String> forms, String text) {
        addPercentEncoded(forms, text);
        addJson(forms, text);
        addXml(forms, text);
        addShell(forms, text);
    }

    private static void addPercentEncoded(Set<String> forms, String text) {
        byte[] bytes = text.getBytes(UTF_8);
        for (String plain : PLAIN_IN_URLS) {
            for (HexFormat digits : List.of(HexFormat.of(), HexFormat.of().withUpperCase())) {
                String encoded = percentEncoded(bytes, plain, digits);
                forms.add(encoded);
                forms.add(encoded.replace("%20", "+"));
            }
        }
    }

    private static String percentEncoded(byte[] bytes, String plain, HexFormat digits) {
        StringBuilder out = new StringBuilder();
        for (byte b : bytes) {
            char c = (char) (b & 0xff);
            if (isAsciiAlphanumeric(c) || plain.indexOf(c) >= 0) {
                out.append(c);
            } else {
                out.append('%').append(digits.toHexDigits(b));
            }
        }
        return out.toString();
    }

    private static boolean isAsciiAlphanumeric(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    }

    static void addJson(Set<String> forms, String text) {
        for (HexFormat digits : List.of(HexFormat.of(), HexFormat.of().withUpperCase())) {
            for (String escaped : UNICODE_ESCAPED) {
                forms.add(json(text, c -> c < ' ' || escaped.indexOf(c) >= 0, digits));
                forms.add(json(text, c -> isOutsideAscii(c) || escaped.indexOf(c) >= 0, digits));
            }
            // Go keeps what is outside ASCII, but for the separators that JavaScript takes for line ends.
            forms.add(json(text, c -> c < ' ' || c == 0x2028 || c == 0x2029 || "<>&".indexOf(c) >= 0, digits));
        }
        forms.add(json(text, c -> c < ' ', HexFormat.of()).replace("/", "\\/"));
        forms.add(json(text, TextForms::isOutsideAscii, HexFormat.of()).replace("/", "\\/"));
    }

    private static boolean isOutsideAscii(int c) {
        return c < ' ' || c > '~';
    }

    private static String json(String text, IntPredicate unicodeEscaped, HexFormat digits) {
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            String named = JSON.get(c);
            boolean quoteByNumber = c == '"' && unicodeEscaped.test(c);
            if (named != null && !quoteByNumber) {
                out.append(named);
            } else if (unicodeEscaped.test(c)) {
                out.append("\\u").append(digits.toHexDigits(c));
            } else {
                out.append(c);
            }
        }
        return out.toString();
    }

    private static void addXml(Set<String> forms, String text) {
        String escaped = replaced(text, XML_TEXT);
        forms.add(escaped);
        for (String apostrophe : List.of("'", "&apos;", "&#39;", "&#x27;", "&#039;")) {
            for (String quote : List.of("\"", "&quot;", "&#34;")) {
                String attribute = escaped.replace("'", apostrophe).replace("\"", quote);
                forms.add(attribute);
                forms.add(
                        attribute.replace("\t", "&#x9;").replace("\n", "&#xA;").replace("\r", "&#xD;"));
                forms.add(attribute.replace("\t", "&#9;").replace("\n", "&#10;").replace("\r", "&#13;"));
            }
        }
    }

    private static String replaced(String text, Map<Character, String> replacements) {
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            out.append(replacements.getOrDefault(c, String.valueOf(c)));
        }
        return out.toString();
    }

    private static void addShell(Set<String> forms, String text) {
        forms.add(text.replace("'", "'\\''"));
        forms.add(text.replace("'", "'\"'\"'"));
        forms.add(text.replace("'", "''"));
        forms.add(text.replaceAll("[\"\\\\$`]", "\\\\$0"));
        forms.add(text.replaceAll("[\"\\\\$`!]", "\\\\$0"));
        forms.add(text.replaceAll("['\\\\]", "\\\\$0").replace("\n", "\\n").replace("\r", "\\r"));
        forms.add(text.replaceAll("[^A-Za-z0-9_@%+=:,./\\n-]", "\\\\$0"));
        forms.add(text.replaceAll("[^A-Za-z0-9_@%+:./\\n~=-]", "\\\\$0"));
    }
}
