package io.dynamiccredentials.verify;

import static io.dynamiccredentials.TokenRejectedException.Reason.CLAIM_MISMATCH;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/** Expects something of one claim. */
final class ClaimCondition extends Condition {
    private static final int MAX_PATH_CHARACTERS = 160;

    private final ClaimPath path;
    private final String expected;
    private final Predicate<JsonNode> test;

    ClaimCondition(ClaimPath path, String expected, Predicate<JsonNode> test) {
        this.path = path;
        this.expected = expected;
        this.test = test;
    }

    @Override
    Optional<TrustMismatch> mismatch(VerifiedToken token) {
        JsonNode claim = token.find(path);
        return test.test(claim)
                ? Optional.empty()
                : Optional.of(new TrustMismatch(CLAIM_MISMATCH, shown(), expected, MismatchText.actual(claim)));
    }

    private String shown() {
        String whole = path.toString();
        return whole.length() > MAX_PATH_CHARACTERS ? whole.substring(0, MAX_PATH_CHARACTERS) + "…" : whole;
    }

    @Override
    List<Condition> inside() {
        return List.of();
    }

    @Override
    public String toString() {
        return path + " is " + expected;
    }
}
