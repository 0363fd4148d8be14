package io.dynamiccredentials.vault;

import com.fasterxml.jackson.databind.JsonNode;
import io.dynamiccredentials.IssuerUrl;
import io.dynamiccredentials.jwk.SigningAlgorithm;
import io.dynamiccredentials.vault.VaultJwtMethod.Decision.Admitted;
import io.dynamiccredentials.vault.VaultJwtMethod.Decision.Refused;
import io.dynamiccredentials.wire.StrictJson;
import io.dynamiccredentials.wire.UntrustedText;
import java.net.URI;
import java.security.PublicKey;
import java.time.Instant;
import java.util.Base64;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A mounted JWT auth method, in the terms of {@code auth/jwt/config}: where its keys come from, and what it asks of
 * tokens for every role. Immutable.
 */
public final class VaultJwtMethod {
    private final @Nullable IssuerUrl discoveryUrl;
    private final @Nullable URI jwksUrl;
    private final List<PublicKey> validationKeys;
    private final String boundIssuer;
    private final String defaultRole;
    private final Set<SigningAlgorithm> algorithms;
    private final Edition edition;

    private VaultJwtMethod(Builder builder) {
        this.discoveryUrl = builder.discoveryUrl;
        this.jwksUrl = builder.jwksUrl;
        this.validationKeys = List.copyOf(builder.validationKeys);
        this.boundIssuer = builder.boundIssuer;
        this.defaultRole = builder.defaultRole;
        this.algorithms = Set.copyOf(builder.algorithms);
        this.edition = builder.edition;
    }

    /**
     * Returns the method that trusts {@code issuer} and nobody else: {@code oidc_discovery_url} and its twin
     * {@code bound_issuer}.
     */
    public static VaultJwtMethod trusting(IssuerUrl issuer) {
        return discovering(issuer).boundIssuer(issuer.value()).build();
    }

    /** Starts a method with {@code oidc_discovery_url}: the issuer's document tells where its keys are. */
    public static Builder discovering(IssuerUrl discoveryUrl) {
        Builder builder = new Builder();
        builder.discoveryUrl = discoveryUrl;
        return builder;
    }

    /** Starts a method with {@code jwks_url}: where the keys are. */
    public static Builder fetching(URI jwksUrl) {
        Builder builder = new Builder();
        builder.jwksUrl = jwksUrl;
        return builder;
    }

    /**
     * Starts a method with {@code jwt_validation_pubkeys}: the keys themselves.
     *
     * @throws IllegalArgumentException if there is none, or one is neither of RSA nor of an elliptic curve
     */
    public static Builder withKeys(List<PublicKey> validationKeys) {
        if (validationKeys.isEmpty()) {
            throw new IllegalArgumentException("exactly one of 'jwt_validation_pubkeys', 'jwks_url', 'jwks_pairs' or "
                    + "'oidc_discovery_url' must be set; there was no key");
        }
        for (PublicKey key : validationKeys) {
            if (!Set.of("RSA", "EC").contains(key.getAlgorithm())) {
                throw new IllegalArgumentException("error parsing public key: data does not contain any valid RSA or "
                        + "ECDSA public keys; it was " + key.getAlgorithm());
            }
        }
        Builder builder = new Builder();
        builder.validationKeys = List.copyOf(validationKeys);
        return builder;
    }

    /** Returns {@code oidc_discovery_url}. */
    public Optional<IssuerUrl> discoveryUrl() {
        return Optional.ofNullable(discoveryUrl);
    }

    /** Returns {@code jwks_url}. */
    public Optional<URI> jwksUrl() {
        return Optional.ofNullable(jwksUrl);
    }

    /** Returns {@code jwt_validation_pubkeys}. */
    public List<PublicKey> validationKeys() {
        return validationKeys;
    }

    /** Returns {@code default_role}, in lower case. */
    public Optional<String> defaultRole() {
        return defaultRole.isEmpty() ? Optional.empty() : Optional.of(defaultRole);
    }

