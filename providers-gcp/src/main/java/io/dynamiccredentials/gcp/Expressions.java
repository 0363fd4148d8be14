package io.dynamiccredentials.gcp;

import java.util.Set;
import java.util.function.Supplier;

/** Makes expressions, and says what is missing where CEL is needed and is not there. */
final class Expressions {
    private static final int MAX_MAPPING = 2048;

    private Expressions() {}

    /**
     * Returns the expression of {@code attribute}.
     *
     * @throws IllegalArgumentException if it is longer than 2048 characters, or Google would refuse it
     * @throws IllegalStateException if it needs the library of CEL, and that is not on the class path
     */
    static Expression mapping(String attribute, String text) {
        requireLength("expression of " + attribute, text, MAX_MAPPING);
        return ClaimReference.parse(text).orElseGet(() -> withCel(text, () -> CelExpression.mapping(text)));
    }

    /**
     * Returns a condition, whose length is checked already.
     *
     * @throws IllegalArgumentException if Google would refuse it
     * @throws IllegalStateException if the library of CEL is not on the class path
     */
    static Expression condition(String text, Set<String> mapped) {
        return withCel(text, () -> CelExpression.condition(text, mapped));
    }

    static void requireLength(String what, String text, int max) {
        if (text.isBlank() || text.length() > max) {
            throw new IllegalArgumentException("The " + what + " of a provider must have 1 to " + max
                    + " characters and not be blank; it has " + text.length());
        }
    }

    private static Expression withCel(String text, Supplier<Expression> expression) {
        try {
            return expression.get();
        } catch (NoClassDefFoundError e) {
            throw new IllegalStateException(
                    "The expression \"" + text
                            + "\" needs the library of CEL: add the artifact dev.cel:cel to the class"
                            + " path, or use a claim (assertion.NAME) and a subject pattern",
                    e);
        }
    }
}
