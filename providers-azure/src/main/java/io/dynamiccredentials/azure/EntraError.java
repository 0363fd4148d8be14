package io.dynamiccredentials.azure;

import com.fasterxml.jackson.databind.JsonNode;
import io.dynamiccredentials.wire.HttpReply;
import io.dynamiccredentials.wire.StrictJson;
import io.dynamiccredentials.wire.UntrustedText;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What Entra says when it refuses: the OAuth error of RFC 6749, section 5.2, with Microsoft's own members.
 *
 * @param number the digits of {@code AADSTS…}; 0 if the answer has none
 * @param error the OAuth {@code error}; empty if the answer has none
 * @param words Entra's description without the code and the ids around it, as it came, unclean; or what may be told of
 *     a body that is no JSON
 * @param traceId the id that sign-in logs call request id; empty if the answer has none
 */
record EntraError(int number, String error, String words, String traceId) {
    private static final Pattern CODE = Pattern.compile("AADSTS([0-9]{4,8})\\b:?\\s*");
    private static final String IDS = "Trace ID:";

    static EntraError read(HttpReply reply) {
        JsonNode body;
        try {
            body = StrictJson.parseObject(reply.body());
        } catch (IllegalArgumentException e) {
            String words =
                    reply.body().isEmpty() ? "" : "an answer that is no JSON: " + UntrustedText.cleanPage(reply.body());
            return new EntraError(0, "", words, traceId(reply, ""));
        }
        String description = StrictJson.text(body, "error_description").orElse("");
        Matcher code = CODE.matcher(description);
        boolean named = code.find();
        String words = named ? description.substring(code.end()) : description;
        return new EntraError(
                named
                        ? Integer.parseInt(code.group(1))
                        : body.path("error_codes").path(0).asInt(),
                StrictJson.text(body, "error").orElse(""),
                withoutIds(words),
                traceId(
                        reply,
                        StrictJson.text(body, "trace_id")
                                .or(() -> StrictJson.text(body, "correlation_id"))
                                .orElse("")));
    }

    /** Returns {@code AADSTS…} if there is a number, else the OAuth error. */
    String code() {
        return number > 0 ? "AADSTS" + number : error;
    }

    private static String withoutIds(String words) {
        int ids = words.indexOf(IDS);
        return (ids < 0 ? words : words.substring(0, ids)).strip();
    }

    private static String traceId(HttpReply reply, String fromBody) {
        return fromBody.isEmpty() ? reply.header("x-ms-request-id").orElse("") : fromBody;
    }
}