    /** Returns the method as the other server would have it. */
    public VaultJwtMethod in(Edition edition) {
        Builder builder = new Builder();
        builder.discoveryUrl = discoveryUrl;
        builder.jwksUrl = jwksUrl;
        builder.validationKeys = validationKeys;
        builder.boundIssuer = boundIssuer;
        builder.defaultRole = defaultRole;
        builder.algorithms = algorithms;
        builder.edition = edition;
        return builder.build();
    }

    /**
     * Decides on a login as Vault does once it has found the signature good, in its order. It judges claims and no
     * signature: whoever asks has checked that.
     *
     * @param algorithm the {@code alg} of the token's header
     * @param claims all claims of the token
     */
    public Decision decide(VaultJwtRole role, SigningAlgorithm algorithm, JsonNode claims, Instant now) {
        Optional<Refused> refused = RegisteredClaims.ambiguity(claims)
                .or(() -> algorithmRefusal(algorithm))
                .or(() -> RegisteredClaims.fault(claims))
                .or(() -> refusal(role, RegisteredClaims.of(claims), now))
                .or(() -> unboundAudience(role, claims));
        if (refused.isPresent()) {
            return refused.get();
        }
        Decision identity = LoginIdentity.read(role, claims);
        return identity instanceof Admitted
                ? role.boundClaims().refusal(claims).<Decision>map(why -> why).orElse(identity)
                : identity;
    }

    /** Returns the body of {@code POST auth/jwt/config}; what is at Vault's default is left out. */
    public String toJson() {
        Map<String, Object> members = new LinkedHashMap<>();
        discoveryUrl().ifPresent(url -> members.put("oidc_discovery_url", url.value()));
        jwksUrl().ifPresent(url -> members.put("jwks_url", url.toString()));
        if (!validationKeys.isEmpty()) {
            members.put(
                    "jwt_validation_pubkeys",
                    validationKeys.stream().map(VaultJwtMethod::pem).toList());
        }
        if (!boundIssuer.isEmpty()) {
            members.put("bound_issuer", boundIssuer);
        }
        if (!isEveryAlgorithm()) {
            members.put(
                    "jwt_supported_algs",
                    algorithms.stream().map(SigningAlgorithm::jwsName).sorted().toList());
        }
        defaultRole().ifPresent(role -> members.put("default_role", role));
        return StrictJson.write(members);
    }

    private boolean isEveryAlgorithm() {
        return algorithms.size() == SigningAlgorithm.values().length;
    }

    private static String pem(PublicKey key) {
        return "-----BEGIN PUBLIC KEY-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(key.getEncoded())
                + "\n-----END PUBLIC KEY-----\n";
    }

    private Optional<Refused> algorithmRefusal(SigningAlgorithm algorithm) {
        return algorithms.contains(algorithm)
                ? Optional.empty()
                : Optional.of(new Refused(
                        "error validating token: invalid algorithm (alg) header parameter: token signed with "
                                + "unexpected algorithm",
                        "alg",
                        "one of "
                                + algorithms.stream()
                                        .map(SigningAlgorithm::jwsName)
                                        .sorted()
                                        .toList(),
                        algorithm.jwsName()));
    }

    private Optional<Refused> refusal(VaultJwtRole role, RegisteredClaims claims, Instant now) {
        if (!boundIssuer.isEmpty() && !boundIssuer.equals(claims.issuer())) {
            return mismatch("invalid issuer (iss) claim", "iss", boundIssuer, claims.issuer());
        }
        if (!role.boundSubject().isEmpty() && !role.boundSubject().equals(claims.subject())) {
            return mismatch("invalid subject (sub) claim", "sub", role.boundSubject(), claims.subject());
        }
        if (!role.boundAudiences().isEmpty()
                && claims.audiences().stream().noneMatch(role.boundAudiences()::contains)) {
            return mismatch(
                    "invalid audience (aud) claim: audience claim does not match any expected audience",
                    "aud",
                    String.join(", ", role.boundAudiences().stream().sorted().toList()),
                    String.join(", ", claims.audiences()));
        }
        return TokenTimes.refusal(claims, role.leeways(), now);
    }

