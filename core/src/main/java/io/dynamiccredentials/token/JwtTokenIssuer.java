package io.dynamiccredentials.token;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static java.time.temporal.ChronoUnit.SECONDS;

import io.dynamiccredentials.IssuerUrl;
import io.dynamiccredentials.Secret;
import io.dynamiccredentials.TokenIssuanceException;
import io.dynamiccredentials.keys.ActiveKey;
import io.dynamiccredentials.keys.SigningKey;
import io.dynamiccredentials.keys.SigningKeys;
import io.dynamiccredentials.wire.StrictJson;
import io.dynamiccredentials.workload.Workload;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Pattern;

/**
 * Issues identity tokens as signed JWTs (RFC 7519) that AWS, Google Cloud, Entra and Vault all take.
 *
 * <p>The header is exactly {@code typ}, {@code alg} and {@code kid}. Times are whole seconds, cut and never rounded up,
 * since some verifiers allow no clock skew at all. Safe for use by many threads.
 */
public final class JwtTokenIssuer implements TokenIssuer {
    private static final Set<String> REGISTERED = Set.of("iss", "sub", "aud", "exp", "nbf", "iat", "jti");
    private static final Duration MIN_LIFETIME = Duration.ofMinutes(1);
    private static final Duration MAX_LIFETIME = Duration.ofHours(24);
    private static final Duration MAX_BACKDATING = Duration.ofMinutes(5);
    private static final Base64.Encoder BASE64URL = Base64.getUrlEncoder().withoutPadding();

    /**
     * Printable ASCII without the blank at either end (OpenID Connect Core 1.0, section 2: at most 255 ASCII
     * characters).
     */
    private static final Pattern SUBJECT = Pattern.compile("[!-~](?:[ -~]{0,253}[!-~])?");

    private final IssuerUrl issuer;
    private final SigningKeys keys;
    private final Duration lifetime;
    private final Duration backdating;
    private final Clock clock;

    private JwtTokenIssuer(Builder builder) {
        this.issuer = builder.issuer;
        this.keys = builder.keys;
        this.lifetime = builder.lifetime;
        this.backdating = builder.backdating;
        this.clock = builder.clock;
    }

    /** Starts an issuer of that name which signs with the active one of {@code keys}. */
    public static Builder builder(IssuerUrl issuer, SigningKeys keys) {
        return new Builder(issuer, keys);
    }

    @Override
    public IdentityToken issue(Workload workload, String audience) {
        if (audience.isBlank()) {
            throw new IllegalArgumentException(
                    "The audience must name the platform that the token is for; it was empty");
        }
        if (!SUBJECT.matcher(workload.subject()).matches()) {
            throw new TokenIssuanceException(
                    "The subject must be 1 to 255 printable ASCII characters without a blank at "
                            + "either end; it has " + workload.subject().length() + " characters");
        }
        Instant issuedAt = clock.instant().truncatedTo(SECONDS);
        ActiveKey active = activeKey(issuedAt);
        Instant expiresAt = earlier(issuedAt.plus(lifetime), active.latestExpiry());
        String tokenId = UUID.randomUUID().toString();

        Map<String, Object> claims = new LinkedHashMap<>();
        claims.put("jti", tokenId);
        claims.put("iss", issuer.value());
        claims.put("sub", workload.subject());
        claims.put("aud", audience);
        claims.put("iat", issuedAt.getEpochSecond());
        claims.put("nbf", issuedAt.minus(backdating).getEpochSecond());
        claims.put("exp", expiresAt.getEpochSecond());
        for (Map.Entry<String, String> claim : workload.claims().entrySet()) {
            if (REGISTERED.contains(claim.getKey())) {
                throw new TokenIssuanceException("A workload may not set the registered claim \"" + claim.getKey()
                        + "\" (RFC 7519, section 4.1). Give it another name");
            }
            claims.put(claim.getKey(), claim.getValue());
        }
        return new IdentityToken(
                sign(active.key(), claims), issuer.value(), workload.subject(), audience, tokenId, issuedAt, expiresAt);
    }

