package io.dynamiccredentials.aws.trust;

import com.fasterxml.jackson.databind.JsonNode;
import io.dynamiccredentials.wire.UntrustedText;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Reads the elements of a policy, and says what is wrong with one under the code that IAM has for it. */
final class MalformedPolicy {
    private MalformedPolicy() {}

    static IllegalArgumentException because(String expectedAndActual) {
        return new IllegalArgumentException("MalformedPolicyDocument: " + expectedAndActual);
    }

    static IllegalArgumentException because(String expected, String actual) {
        return because(expected + "; it was " + UntrustedText.quoteName(actual));
    }

    /** Checks that {@code object} is one and has only these members. */
    static void requireMembers(JsonNode object, String what, Set<String> known) {
        if (!object.isObject()) {
            throw because(what + " must be an object");
        }
        for (Map.Entry<String, JsonNode> member : object.properties()) {
            if (!known.contains(member.getKey())) {
                throw because("The members of " + what + " must be among " + known, member.getKey());
            }
        }
    }

    /** Reads one text or a list of texts, at least one. */
    static List<String> texts(JsonNode node, String what) {
        return values(node, what, false);
    }

    /** Reads one scalar or a list of them, at least one. */
    static List<String> scalars(JsonNode node, String what) {
        return values(node, what, true);
    }

    private static List<String> values(JsonNode node, String what, boolean numbersToo) {
        List<String> values = new ArrayList<>();
        for (JsonNode value : node.isArray() ? node : List.of(node)) {
            if (!value.isTextual() && !(numbersToo && (value.isNumber() || value.isBoolean()))) {
                throw because(what + " must be a text or a list of texts");
            }
            // A number's own text would be in scientific notation.
            values.add(value.isNumber() ? value.decimalValue().toPlainString() : value.asText());
        }
        if (values.isEmpty()) {
            throw because(what + " must not be an empty list, which nothing matches");
        }
        return List.copyOf(values);
    }
}
