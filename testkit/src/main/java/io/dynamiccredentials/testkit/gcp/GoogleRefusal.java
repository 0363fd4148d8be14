package io.dynamiccredentials.testkit.gcp;

import io.dynamiccredentials.gcp.ProviderDecision.Refused;
import io.dynamiccredentials.testkit.FakeAnswer;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Why {@link FakeGoogleCloud} refuses, in Google's words: STS in the form of RFC 6749, section 5.2, and the APIs in
 * Google's own. An exception, so that the first broken rule ends the checks.
 */
final class GoogleRefusal extends Exception {
    private static final long serialVersionUID = 1;

    private final transient FakeAnswer answer;

    private GoogleRefusal(String code, FakeAnswer answer) {
        super(code);
        this.answer = answer;
    }

    /** Refuses as STS does. */
    static GoogleRefusal oauth(String code, String description) {
        return new GoogleRefusal(code, oauthAnswer(400, code, description));
    }

    /** Refuses as a provider decided. */
    static GoogleRefusal of(Refused refused) {
        return oauth(refused.error(), refused.description());
    }

    /** Refuses as Google's APIs do. */
    static GoogleRefusal api(int status, String code, String message) {
        return new GoogleRefusal(code, apiAnswer(status, code, message));
    }

    static GoogleRefusal invalidArgument(String message) {
        return api(400, "INVALID_ARGUMENT", message);
    }

    static GoogleRefusal unauthenticated() {
        return api(
                401,
                "UNAUTHENTICATED",
                "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other "
                        + "valid authentication credential. See "
                        + "https://developers.google.com/identity/sign-in/web/devconsole-project.");
    }

    static FakeAnswer oauthAnswer(int status, String code, String description) {
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("error", code);
        body.put("error_description", description);
        return FakeAnswer.json(status, body);
    }

    static FakeAnswer apiAnswer(int status, String code, String message) {
        Map<String, Object> error = new LinkedHashMap<>();
        error.put("code", status);
        error.put("message", message);
        error.put("status", code);
        return FakeAnswer.json(status, Map.of("error", error));
    }

    FakeAnswer answer() {
        return answer;
    }
}
