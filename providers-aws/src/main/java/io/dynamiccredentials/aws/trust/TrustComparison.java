package io.dynamiccredentials.aws.trust;

import io.dynamiccredentials.verify.Glob;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Optional;
import java.util.function.IntPredicate;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/** How an operator of a condition compares one value of a policy with one of a request. */
enum TrustComparison {
    STRING_EQUALS,
    STRING_EQUALS_IGNORE_CASE,
    STRING_LIKE,
    ARN_LIKE,
    IP_ADDRESS,
    BOOL,
    /** Tells of a key whether it is absent. */
    NULL,
    NUMERIC_EQUALS,
    NUMERIC_LESS,
    NUMERIC_LESS_OR_EQUAL,
    NUMERIC_GREATER,
    NUMERIC_GREATER_OR_EQUAL,
    DATE_EQUALS,
    DATE_LESS,
    DATE_LESS_OR_EQUAL,
    DATE_GREATER,
    DATE_GREATER_OR_EQUAL;

    private static final Pattern NUMBER = Pattern.compile("-?[0-9]{1,19}(?:\\.[0-9]{1,19})?");
    private static final Pattern EPOCH_SECONDS = Pattern.compile("[0-9]{1,11}");
    private static final int ARN_PARTS = 6;

    /**
     * Returns the comparison with {@code expected}, a value of a policy.
     *
     * @throws IllegalArgumentException if {@code expected} is of another form
     */
    Predicate<String> with(String expected) {
        return switch (this) {
            case STRING_EQUALS -> expected::equals;
            case STRING_EQUALS_IGNORE_CASE -> expected::equalsIgnoreCase;
            case STRING_LIKE -> like(expected);
            case ARN_LIKE -> arnLike(expected);
            case IP_ADDRESS -> AddressRange.parse(expected)::contains;
            case BOOL, NULL -> flag(expected)::equals;
            case NUMERIC_EQUALS -> number(expected, order -> order == 0);
            case NUMERIC_LESS -> number(expected, order -> order < 0);
            case NUMERIC_LESS_OR_EQUAL -> number(expected, order -> order <= 0);
            case NUMERIC_GREATER -> number(expected, order -> order > 0);
            case NUMERIC_GREATER_OR_EQUAL -> number(expected, order -> order >= 0);
            case DATE_EQUALS -> date(expected, order -> order == 0);
            case DATE_LESS -> date(expected, order -> order < 0);
            case DATE_LESS_OR_EQUAL -> date(expected, order -> order <= 0);
            case DATE_GREATER -> date(expected, order -> order > 0);
            case DATE_GREATER_OR_EQUAL -> date(expected, order -> order >= 0);
        };
    }

    private static Predicate<String> like(String expected) {
        // A glob is never empty, and a subject may be.
        return expected.isEmpty() ? String::isEmpty : Glob.of(expected)::matches;
    }

    /** IAM compares ARNs part by part, so that no wildcard reaches over a colon, but in the last part. */
    private static Predicate<String> arnLike(String expected) {
        List<String> parts = arnParts(expected);
        if (parts.size() != ARN_PARTS || !parts.get(0).equals("arn")) {
            throw MalformedPolicy.because("The value must be an ARN of six parts", expected);
        }
        List<Predicate<String>> globs =
                parts.stream().map(TrustComparison::like).toList();
        return actual -> {
            List<String> actualParts = arnParts(actual);
            return actualParts.size() == ARN_PARTS
                    && IntStream.range(0, ARN_PARTS).allMatch(i -> globs.get(i).test(actualParts.get(i)));
        };
    }

    private static List<String> arnParts(String arn) {
        return List.of(arn.split(":", ARN_PARTS));
    }

    private static String flag(String expected) {
        if (!expected.equals("true") && !expected.equals("false")) {
            throw MalformedPolicy.because("The value must be \"true\" or \"false\"", expected);
        }
        return expected;
    }

    private static Predicate<String> number(String expected, IntPredicate wanted) {
        BigDecimal bound = numberOf(expected)
                .orElseThrow(() -> MalformedPolicy.because("The value must be a decimal number", expected));
        return actual -> numberOf(actual)
                .map(number -> wanted.test(number.compareTo(bound)))
                .orElse(false);
    }

    private static Optional<BigDecimal> numberOf(String text) {
        return NUMBER.matcher(text).matches() ? Optional.of(new BigDecimal(text)) : Optional.empty();
    }

    private static Predicate<String> date(String expected, IntPredicate wanted) {
        Instant bound = dateOf(expected)
                .orElseThrow(() -> MalformedPolicy.because(
                        "The value must be a time such as \"2026-03-01T12:00:00Z\", or seconds since 1970", expected));
        return actual ->
                dateOf(actual).map(time -> wanted.test(time.compareTo(bound))).orElse(false);
    }

    private static Optional<Instant> dateOf(String text) {
        try {
            return Optional.of(
                    EPOCH_SECONDS.matcher(text).matches()
                            ? Instant.ofEpochSecond(Long.parseLong(text))
                            : OffsetDateTime.parse(text).toInstant());
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }
}
