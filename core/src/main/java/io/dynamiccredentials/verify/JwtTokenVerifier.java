package io.dynamiccredentials.verify;

import static io.dynamiccredentials.TokenRejectedException.Reason.ALGORITHM_REFUSED;
import static io.dynamiccredentials.TokenRejectedException.Reason.BAD_SIGNATURE;
import static io.dynamiccredentials.TokenRejectedException.Reason.EXPIRED;
import static io.dynamiccredentials.TokenRejectedException.Reason.ISSUED_IN_FUTURE;
import static io.dynamiccredentials.TokenRejectedException.Reason.LIVES_TOO_LONG;
import static io.dynamiccredentials.TokenRejectedException.Reason.MALFORMED;
import static io.dynamiccredentials.TokenRejectedException.Reason.MISSING_CLAIM;
import static io.dynamiccredentials.TokenRejectedException.Reason.NOT_YET_VALID;
import static io.dynamiccredentials.TokenRejectedException.Reason.UNKNOWN_KEY;
import static io.dynamiccredentials.TokenRejectedException.Reason.WRONG_AUDIENCE;
import static io.dynamiccredentials.TokenRejectedException.Reason.WRONG_ISSUER;

import com.fasterxml.jackson.databind.JsonNode;
import io.dynamiccredentials.TokenRejectedException;
import io.dynamiccredentials.jwk.PublicJwk;
import io.dynamiccredentials.jwk.SigningAlgorithm;
import io.dynamiccredentials.wire.UntrustedText;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Verifies signed JWTs of the issuers that it was told to trust (RFC 7519, section 7.2; RFC 8725).
 *
 * <p>The unverified {@code iss} only selects among the trusted issuers; an unknown one causes no network call. The
 * signature is checked before audience, subject and times. Safe for use by many threads.
 */
public final class JwtTokenVerifier implements TokenVerifier {
    /** The last second of the year 9999; a later one is a mistake or an attempt to overflow a clock. */
    private static final long MAX_EPOCH_SECOND = 253_402_300_799L;

    private final Map<String, TrustedIssuer> issuers;
    private final Duration clockSkew;
    private final Duration maxLifetime;
    private final Clock clock;

    private JwtTokenVerifier(Builder builder) {
        this.issuers = Map.copyOf(builder.issuers);
        this.clockSkew = builder.clockSkew;
        this.maxLifetime = builder.maxLifetime;
        this.clock = builder.clock;
    }

    /** Starts a verifier that trusts {@code issuer}. */
    public static Builder builder(TrustedIssuer issuer) {
        return new Builder().trust(issuer);
    }

    @Override
    public VerifiedToken verify(String compactToken) {
        CompactToken token = CompactToken.parse(compactToken);
        TrustedIssuer issuer = selectIssuer(token.claims());
        PublicJwk key = selectKey(token.header(), issuer);
        if (!Signatures.verify(key, token.signingInput(), token.signature())) {
            throw TokenRejectedException.of(
                    BAD_SIGNATURE,
                    "The signature is not that of key \"" + UntrustedText.clean(key.keyId()) + "\" of issuer \""
                            + issuer.issuer() + "\"");
        }
        Set<String> audiences = requireAudience(token.claims(), issuer);
        requireText(token.claims(), "sub");
        return requireTimes(token.claims(), audiences);
    }

    private TrustedIssuer selectIssuer(JsonNode claims) {
        String claimed = requireText(claims, "iss");
        TrustedIssuer issuer = issuers.get(claimed);
        if (issuer == null) {
            throw TokenRejectedException.ofClaim(
                    WRONG_ISSUER,
                    "iss",
                    "The token is from issuer " + UntrustedText.quote(claimed) + ", expected one of "
                            + issuers.keySet());
        }
        return issuer;
    }

