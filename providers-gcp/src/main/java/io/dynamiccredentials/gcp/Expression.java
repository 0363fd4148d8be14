package io.dynamiccredentials.gcp;

import java.util.Map;

/** What a provider computes from a token's claims: an attribute, or whether to let the token in. Immutable. */
@FunctionalInterface
interface Expression {
    /**
     * Returns the value as Java's own type: a {@code String}, {@code Boolean}, {@code Long}, {@code Double},
     * {@code List}, {@code Map}, or another that no attribute takes.
     *
     * @throws Unevaluable if it has none, as when a claim is absent
     */
    Object evaluate(Map<String, Object> variables) throws Unevaluable;

    /** Says that an expression has no value for this token. */
    final class Unevaluable extends Exception {
        private static final long serialVersionUID = 1;

        Unevaluable(String message) {
            super(message);
        }
    }
}
