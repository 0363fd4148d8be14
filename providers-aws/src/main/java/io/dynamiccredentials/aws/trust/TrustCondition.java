package io.dynamiccredentials.aws.trust;

import com.fasterxml.jackson.databind.JsonNode;
import io.dynamiccredentials.aws.trust.TrustOperator.Quantifier;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/** One key of a condition with the values that it may have. Immutable. */
final class TrustCondition {
    private final TrustOperator operator;
    private final TrustConditionKey key;
    private final String writtenKey;
    private final List<String> values;
    private final List<Predicate<String>> tests;

    private TrustCondition(TrustOperator operator, String writtenKey, List<String> values) {
        this.operator = operator;
        this.key = TrustConditionKey.parse(writtenKey);
        this.writtenKey = writtenKey;
        this.values = values;
        this.tests = values.stream().map(operator.comparison()::with).toList();
        if (!key.kind().fits(operator.comparison())) {
            throw MalformedPolicy.because(
                    "The operator \"" + operator.name() + "\" must have a key whose values it can compare", writtenKey);
        }
        boolean one = operator.quantifier() == Quantifier.ONE && operator.comparison() != TrustComparison.NULL;
        // IAM takes such a document, and does not say what it makes of it.
        if (key.several() && one) {
            throw MalformedPolicy.because(
                    "The operator \"" + operator.name() + "\" must be ForAnyValue:" + operator.name()
                            + " or ForAllValues:" + operator.name() + " for a key that can have several values",
                    writtenKey);
        }
    }

    /**
     * Reads the element {@code Condition}.
     *
     * @param variables whether the policy is of a version that has variables
     * @throws IllegalArgumentException if it is malformed, or can't be decided here
     */
    static List<TrustCondition> parse(JsonNode element, boolean variables) {
        if (!element.isObject() && !element.isMissingNode()) {
            throw MalformedPolicy.because("The element Condition must be an object");
        }
        List<TrustCondition> conditions = new ArrayList<>();
        for (Map.Entry<String, JsonNode> block : element.properties()) {
            TrustOperator operator = TrustOperator.parse(block.getKey());
            if (!block.getValue().isObject() || block.getValue().isEmpty()) {
                throw MalformedPolicy.because(
                        "The operator \"" + operator.name() + "\" must have an object of keys and values");
            }
            Set<String> seen = new HashSet<>();
            for (Map.Entry<String, JsonNode> entry : block.getValue().properties()) {
                if (!seen.add(TrustConditionKey.canonical(entry.getKey()))) {
                    throw MalformedPolicy.because(
                            "The keys of an operator must differ in more than their case", entry.getKey());
                }
                conditions.add(new TrustCondition(operator, entry.getKey(), values(entry, variables)));
            }
        }
        return List.copyOf(conditions);
    }

    private static List<String> values(Map.Entry<String, JsonNode> entry, boolean variables) {
        List<String> values = MalformedPolicy.scalars(entry.getValue(), "The value of a condition");
        for (String value : values) {
            // What IAM makes of a variable without a value is told nowhere, and a guess would let somebody in.
            if (variables && value.contains("${")) {
                throw MalformedPolicy.because(
                        "A value must have no policy variable, which can't be decided here, and none of ${*}, ${?} "
                                + "and ${$}",
                        value);
            }
        }
        return values;
    }

    /**
     * Tells whether the condition holds.
     *
     * @param undecided what to answer where IAM's own answer isn't known
     */
    boolean holds(AwsTrustRequest request, boolean undecided) {
        List<String> actual = request.values(key);
        if (operator.comparison() == TrustComparison.NULL) {
            return accepts(String.valueOf(actual.isEmpty()));
        }
        if (actual.isEmpty()) {
            return operator.holdsWithoutValue();
        }
        return switch (operator.quantifier()) {
            case ONE -> actual.size() == 1 ? accepts(actual.get(0)) : undecided;
            case ANY -> actual.stream().anyMatch(this::accepts);
            case ALL -> actual.stream().allMatch(this::accepts);
        };
    }

    private boolean accepts(String actual) {
        return tests.stream().anyMatch(test -> test.test(actual)) != operator.negated();
    }

    String element() {
        return "Condition " + operator.name() + " \"" + writtenKey + "\"";
    }

    String expected() {
        String texts = AwsTrustDecision.quote(values);
        if (operator.comparison() == TrustComparison.NULL) {
            return accepts("true") ? "none" : "any";
        }
        return operator.negated() ? "anything but " + texts : texts;
    }

    String actual(AwsTrustRequest request) {
        List<String> actual = request.values(key);
        if (!actual.isEmpty()) {
            return AwsTrustDecision.quote(actual);
        }
        return key.isUnknownClaim() ? "absent, since AWS makes no condition key of this claim" : "absent";
    }
}
