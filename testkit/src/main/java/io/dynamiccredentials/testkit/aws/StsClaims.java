package io.dynamiccredentials.testkit.aws;

import static io.dynamiccredentials.testkit.aws.StsRefusedException.invalidToken;

import com.fasterxml.jackson.databind.JsonNode;
import io.dynamiccredentials.aws.trust.AwsSessionTags;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What STS makes of the claims of a token, in its own words. Its rules are not those of RFC 7519: times may be texts,
 * subjects numbers, and {@code azp} stands for {@code aud}. Immutable.
 */
final class StsClaims {
    static final String NOT_VALID = "The web identity token provided could not be validated. See the "
            + "AssumeRoleWithWebIdentity documentation for requirements.";

    // Nearly all texts below, and the leeway, are what somebody saw the real STS answer. AWS promises none of them.
    private static final Duration LEEWAY = Duration.ofMinutes(5);

    // "Token too old" was seen on a token of 5 days. Where STS draws the line is told nowhere: this is a guess that
    // rather refuses.
    private static final Duration OLDEST = Duration.ofHours(24);

    private static final String OF_AWS = "https://aws.amazon.com/";
    private static final String TAGS = OF_AWS + "tags";
    private static final String SOURCE_IDENTITY = OF_AWS + "source_identity";
    private static final Pattern SOURCE_IDENTITY_FORM = Pattern.compile("[\\w+=,.@-]{2,64}");
    private static final Pattern INTEGER = Pattern.compile("-?[0-9]{1,18}");

    private final JsonNode claims;

    StsClaims(JsonNode claims) {
        this.claims = claims;
    }

    JsonNode json() {
        return claims;
    }

    /** Returns the issuer, by which STS finds the provider before it looks at anything else. */
    String issuer() {
        require("iss");
        // What is no text is the name of no provider.
        return claims.path("iss").isTextual() ? claims.path("iss").textValue() : "";
    }

    /** Checks that the claims are there that STS can't do without. */
    void requireAll() {
        List.of("sub", "aud", "exp", "iat").forEach(this::require);
    }

    private void require(String claim) {
        if (!claims.has(claim)) {
            throw invalidToken("Missing a required claim: " + claim);
        }
    }

    /** Returns the audience that STS goes by, which must be among {@code clientIds}. */
    String audience(Set<String> clientIds) {
        JsonNode audience = claims.path("aud");
        if (audience.isArray() && audience.isEmpty()) {
            throw invalidToken("Claim is not allowed to be empty: aud");
        }
        // The order of these is that of an emulator, which says that it was observed.
        if (claims.has("azp")) {
            return registered(claims.path("azp"), clientIds, NOT_VALID);
        }
        if (audience.size() > 1) {
            throw invalidToken("Token audience contains more than one audience while authorized party is not present");
        }
        JsonNode only = audience.isArray() ? audience.path(0) : audience;
        return registered(only, clientIds, only.asText().isEmpty() ? NOT_VALID : "Incorrect token audience");
    }

    private static String registered(JsonNode audience, Set<String> clientIds, String otherwise) {
        @Nullable String text = audience.textValue();
        if (text == null || !clientIds.contains(text)) {
            throw invalidToken(text == null ? NOT_VALID : otherwise);
        }
        return text;
    }

    /** Checks the times of the token, each with five minutes of leeway. */
    void requireTimes(Instant now) {
        long at = now.getEpochSecond();
        long leeway = LEEWAY.toSeconds();
        long expires = seconds("exp");
        long issued = seconds("iat");
        long notBefore = claims.has("nbf") ? seconds("nbf") : Long.MIN_VALUE;
        if (at - leeway >= expires) {
            throw new StsRefusedException(
                    400,
                    "ExpiredTokenException",
                    "Token expired: current date/time " + (at - leeway) + " must be before the expiration date/time "
                            + expires);
        }
        if (at + leeway < notBefore) {
            throw invalidToken("Token not yet valid: current date/time " + (at + leeway)
                    + " must be after or equal to the not-before date/time " + notBefore);
        }
        if (at + leeway < issued) {
            throw invalidToken("Token issued in the future: " + issued);
        }
        if (at - issued > OLDEST.toSeconds()) {
            throw new StsRefusedException(400, "ExpiredTokenException", "Token too old: " + (at - issued));
        }
    }

    /** Reads a time: an integer, or one in a text. */
    private long seconds(String claim) {
        JsonNode time = claims.path(claim);
        if ((time.isIntegralNumber() || time.isTextual())
                && INTEGER.matcher(time.asText()).matches()) {
            return Long.parseLong(time.asText());
        }
        throw invalidToken("Invalid timestamp in token claims.");
    }

    /** Returns the subject, of whatever length; that of a number is its digits. */
    String subject() {
        JsonNode subject = claims.path("sub");
        if (!subject.isTextual() && !subject.isNumber()) {
            throw new StsRefusedException(500, "InternalFailure", "Unknown error validating third-party token");
        }
        return subject.asText();
    }

    /** Returns the token's id; empty if it has none. */
    String tokenId() {
        return claims.path("jti").asText("");
    }

    /** Returns the session tags that the token sets. */
    AwsSessionTags tags() {
        for (Map.Entry<String, JsonNode> claim : claims.properties()) {
            boolean known = claim.getKey().startsWith(TAGS) || claim.getKey().equals(SOURCE_IDENTITY);
            // What STS makes of other claims in its own name is told nowhere.
            if (claim.getKey().startsWith(OF_AWS) && !known) {
                throw invalidToken(NOT_VALID);
            }
        }
        try {
            return AwsSessionTags.of(claims);
        } catch (IllegalArgumentException e) {
            throw invalidToken(String.valueOf(e.getMessage()));
        }
    }

    /** Returns the source identity that the token sets. */
    Optional<String> sourceIdentity() {
        JsonNode name = claims.path(SOURCE_IDENTITY);
        if (name.isMissingNode()) {
            return Optional.empty();
        }
        if (!name.isTextual() || !SOURCE_IDENTITY_FORM.matcher(name.textValue()).matches()) {
            // The text is not known.
            throw invalidToken("Source identity passed in claim is not in correct format.");
        }
        return Optional.of(name.textValue());
    }
}
