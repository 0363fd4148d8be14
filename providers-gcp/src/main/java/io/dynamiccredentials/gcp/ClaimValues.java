package io.dynamiccredentials.gcp;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Turns a token's claims into the values that expressions work on. */
final class ClaimValues {
    /** The variable that holds the claims. */
    static final String CLAIMS = "assertion";

    private ClaimValues() {}

    /** Returns the variables of a mapping for a token of these claims. A JSON {@code null} in them stays one. */
    static Map<String, Object> variables(JsonNode claims) {
        return Map.of(CLAIMS, members(claims));
    }

    private static Map<String, @Nullable Object> members(JsonNode object) {
        Map<String, @Nullable Object> members = new LinkedHashMap<>();
        object.properties().forEach(member -> members.put(member.getKey(), value(member.getValue())));
        return members;
    }

    private static @Nullable Object value(JsonNode node) {
        return switch (node.getNodeType()) {
            case OBJECT -> members(node);
            case ARRAY -> elements(node);
            case STRING -> node.textValue();
            case BOOLEAN -> node.booleanValue();
            case NUMBER -> number(node);
            default -> null;
        };
    }

    private static List<@Nullable Object> elements(JsonNode array) {
        List<@Nullable Object> elements = new ArrayList<>();
        array.forEach(element -> elements.add(value(element)));
        return elements;
    }

    // UNVERIFIED: what CEL makes of a JSON number at Google. Comparisons, which is what numbers are for, are alike.
    private static Object number(JsonNode number) {
        return number.canConvertToExactIntegral() && number.canConvertToLong()
                ? (Object) number.longValue()
                : (Object) number.doubleValue();
    }
}
