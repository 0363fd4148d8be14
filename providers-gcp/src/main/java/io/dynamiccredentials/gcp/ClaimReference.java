package io.dynamiccredentials.gcp;

import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The expression {@code assertion.NAME}, which needs no CEL library. Immutable. */
record ClaimReference(String claim) implements Expression {
    private static final Pattern FORM = Pattern.compile("assertion\\.([A-Za-z_][A-Za-z0-9_]*)");

    /** What can't be a name in CEL. */
    private static final Set<String> KEYWORDS = Set.of("true", "false", "null", "in");

    /** Returns {@code expression} if it is nothing but the name of a claim. */
    static Optional<Expression> parse(String expression) {
        Matcher form = FORM.matcher(expression);
        return form.matches() && !KEYWORDS.contains(form.group(1))
                ? Optional.of(new ClaimReference(form.group(1)))
                : Optional.empty();
    }

    @Override
    public Object evaluate(Map<String, Object> variables) throws Unevaluable {
        if (variables.get(ClaimValues.CLAIMS) instanceof Map<?, ?> claims) {
            Object value = claims.get(claim);
            if (value != null) {
                return value;
            }
        }
        throw new Unevaluable("the token has no claim " + claim);
    }
}
