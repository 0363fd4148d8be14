package io.dynamiccredentials.testkit.aws;

import io.dynamiccredentials.testkit.FakeAnswer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;

/** Writes the answers of STS in the XML of the AWS query protocol. */
final class AwsAnswer {
    static final String VERSION = "2011-06-15";

    private static final String NAMESPACE = "https://sts.amazonaws.com/doc/" + VERSION + "/";

    private AwsAnswer() {}

    /** Returns a success; a value that is a map becomes an element with children. */
    static FakeAnswer success(String action, Map<String, ?> result) {
        String requestId = UUID.randomUUID().toString();
        Map<String, Object> body = new LinkedHashMap<>();
        body.put(action + "Result", result);
        body.put("ResponseMetadata", Map.of("RequestId", requestId));
        return answer(200, action + "Response", body, requestId);
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

    static FakeAnswer error(int status, String code, String message) {
        String requestId = UUID.randomUUID().toString();
        Map<String, Object> error = new LinkedHashMap<>();
        error.put("Type", status < 500 ? "Sender" : "Receiver");
        error.put("Code", code);
        error.put("Message", message);
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("Error", error);
        body.put("RequestId", requestId);
        return answer(status, "ErrorResponse", body, requestId);
    }

    private static FakeAnswer answer(int status, String root, Map<String, ?> body, String requestId) {
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