    private static PublicJwk selectKey(JsonNode header, TrustedIssuer issuer) {
        String name = header.path("alg").asText();
        SigningAlgorithm algorithm = SigningAlgorithm.parse(name)
                .filter(issuer.algorithms()::contains)
                .orElseThrow(() -> TokenRejectedException.of(
                        ALGORITHM_REFUSED,
                        "The token's algorithm is " + UntrustedText.quote(name) + ", expected one of "
                                + issuer.algorithms() + " for issuer \"" + issuer.issuer() + "\""));
        JsonNode type = header.path("typ");
        if (!type.isMissingNode() && !"JWT".equalsIgnoreCase(type.textValue())) {
            throw TokenRejectedException.of(
                    MALFORMED, "The token's typ is " + UntrustedText.quote(type.asText()) + ", expected \"JWT\"");
        }
        String keyId = header.path("kid").isTextual() ? header.path("kid").textValue() : "";
        PublicJwk key = keyId.isEmpty() ? null : issuer.keys().find(keyId).orElse(null);
        if (key == null) {
            throw TokenRejectedException.of(
                    UNKNOWN_KEY,
                    "Issuer \"" + issuer.issuer() + "\" publishes no key with the token's kid "
                            + UntrustedText.quoteKeyId(keyId));
        }
        if (key.algorithm() != algorithm) {
            throw TokenRejectedException.of(
                    ALGORITHM_REFUSED,
                    "Key \"" + UntrustedText.clean(keyId) + "\" is for "
                            + key.algorithm().jwsName() + "; the token says " + algorithm.jwsName());
        }
        return key;
    }

    private static Set<String> requireAudience(JsonNode claims, TrustedIssuer issuer) {
        JsonNode aud = claims.path("aud");
        Set<String> audiences = new LinkedHashSet<>();
        if (aud.isTextual()) {
            audiences.add(aud.textValue());
        }
        // An object has elements to visit too, and is refused at its first one (RFC 7519, section 4.1.3).
        for (JsonNode element : aud) {
            if (!aud.isArray() || !element.isTextual()) {
                throw TokenRejectedException.ofClaim(MALFORMED, "aud", "The claim \"aud\" must be a string or strings");
            }
            audiences.add(element.textValue());
        }
        if (audiences.isEmpty()) {
            throw missing("aud");
        }
        if (audiences.stream().noneMatch(issuer.audiences()::contains)) {
            throw TokenRejectedException.ofClaim(
                    WRONG_AUDIENCE,
                    "aud",
                    "The token is for audience " + UntrustedText.quote(String.join(", ", audiences))
                            + ", expected one of " + issuer.audiences());
        }
        return audiences;
    }

    private VerifiedToken requireTimes(JsonNode claims, Set<String> audiences) {
        Instant now = clock.instant();
        Instant issuedAt = time(claims, "iat").orElseThrow(() -> missing("iat"));
        Instant expiresAt = time(claims, "exp").orElseThrow(() -> missing("exp"));
        Instant notBefore = time(claims, "nbf").orElse(issuedAt);
        // A token that ends exactly now has ended: exp is the first moment at which it is no longer valid.
        if (!now.isBefore(expiresAt.plus(clockSkew))) {
            throw TokenRejectedException.ofClaim(
                    EXPIRED,
                    "exp",
                    "The token expired at " + expiresAt + "; now is " + now + ", allowed skew " + clockSkew);
        }
        if (now.isBefore(notBefore.minus(clockSkew))) {
            throw TokenRejectedException.ofClaim(
                    NOT_YET_VALID,
                    "nbf",
                    "The token is valid from " + notBefore + " on; now is " + now + ", allowed skew " + clockSkew);
        }
        if (now.isBefore(issuedAt.minus(clockSkew))) {
            throw TokenRejectedException.ofClaim(
                    ISSUED_IN_FUTURE,
                    "iat",
                    "The token was issued at " + issuedAt + "; now is " + now + ", allowed skew " + clockSkew);
        }
        Duration lifetime = Duration.between(issuedAt, expiresAt);
        if (lifetime.isNegative() || lifetime.compareTo(maxLifetime) > 0) {
            throw TokenRejectedException.ofClaim(
                    LIVES_TOO_LONG, "exp", "The token lives " + lifetime + ", expected zero to " + maxLifetime);
        }
        return new VerifiedToken(texts(claims), audiences, issuedAt, expiresAt);
    }

