package io.dynamiccredentials.wire;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;

/**
 * Reads JSON objects from strangers and writes ours.
 *
 * <p>Reading refuses what RFC 8259 leaves open and attackers use: duplicate members, nesting deeper than 16, numbers
 * longer than 32 characters or beyond a double, halves of surrogate pairs, more than 10,000 values, text after the
 * object. Failures never repeat the text. Safe for use by many threads.
 */
public final class StrictJson {
    private static final int MAX_DEPTH = 16;
    private static final int MAX_NUMBER_LENGTH = 32;

    private static final int MAX_NAME_LENGTH = 1024;

    /** Far more than any platform's answer or a set of 100 keys holds. */
    private static final int MAX_VALUES = 10_000;

    /** A token is written by a stranger and read before its signature is checked. */
    private static final int MAX_VALUES_IN_SMALL = 256;

    private static final ObjectMapper MAPPER = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(MAX_DEPTH)
                            .maxNumberLength(MAX_NUMBER_LENGTH)
                            .maxNameLength(MAX_NAME_LENGTH)
                            .build())
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    // Shared tables of names would be filled by strangers with names of their choice.
                    .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
                    .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
                    .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY)
            .build();

    private StrictJson() {}

    /**
     * Reads one JSON object.
     *
     * @throws IllegalArgumentException if {@code text} is anything else; the message does not repeat it
     */
    public static JsonNode parseObject(String text) {
        return parseObject(text, MAX_VALUES);
    }

    /**
     * Reads one JSON object of at most 256 values, in whatever nesting.
     *
     * @throws IllegalArgumentException if {@code text} is anything else; the message does not repeat it
     */
    public static JsonNode parseSmallObject(String text) {
        return parseObject(text, MAX_VALUES_IN_SMALL);
    }

    private static JsonNode parseObject(String text, int maxValues) {
        try (CountingParser parser = new CountingParser(MAPPER.createParser(text), maxValues)) {
            JsonNode node = MAPPER.readTree(parser);
            if (node == null || parser.nextToken() != null) {
                throw new IllegalArgumentException("not a JSON object in strict form");
            }
            if (node.isObject()) {
                return node;
            }
        } catch (IOException e) {
            // The cause is dropped on purpose: Jackson's messages quote the input.
            throw new IllegalArgumentException("not a JSON object in strict form");
        }
        throw new IllegalArgumentException("JSON, but not an object");
    }

    /** Returns the member {@code name} of {@code node} if it is a string that is not empty. */
    public static Optional<String> text(JsonNode node, String name) {
        JsonNode member = node.path(name);
        return member.isTextual() && !member.textValue().isEmpty() ? Optional.of(member.textValue()) : Optional.empty();
    }

    /** Writes {@code members} as a JSON object, in the order of the map and without white space. */
    public static String write(Map<String, ?> members) {
        try {
            return MAPPER.writeValueAsString(members);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("These members can't be written as JSON: " + members.keySet());
        }
    }
}
