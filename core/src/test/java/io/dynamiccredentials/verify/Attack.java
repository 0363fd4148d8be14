package io.dynamiccredentials.verify;

import io.dynamiccredentials.TokenRejectedException.Reason;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * One row of the attack table.
 *
 * @param reason why the token must be refused; empty for a control, which must be accepted
 * @param claim the claim that the refusal must name, if any
 */
record Attack(String name, Supplier<String> token, Optional<Reason> reason, Optional<String> claim) {

    static Attack of(Reason reason, String name, Supplier<String> token) {
        return new Attack(name, token, Optional.of(reason), Optional.empty());
    }

    static Attack of(Reason reason, String claim, String name, Supplier<String> token) {
        return new Attack(name, token, Optional.of(reason), Optional.of(claim));
    }

    static Attack control(String name, Supplier<String> token) {
        return new Attack(name, token, Optional.empty(), Optional.empty());
    }

    boolean isControl() {
        return reason.isEmpty();
    }

    @Override
    public String toString() {
        return name;
    }
}
