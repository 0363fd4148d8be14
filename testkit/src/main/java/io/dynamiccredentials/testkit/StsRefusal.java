package io.dynamiccredentials.testkit;

import java.util.Map;

/** A refusal of {@link FakeGoogleCloud}'s STS, in the form of RFC 6749, section 5.2. */
final class StsRefusal extends Exception {
    private static final long serialVersionUID = 1;

    private final String code;
    private final String description;

    StsRefusal(String code, String description) {
        super(code);
        this.code = code;
        this.description = description;
    }

    static StsRefusal invalidRequest(String description) {
        return new StsRefusal("invalid_request", description);
    }

    static StsRefusal invalidGrant(String description) {
        return new StsRefusal("invalid_grant", description);
    }

    FakeAnswer answer() {
        return FakeAnswer.json(400, Map.of("error", code, "error_description", description));
    }
}
