package io.dynamiccredentials.gcp;

import com.fasterxml.jackson.databind.JsonNode;
import io.dynamiccredentials.wire.HttpReply;
import io.dynamiccredentials.wire.StrictJson;
import io.dynamiccredentials.wire.UntrustedText;
import java.util.Optional;

/**
 * What Google says about a failure, in either of its forms: {@code {"error":"invalid_grant","error_description":"…"}}
 * of OAuth 2.0, or {@code {"error":{"code":403,"status":"PERMISSION_DENIED","message":"…"}}} of its APIs. Empty texts
 * where it says nothing.
 */
record GoogleError(String code, String text, String requestId) {

    static GoogleError of(HttpReply reply) {
        String header = requestId(reply).orElse("");
        try {
            JsonNode body = StrictJson.parseObject(reply.body());
            JsonNode error = body.path("error");
            return error.isTextual()
                    ? new GoogleError(error.textValue(), text(body, "error_description"), header)
                    : new GoogleError(text(error, "status"), text(error, "message"), requestId(error, header));
        } catch (IllegalArgumentException e) {
            String text =
                    reply.body().isEmpty() ? "" : "an answer that is no JSON: " + UntrustedText.cleanPage(reply.body());
            return new GoogleError("", text, header);
        }
    }

    /** Returns the id of the request that the headers name, as it came; empty if they name none. */
    static Optional<String> requestId(HttpReply reply) {
        return reply.header("X-Goog-Request-Id")
                .or(() -> reply.header("X-Request-Id"))
                .filter(id -> !id.isEmpty());
    }

    /** Returns the {@code google.rpc.RequestInfo} among the details, where the headers name no request. */
    private static String requestId(JsonNode error, String header) {
        if (header.isEmpty()) {
            for (JsonNode detail : error.path("details")) {
                if (text(detail, "@type").endsWith("google.rpc.RequestInfo")) {
                    return text(detail, "requestId");
                }
            }
        }
        return header;
    }

    private static String text(JsonNode node, String name) {
        return StrictJson.text(node, name).orElse("");
    }
}