    /** Asks for the key, and refuses one whose time is nearly up: a token of seconds would fail somewhere else. */
    private ActiveKey activeKey(Instant issuedAt) {
        ActiveKey active;
        try {
            active = keys.active(issuedAt.plus(lifetime));
        } catch (IllegalStateException e) {
            throw new TokenIssuanceException(
                    "Issuer \"" + issuer + "\" has no key that can sign now. Check its signing keys", e);
        }
        if (active.latestExpiry().isBefore(issuedAt.plus(MIN_LIFETIME))) {
            throw new TokenIssuanceException("Issuer \"" + issuer + "\" may sign tokens until " + active.latestExpiry()
                    + " only, and a token lives at least " + MIN_LIFETIME.toSeconds()
                    + " s. Its key store can't be written; check it");
        }
        return active;
    }

    private static Instant earlier(Instant one, Instant other) {
        return one.isBefore(other) ? one : other.truncatedTo(SECONDS);
    }

    private Secret sign(SigningKey key, Map<String, Object> claims) {
        Map<String, Object> header = new LinkedHashMap<>();
        // Entra refuses a token without typ (AADSTS5002727), AWS and Entra one without kid.
        header.put("typ", "JWT");
        header.put("alg", key.publicJwk().algorithm().jwsName());
        header.put("kid", key.publicJwk().keyId());
        String signingInput = segment(header) + '.' + segment(claims);
        try {
            byte[] signature = key.sign(signingInput.getBytes(US_ASCII));
            return Secret.of(signingInput + '.' + BASE64URL.encodeToString(signature));
        } catch (IllegalStateException e) {
            throw new TokenIssuanceException(
                    "The active key of issuer \"" + issuer + "\" can't sign now. Check its signing keys", e);
        }
    }

    private static String segment(Map<String, Object> members) {
        return BASE64URL.encodeToString(StrictJson.write(members).getBytes(UTF_8));
    }

    /** Collects the settings of an issuer. Not safe for use by several threads. */
    public static final class Builder {
        private final IssuerUrl issuer;
        private final SigningKeys keys;
        private Duration lifetime = Duration.ofMinutes(10);
        private Duration backdating = Duration.ofSeconds(5);
        private Clock clock = Clock.systemUTC();

        private Builder(IssuerUrl issuer, SigningKeys keys) {
            this.issuer = issuer;
            this.keys = keys;
        }

        /** Sets how long a token is valid, 1 minute to 24 hours in whole seconds. Default 10 minutes. */
        public Builder lifetime(Duration lifetime) {
            boolean inRange = lifetime.compareTo(MIN_LIFETIME) >= 0 && lifetime.compareTo(MAX_LIFETIME) <= 0;
            if (!inRange || !isWhole(lifetime)) {
                throw new IllegalArgumentException(
                        "The lifetime must be 1 minute to 24 hours in whole seconds; it was " + lifetime);
            }
            this.lifetime = lifetime;
            return this;
        }

        /**
         * Sets by how much {@code nbf} lies before {@code iat}, 0 to 5 minutes, for verifiers whose clock is late.
         * Default 5 seconds.
         */
        public Builder backdating(Duration backdating) {
            boolean inRange = !backdating.isNegative() && backdating.compareTo(MAX_BACKDATING) <= 0;
            if (!inRange || !isWhole(backdating)) {
                throw new IllegalArgumentException(
                        "The backdating must be 0 to 5 minutes in whole seconds; it was " + backdating);
            }
            this.backdating = backdating;
            return this;
        }

        /** Sets the clock. Default: the system's. */
        public Builder clock(Clock clock) {
            this.clock = clock;
            return this;
        }

        /**
         * Returns the issuer.
         *
         * @throws IllegalArgumentException if the lifetime is longer than the keys allow
         */
        public JwtTokenIssuer build() {
            if (lifetime.compareTo(keys.maxTokenLifetime()) > 0) {
                throw new IllegalArgumentException("The issuer's lifetime is " + lifetime
                        + " and its keys sign tokens of at most " + keys.maxTokenLifetime()
                        + ". Set a shorter lifetime, or a longer maxTokenLifetime of the rotation policy");
            }
            return new JwtTokenIssuer(this);
        }

        private static boolean isWhole(Duration duration) {
            return duration.equals(duration.truncatedTo(SECONDS));
        }
    }
}