    private static Map<String, String> texts(JsonNode claims) {
        Map<String, String> texts = new HashMap<>();
        for (Iterator<String> names = claims.fieldNames(); names.hasNext(); ) {
            String name = names.next();
            if (claims.path(name).isTextual()) {
                texts.put(name, claims.path(name).textValue());
            }
        }
        return texts;
    }

    private static String requireText(JsonNode claims, String name) {
        JsonNode claim = claims.path(name);
        if (claim.isMissingNode()) {
            throw missing(name);
        }
        if (!claim.isTextual() || claim.textValue().isEmpty()) {
            throw TokenRejectedException.ofClaim(
                    MALFORMED, name, "The claim \"" + name + "\" must be a string that is not empty");
        }
        return claim.textValue();
    }

    private static Optional<Instant> time(JsonNode claims, String name) {
        JsonNode claim = claims.path(name);
        if (claim.isMissingNode()) {
            return Optional.empty();
        }
        boolean whole = claim.isIntegralNumber() && claim.canConvertToLong();
        if (!whole || claim.longValue() < 0 || claim.longValue() > MAX_EPOCH_SECOND) {
            throw TokenRejectedException.ofClaim(
                    MALFORMED,
                    name,
                    "The claim \"" + name + "\" must be whole seconds since 1970, before the year 10000");
        }
        return Optional.of(Instant.ofEpochSecond(claim.longValue()));
    }

    private static TokenRejectedException missing(String claim) {
        return TokenRejectedException.ofClaim(
                MISSING_CLAIM, claim, "The token has no claim \"" + claim + "\", which is required");
    }

    /** Collects the settings of a verifier. Not safe for use by several threads. */
    public static final class Builder {
        private final Map<String, TrustedIssuer> issuers = new HashMap<>();
        private Duration clockSkew = Duration.ofSeconds(60);
        private Duration maxLifetime = Duration.ofHours(24);
        private Clock clock = Clock.systemUTC();

        private Builder() {}

        /**
         * Trusts one more issuer.
         *
         * @throws IllegalArgumentException if an issuer of that name is trusted already
         */
        public Builder trust(TrustedIssuer issuer) {
            if (issuers.putIfAbsent(issuer.issuer().value(), issuer) != null) {
                throw new IllegalArgumentException(
                        "Issuer \"" + issuer.issuer() + "\" is trusted already, on other terms");
            }
            return this;
        }

        /** Sets by how much the issuer's clock may differ, 0 to 5 minutes. Default 60 seconds. */
        public Builder clockSkew(Duration clockSkew) {
            if (clockSkew.isNegative() || clockSkew.compareTo(Duration.ofMinutes(5)) > 0) {
                throw new IllegalArgumentException("The clock skew must be 0 to 5 minutes; it was " + clockSkew);
            }
            this.clockSkew = clockSkew;
            return this;
        }

        /** Sets the longest time between {@code iat} and {@code exp} of a token, longer than zero. Default 24 hours. */
        public Builder maxLifetime(Duration maxLifetime) {
            if (maxLifetime.isNegative() || maxLifetime.isZero()) {
                throw new IllegalArgumentException(
                        "The longest lifetime must be longer than zero; it was " + maxLifetime);
            }
            this.maxLifetime = maxLifetime;
            return this;
        }

        /** Sets the clock. Default: the system's. */
        public Builder clock(Clock clock) {
            this.clock = clock;
            return this;
        }

        /** Returns the verifier. */
        public JwtTokenVerifier build() {
            return new JwtTokenVerifier(this);
        }
    }
}
