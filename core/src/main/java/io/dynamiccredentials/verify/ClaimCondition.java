package io.dynamiccredentials.verify;

import static io.dynamiccredentials.TokenRejectedException.Reason.CLAIM_MISMATCH;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/** Expects something of one claim. */
final class ClaimCondition extends Condition {
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
                : Optional.of(new TrustMismatch(CLAIM_MISMATCH, path.toString(), expected, TrustTerms.actual(claim)));
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
