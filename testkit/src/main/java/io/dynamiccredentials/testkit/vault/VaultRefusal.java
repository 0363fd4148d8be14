package io.dynamiccredentials.testkit.vault;

import io.dynamiccredentials.testkit.FakeAnswer;
import java.util.List;
import java.util.Map;

/** What a fake Vault refuses, with the text of the real one. */
final class VaultRefusal extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int status;

    private VaultRefusal(int status, String text) {
        super(text, null, false, false);
        this.status = status;
    }

    static VaultRefusal of(int status, String text) {
        return new VaultRefusal(status, text);
    }

    /** What {@code ErrorResponse} and an invalid request become. */
    static VaultRefusal invalid(String text) {
        return new VaultRefusal(400, text);
    }

    /** What an error becomes that comes alone, without a response. */
    static VaultRefusal error(int status, String text) {
        return new VaultRefusal(status, "1 error occurred:\n\t* " + text + "\n\n");
    }

    static VaultRefusal internal() {
        return error(500, "internal error");
    }

    /** No policy of the token allows it. */
    static VaultRefusal denied() {
        return error(403, "permission denied");
    }

    /** There is no token, or it may not come from there. */
    static VaultRefusal forbidden() {
        return new VaultRefusal(403, "permission denied");
    }

    static VaultRefusal unsupported() {
        return new VaultRefusal(405, "unsupported operation");
    }

    static VaultRefusal noRoute(String path) {
        return new VaultRefusal(404, "no handler for route \"" + path + "\". route entry not found.");
    }

    FakeAnswer answer() {
        return FakeAnswer.json(status, Map.of("errors", List.of(String.valueOf(getMessage()))));
    }
}
