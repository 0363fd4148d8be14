package io.dynamiccredentials.gcp;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.dynamiccredentials.gcp.ProviderDecision.Accepted;
import io.dynamiccredentials.gcp.ProviderDecision.Check;
import io.dynamiccredentials.gcp.ProviderDecision.Refused;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** The attributes that a provider makes of a token's claims, with Google's limits. Immutable. */
final class AttributeMapping {
    static final String SUBJECT = "google.subject";
    static final String GROUPS = "google.groups";

    private static final String CUSTOM_PREFIX = "attribute.";
    private static final Pattern CUSTOM = Pattern.compile("attribute\\.[a-z0-9_]{1,100}");
    private static final int MAX_CUSTOM = 50;
    private static final int MAX_SUBJECT_BYTES = 127;
    private static final int MAX_BYTES = 8 * 1024;

    private final Map<String, String> texts;
    private final Map<String, Expression> expressions = new LinkedHashMap<>();

    /**
     * Reads the expressions.
     *
     * @throws IllegalArgumentException if Google would refuse the mapping
     * @throws IllegalStateException if it needs the library of CEL, and that is not on the class path
     */
    AttributeMapping(Map<String, String> texts) {
        this.texts = Collections.unmodifiableMap(new LinkedHashMap<>(texts));
        if (!texts.containsKey(SUBJECT)) {
            throw new IllegalArgumentException(
                    "A provider must map " + SUBJECT + ", mostly from assertion.sub; it maps " + texts.keySet());
        }
        texts.keySet().forEach(AttributeMapping::requireKey);
        long custom = texts.keySet().stream()
                .filter(key -> key.startsWith(CUSTOM_PREFIX))
                .count();
        if (custom > MAX_CUSTOM) {
            throw new IllegalArgumentException(
                    "A provider may map at most " + MAX_CUSTOM + " custom attributes; it maps " + custom);
        }
        texts.forEach((attribute, text) -> expressions.put(attribute, Expressions.mapping(attribute, text)));
    }

    Map<String, String> texts() {
        return texts;
    }

    /** Returns the attributes of a token with these variables. */
    Accepted map(String pool, Map<String, Object> variables) throws Refusal {
        Map<String, String> custom = new LinkedHashMap<>();
        String subject = "";
        List<String> groups = List.of();
        for (Map.Entry<String, Expression> mapped : expressions.entrySet()) {
            String attribute = mapped.getKey();
            Object value = evaluate(attribute, mapped.getValue(), variables);
            switch (attribute) {
                case SUBJECT -> subject = text(attribute, value);
                case GROUPS -> groups = texts(value);
                default -> custom.put(attribute.substring(CUSTOM_PREFIX.length()), text(attribute, value));
            }
        }
        Accepted accepted = new Accepted(pool, subject, groups, custom);
        requireSizes(accepted);
        return accepted;
    }

    private static void requireKey(String key) {
        if (!key.equals(SUBJECT) && !key.equals(GROUPS) && !CUSTOM.matcher(key).matches()) {
            throw new IllegalArgumentException("A provider maps " + SUBJECT + ", " + GROUPS
                    + " and attribute.NAME, with 1 to 100 characters a to z, 0 to 9 and _ in the name; it was \"" + key
                    + "\"");
        }
    }

    private Object evaluate(String attribute, Expression expression, Map<String, Object> variables) throws Refusal {
        try {
            return expression.evaluate(variables);
        } catch (Expression.Unevaluable e) {
            // Seen for a token without sub; that other claims are treated alike is UNVERIFIED.
            throw new Refusal(Refused.byCondition(
                    Check.MAPPING, "a value for " + attribute + " = " + texts.get(attribute), "none"));
        }
    }

    private static String text(String attribute, Object value) throws Refusal {
        if (value instanceof String text) {
            return text;
        }
        throw wrongType(attribute, "STRING", value);
    }

    // UNVERIFIED: the name of the type in the text for groups.
    private static List<String> texts(Object value) throws Refusal {
        if (!(value instanceof List<?> elements)) {
            throw wrongType(GROUPS, "LIST<STRING>", value);
        }
        for (Object element : elements) {
            if (!(element instanceof String)) {
                throw wrongType(GROUPS, "LIST<STRING>", value);
            }
        }
        return elements.stream().map(String.class::cast).toList();
    }

    private static Refusal wrongType(String attribute, String type, Object value) {
        return new Refusal(new Refused(
                Check.MAPPING,
                "unauthorized_client",
                "The mapped attribute '" + attribute + "' must be of type " + type + ".",
                attribute + " of type " + type,
                value.getClass().getSimpleName()));
    }

    private static void requireSizes(Accepted accepted) throws Refusal {
        if (accepted.subject().isEmpty()) {
            // UNVERIFIED: nobody has written down what an empty subject comes to, and no policy could name it.
            throw new Refusal(Refused.byCondition(Check.MAPPING, "a google.subject", "an empty one"));
        }
        int length = bytes(accepted.subject());
        if (length > MAX_SUBJECT_BYTES) {
            throw tooLong(SUBJECT, MAX_SUBJECT_BYTES, length);
        }
        int all = length;
        for (String group : accepted.groups()) {
            all += bytes(group);
        }
        for (String value : accepted.attributes().values()) {
            all += bytes(value);
        }
        if (all > MAX_BYTES) {
            // UNVERIFIED: the limit is documented, the text is made after that of the subject.
            throw tooLong("values", MAX_BYTES, all);
        }
    }

    private static Refusal tooLong(String what, int limit, int actual) {
        return new Refusal(new Refused(
                Check.MAPPING,
                "invalid_request",
                "The size of mapped attribute " + what + " exceeds the " + limit
                        + " bytes limit. Either modify your attribute mapping or the incoming assertion to produce a mapped "
                        + "attribute that is less than " + limit + " bytes.",
                what + " of at most " + limit + " bytes",
                actual + " bytes"));
    }

    private static int bytes(String text) {
        return text.getBytes(UTF_8).length;
    }

    /** Ends the checks with the first that is not met. */
    static final class Refusal extends Exception {
        private static final long serialVersionUID = 1;

        private final transient Refused refused;

        Refusal(Refused refused) {
            super(refused.error());
            this.refused = refused;
        }

        Refused refused() {
            return refused;
        }
    }
}
