package io.dynamiccredentials.testkit.aws;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * The session tags that a token sets by the claim {@code https://aws.amazon.com/tags}. Immutable.
 *
 * @param all values by key
 * @param transitiveKeys the keys of those that stay in the sessions of further roles
 */
public record FakeAwsTags(Map<String, String> all, Set<String> transitiveKeys) {
    static final FakeAwsTags NONE = new FakeAwsTags(Map.of(), Set.of());

    private static final String CLAIM = "https://aws.amazon.com/tags";
    private static final int MAX_TAGS = 50;
    private static final String CHARACTERS = "[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]";
    private static final Pattern KEY = Pattern.compile("(?i)(?!aws:)(?-i)" + CHARACTERS + "{1,128}");
    private static final Pattern VALUE = Pattern.compile(CHARACTERS + "{0,256}");

    /** Copies both. */
    public FakeAwsTags {
        all = Map.copyOf(all);
        transitiveKeys = Set.copyOf(transitiveKeys);
    }

    /** Reads the tags of a token; empty if they are not in the form of AWS. */
    static Optional<FakeAwsTags> of(JsonNode claims) {
        JsonNode claim = claims.path(CLAIM);
        if (claim.isMissingNode()) {
            return Optional.of(NONE);
        }
        Map<String, String> tags = new LinkedHashMap<>();
        Set<String> folded = new HashSet<>();
        for (Map.Entry<String, JsonNode> tag : claim.path("principal_tags").properties()) {
            JsonNode values = tag.getValue();
            String value = values.path(0).asText();
            boolean right = values.size() == 1
                    && values.path(0).isTextual()
                    && KEY.matcher(tag.getKey()).matches()
                    && VALUE.matcher(value).matches();
            if (!right || !folded.add(tag.getKey().toLowerCase(Locale.ROOT))) {
                return Optional.empty();
            }
            tags.put(tag.getKey(), value);
        }
        Set<String> transitive = new TreeSet<>();
        claim.path("transitive_tag_keys").forEach(key -> transitive.add(key.asText()));
        boolean fits =
                !tags.isEmpty() && tags.size() <= MAX_TAGS && tags.keySet().containsAll(transitive);
        return fits ? Optional.of(new FakeAwsTags(tags, transitive)) : Optional.empty();
    }

    /** Tells whether a token asks for something by another claim of AWS, which no policy here allows. */
    static boolean areMoreThanTags(JsonNode claims) {
        return claims.properties().stream()
                .map(Map.Entry::getKey)
                .anyMatch(name -> name.startsWith("https://aws.amazon.com/") && !name.equals(CLAIM));
    }

    /** Returns those that stay in the session of a further role. */
    FakeAwsTags inherited() {
        Map<String, String> stay = new LinkedHashMap<>(all);
        stay.keySet().retainAll(transitiveKeys);
        return new FakeAwsTags(stay, transitiveKeys);
    }

    boolean isEmpty() {
        return all.isEmpty();
    }
}
