package io.dynamiccredentials.testkit.aws;

import io.dynamiccredentials.testkit.FakeAnswer;
import io.dynamiccredentials.testkit.FakeRequest;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;

/** Writes the answers of STS: in the XML of the AWS query protocol, or as JSON for who accepts only that. */
enum AwsAnswer {
    XML,
    JSON;

    static final String VERSION = "2011-06-15";

    private static final String NAMESPACE = "https://sts.amazonaws.com/doc/" + VERSION + "/";

    /** Returns the form that {@code request} asks for. */
    static AwsAnswer forRequest(FakeRequest request) {
        return request.header("Accept").orElse("").equals("application/json") ? JSON : XML;
    }

    /** Returns a success; a value that is a map becomes an element with children. */
    FakeAnswer success(String action, Map<String, ?> result) {
        String requestId = UUID.randomUUID().toString();
        Map<String, Object> body = new LinkedHashMap<>();
        body.put(action + "Result", result);
        body.put("ResponseMetadata", Map.of("RequestId", requestId));
        return this == XML
                ? xml(200, action + "Response", body, requestId)
                : json(200, Map.of(action + "Response", forJson(body)), requestId);
    }

    /** Returns the part of a result that tells of a session. */
    static Map<String, Object> session(FakeAwsKey session) {
        Map<String, Object> user = new LinkedHashMap<>();
        user.put("Arn", session.arn());
        user.put("AssumedRoleId", session.userId());
        Map<String, Object> credentials = new LinkedHashMap<>();
        credentials.put("AccessKeyId", session.accessKeyId());
        credentials.put("SecretAccessKey", session.secretKey().reveal());
        credentials.put(
                "SessionToken", session.token().map(token -> token.reveal()).orElse(""));
        credentials.put("Expiration", session.expiresAt());
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("AssumedRoleUser", user);
        result.put("Credentials", credentials);
        return result;
    }

    FakeAnswer error(int status, String code, String message) {
        String requestId = UUID.randomUUID().toString();
        Map<String, Object> error = new LinkedHashMap<>();
        error.put("Type", status < 500 ? "Sender" : "Receiver");
        error.put("Code", code);
        error.put("Message", message);
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("Error", error);
        body.put("RequestId", requestId);
        return this == XML ? xml(status, "ErrorResponse", body, requestId) : json(status, body, requestId);
    }

    private static FakeAnswer json(int status, Map<String, ?> body, String requestId) {
        return FakeAnswer.json(status, body).header("x-amzn-RequestId", requestId);
    }

    /** Times are seconds since 1970 in AWS's JSON. That STS has them so, too, is an inference. */
    private static Map<String, Object> forJson(Map<?, ?> elements) {
        Map<String, Object> members = new LinkedHashMap<>();
        elements.forEach((name, value) -> {
            Object member = value instanceof Map<?, ?> children ? forJson(children) : value;
            members.put(String.valueOf(name), member instanceof Instant time ? time.getEpochSecond() : member);
        });
        return members;
    }

    private static FakeAnswer xml(int status, String root, Map<String, ?> body, String requestId) {
        StringBuilder xml = new StringBuilder("<" + root + " xmlns=\"" + NAMESPACE + "\">");
        append(xml, body);
        return FakeAnswer.of(status, "text/xml", xml.append("</" + root + ">").toString())
                .header("x-amzn-RequestId", requestId);
    }

    private static void append(StringBuilder xml, Map<?, ?> elements) {
        elements.forEach((name, value) -> {
            xml.append('<').append(name).append('>');
            if (value instanceof Map<?, ?> children) {
                append(xml, children);
            } else {
                xml.append(escape(String.valueOf(value)));
            }
            xml.append("</").append(name).append('>');
        });
    }

    private static String escape(String text) {
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            // XML 1.0 has no form at all for most control characters.
            if (c < ' ' || Character.isSurrogate(c) || c > 0xFFFD) {
                out.append('?');
            } else if ("<>&\"".indexOf(c) >= 0) {
                out.append("&#").append((int) c).append(';');
            } else {
                out.append(c);
            }
        }
        return out.toString();
    }
}
