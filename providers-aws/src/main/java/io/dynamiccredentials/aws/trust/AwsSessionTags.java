package io.dynamiccredentials.aws.trust;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The tags of a session, under the limits of STS. Immutable.
 *
 * @param all values by key: at most 50, with keys of 1 to 128 letters, digits, blanks or {@code _.:/=+-@} that differ
 *     in more than their case and don't begin with {@code aws:}, and values of 0 to 256 of these
 * @param transitiveKeys the keys of those that stay in the sessions of further roles
 */
public record AwsSessionTags(Map<String, String> all, Set<String> transitiveKeys) {
    /** No tags. */
    public static final AwsSessionTags NONE = new AwsSessionTags(Map.of(), Set.of());

    private static final String CLAIM = "https://aws.amazon.com/tags";
    private static final String FLAT_TAG = CLAIM + "/principal_tags/";
    private static final String FLAT_TRANSITIVE = CLAIM + "/transitive_tag_keys";
    private static final String BAD_FORM = "Session tags passed in claim are not in correct format.";
    private static final String BAD_TAGS = "principal_tags passed in claim is not in correct format.";
    private static final int MAX_TAGS = 50;
    private static final String CHARACTERS = "[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]";
    private static final Pattern KEY = Pattern.compile("(?i)(?!aws:)(?-i)" + CHARACTERS + "{1,128}");
    private static final Pattern VALUE = Pattern.compile(CHARACTERS + "{0,256}");

    /**
     * Checks and copies.
     *
     * @throws IllegalArgumentException if a tag or their number is beyond a limit, or a transitive key is that of none
     */
    public AwsSessionTags {
        Set<String> folded = new HashSet<>();
        for (Map.Entry<String, String> tag : all.entrySet()) {
            boolean fits = KEY.matcher(tag.getKey()).matches()
                    && VALUE.matcher(tag.getValue()).matches();
            // AWS takes keys that differ in case alone for one.
            if (!fits || !folded.add(tag.getKey().toLowerCase(Locale.ROOT))) {
                throw new IllegalArgumentException(BAD_FORM);
            }
        }
        if (all.size() > MAX_TAGS || !all.keySet().containsAll(transitiveKeys)) {
            throw new IllegalArgumentException(BAD_FORM);
        }
        all = Map.copyOf(all);
        transitiveKeys = Set.copyOf(transitiveKeys);
    }

    /**
     * Reads the tags that a token sets by the claim {@code https://aws.amazon.com/tags}, or by claims that begin with
     * it, which is the flattened form.
     *
     * @throws IllegalArgumentException if they are not in the form of AWS or beyond its limits; the message is that of
     *     STS
     */
    public static AwsSessionTags of(JsonNode claims) {
        boolean flat = claims.properties().stream()
                .map(Map.Entry::getKey)
                .anyMatch(name -> name.startsWith(CLAIM) && !name.equals(CLAIM));
        if (claims.has(CLAIM)) {
            // Which of the two forms would win is told nowhere.
            require(!flat && claims.get(CLAIM).isObject(), BAD_FORM);
            return nested(claims.get(CLAIM));
        }
        return flat ? flattened(claims) : NONE;
    }

    private static AwsSessionTags nested(JsonNode claim) {
        Set<String> members = new HashSet<>();
        claim.fieldNames().forEachRemaining(members::add);
        require(Set.of("principal_tags", "transitive_tag_keys").containsAll(members), BAD_FORM);
        JsonNode principalTags = claim.path("principal_tags");
        require(principalTags.isObject() && !principalTags.isEmpty(), BAD_TAGS);
        Map<String, String> tags = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> tag : principalTags.properties()) {
            JsonNode values = tag.getValue();
            require(values.isArray() && values.size() == 1 && values.path(0).isTextual(), BAD_TAGS);
            tags.put(tag.getKey(), values.path(0).textValue());
        }
        return new AwsSessionTags(tags, keys(claim.path("transitive_tag_keys")));
    }

    private static AwsSessionTags flattened(JsonNode claims) {
        Map<String, String> tags = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> claim : claims.properties()) {
            String name = claim.getKey();
            if (name.startsWith(FLAT_TAG)) {
                require(claim.getValue().isTextual(), BAD_TAGS);
                tags.put(name.substring(FLAT_TAG.length()), claim.getValue().textValue());
            } else {
                require(!name.startsWith(CLAIM) || name.equals(FLAT_TRANSITIVE), BAD_FORM);
            }
        }
        return new AwsSessionTags(tags, keys(claims.path(FLAT_TRANSITIVE)));
    }

    private static Set<String> keys(JsonNode list) {
        require(list.isArray() || list.isMissingNode(), BAD_FORM);
        Set<String> keys = new LinkedHashSet<>();
        for (JsonNode key : list) {
            require(key.isTextual(), BAD_FORM);
            keys.add(key.textValue());
        }
        return keys;
    }

    private static void require(boolean condition, String otherwise) {
        if (!condition) {
            throw new IllegalArgumentException(otherwise);
        }
    }

    /** Tells whether there are none. */
    public boolean isEmpty() {
        return all.isEmpty();
    }

    /** Returns those that stay in the session of a further role. */
    public AwsSessionTags inherited() {
        Map<String, String> stay = new LinkedHashMap<>(all);
        stay.keySet().retainAll(transitiveKeys);
        return new AwsSessionTags(stay, transitiveKeys);
    }

    /** Returns the keys in a fixed order. */
    List<String> keys() {
        return all.keySet().stream().sorted().toList();
    }
}
