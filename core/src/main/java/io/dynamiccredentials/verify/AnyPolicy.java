package io.dynamiccredentials.verify;

import io.dynamiccredentials.TokenRejectedException.Reason;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** Welcomes whom one of several policies does. */
record AnyPolicy(List<IssuerPolicy> policies) implements TrustPolicy {
    private static final int MAX_POLICIES = 64;

    /** In the order in which a policy asks: whoever fails later was closer. */
    private static final List<Reason> CLOSER_AND_CLOSER =
            List.of(Reason.WRONG_ISSUER, Reason.WRONG_AUDIENCE, Reason.CLAIM_MISMATCH);

    static AnyPolicy of(TrustPolicy... policies) {
        List<IssuerPolicy> flat = new ArrayList<>();
        for (TrustPolicy policy : policies) {
            flat.addAll(alternatives(policy));
        }
        if (flat.isEmpty() || flat.size() > MAX_POLICIES) {
            throw new IllegalArgumentException(
                    "A choice is between 1 and " + MAX_POLICIES + " policies; there are " + flat.size());
        }
        return new AnyPolicy(List.copyOf(flat));
    }

    /** Returns the policies of which one is enough. */
    static List<IssuerPolicy> alternatives(TrustPolicy policy) {
        return policy instanceof AnyPolicy any ? any.policies : List.of((IssuerPolicy) policy);
    }

    @Override
    public Optional<TrustMismatch> mismatch(VerifiedToken token) {
        List<TrustMismatch> all = new ArrayList<>();
        for (IssuerPolicy policy : policies) {
            Optional<TrustMismatch> mismatch = policy.mismatch(token);
            if (mismatch.isEmpty()) {
                return mismatch;
            }
            all.add(mismatch.get());
        }
        TrustMismatch closest = all.stream()
                .max(Comparator.comparingInt(mismatch -> CLOSER_AND_CLOSER.indexOf(mismatch.reason())))
                .orElseThrow();
        all.removeIf(mismatch -> mismatch.reason() != closest.reason());
        return Optional.of(all.size() == 1 ? closest : TrustMismatch.ofAlternatives(closest, all));
    }
}
