package io.dynamiccredentials.verify;

import static java.util.stream.Collectors.joining;

import java.util.List;
import java.util.Optional;

/** Expects each of several conditions. */
final class AllOf extends Condition {
    private final List<Condition> conditions;

    AllOf(List<Condition> conditions) {
        this.conditions = conditions;
    }

    @Override
    Optional<TrustMismatch> mismatch(VerifiedToken token) {
        for (Condition condition : conditions) {
            Optional<TrustMismatch> mismatch = condition.mismatch(token);
            if (mismatch.isPresent()) {
                return mismatch;
            }
        }
        return Optional.empty();
    }

    @Override
    List<Condition> inside() {
        return conditions;
    }

    @Override
    public String toString() {
        return conditions.stream().map(Condition::toString).collect(joining(" and ", "(", ")"));
    }
}
