package io.dynamiccredentials.testkit.gcp;

import io.dynamiccredentials.testkit.FakeAnswer;
import java.util.Map;

/** A refusal of {@link FakeGoogleCloud}'s STS, in the form of RFC 6749, section 5.2. */
final class GoogleRefusal extends Exception {
    private static final long serialVersionUID = 1;

    private final String code;
    private final String description;

    GoogleRefusal(String code, String description) {
        super(code);
        this.code = code;
        this.description = description;
    }

    static GoogleRefusal invalidRequest(String description) {
        return new GoogleRefusal("invalid_request", description);
    }

    static GoogleRefusal invalidGrant(String description) {
        return new GoogleRefusal("invalid_grant", description);
    }

    FakeAnswer answer() {
        return FakeAnswer.json(400, Map.of("error", code, "error_description", description));
    }
}
