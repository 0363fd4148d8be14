package io.dynamiccredentials.azure;

import com.fasterxml.jackson.databind.JsonNode;
import io.dynamiccredentials.verify.Glob;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The {@code claimsMatchingExpression} of a flexible federated identity credential, version 1 of its language: lookups
 * such as {@code claims['sub'] matches 'repo:acme/*'}, with {@code eq} or {@code matches} and {@code and} between them.
 * Immutable.
 */
final class ClaimsMatchingExpression {
    private static final String GITHUB = "https://token.actions.githubusercontent.com";
    private static final String SEPARATOR = " and ";

    // How a quote inside a comparand is written is documented in so many words that nobody knows it. None may be there.
    private static final Pattern LOOKUP = Pattern.compile("claims\\['([A-Za-z0-9_]{1,100})'\\] (eq|matches) '([^']+)'");

    private final String text;
    private final List<Lookup> lookups;

    private ClaimsMatchingExpression(String text, List<Lookup> lookups) {
        this.text = text;
        this.lookups = List.copyOf(lookups);
    }

    /** What one claim must be. */
    private record Lookup(String claim, boolean exact, String comparand) {
        boolean matches(JsonNode claims) {
            JsonNode value = claims.path(claim);
            return value.isTextual()
                    && (exact
                            ? value.textValue().equals(comparand)
                            : Glob.of(comparand).matches(value.textValue()));
        }

        boolean matchesEverything() {
            return !exact && comparand.replace("*", "").replace("?", "").isEmpty();
        }
    }

    /**
     * Reads an expression.
     *
     * @param issuer whose tokens it is for, since Entra allows claims by issuer
     * @throws IllegalArgumentException if it is malformed, has a claim that Entra does not allow there, or lets
     *     everybody in
     */
    static ClaimsMatchingExpression parse(String text, String issuer) {
        List<Lookup> lookups = new ArrayList<>();
        Matcher matcher = LOOKUP.matcher(text);
        int at = 0;
        while (matcher.region(at, text.length()).lookingAt()) {
            lookups.add(new Lookup(matcher.group(1), matcher.group(2).equals("eq"), matcher.group(3)));
            at = matcher.end();
            if (at == text.length()) {
                return new ClaimsMatchingExpression(text, lookups).checked(issuer);
            }
            if (!text.startsWith(SEPARATOR, at)) {
                break;
            }
            at += SEPARATOR.length();
        }
        throw new IllegalArgumentException("A claims matching expression is claims['sub'] eq 'TEXT' or claims['sub'] "
                + "matches 'PATTERN', with single blanks and with \" and \" between several; it was \"" + text + "\"");
    }

    /** Tells whether the claims match all of it. */
    boolean matches(JsonNode claims) {
        return lookups.stream().allMatch(lookup -> lookup.matches(claims));
    }

    private ClaimsMatchingExpression checked(String issuer) {
        Set<String> allowed = issuer.equals(GITHUB) ? Set.of("sub", "job_workflow_ref") : Set.of("sub");
        for (Lookup lookup : lookups) {
            if (!allowed.contains(lookup.claim())) {
                throw new IllegalArgumentException("For tokens of " + issuer + " Entra compares " + allowed
                        + "; the expression was \"" + text + "\"");
            }
        }
        if (lookups.stream().allMatch(Lookup::matchesEverything)) {
            throw new IllegalArgumentException(
                    "A claims matching expression must not match every workload; it was \"" + text + "\"");
        }
        return this;
    }

    @Override
    public String toString() {
        return text;
    }
}
