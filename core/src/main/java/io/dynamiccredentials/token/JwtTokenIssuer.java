package io.dynamiccredentials.token;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static java.time.temporal.ChronoUnit.SECONDS;

import io.dynamiccredentials.IssuerUrl;
import io.dynamiccredentials.Secret;
import io.dynamiccredentials.TokenIssuanceException;
import io.dynamiccredentials.jwk.JwkSet;
import io.dynamiccredentials.jwk.SigningAlgorithm;
import io.dynamiccredentials.keys.ActiveKey;
import io.dynamiccredentials.keys.SigningKey;
import io.dynamiccredentials.keys.SigningKeys;
import io.dynamiccredentials.wire.StrictJson;
import io.dynamiccredentials.wire.UntrustedText;
import io.dynamiccredentials.workload.Claims;
import io.dynamiccredentials.workload.Workload;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Issues identity tokens as signed JWTs (RFC 7519) that AWS, Google Cloud, Entra and Vault all take.
 *
 * <p>The header is exactly {@code typ}, {@code alg} and {@code kid}. Times are whole seconds, cut and never rounded up,
 * since some verifiers allow no clock skew at all.
 *
 * <p>Each token keeps the rules of the relying parties that it is for: those that can be known are checked when the
 * issuer is built, the others before a token leaves. Unless named, these are {@link RelyingPartyRules#lowestCommon()},
 * with which a token is good for all. An {@link IssuerUrl#loopback} address is exempt from the rules on the form of the
 * address, and from these only: fakes on this machine accept it and no platform does. Safe for use by many threads.
 */
public final class JwtTokenIssuer implements TokenIssuer {
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
    private final Supplier<String> tokenIds;
    private final List<RelyingPartyRules> rules;
    private final Map<String, RelyingPartyRules> rulesByAudience;

    private JwtTokenIssuer(Builder builder) {
        this.issuer = builder.issuer;
        this.keys = builder.keys;
        this.lifetime = builder.lifetime;
        this.backdating = builder.backdating;
        this.clock = builder.clock;
        this.tokenIds = builder.tokenIds;
        this.rules = builder.rules;
        this.rulesByAudience = Map.copyOf(builder.rulesByAudience);
    }

    /** Starts an issuer of that name which signs with the active one of {@code keys}. */
    public static Builder builder(IssuerUrl issuer, SigningKeys keys) {
        return new Builder(issuer, keys);
    }

    @Override
    public IdentityToken issue(Workload workload, String audience) {
        if (audience.isBlank() || !UTF_8.newEncoder().canEncode(audience)) {
            throw new IllegalArgumentException("The audience must name the platform that the token is for, in proper "
                    + "Unicode; it was " + UntrustedText.quote(audience));
        }
        String subject = workload.subject();
        if (!SUBJECT.matcher(subject).matches()) {
            throw new TokenIssuanceException(
                    "The subject must be 1 to 255 printable ASCII characters without a blank at "
                            + "either end; it has " + subject.length() + " characters");
        }
        Instant issuedAt = clock.instant().truncatedTo(SECONDS);
        ActiveKey active = activeKey(issuedAt);
        Instant expiresAt = earlier(issuedAt.plus(lifetime), active.latestExpiry());
        Map<String, Object> further = furtherClaims(workload);
        SigningAlgorithm algorithm = active.key().publicJwk().algorithm();
        Duration lives = Duration.between(issuedAt, expiresAt);
        requireKept(new TokenDraft(algorithm, subject, audience, lives, further));

        String tokenId = tokenIds.get();
        Map<String, Object> claims = new LinkedHashMap<>();
        claims.put("jti", tokenId);
        claims.put("iss", issuer.value());
        claims.put("sub", subject);
        claims.put("aud", audience);
        claims.put("iat", issuedAt.getEpochSecond());
        claims.put("nbf", issuedAt.minus(backdating).getEpochSecond());
        claims.put("exp", expiresAt.getEpochSecond());
        claims.putAll(further);
        String compact = sign(active.key(), claims);
        requireKept(audience, each -> each.brokenBy(compact.length()));
        return new IdentityToken(Secret.of(compact), issuer.value(), subject, audience, tokenId, issuedAt, expiresAt);
    }

    /** Checks what is known before the key signs: keys come and go after the issuer was built. */
    private void requireKept(TokenDraft draft) {
        // A node that has not read its store for long serves no key set, and may sign for some time still.
        publishedIfLoaded(keys).ifPresent(published -> requireKept(draft.audience(), each -> each.brokenBy(published)));
        requireKept(draft.audience(), each -> each.brokenBy(draft));
    }

    private static Map<String, Object> furtherClaims(Workload workload) {
        Map<String, Object> further = workload.claims().members();
        for (String name : further.keySet()) {
            if (Claims.isReserved(name)) {
                throw new TokenIssuanceException("A workload may not set the claim \"" + name
                        + "\", which decides who a token is for or about. Give it another name");
            }
        }
        return further;
    }

    private void requireKept(String audience, Function<RelyingPartyRules, List<BrokenRule>> check) {
        RelyingPartyRules ofAudience = rulesByAudience.get(audience);
        List<BrokenRule> broken = broken(ofAudience == null ? rules : List.of(ofAudience), check);
        if (!broken.isEmpty()) {
            throw new TokenIssuanceException("Issuer \"" + issuer + "\" signs no token for audience "
                    + UntrustedText.quote(audience) + ". " + messages(broken));
        }
    }

    private static List<BrokenRule> broken(
            Collection<RelyingPartyRules> rules, Function<RelyingPartyRules, List<BrokenRule>> check) {
        return rules.stream().flatMap(each -> check.apply(each).stream()).toList();
    }

    private static String messages(List<BrokenRule> broken) {
        return broken.stream().map(BrokenRule::message).distinct().collect(Collectors.joining(". "));
    }

    private static Optional<JwkSet> publishedIfLoaded(SigningKeys keys) {
        try {
            return Optional.of(keys.published());
        } catch (IllegalStateException e) {
            return Optional.empty();
        }
    }

    private TokenIssuanceException noKey(IllegalStateException cause) {
        return new TokenIssuanceException(
                "Issuer \"" + issuer + "\" has no key that can sign now. Check its signing keys", cause);
    }

    /** Asks for the key, and refuses one whose time is nearly up: a token of seconds would fail somewhere else. */
    private ActiveKey activeKey(Instant issuedAt) {
        ActiveKey active;
        try {
            active = keys.active(issuedAt.plus(lifetime));
        } catch (IllegalStateException e) {
            throw noKey(e);
        }
        if (active.latestExpiry().isBefore(issuedAt.plus(MIN_LIFETIME))) {
            throw new TokenIssuanceException("Issuer \"" + issuer + "\" may sign tokens until " + active.latestExpiry()
                    + " only, and a token lives at least " + MIN_LIFETIME.toSeconds()
                    + " s. Its key store can't be written, or the clocks of issuer and keys differ; check them");
        }
        return active;
    }

    private static Instant earlier(Instant one, Instant other) {
        return one.isBefore(other) ? one : other.truncatedTo(SECONDS);
    }

    private String sign(SigningKey key, Map<String, Object> claims) {
        Map<String, Object> header = new LinkedHashMap<>();
        // Entra refuses a token without typ (AADSTS5002727), AWS and Entra one without kid.
        header.put("typ", "JWT");
        header.put("alg", key.publicJwk().algorithm().jwsName());
        header.put("kid", key.publicJwk().keyId());
        String signingInput = segment(header) + '.' + segment(claims);
        try {
            byte[] signature = key.sign(signingInput.getBytes(US_ASCII));
            return signingInput + '.' + BASE64URL.encodeToString(signature);
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
        private final Map<String, RelyingPartyRules> rulesByAudience = new HashMap<>();
        private Duration lifetime = Duration.ofMinutes(10);
        private Duration backdating = Duration.ofSeconds(5);
        private Clock clock = Clock.systemUTC();
        private Supplier<String> tokenIds = () -> UUID.randomUUID().toString();
        private List<RelyingPartyRules> rules = List.of(RelyingPartyRules.lowestCommon());

        private Builder(IssuerUrl issuer, SigningKeys keys) {
            this.issuer = issuer;
            this.keys = keys;
        }

        /**
         * Sets how long a token is valid, 1 minute to 24 hours in whole seconds. Default 10 minutes. More than an hour
         * takes {@link #relyingParties} whose rules allow it.
         */
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
         * Sets the relying parties whose rules every token keeps, but those for an audience of
         * {@link #relyingParty(String, RelyingPartyRules)}. Default: {@link RelyingPartyRules#lowestCommon()}.
         */
        public Builder relyingParties(RelyingPartyRules first, RelyingPartyRules... more) {
            List<RelyingPartyRules> all = new ArrayList<>(List.of(more));
            all.add(0, first);
            this.rules = List.copyOf(all);
            return this;
        }

        /**
         * Sets the rules that the tokens for {@code audience} keep, in place of those of
         * {@link #relyingParties(RelyingPartyRules, RelyingPartyRules...)}.
         *
         * @throws IllegalArgumentException if {@code audience} is blank or has rules already
         */
        public Builder relyingParty(String audience, RelyingPartyRules rules) {
            RelyingPartyRules before = audience.isBlank() ? rules : rulesByAudience.putIfAbsent(audience, rules);
            if (before != null) {
                throw new IllegalArgumentException("Each audience is named once and not blank; \"" + audience
                        + "\" was given " + rules + " where it " + (audience.isBlank() ? "is blank" : "has " + before));
            }
            return this;
        }

        /** Sets what gives the {@code jti} of each token. Default: random UUIDs. */
        Builder tokenIds(Supplier<String> tokenIds) {
            this.tokenIds = tokenIds;
            return this;
        }

        /**
         * Returns the issuer. What rules say of its address, lifetime and published keys is checked here; keys that are
         * not loaded yet are checked when a token is issued.
         *
         * @throws IllegalArgumentException if the lifetime is longer than the keys allow, or a rule of a relying party
         *     is broken
         */
        public JwtTokenIssuer build() {
            if (lifetime.compareTo(keys.maxTokenLifetime()) > 0) {
                throw new IllegalArgumentException("The issuer's lifetime is " + lifetime
                        + " and its keys sign tokens of at most " + keys.maxTokenLifetime()
                        + ". Set a shorter lifetime, or a longer maxTokenLifetime of the rotation policy");
            }
            List<RelyingPartyRules> all = new ArrayList<>(rules);
            all.addAll(rulesByAudience.values());
            Optional<JwkSet> published = publishedIfLoaded(keys);
            List<BrokenRule> broken = broken(all, each -> {
                List<BrokenRule> atStart = new ArrayList<>(each.brokenBy(issuer, lifetime));
                published.ifPresent(loaded -> atStart.addAll(each.brokenBy(loaded)));
                return atStart;
            });
            if (!broken.isEmpty()) {
                throw new IllegalArgumentException(
                        "Issuer \"" + issuer + "\" can't serve its relying parties. " + messages(broken));
            }
            return new JwtTokenIssuer(this);
        }

        private static boolean isWhole(Duration duration) {
            return duration.equals(duration.truncatedTo(SECONDS));
        }
    }
}
