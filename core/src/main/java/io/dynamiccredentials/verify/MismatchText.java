package io.dynamiccredentials.verify;

import com.fasterxml.jackson.databind.JsonNode;
import io.dynamiccredentials.wire.UntrustedText;

/** Shows what a policy expects and what a token has, each fit for a message. */
final class MismatchText {
    private static final int MAX_CONFIGURED = 160;

    private MismatchText() {}

    /** Shows a text of the policy: as it is, since it is the host's own, but not at any length. */
    static String configured(String text) {
        return '"' + (text.length() > MAX_CONFIGURED ? text.substring(0, MAX_CONFIGURED) + "…" : text) + '"';
    }

    /** Shows a claim: a text, number or truth value as such, of anything else the type. */
    static String actual(JsonNode claim) {
        return switch (claim.getNodeType()) {
            case STRING -> UntrustedText.quote(claim.textValue());
            case NUMBER, BOOLEAN -> UntrustedText.clean(claim.asText());
            case ARRAY -> "a list of " + claim.size();
            case OBJECT -> "an object";
            default -> "absent";
        };
    }
}
