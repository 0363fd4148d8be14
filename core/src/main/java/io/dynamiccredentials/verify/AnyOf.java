package io.dynamiccredentials.verify;

import static java.util.stream.Collectors.joining;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Expects one of several conditions. */
final class AnyOf extends Condition {
    private final List<Condition> conditions;

    AnyOf(List<Condition> conditions) {
        this.conditions = conditions;
    }

    @Override
    Optional<TrustMismatch> mismatch(VerifiedToken token) {
        List<TrustMismatch> all = new ArrayList<>();
        for (Condition condition : conditions) {
            Optional<TrustMismatch> mismatch = condition.mismatch(token);
            if (mismatch.isEmpty()) {
                return mismatch;
            }
            all.add(mismatch.get());
        }
        return Optional.of(all.size() == 1 ? all.get(0) : TrustMismatch.ofAlternatives(all.get(0), all));
    }

    @Override
    List<Condition> inside() {
        return conditions;
    }

    @Override
    public String toString() {
        return conditions.stream().map(Condition::toString).collect(joining(" or ", "(", ")"));
    }
}
