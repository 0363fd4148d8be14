package io.dynamiccredentials.verify;

import static io.dynamiccredentials.TokenRejectedException.Reason.MALFORMED;
import static io.dynamiccredentials.TokenRejectedException.Reason.MISSING_CLAIM;

import com.fasterxml.jackson.databind.JsonNode;
import io.dynamiccredentials.TokenRejectedException;
import io.dynamiccredentials.wire.UntrustedText;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;

/** The claims of a token, read by type and not yet believed (RFC 7519, section 4.1). Immutable. */
final class TokenClaims {
    /** The last second of the year 9999; a later one is a mistake or an attempt to overflow a clock. */
    private static final long MAX_EPOCH_SECOND = 253_402_300_799L;

    private static final int MAX_NAME_LENGTH = 2048;

    private final JsonNode json;

    private TokenClaims(JsonNode json) {
        this.json = json;
    }

    static TokenClaims parse(byte[] payload) {
        return new TokenClaims(CompactJws.object("claims part", payload));
    }

    JsonNode json() {
        return json;
    }

    /** Returns a claim that names somebody or something: {@code iss}, {@code sub} or {@code jti}. */
    Optional<String> name(String claim) {
        JsonNode node = json.path(claim);
        return node.isMissingNode() ? Optional.empty() : Optional.of(requireName(claim, node));
    }

    /** Returns every audience, at least one. */
    Set<String> audiences() {
        JsonNode aud = json.path("aud");
        Set<String> audiences = new LinkedHashSet<>();
        if (aud.isArray()) {
            aud.forEach(element -> audiences.add(requireName("aud", element)));
        } else if (!aud.isMissingNode()) {
            audiences.add(requireName("aud", aud));
        }
        if (audiences.isEmpty()) {
            throw missing("aud");
        }
        return audiences;
    }

    /** Returns a point in time (RFC 7519, section 2, NumericDate): whole seconds only, as AWS asks too. */
    Optional<Instant> time(String claim) {
        JsonNode node = json.path(claim);
        if (node.isMissingNode()) {
            return Optional.empty();
        }
        boolean whole = node.isIntegralNumber() && node.canConvertToLong();
        if (!whole || node.longValue() < 0 || node.longValue() > MAX_EPOCH_SECOND) {
            throw TokenRejectedException.ofClaim(
                    MALFORMED,
                    claim,
                    "The claim \"" + claim + "\" must be whole seconds since 1970, before the year 10000");
        }
        return Optional.of(Instant.ofEpochSecond(node.longValue()));
    }

    static TokenRejectedException missing(String claim) {
        return TokenRejectedException.ofClaim(
                MISSING_CLAIM,
                claim,
                "The token has no claim \"" + claim + "\", which is required. Have its issuer put one in");
    }

    private static String requireName(String claim, JsonNode node) {
        String text = node.isTextual() ? node.textValue() : "";
        // Whoever compares, logs or stores the name must not be led astray by what can't be seen.
        if (!UntrustedText.isName(text, MAX_NAME_LENGTH)) {
            throw TokenRejectedException.ofClaim(
                    MALFORMED,
                    claim,
                    "The claim \"" + claim + "\" must be a string of 1 to " + MAX_NAME_LENGTH
                            + " characters without control characters"
                            + (claim.equals("aud") ? ", or an array of such" : ""));
        }
        return text;
    }
}
