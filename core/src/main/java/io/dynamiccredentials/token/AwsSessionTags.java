package io.dynamiccredentials.token;

import io.dynamiccredentials.wire.UntrustedText;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * Checks the claims by which a token sets session tags and the source identity of an AWS session, in both forms: the
 * object {@code https://aws.amazon.com/tags} and one claim for each tag.
 */
final class AwsSessionTags {
    private static final String TAGS = "https://aws.amazon.com/tags";
    private static final String PRINCIPAL_TAGS = "principal_tags";
    private static final String TRANSITIVE_KEYS = "transitive_tag_keys";
    private static final String SOURCE_IDENTITY = "https://aws.amazon.com/source_identity";
    private static final int MAX_TAGS = 50;

    private static final String CHARACTERS = "[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]";
    private static final Pattern KEY = Pattern.compile("(?i)(?!aws:)(?-i)" + CHARACTERS + "{1,128}");
    private static final Pattern VALUE = Pattern.compile(CHARACTERS + "{0,256}");
    private static final Pattern SOURCE = Pattern.compile("[A-Za-z0-9_+=,.@-]{2,64}");

    /** The values by key in lower case: AWS takes keys that differ in case alone for one. */
    private final Map<String, Object> tags = new TreeMap<>();

    private final Set<String> transitiveKeys = new HashSet<>();

    private final List<Fault> faults = new ArrayList<>();

    private AwsSessionTags() {}

    /** Returns all that is wrong with the claims of AWS among {@code claims}. */
    static List<Fault> check(Map<String, Object> claims) {
        AwsSessionTags tags = new AwsSessionTags();
        claims.forEach(tags::read);
        tags.checkAll();
        return tags.faults;
    }

    private void read(String name, Object value) {
        if (name.equals(SOURCE_IDENTITY)) {
            requireSourceIdentity(value);
        } else if (name.equals(TAGS)) {
            readObject(value);
        } else if (name.startsWith(TAGS + "/" + PRINCIPAL_TAGS + "/")) {
            add(name.substring((TAGS + "/" + PRINCIPAL_TAGS + "/").length()), value);
        } else if (name.equals(TAGS + "/" + TRANSITIVE_KEYS)) {
            readTransitiveKeys(value);
        }
    }

    private void readObject(Object value) {
        if (value instanceof Map<?, ?> object) {
            object.forEach((member, content) -> readMember(member.toString(), content));
        } else {
            fault("\"" + TAGS + "\" must be an object", "something else");
        }
    }

    private void readMember(String member, Object content) {
        if (member.equals(TRANSITIVE_KEYS)) {
            readTransitiveKeys(content);
        } else if (member.equals(PRINCIPAL_TAGS) && content instanceof Map<?, ?> object) {
            object.forEach((key, values) -> {
                if (values instanceof List<?> list && list.size() == 1) {
                    add(key.toString(), list.get(0));
                } else {
                    fault(
                            "the tag " + quote(key)
                                    + " must be a list of one text, as texts(name, List.of(value)) makes it",
                            "something else");
                }
            });
        } else {
            fault(
                    "\"" + TAGS + "\" must hold an object \"" + PRINCIPAL_TAGS + "\" and a list \"" + TRANSITIVE_KEYS
                            + "\" alone",
                    "a member " + quote(member) + " of another kind");
        }
    }

    private void readTransitiveKeys(Object value) {
        if (value instanceof List<?> keys) {
            keys.forEach(key -> transitiveKeys.add(key.toString().toLowerCase(Locale.ROOT)));
        } else {
            fault("\"" + TRANSITIVE_KEYS + "\" must be a list of texts", "something else");
        }
    }

    private void add(String key, Object value) {
        if (!KEY.matcher(key).matches()) {
            fault(
                    "the key of a tag must be 1 to 128 letters, digits, blanks or \"_.:/=+-@\" and not begin with"
                            + " \"aws:\"",
                    quote(key) + " of " + key.length() + " characters");
        }
        if (!(value instanceof String text) || !VALUE.matcher(text).matches()) {
            fault(
                    "the value of the tag " + quote(key)
                            + " must be a text of at most 256 letters, digits, blanks or \"_.:/=+-@\"",
                    value instanceof String text ? quote(text) + " of " + text.length() + " characters" : "no text");
        }
        if (tags.putIfAbsent(key.toLowerCase(Locale.ROOT), value) != null) {
            fault("each tag must be there once, in one case of letters", quote(key) + " again");
        }
    }

    private void checkAll() {
        if (tags.size() > MAX_TAGS) {
            fault("at most " + MAX_TAGS + " session tags are allowed", Integer.toString(tags.size()));
        }
        for (String key : transitiveKeys) {
            if (!tags.containsKey(key)) {
                fault("a transitive tag key must be the key of a tag", quote(key));
            }
        }
    }

    private void requireSourceIdentity(Object value) {
        if (!(value instanceof String text) || !SOURCE.matcher(text).matches()) {
            faults.add(new Fault(
                    "source identity",
                    "\"" + SOURCE_IDENTITY + "\" must be a text of 2 to 64 letters, digits or \"_+=,.@-\"",
                    value instanceof String text ? quote(text) + " of " + text.length() + " characters" : "no text"));
        }
    }

    private static String quote(Object text) {
        return UntrustedText.quote(text.toString());
    }

    private void fault(String limit, String found) {
        faults.add(new Fault("session tags", limit, found));
    }

    /** What is wrong: the rule, what was expected and what came. */
    record Fault(String rule, String limit, String found) {}
}
