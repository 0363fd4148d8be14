package io.dynamiccredentials.aws.trust;

import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The operator of a condition. Immutable.
 *
 * @param name as it stands in the policy
 * @param quantifier how it takes several values of a request
 * @param comparison how it takes one
 * @param negated whether the comparison must fail with each value of the policy
 * @param ifExists whether it holds of a key that is absent
 */
record TrustOperator(
        String name, Quantifier quantifier, TrustComparison comparison, boolean negated, boolean ifExists) {
    private static final Pattern FORM = Pattern.compile("(ForAnyValue:|ForAllValues:)?([A-Za-z]+?)(IfExists)?");

    private static final Map<String, TrustComparison> POSITIVE = Map.ofEntries(
            Map.entry("StringEquals", TrustComparison.STRING_EQUALS),
            Map.entry("StringEqualsIgnoreCase", TrustComparison.STRING_EQUALS_IGNORE_CASE),
            Map.entry("StringLike", TrustComparison.STRING_LIKE),
            Map.entry("ArnEquals", TrustComparison.ARN_LIKE),
            Map.entry("ArnLike", TrustComparison.ARN_LIKE),
            Map.entry("IpAddress", TrustComparison.IP_ADDRESS),
            Map.entry("Bool", TrustComparison.BOOL),
            Map.entry("Null", TrustComparison.NULL),
            Map.entry("NumericEquals", TrustComparison.NUMERIC_EQUALS),
            Map.entry("NumericLessThan", TrustComparison.NUMERIC_LESS),
            Map.entry("NumericLessThanEquals", TrustComparison.NUMERIC_LESS_OR_EQUAL),
            Map.entry("NumericGreaterThan", TrustComparison.NUMERIC_GREATER),
            Map.entry("NumericGreaterThanEquals", TrustComparison.NUMERIC_GREATER_OR_EQUAL),
            Map.entry("DateEquals", TrustComparison.DATE_EQUALS),
            Map.entry("DateLessThan", TrustComparison.DATE_LESS),
            Map.entry("DateLessThanEquals", TrustComparison.DATE_LESS_OR_EQUAL),
            Map.entry("DateGreaterThan", TrustComparison.DATE_GREATER),
            Map.entry("DateGreaterThanEquals", TrustComparison.DATE_GREATER_OR_EQUAL));

    private static final Map<String, TrustComparison> NEGATED = Map.of(
            "StringNotEquals", TrustComparison.STRING_EQUALS,
            "StringNotEqualsIgnoreCase", TrustComparison.STRING_EQUALS_IGNORE_CASE,
            "StringNotLike", TrustComparison.STRING_LIKE,
            "ArnNotEquals", TrustComparison.ARN_LIKE,
            "ArnNotLike", TrustComparison.ARN_LIKE,
            "NotIpAddress", TrustComparison.IP_ADDRESS,
            "NumericNotEquals", TrustComparison.NUMERIC_EQUALS,
            "DateNotEquals", TrustComparison.DATE_EQUALS);

    /** How many of the values that a request has for a key must do. */
    enum Quantifier {
        /** The only one. */
        ONE,
        /** At least one, and never none. */
        ANY,
        /** Each, and also none at all. */
        ALL
    }

    /**
     * Reads the name of an operator.
     *
     * @throws IllegalArgumentException if IAM has none of this name, or its values can't be compared here
     */
    static TrustOperator parse(String name) {
        Matcher matcher = FORM.matcher(name);
        String base = matcher.matches() ? matcher.group(2) : "";
        TrustComparison comparison = POSITIVE.getOrDefault(base, NEGATED.get(base));
        boolean bareNull = comparison != TrustComparison.NULL || name.equals("Null");
        if (comparison == null || !bareNull) {
            throw MalformedPolicy.because(
                    "The operator of a condition must be one that IAM has, other than BinaryEquals", name);
        }
        return new TrustOperator(
                name, quantifier(matcher.group(1)), comparison, NEGATED.containsKey(base), matcher.group(3) != null);
    }

    private static Quantifier quantifier(@Nullable String prefix) {
        if (prefix == null) {
            return Quantifier.ONE;
        }
        return prefix.equals("ForAnyValue:") ? Quantifier.ANY : Quantifier.ALL;
    }

    /** Tells what the operator makes of a key that a request does not have. */
    boolean holdsWithoutValue() {
        return switch (quantifier) {
            case ONE -> ifExists || negated;
            case ANY -> ifExists;
            case ALL -> true;
        };
    }
}
