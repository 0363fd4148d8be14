package io.dynamiccredentials.verify;

import io.dynamiccredentials.IssuerUrl;
import io.dynamiccredentials.TokenRejectedException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Says which of the tokens that were verified are welcome: from whom, for whom, and about whom.
 *
 * <pre>{@code
 * TrustPolicy deploy = TrustPolicy.builder(IssuerUrl.of("https://token.actions.githubusercontent.com"))
 *         .audience("https://deploy.example")
 *         .require(claim("repository_id").is("456789"))
 *         .require(claim("environment").is("prod"))
 *         .build();
 * VerifiedToken token = deploy.require(verifier.verify(compactToken));
 * }</pre>
 *
 * <p>A verified token is a true one, not yet a welcome one: the whole world gets tokens of the big issuers. What is not
 * said is refused: a policy needs an issuer, an audience and a condition. Whoever means every subject of an issuer says
 * {@code require(claim("sub").isPresent())}. Immutable.
 */
public sealed interface TrustPolicy permits IssuerPolicy, AnyPolicy {

    /** Starts a policy that welcomes tokens of {@code issuer}. */
    static Builder builder(IssuerUrl issuer) {
        return new Builder(issuer);
    }

    /**
     * Returns the policy that welcomes whom one of {@code policies} does.
     *
     * @throws IllegalArgumentException if there are none, or more than 64 with those that are any-of themselves
     */
    static TrustPolicy anyOf(TrustPolicy... policies) {
        return AnyPolicy.of(policies);
    }

    /**
     * Returns why the token is not welcome; empty if it is. Of several policies the mismatch tells those that the token
     * came closest to: if one is for its issuer, none of other issuers, and the same with the audience.
     */
    Optional<TrustMismatch> mismatch(VerifiedToken token);

    /**
     * Returns {@code token} if it is welcome.
     *
     * @throws TokenRejectedException with reason WRONG_ISSUER, WRONG_AUDIENCE or CLAIM_MISMATCH if it is not, and with
     *     the claim, what was expected and what it is
     */
    default VerifiedToken require(VerifiedToken token) {
        Optional<TrustMismatch> mismatch = mismatch(token);
        if (mismatch.isPresent()) {
            TrustMismatch found = mismatch.get();
            throw TokenRejectedException.ofClaim(
                    found.reason(),
                    found.claim(),
                    "The token is genuine but not welcome: " + found
                            + ". Check the policy, and for what and where the token was made");
        }
        return token;
    }

    /** Collects the terms of a policy. Not safe for use by several threads. */
    final class Builder {
        private final IssuerUrl issuer;
        private final Set<String> audiences = new LinkedHashSet<>();
        private final List<Condition> conditions = new ArrayList<>();

        private Builder(IssuerUrl issuer) {
            this.issuer = issuer;
        }

        /** Adds an audience that means this relying party; a token needs one of them. */
        public Builder audience(String audience) {
            audiences.add(audience);
            return this;
        }

        /** Adds conditions, each of which the token must meet. */
        public Builder require(Condition... conditions) {
            Collections.addAll(this.conditions, conditions);
            return this;
        }

        /**
         * Returns the policy.
         *
         * @throws IllegalArgumentException if there is no audience, a blank one, or no condition, or if the conditions
         *     are too many or nested too deep
         */
        public TrustPolicy build() {
            if (audiences.isEmpty() || audiences.stream().anyMatch(String::isBlank)) {
                throw new IllegalArgumentException("A policy for issuer \"" + issuer
                        + "\" needs at least one audience and none that is blank; it has " + audiences);
            }
            if (conditions.isEmpty()) {
                throw new IllegalArgumentException("A policy for issuer \"" + issuer
                        + "\" needs at least one condition on whose tokens are welcome; it has none. If each subject of"
                        + " this issuer is, say require(claim(\"sub\").isPresent())");
            }
            return new IssuerPolicy(issuer, List.copyOf(audiences), Condition.together(conditions));
        }
    }
}
