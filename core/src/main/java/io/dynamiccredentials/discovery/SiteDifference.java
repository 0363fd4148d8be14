package io.dynamiccredentials.discovery;

import com.fasterxml.jackson.databind.JsonNode;
import io.dynamiccredentials.wire.StrictJson;
import io.dynamiccredentials.wire.UntrustedText;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/**
 * How what the world sees differs from what was published. Immutable.
 *
 * @param words the difference as a message says it
 * @param foreignKeyIds the ids of the keys that were not published, fit for a message
 */
record SiteDifference(String words, Set<String> foreignKeyIds) {
    private static final int MAX_NAMES = 10;

    /** Copies the set. */
    SiteDifference {
        foreignKeyIds = Set.copyOf(foreignKeyIds);
    }

    /** Compares two discovery documents that are not the same text. */
    static SiteDifference ofDocuments(String published, String seen) {
        JsonNode actual;
        try {
            actual = StrictJson.parseObject(seen);
        } catch (IllegalArgumentException e) {
            return new SiteDifference("it is " + e.getMessage(), Set.of());
        }
        JsonNode expected = StrictJson.parseObject(published);
        Set<String> names = new LinkedHashSet<>();
        expected.fieldNames().forEachRemaining(names::add);
        actual.fieldNames().forEachRemaining(names::add);
        names.removeIf(name -> expected.path(name).equals(actual.path(name)));
        if (names.isEmpty()) {
            return new SiteDifference("it says the same in other bytes", Set.of());
        }
        return new SiteDifference("these members are not ours: " + listed(names, UntrustedText::quote), Set.of());
    }

    /** Compares two key sets that are not the same text. A key under one of our ids but not ours is foreign too. */
    static SiteDifference ofKeySets(String published, String seen) {
        Set<JsonNode> actual;
        try {
            actual = keys(seen);
        } catch (IllegalArgumentException e) {
            return new SiteDifference("it is " + e.getMessage(), Set.of());
        }
        Set<JsonNode> expected = keys(published);
        Set<String> foreign = idsOf(actual, expected);
        Set<String> missing = idsOf(expected, actual);
        if (foreign.isEmpty() && missing.isEmpty()) {
            return new SiteDifference("it has the same keys in other bytes", Set.of());
        }
        String words = (foreign.isEmpty() ? "" : "it shows keys that are not ours: " + listed(foreign, id -> id))
                + (foreign.isEmpty() || missing.isEmpty() ? "" : "; ")
                + (missing.isEmpty() ? "" : "it lacks our keys: " + listed(missing, id -> id));
        return new SiteDifference(words, foreign);
    }

    private static Set<JsonNode> keys(String json) {
        Set<JsonNode> keys = new LinkedHashSet<>();
        StrictJson.parseObject(json).path("keys").forEach(keys::add);
        return keys;
    }

    private static Set<String> idsOf(Set<JsonNode> keys, Set<JsonNode> others) {
        return keys.stream()
                .filter(key -> !others.contains(key))
                .map(key ->
                        StrictJson.text(key, "kid").map(UntrustedText::cleanId).orElse("(without an id)"))
                .collect(Collectors.toCollection(LinkedHashSet::new));
    }

    private static String listed(Set<String> names, UnaryOperator<String> form) {
        String list = names.stream().limit(MAX_NAMES).map(form).collect(Collectors.joining(", "));
        return names.size() > MAX_NAMES ? list + " and " + (names.size() - MAX_NAMES) + " more" : list;
    }
}
