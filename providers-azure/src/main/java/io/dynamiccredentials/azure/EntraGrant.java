package io.dynamiccredentials.azure;

import com.fasterxml.jackson.databind.JsonNode;
import io.dynamiccredentials.Secret;
import io.dynamiccredentials.wire.HttpReply;
import io.dynamiccredentials.wire.StrictJson;
import io.dynamiccredentials.wire.UntrustedText;
import java.time.Duration;
import java.util.Optional;

/** The token in a successful answer (RFC 6749, section 5.1), checked before the SDK sees it. Immutable. */
record EntraGrant(Secret accessToken, Duration lifetime, Optional<String> requestId) {
    /** Entra's own tokens live a day at most, or 28 hours with continuous access evaluation. */
    private static final long MAX_LIFETIME_SECONDS = Duration.ofDays(2).toSeconds();

    /**
     * Reads a 200. The SDK would take an empty object for a success without a token, and no lifetime for "ended now".
     */
    static EntraGrant read(HttpReply reply, EntraFailures failures) {
        JsonNode body;
        try {
            body = StrictJson.parseObject(reply.body());
        } catch (IllegalArgumentException e) {
            throw failures.unintelligible(reply, "the body is " + e.getMessage());
        }
        Optional<String> token = StrictJson.text(body, "access_token");
        if (token.isEmpty() || !UntrustedText.isVisibleAscii(token.get())) {
            throw failures.unintelligible(reply, "access_token is absent or has characters that no token has");
        }
        String type = StrictJson.text(body, "token_type").orElse("");
        if (!type.equalsIgnoreCase("Bearer")) {
            throw failures.unintelligible(
                    reply, "token_type is " + UntrustedText.quote(type) + ", expected \"Bearer\"");
        }
        JsonNode seconds = body.path("expires_in");
        boolean whole = seconds.isIntegralNumber() && seconds.canConvertToLong();
        if (!whole || seconds.longValue() <= 0 || seconds.longValue() > MAX_LIFETIME_SECONDS) {
            throw failures.unintelligible(
                    reply,
                    "expires_in is " + UntrustedText.clean(seconds.toString()) + ", expected 1 s to "
                            + MAX_LIFETIME_SECONDS + " s");
        }
        return new EntraGrant(
                Secret.of(token.get()),
                Duration.ofSeconds(seconds.longValue()),
                reply.header("x-ms-request-id").filter(id -> !id.isEmpty()).map(UntrustedText::clean));
    }
}
