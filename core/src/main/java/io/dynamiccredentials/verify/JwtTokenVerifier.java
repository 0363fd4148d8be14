package io.dynamiccredentials.verify;

import static io.dynamiccredentials.TokenRejectedException.Reason.BAD_SIGNATURE;
import static io.dynamiccredentials.TokenRejectedException.Reason.REPLAYED;
import static io.dynamiccredentials.TokenRejectedException.Reason.WRONG_AUDIENCE;
import static io.dynamiccredentials.TokenRejectedException.Reason.WRONG_ISSUER;

import io.dynamiccredentials.TokenRejectedException;
import io.dynamiccredentials.jwk.PublicJwk;
import io.dynamiccredentials.wire.UntrustedText;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Verifies signed JWTs of the issuers that it was told to trust (RFC 7519, section 7.2; RFC 8725).
 *
 * <p>The unverified {@code iss} only selects among the trusted issuers; an unknown one causes no network call. The
 * signature is checked before audience, subject and times; then come, if they are set, the policy and the replay guard.
 * Safe for use by many threads.
 */
public final class JwtTokenVerifier implements TokenVerifier {
    /** A refusal names the trusted issuers up to this many. */
    private static final int MAX_NAMED_ISSUERS = 10;

    private final Map<String, TrustedIssuer> issuers;
    private final TimeRules times;
    private final @Nullable TrustPolicy policy;
    private final @Nullable ReplayGuard replayGuard;
    private final Clock clock;

    private JwtTokenVerifier(Builder builder) {
        this.issuers = Map.copyOf(builder.issuers);
        this.times = new TimeRules(builder.clockSkew, builder.maxLifetime, builder.maxAge);
        this.policy = builder.policy;
        this.replayGuard = builder.replayGuard;
        this.clock = builder.clock;
    }

    /** Starts a verifier that trusts {@code issuer}. */
    public static Builder builder(TrustedIssuer issuer) {
        return new Builder().trust(issuer);
    }

    @Override
    public VerifiedToken verify(String compactToken) {
        CompactJws token = CompactJws.parse(compactToken);
        TokenClaims claims = TokenClaims.parse(token.payload());
        TrustedIssuer issuer = selectIssuer(claims);
        PublicJwk key = KeyChoice.choose(token, issuer);
        if (!Signatures.verify(key, token.signingInput(), token.signature())) {
            throw TokenRejectedException.of(
                    BAD_SIGNATURE,
                    "The signature is not that of key " + UntrustedText.quoteId(key.keyId()) + " of issuer \""
                            + issuer.issuer() + "\". Check that nobody else issues under its name");
        }
        Set<String> audiences = claims.audiences();
        requireAudience(audiences, issuer);
        requireSubjectAndProperId(claims);
        TimeRules.Times valid = times.check(claims, clock.instant());
        VerifiedToken verified = new VerifiedToken(
                claims.json(),
                audiences,
                valid.issuedAt(),
                valid.expiresAt(),
                key.keyId(),
                VerifiedToken.fingerprintOf(compactToken));
        return requireFirstUse(requireWelcome(verified));
    }

    private VerifiedToken requireWelcome(VerifiedToken token) {
        return policy == null ? token : policy.require(token);
    }

    /** Asked last, so that a token that breaks any other rule does not use up the id of a good one. */
    private VerifiedToken requireFirstUse(VerifiedToken token) {
        if (replayGuard != null) {
            String tokenId = token.tokenId().orElseThrow(() -> TokenClaims.missing("jti"));
            Instant presentableUntil = token.expiresAt().plus(times.clockSkew());
            if (!replayGuard.firstUse(token.issuer(), tokenId, presentableUntil)) {
                throw TokenRejectedException.ofClaim(
                        REPLAYED,
                        "jti",
                        "The token with jti " + UntrustedText.quoteId(tokenId)
                                + " was used before, and each is taken once. Ask the issuer for a new one");
            }
        }
        return token;
    }

    private TrustedIssuer selectIssuer(TokenClaims claims) {
        String claimed = claims.name("iss").orElseThrow(() -> TokenClaims.missing("iss"));
        TrustedIssuer issuer = issuers.get(claimed);
        if (issuer == null) {
            throw TokenRejectedException.ofClaim(
                    WRONG_ISSUER,
                    "iss",
                    "The token is from issuer " + UntrustedText.quote(claimed) + ", expected one of "
                            + expectedIssuers() + ". Trust it, or use a token of one of those");
        }
        return issuer;
    }

    private String expectedIssuers() {
        return issuers.size() > MAX_NAMED_ISSUERS
                ? "the " + issuers.size() + " that are trusted here"
                : issuers.keySet().toString();
    }

    private static void requireAudience(Set<String> audiences, TrustedIssuer issuer) {
        if (audiences.stream().noneMatch(issuer.audiences()::contains)) {
            throw TokenRejectedException.ofClaim(
                    WRONG_AUDIENCE,
                    "aud",
                    "The token is for audience " + UntrustedText.quote(String.join(", ", audiences))
                            + ", expected one of " + issuer.audiences() + ". Have it made for one of those");
        }
    }

    /** Asks for a subject, and that the token's id, if it has one, can be compared and stored too. */
    private static void requireSubjectAndProperId(TokenClaims claims) {
        if (claims.name("sub").isEmpty()) {
            throw TokenClaims.missing("sub");
        }
        claims.name("jti");
    }

    /** Collects the settings of a verifier. Not safe for use by several threads. */
    public static final class Builder {
        private static final Duration MAX_MAX_AGE = Duration.ofDays(366);

