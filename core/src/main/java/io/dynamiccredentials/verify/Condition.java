package io.dynamiccredentials.verify;

import java.util.List;
import java.util.Optional;

/**
 * What a {@link TrustPolicy} expects of the claims of a token: a term about one claim, or all or any of several
 * conditions.
 *
 * <pre>{@code
 * claim("repository_id").is("456789")
 * claim("kubernetes.io", "namespace").isOneOf("shop", "stock")
 * anyOf(claim("environment").is("prod"), claim("ref").matches("refs/tags/v*"))
 * }</pre>
 *
 * <p>Nothing is converted: a claim of another JSON type than the one that is expected does not meet the condition, and
 * an absent one or {@code null} meets none. Immutable.
 */
public abstract sealed class Condition permits ClaimCondition, AllOf, AnyOf {
    private static final int MAX_DEPTH = 8;
    private static final int MAX_TERMS = 256;

    Condition() {}

    /**
     * Begins a condition on the claim {@code name}, or on one inside it.
     *
     * @throws IllegalArgumentException if {@link ClaimPath} refuses the names
     */
    public static ExpectedClaim claim(String name, String... inside) {
        return new ExpectedClaim(ClaimPath.of(name, inside));
    }

    /**
     * Returns the condition that holds if each of {@code conditions} does.
     *
     * @throws IllegalArgumentException if there are none, or if they are nested deeper than 8 or more than 256 in all
     */
    public static Condition allOf(Condition... conditions) {
        return bounded(new AllOf(several(conditions)));
    }

    /**
     * Returns the condition that holds if one of {@code conditions} does.
     *
     * @throws IllegalArgumentException if there are none, or if they are nested deeper than 8 or more than 256 in all
     */
    public static Condition anyOf(Condition... conditions) {
        return bounded(new AnyOf(several(conditions)));
    }

    /** Returns in what the token differs; empty if it meets the condition. */
    abstract Optional<TrustMismatch> mismatch(VerifiedToken token);

    /** Returns the conditions right inside this one. */
    abstract List<Condition> inside();

    private int depth() {
        return 1 + inside().stream().mapToInt(Condition::depth).max().orElse(0);
    }

    /** Returns how many terms about a claim are in it. */
    private int terms() {
        return inside().isEmpty()
                ? 1
                : inside().stream().mapToInt(Condition::terms).sum();
    }

    /** Returns the condition of a whole policy, which is no deeper than what it is made of. */
    static Condition together(List<Condition> conditions) {
        Condition all = new AllOf(List.copyOf(conditions));
        requireTerms(all);
        return all;
    }

    private static List<Condition> several(Condition... conditions) {
        if (conditions.length == 0) {
            throw new IllegalArgumentException(
                    "A combination needs at least one condition; there is none, and silence is refusal");
        }
        return List.of(conditions);
    }

    // Each combination is checked when it is made, so that no later walk over one can be long or deep.
    private static Condition bounded(Condition condition) {
        if (condition.depth() > MAX_DEPTH) {
            throw new IllegalArgumentException("Conditions must be nested at most " + MAX_DEPTH + " deep; they are "
                    + condition.depth() + " deep. Split them over several policies");
        }
        requireTerms(condition);
        return condition;
    }

    private static void requireTerms(Condition condition) {
        if (condition.terms() > MAX_TERMS) {
            throw new IllegalArgumentException("Conditions must be at most " + MAX_TERMS + " in all; they are "
                    + condition.terms() + ". Split them over several policies");
        }
    }
}
