package io.dynamiccredentials.vault;

import com.fasterxml.jackson.databind.JsonNode;
import io.dynamiccredentials.vault.VaultJwtMethod.Decision.Refused;
import io.dynamiccredentials.wire.UntrustedText;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * {@code bound_claims} of a role: each claim must have one of its values. Immutable.
 *
 * @param values what is bound, by name or JSON pointer
 * @param globs {@code bound_claims_type=glob}
 */
record BoundClaims(Map<String, JsonNode> values, boolean globs) {

    BoundClaims {
        values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
        if (globs) {
            values.forEach(BoundClaims::requireTexts);
        }
    }

    private static void requireTexts(String claim, JsonNode value) {
        boolean texts = listOf(value)
                .filter(list -> list.stream().allMatch(JsonNode::isTextual))
                .isPresent();
        if (!texts) {
            throw new IllegalArgumentException("With bound_claims_type=glob, bound_claims." + claim
                    + " must be a text or a list of texts; it was " + value);
        }
    }

    /** Returns why {@code claims} are refused; empty if they are not. */
    Optional<Refused> refusal(JsonNode claims) {
        return values.entrySet().stream()
                .flatMap(bound -> refusal(bound.getKey(), bound.getValue(), claims).stream())
                .findFirst();
    }

    private Optional<Refused> refusal(String claim, JsonNode bound, JsonNode claims) {
        Optional<JsonNode> found = ClaimPath.find(claims, claim);
        if (found.isEmpty()) {
            return refused(claim, bound, "claim " + GoText.quoted(claim) + " is missing", "no such claim");
        }
        JsonNode actual = found.get();
        String shown = UntrustedText.clean(actual.toString());
        if (listOf(actual).isEmpty()) {
            return refused(claim, bound, "received claim is not a string, bool, int or list: " + shown, shown);
        }
        if (listOf(bound).isEmpty()) {
            return refused(claim, bound, "bound claim is not a string, bool, int or list: " + bound, shown);
        }
        return anyMatches(bound, actual)
                ? Optional.empty()
                : refused(
                        claim,
                        bound,
                        "claim " + GoText.quoted(claim) + " does not match any associated bound claim values",
                        shown);
    }

    private static Optional<Refused> refused(String claim, JsonNode bound, String why, String actual) {
        return Optional.of(new Refused("error validating claims: " + why, claim, bound.toString(), actual));
    }

    private boolean anyMatches(JsonNode bound, JsonNode actual) {
        // Vault makes a number comparable only where it is the claim itself: one in a list matches nothing.
        boolean comparableNumber = !actual.isArray();
        return listOf(actual).orElseThrow().stream()
                .anyMatch(value -> listOf(bound).orElseThrow().stream()
                        .anyMatch(one -> one.isNumber()
                                ? comparableNumber && isSameNumber(one, value)
                                : isSameTextOrTruth(one, value)));
    }

    /** Compares as Vault does, which cuts the fraction off the claim's and not off the bound number. */
    private static boolean isSameNumber(JsonNode bound, JsonNode value) {
        return value.isNumber() && bound.asText().equals(Long.toString((long) value.doubleValue()));
    }

    private boolean isSameTextOrTruth(JsonNode bound, JsonNode value) {
        if (bound.isTextual() && value.isTextual()) {
            return globs
                    ? GoGlob.matches(bound.textValue(), value.textValue())
                    : bound.textValue().equals(value.textValue());
        }
        return bound.isBoolean() && bound.equals(value);
    }

    /** Returns the values of a list, or the only one; empty for an object or null. */
    private static Optional<List<JsonNode>> listOf(JsonNode value) {
        if (value.isArray()) {
            return Optional.of(value.valueStream().toList());
        }
        return value.isTextual() || value.isBoolean() || value.isNumber()
                ? Optional.of(List.of(value))
                : Optional.empty();
    }
}