    private static Optional<Refused> mismatch(String text, String claim, String expected, String actual) {
        return Optional.of(
                new Refused("error validating token: " + text, claim, expected, UntrustedText.quoteName(actual)));
    }

    /** Refuses an audience where the role binds none. OpenBao overlooks one that is no list. */
    private Optional<Refused> unboundAudience(VaultJwtRole role, JsonNode claims) {
        JsonNode audience = claims.path("aud");
        boolean there = audience.isArray()
                ? !audience.isEmpty()
                : edition == Edition.VAULT && !audience.asText("").isEmpty();
        return role.boundAudiences().isEmpty() && there
                ? Optional.of(new Refused(
                        "audience claim found in JWT but no audiences bound to the role",
                        "aud",
                        "no audience, since bound_audiences is empty",
                        UntrustedText.clean(audience.toString())))
                : Optional.empty();
    }

    /** Which of the two servers answers; they part in details. */
    public enum Edition {
        /** HashiCorp Vault. */
        VAULT,
        /** OpenBao, its open fork. */
        OPENBAO
    }

    /** What Vault's JWT auth method decides on a login whose signature is good. */
    public sealed interface Decision {

        /**
         * The login is let in. Immutable.
         *
         * @param alias the value of {@code user_claim}: the name of the entity's alias
         * @param metadata what {@code claim_mappings} copied, and the role's name as {@code role}
         * @param groups the values of {@code groups_claim}, without empty ones
         */
        record Admitted(String alias, Map<String, String> metadata, List<String> groups) implements Decision {

            /** Copies the map and the list. */
            public Admitted {
                metadata = Map.copyOf(metadata);
                groups = List.copyOf(groups);
            }
        }

        /**
         * The login is refused. Immutable.
         *
         * @param text what Vault answers, for the {@code errors} of a 400
         * @param claim the claim, or parameter of the header, that does not match
         * @param expected what the role or the method asks for
         * @param actual what the token has, fit for a message
         */
        record Refused(String text, String claim, String expected, String actual) implements Decision {}
    }

    /** Collects a method. Not safe for use by several threads. */
    public static final class Builder {
        private @Nullable IssuerUrl discoveryUrl;
        private @Nullable URI jwksUrl;
        private List<PublicKey> validationKeys = List.of();
        private String boundIssuer = "";
        private String defaultRole = "";
        private Set<SigningAlgorithm> algorithms = EnumSet.allOf(SigningAlgorithm.class);
        private Edition edition = Edition.VAULT;

        private Builder() {}

        /** Sets {@code bound_issuer}: the {@code iss} of tokens, letter for letter. Default: any, as with Vault. */
        public Builder boundIssuer(String boundIssuer) {
            this.boundIssuer = boundIssuer;
            return this;
        }

        /** Sets {@code default_role}: that of logins without one. Default: they are refused. */
        public Builder defaultRole(String defaultRole) {
            this.defaultRole = defaultRole.toLowerCase(Locale.ROOT);
            return this;
        }

        /**
         * Sets {@code jwt_supported_algs}. Default: all that Vault knows.
         *
         * @throws IllegalArgumentException if there is none
         */
        public Builder algorithms(Set<SigningAlgorithm> algorithms) {
            if (algorithms.isEmpty()) {
                // Vault takes an empty list for all of them.
                throw new IllegalArgumentException("Name the algorithms, or leave the setting out for all; none was");
            }
            this.algorithms = Set.copyOf(algorithms);
            return this;
        }

        /** Returns the method. */
        public VaultJwtMethod build() {
            return new VaultJwtMethod(this);
        }
    }
}