        private final Map<String, TrustedIssuer> issuers = new HashMap<>();
        private Duration clockSkew = Duration.ofSeconds(60);
        private Duration maxLifetime = Duration.ofHours(24);
        private @Nullable Duration maxAge;
        private @Nullable TrustPolicy policy;
        private @Nullable ReplayGuard replayGuard;
        private Clock clock = Clock.systemUTC();

        private Builder() {}

        /**
         * Trusts one more issuer.
         *
         * @throws IllegalArgumentException if an issuer of that name is trusted already
         */
        public Builder trust(TrustedIssuer issuer) {
            if (issuers.putIfAbsent(issuer.issuer().value(), issuer) != null) {
                throw new IllegalArgumentException("Issuer \"" + issuer.issuer()
                        + "\" is trusted already. Name each issuer once, with all its" + " audiences and algorithms");
            }
            return this;
        }

        /**
         * Sets by how much the issuer's clock may differ, 0 to 5 minutes. Default 60 seconds.
         *
         * @throws IllegalArgumentException if it is out of this range
         */
        public Builder clockSkew(Duration clockSkew) {
            if (clockSkew.isNegative() || clockSkew.compareTo(Duration.ofMinutes(5)) > 0) {
                throw new IllegalArgumentException("The clock skew must be 0 to 5 minutes; it was " + clockSkew);
            }
            this.clockSkew = clockSkew;
            return this;
        }

        /**
         * Sets the longest time between {@code iat} and {@code exp} of a token, longer than zero. Default 24 hours.
         *
         * @throws IllegalArgumentException if it is zero or negative
         */
        public Builder maxLifetime(Duration maxLifetime) {
            if (maxLifetime.isNegative() || maxLifetime.isZero()) {
                throw new IllegalArgumentException(
                        "The longest lifetime must be longer than zero; it was " + maxLifetime);
            }
            this.maxLifetime = maxLifetime;
            return this;
        }

        /**
         * Sets the longest time since {@code iat}, longer than zero and at most 366 days, for a place that wants tokens
         * which were issued just now. Default: none, the token's own {@code exp} decides.
         *
         * @throws IllegalArgumentException if it is out of this range
         */
        public Builder maxAge(Duration maxAge) {
            if (maxAge.isNegative() || maxAge.isZero() || maxAge.compareTo(MAX_MAX_AGE) > 0) {
                throw new IllegalArgumentException(
                        "The greatest age must be longer than zero and at most 366 days; it was " + maxAge);
            }
            this.maxAge = maxAge;
            return this;
        }

        /**
         * Sets which of the true tokens are welcome here. Default: all that are for this relying party, so that each
         * place that uses them asks a {@link TrustPolicy} of its own.
         *
         * @throws IllegalArgumentException if one is set already; several are joined by {@link TrustPolicy#anyOf}
         */
        public Builder policy(TrustPolicy policy) {
            if (this.policy != null) {
                throw new IllegalArgumentException("A policy is set already. Join both by TrustPolicy.anyOf");
            }
            this.policy = policy;
            return this;
        }

        /**
         * Takes each token once: {@code guard} is asked last, and a token without {@code jti} is refused. Default:
         * tokens may be used until they end.
         *
         * <p>Give the policy to this verifier too: one that is asked after it finds the token used up. And don't take
         * tokens once of issuers whose workloads read the same token again and again, such as Kubernetes'.
         *
         * @throws IllegalArgumentException if one is set already
         */
        public Builder replayGuard(ReplayGuard guard) {
            if (replayGuard != null) {
                throw new IllegalArgumentException("A replay guard is set already; a verifier has one");
            }
            this.replayGuard = guard;
            return this;
        }

        /** Sets the clock. Default: the system's. */
        public Builder clock(Clock clock) {
            this.clock = clock;
            return this;
        }

        /**
         * Returns the verifier.
         *
         * @throws IllegalArgumentException if the policy welcomes an issuer that is not trusted here, or none of the
         *     audiences that it is trusted for, or if it welcomes nobody of an issuer that is trusted; or if the
         *     greatest age is longer than the longest lifetime
         */
        public JwtTokenVerifier build() {
            if (policy != null) {
                List<IssuerPolicy> alternatives = AnyPolicy.alternatives(policy);
                alternatives.forEach(this::requireReachable);
                issuers.values().forEach(trusted -> requireWelcome(trusted, alternatives));
            }
            if (maxAge != null && maxAge.compareTo(maxLifetime) > 0) {
                throw new IllegalArgumentException("maxAge must not be longer than maxLifetime, after which a token has"
                        + " ended; maxAge was " + maxAge + ", maxLifetime was " + maxLifetime);
            }
            return new JwtTokenVerifier(this);
        }

        private static void requireWelcome(TrustedIssuer trusted, List<IssuerPolicy> alternatives) {
            if (alternatives.stream().noneMatch(welcome -> welcome.issuer().equals(trusted.issuer()))) {
                throw new IllegalArgumentException("Issuer \"" + trusted.issuer()
                        + "\" is trusted and the policy welcomes none of its tokens. Add a policy for it by"
                        + " TrustPolicy.anyOf, or don't trust it");
            }
        }

        private void requireReachable(IssuerPolicy welcome) {
            TrustedIssuer trusted = issuers.get(welcome.issuer().value());
            if (trusted == null || Collections.disjoint(trusted.audiences(), welcome.audiences())) {
                throw new IllegalArgumentException("The policy welcomes issuer \"" + welcome.issuer()
                        + "\" with audience " + welcome.audiences() + "; this verifier trusts "
                        + (trusted == null ? issuers.keySet() : "it with " + trusted.audiences())
                        + ". Name the same issuer and audience in both");
            }
        }
    }
}
