package io.dynamiccredentials.verify;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.dynamiccredentials.fixtures.ManualClock;
import io.dynamiccredentials.wire.StrictJson;
import java.time.Instant;
import java.util.Set;

/** Makes verified tokens as a verifier would, without keys. */
final class SomeToken {
    static final Instant ISSUED_AT = ManualClock.START;

    private SomeToken() {}

    /** Returns a token of "https://ci.example" for "me" with these further claims, for example {@code "a":1}. */
    static VerifiedToken with(String claims) {
        return of("https://ci.example", "me", "\"sub\":\"s\"" + (claims.isEmpty() ? "" : "," + claims));
    }

    /** Returns a token with these claims, among which is {@code sub}. */
    static VerifiedToken of(String issuer, String audience, String claims) {
        return of(json("{\"iss\":\"" + issuer + "\"," + claims + "}"), audience);
    }

    static VerifiedToken of(JsonNode claims, String audience) {
        return new VerifiedToken(
                claims, Set.of(audience), ISSUED_AT, ISSUED_AT.plusSeconds(600), "key-1", "0123456789abcdef");
    }

    static ObjectNode json(String text) {
        return (ObjectNode) StrictJson.parseObject(text);
    }
}
