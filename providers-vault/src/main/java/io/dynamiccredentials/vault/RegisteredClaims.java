package io.dynamiccredentials.vault;

import com.fasterxml.jackson.databind.JsonNode;
import io.dynamiccredentials.vault.VaultJwtMethod.Decision.Refused;
import io.dynamiccredentials.wire.UntrustedText;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The claims of RFC 7519, section 4.1, as Vault reads them: what is absent is empty or 0. Immutable.
 *
 * @param issuedAt seconds, as the other times
 */
record RegisteredClaims(
        String issuer, String subject, List<String> audiences, long issuedAt, long notBefore, long expiresAt) {
    private static final List<String> NAMES = List.of("aud", "exp", "iat", "iss", "jti", "nbf", "sub");
    private static final String NO_NUMBER = "go-jose/go-jose/jwt: expected number value to unmarshal NumericDate";
    private static final String NO_AUDIENCE =
            "go-jose/go-jose/jwt: expected string or array value to unmarshal to Audience";

    /** Reads claims that {@link #fault} finds none with. */
    static RegisteredClaims of(JsonNode claims) {
        return new RegisteredClaims(
                claims.path("iss").asText(""),
                claims.path("sub").asText(""),
                audiences(claims.path("aud")),
                seconds(claims.path("iat")),
                seconds(claims.path("nbf")),
                seconds(claims.path("exp")));
    }

    /** Finds a claim that only the case of its letters keeps from being a registered one. Refused since 2026. */
    static Optional<Refused> ambiguity(JsonNode claims) {
        return claims.propertyStream()
                .flatMap(member -> NAMES.stream()
                        .filter(name -> !name.equals(member.getKey()) && name.equals(folded(member.getKey())))
                        .map(name -> ambiguous(member.getKey(), name)))
                .findFirst();
    }

    private static Refused ambiguous(String key, String name) {
        String shown = UntrustedText.quote(key);
        return new Refused(
                "error validating token: ambiguous claim: key " + shown + " collides with registered claim \"" + name
                        + "\" under case folding",
                name,
                "no claim but \"" + name + "\" of that name in any case",
                shown);
    }

    /** Folds the letters that Unicode's simple folding knows in the registered names. */
    private static String folded(String key) {
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < key.length(); i++) {
            char c = key.charAt(i);
            boolean capital = c >= 'A' && c <= 'Z';
            out.append(c == '\u017f' ? 's' : capital ? (char) (c + 'a' - 'A') : c);
        }
        return out.toString();
    }

    /** Finds a registered claim of the wrong type. */
    static Optional<Refused> fault(JsonNode claims) {
        return NAMES.stream().flatMap(name -> fault(name, claims).stream()).findFirst();
    }

    private static Optional<Refused> fault(String name, JsonNode claims) {
        JsonNode claim = claims.path(name);
        if (claim.isMissingNode()) {
            return Optional.empty();
        }
        return switch (name) {
            case "aud" ->
                isAudience(claim) ? Optional.empty() : wrongType(name, claim, NO_AUDIENCE, "a text or a list");
            case "exp", "iat", "nbf" ->
                claim.isNumber() || claim.isNull()
                        ? Optional.empty()
                        : wrongType(name, claim, NO_NUMBER, "a number of seconds");
            default ->
                claim.isTextual() || claim.isNull()
                        ? Optional.empty()
                        : wrongType(
                                name,
                                claim,
                                "json: cannot unmarshal " + kind(claim) + " into Go struct field Claims." + name
                                        + " of type string",
                                "a text");
        };
    }

    private static Optional<Refused> wrongType(String name, JsonNode claim, String text, String expected) {
        return Optional.of(
                new Refused("error validating token: " + text, name, expected, UntrustedText.clean(claim.toString())));
    }

    private static String kind(JsonNode claim) {
        if (claim.isNumber()) {
            return "number";
        }
        return claim.isBoolean() ? "bool" : claim.isArray() ? "array" : "object";
    }

    private static boolean isAudience(JsonNode claim) {
        return claim.isTextual() || (claim.isArray() && claim.valueStream().allMatch(JsonNode::isTextual));
    }

    private static List<String> audiences(JsonNode claim) {
        Stream<JsonNode> values = claim.isArray() ? claim.valueStream() : Stream.of(claim);
        return values.filter(JsonNode::isTextual).map(JsonNode::textValue).toList();
    }

    private static long seconds(JsonNode claim) {
        return (long) claim.asDouble(0);
    }
}
