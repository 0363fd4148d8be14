package io.dynamiccredentials.vault;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.dynamiccredentials.wire.StrictJson;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * What Vault checks of a token: a role of its JWT auth method, in the terms of {@code auth/jwt/role/NAME}. Immutable.
 *
 * <p>It refuses what Vault refuses when a role is written, and nothing that Vault takes, except in {@link #of}. Which
 * logins it lets in, {@link VaultJwtMethod#decide} tells.
 */
public final class VaultJwtRole {
    // Vault's GenericNameRegex; anything else is no path of the method.
    private static final Pattern NAME = Pattern.compile("\\w(?:[\\w.-]*\\w)?");

    private final String name;
    private final String userClaim;
    private final boolean userClaimIsPointer;
    private final Set<String> boundAudiences;
    private final String boundSubject;
    private final BoundClaims boundClaims;
    private final Map<String, String> claimMappings;
    private final String groupsClaim;
    private final Leeways leeways;
    private final VaultTokenParameters tokens;
    private final Set<String> redirectUris;

    private VaultJwtRole(Builder builder) {
        this.name = builder.name;
        this.userClaim = builder.userClaim;
        this.userClaimIsPointer = builder.userClaimIsPointer;
        this.boundAudiences = Set.copyOf(builder.boundAudiences);
        this.boundSubject = builder.boundSubject;
        this.boundClaims = new BoundClaims(builder.boundClaims, builder.globs);
        this.claimMappings = Map.copyOf(builder.claimMappings);
        this.groupsClaim = builder.groupsClaim;
        this.leeways = builder.leeways;
        this.tokens = builder.tokens;
        this.redirectUris = Set.copyOf(builder.redirectUris);
        requireSomethingBound();
        requireDistinctMetadata();
    }

    /**
     * Returns the role that a pipeline needs: {@code user_claim} is {@code sub}, and {@code bound_claims} has a glob
     * for it.
     *
     * @param boundAudiences the token needs one of them
     * @param subjects {@code *} stands for any text
     * @param tokenTtl how long a token of the role lives
     * @throws IllegalArgumentException if there is no audience, or a subject that lets everybody in
     */
    public static VaultJwtRole of(String name, Set<String> boundAudiences, String subjects, Duration tokenTtl) {
        if (boundAudiences.isEmpty()) {
            throw new IllegalArgumentException("Role \"" + name + "\" needs at least one bound audience; it has none");
        }
        if (subjects.isBlank()
                || subjects.contains("?")
                || subjects.replace("*", "").isEmpty()) {
            throw new IllegalArgumentException("Role \"" + name
                    + "\" needs a bound subject that not every workload has, with * as its only wildcard; it was \""
                    + subjects + "\"");
        }
        if (tokenTtl.compareTo(Duration.ofSeconds(1)) < 0) {
            throw new IllegalArgumentException(
                    "Tokens of role \"" + name + "\" must live 1 s or longer; it was " + tokenTtl);
        }
        return builder(name, "sub")
                .boundAudiences(boundAudiences)
                .globs()
                .boundClaim("sub", subjects)
                .tokens(VaultTokenParameters.builder().ttl(tokenTtl).build())
                .build();
    }

    /**
     * Starts a role of {@code role_type=jwt}.
     *
     * @param name the role's name, of which Vault makes lower case
     * @param userClaim {@code user_claim}: the claim that names the entity's alias
     * @throws IllegalArgumentException if the name is no role's, or {@code userClaim} is empty
     */
    public static Builder builder(String name, String userClaim) {
        return new Builder(name, userClaim);
    }

    /**
     * How far apart clocks may be. As with Vault, zero means its default and a negative duration none. Immutable.
     *
     * @param expiration {@code expiration_leeway}, added to {@code iat} or {@code nbf} for a token without {@code exp};
     *     default 150 s
     * @param notBefore {@code not_before_leeway}, subtracted from {@code exp} for a token without {@code nbf} and
     *     {@code iat}; default 150 s
     * @param clockSkew {@code clock_skew_leeway}, for all three; default 60 s
     */
    public record Leeways(Duration expiration, Duration notBefore, Duration clockSkew) {
        /** What holds for a role that sets none. */
        public static final Leeways DEFAULT = new Leeways(Duration.ZERO, Duration.ZERO, Duration.ZERO);

        private static final Duration DEFAULT_LEEWAY = Duration.ofSeconds(150);
        private static final Duration DEFAULT_SKEW = Duration.ofSeconds(60);

        /**
         * Checks that they are whole seconds.
         *
         * @throws IllegalArgumentException if one is not
         */
        public Leeways {
            for (Duration leeway : List.of(expiration, notBefore, clockSkew)) {
                if (!WholeSeconds.isWhole(leeway)) {
                    throw new IllegalArgumentException("A leeway is whole seconds; it was " + leeway);
                }
            }
        }

        Duration effectiveExpiration() {
            return effective(expiration, DEFAULT_LEEWAY);
        }

        Duration effectiveNotBefore() {
            return effective(notBefore, DEFAULT_LEEWAY);
        }

        Duration effectiveClockSkew() {
            return effective(clockSkew, DEFAULT_SKEW);
        }

        private static Duration effective(Duration set, Duration unset) {
            return set.isZero() ? unset : set.isNegative() ? Duration.ZERO : set;
        }
    }

    /** Returns the role's name, in lower case. */
    public String name() {
        return name;
    }

    /** Returns what its tokens are like. */
    public VaultTokenParameters tokens() {
        return tokens;
    }

    /** Returns {@code bound_audiences}. */
    public Set<String> boundAudiences() {
        return boundAudiences;
    }

    /** Returns the body of {@code POST auth/jwt/role/NAME}; what is at Vault's default is left out. */
    public String toJson() {
        Map<String, Object> members = new LinkedHashMap<>();
        members.put("role_type", isOidc() ? "oidc" : "jwt");
        members.put("user_claim", userClaim);
        putIf(userClaimIsPointer, members, "user_claim_json_pointer", true);
        putIf(!boundAudiences.isEmpty(), members, "bound_audiences", new TreeSet<>(boundAudiences));
        putIf(!boundSubject.isEmpty(), members, "bound_subject", boundSubject);
        putIf(boundClaims.globs(), members, "bound_claims_type", "glob");
        putIf(!boundClaims.values().isEmpty(), members, "bound_claims", boundClaims.values());
        putIf(!claimMappings.isEmpty(), members, "claim_mappings", claimMappings);
        putIf(!groupsClaim.isEmpty(), members, "groups_claim", groupsClaim);
        putIf(isOidc(), members, "allowed_redirect_uris", new TreeSet<>(redirectUris));
        putLeeway(members, "expiration_leeway", leeways.expiration());
        putLeeway(members, "not_before_leeway", leeways.notBefore());
        putLeeway(members, "clock_skew_leeway", leeways.clockSkew());
        tokens.addTo(members);
        return StrictJson.write(members);
    }

    private static void putLeeway(Map<String, Object> members, String name, Duration leeway) {
        putIf(!leeway.isZero(), members, name, leeway.isNegative() ? -1 : leeway.toSeconds());
    }

    private static void putIf(boolean wanted, Map<String, Object> members, String name, Object value) {
        if (wanted) {
            members.put(name, value);
        }
    }

    /** Tells whether it is {@code role_type=oidc}, for browsers. */
    public boolean isOidc() {
        return !redirectUris.isEmpty();
    }

    String boundSubject() {
        return boundSubject;
    }

    BoundClaims boundClaims() {
        return boundClaims;
    }

    Leeways leeways() {
        return leeways;
    }

    String userClaim() {
        return userClaim;
    }

    /** Returns what {@code user_claim} points at; empty if that is absent or null. */
    Optional<JsonNode> user(JsonNode claims) {
        return userClaimIsPointer ? ClaimPath.find(claims, userClaim) : ClaimPath.named(claims, userClaim);
    }

    Map<String, String> claimMappings() {
        return claimMappings;
    }

    Optional<String> groupsClaim() {
        return groupsClaim.isEmpty() ? Optional.empty() : Optional.of(groupsClaim);
    }

    private void requireSomethingBound() {
        boolean bound = !boundAudiences.isEmpty()
                || tokens.bindsCidrs()
                || !boundSubject.isEmpty()
                || !boundClaims.values().isEmpty();
        if (!bound && !isOidc()) {
            throw new IllegalArgumentException("Role \"" + name + "\" must have at least one bound constraint when "
                    + "creating/updating a role; it has none. Bind audiences, a subject or claims");
        }
    }

    private void requireDistinctMetadata() {
        Set<String> keys = new TreeSet<>();
        for (String key : claimMappings.values()) {
            if (key.equals("role")) {
                throw new IllegalArgumentException("metadata key \"role\" is reserved and may not be a mapping "
                        + "destination. Give the metadata of role \"" + name + "\" another key");
            }
            if (!keys.add(key)) {
                throw new IllegalArgumentException("multiple keys are mapped to metadata key \"" + key + "\" in role \""
                        + name + "\". Give each claim its own");
            }
        }
    }

    /** Collects a role. Not safe for use by several threads. */
    public static final class Builder {
        private final String name;
        private final String userClaim;
        private final Map<String, JsonNode> boundClaims = new LinkedHashMap<>();
        private final Map<String, String> claimMappings = new LinkedHashMap<>();
        private boolean userClaimIsPointer;
        private Set<String> boundAudiences = Set.of();
        private String boundSubject = "";
        private boolean globs;
        private String groupsClaim = "";
        private Leeways leeways = Leeways.DEFAULT;
        private VaultTokenParameters tokens = VaultTokenParameters.builder().build();
        private Set<String> redirectUris = Set.of();

        private Builder(String name, String userClaim) {
            if (!BoundedForm.matches(NAME, name)) {
                throw new IllegalArgumentException("A role's name must be letters, digits, \"_\", and \"-\" and \".\" "
                        + "inside; it was \"" + name + "\"");
            }
            if (userClaim.isEmpty()) {
                throw new IllegalArgumentException(
                        "a user claim must be defined on the role; that of \"" + name + "\" was empty");
            }
            this.name = name.toLowerCase(Locale.ROOT);
            this.userClaim = userClaim;
        }

        /** Reads {@code user_claim} as a JSON pointer if it begins with a slash: {@code user_claim_json_pointer}. */
        public Builder userClaimIsPointer() {
            this.userClaimIsPointer = true;
            return this;
        }

        /**
         * Sets {@code bound_audiences}, of which the token needs one. Default: none, and tokens with an audience are
         * refused.
         *
         * @throws IllegalArgumentException if one is blank
         */
        public Builder boundAudiences(Set<String> boundAudiences) {
            if (boundAudiences.stream().anyMatch(String::isBlank)) {
                throw new IllegalArgumentException(
                        "An audience must have a character; one of role \"" + name + "\" was blank");
            }
            this.boundAudiences = Set.copyOf(boundAudiences);
            return this;
        }

        /** Sets {@code bound_subject}: the {@code sub} of tokens, letter for letter. Default: any. */
        public Builder boundSubject(String boundSubject) {
            this.boundSubject = boundSubject;
            return this;
        }

        /**
         * Adds to {@code bound_claims} that a claim, or one of its values, is one of these texts.
         *
         * @param claim its name, or a JSON pointer
         * @throws IllegalArgumentException if there is no value, or the claim is bound already
         */
        public Builder boundClaim(String claim, String... values) {
            if (values.length == 0) {
                throw new IllegalArgumentException("Claim \"" + claim + "\" is bound to no value, which no token has");
            }
            ArrayNode list = JsonNodeFactory.instance.arrayNode();
            for (String value : values) {
                list.add(value);
            }
            return boundClaim(claim, values.length == 1 ? list.get(0) : list);
        }

        /**
         * Adds to {@code bound_claims} what is no text: a number, a truth value, or a list of anything.
         *
         * @param claim its name, or a JSON pointer
         * @throws IllegalArgumentException if the claim is bound already
         */
        public Builder boundClaim(String claim, JsonNode value) {
            if (boundClaims.putIfAbsent(claim, value.deepCopy()) != null) {
                throw new IllegalArgumentException(
                        "Claim \"" + claim + "\" is bound already; give all of its values at once");
            }
            return this;
        }

        /** Lets {@code *} in {@code bound_claims} stand for any text: {@code bound_claims_type=glob}. */
        public Builder globs() {
            this.globs = true;
            return this;
        }

        /**
         * Adds to {@code claim_mappings} a claim that is copied to the token's metadata.
         *
         * @param claim its name, or a JSON pointer
         */
        public Builder claimMapping(String claim, String metadataKey) {
            claimMappings.put(claim, metadataKey);
            return this;
        }

        /** Sets {@code groups_claim}, by name or JSON pointer. Default: none. */
        public Builder groupsClaim(String groupsClaim) {
            this.groupsClaim = groupsClaim;
            return this;
        }

        /** Sets how far apart clocks may be. Default {@link Leeways#DEFAULT}. */
        public Builder leeways(Leeways leeways) {
            this.leeways = leeways;
            return this;
        }

        /** Sets what the role's tokens are like. Default: as the mount has it. */
        public Builder tokens(VaultTokenParameters tokens) {
            this.tokens = tokens;
            return this;
        }

        /**
         * Makes it {@code role_type=oidc}, for browsers: it refuses every login with a token.
         *
         * @throws IllegalArgumentException if there is none
         */
        public Builder oidc(Set<String> allowedRedirectUris) {
            if (allowedRedirectUris.isEmpty()) {
                throw new IllegalArgumentException("'allowed_redirect_uris' must be set if 'role_type' is 'oidc' or "
                        + "unspecified; role \"" + name + "\" has none");
            }
            this.redirectUris = Set.copyOf(allowedRedirectUris);
            return this;
        }

        /**
         * Returns the role.
         *
         * @throws IllegalArgumentException if Vault would refuse it
         */
        public VaultJwtRole build() {
            return new VaultJwtRole(this);
        }
    }
}
