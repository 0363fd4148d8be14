package io.dynamiccredentials.testkit;

import static io.dynamiccredentials.jwk.SigningAlgorithm.EDDSA;
import static io.dynamiccredentials.jwk.SigningAlgorithm.ES256;
import static io.dynamiccredentials.jwk.SigningAlgorithm.RS256;
import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import io.dynamiccredentials.IssuerUrl;
import io.dynamiccredentials.TokenRejectedException;
import io.dynamiccredentials.vault.VaultJwtRole;
import io.dynamiccredentials.verify.KeySource;
import io.dynamiccredentials.verify.RemoteJwkSets;
import io.dynamiccredentials.verify.TokenVerifier;
import io.dynamiccredentials.verify.TrustedIssuer;
import io.dynamiccredentials.verify.VerifiedToken;
import io.dynamiccredentials.wire.StrictJson;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A Vault with one JWT auth method that verifies tokens, and with the tokens that it handed out.
 *
 * <p>It knows login, {@code lookup-self}, {@code renew-self} and {@code revoke-self}, with the check order, texts and
 * statuses of Vault's JWT plug-in. A revoked or ended token is dead: 403. Needs the artifact
 * {@code io.dynamiccredentials:dynamic-credentials-vault}; without it the first use ends in a
 * {@link NoClassDefFoundError}. Safe for use by many threads.
 */
public final class FakeVault implements AutoCloseable {
    // The plug-in's clock_skew_leeway when a role sets none.
    private static final Duration CLOCK_SKEW = Duration.ofSeconds(60);

    private final LoopbackServer server = new LoopbackServer(null);
    private final RemoteJwkSets keySets = TokenCheck.keySets();
    private final String loginPath;
    private final String namespace;
    private final Clock clock;
    private final Map<String, VaultJwtRole> roles;
    private final Map<String, TokenVerifier> verifiers = new ConcurrentHashMap<>();
    private final Map<String, Grant> grants = new ConcurrentHashMap<>();

    private record Grant(String accessor, VaultJwtRole role, String subject, Instant expiresAt) {}

    private FakeVault(Builder builder) {
        this.loginPath = "/v1/auth/" + builder.authPath + "/login";
        this.namespace = builder.namespace;
        this.clock = builder.clock;
        this.roles = Map.copyOf(builder.roles);
        KeySource keys = keySets.of(builder.issuer);
        roles.forEach((name, role) -> {
            TrustedIssuer issuer =
                    new TrustedIssuer(builder.issuer, role.boundAudiences(), Set.of(RS256, ES256, EDDSA), keys);
            verifiers.put(name, TokenCheck.of(issuer, clock, CLOCK_SKEW));
        });
        server.start(this::answer);
    }

    /** Starts the description of a Vault whose JWT auth method trusts {@code issuer} and lives by {@code clock}. */
    public static Builder builder(IssuerUrl issuer, Clock clock) {
        return new Builder(issuer, clock);
    }

    /** Returns its address, {@code http} on loopback, without a path. */
    public URI address() {
        return server.address();
    }

    /** Returns the tokens that it would honour now, neither ended nor revoked. */
    public List<HandedOut> live() {
        return grants.values().stream()
                .filter(this::isLive)
                .map(grant ->
                        new HandedOut("accessor \"" + grant.accessor() + "\"", grant.subject(), grant.expiresAt()))
                .toList();
    }

    @Override
    public void close() {
        server.close();
        keySets.close();
    }

    private FakeAnswer answer(FakeRequest request) {
        if (!request.header("X-Vault-Namespace").orElse("").equals(namespace)) {
            return errors(404, "no handler for route \"" + request.path().substring(1) + "\". route entry not found.");
        }
        if (request.is("POST", loginPath)) {
            return login(request);
        }
        String token = request.header("X-Vault-Token").orElse("");
        Grant grant = grants.get(token);
        if (grant == null || !isLive(grant)) {
            return forbidden();
        }
        if (request.is("GET", "/v1/auth/token/lookup-self")) {
            return lookup(grant);
        }
        if (request.is("POST", "/v1/auth/token/renew-self")) {
            return renew(token, grant);
        }
        if (request.is("POST", "/v1/auth/token/revoke-self")) {
            grants.remove(token);
            return FakeAnswer.empty(204);
        }
        return errors(404, "no handler for route \"" + request.path().substring(1) + "\". route entry not found.");
    }

    private boolean isLive(Grant grant) {
        return clock.instant().isBefore(grant.expiresAt());
    }

    private FakeAnswer login(FakeRequest request) {
        JsonNode body;
        try {
            body = StrictJson.parseObject(request.body());
        } catch (IllegalArgumentException e) {
            return errors(400, "failed to parse JSON input");
        }
        // Vault lower-cases the role of a login.
        String name = body.path("role").asText().toLowerCase(Locale.ROOT);
        VaultJwtRole role = roles.get(name);
        TokenVerifier verifier = verifiers.get(name);
        if (role == null || verifier == null) {
            return errors(400, name.isEmpty() ? "missing role" : "role \"" + name + "\" could not be found");
        }
        String jwt = body.path("jwt").asText();
        if (jwt.isEmpty()) {
            return errors(400, "missing token");
        }
        try {
            VerifiedToken token = verifier.verify(jwt);
            if (!role.permitsSubject(token)) {
                return errors(
                        400, "error validating claims: claim \"sub\" does not match any associated bound claim values");
            }
            return grant(role, token.subject());
        } catch (TokenRejectedException e) {
            return errors(400, refusal(e));
        }
    }

    private static String refusal(TokenRejectedException e) {
        return "error validating token: "
                + switch (e.reason()) {
                    case WRONG_ISSUER -> "invalid issuer (iss) claim";
                    case WRONG_AUDIENCE ->
                        "invalid audience (aud) claim: audience claim does not match any expected audience";
                    case EXPIRED -> "invalid expiration time (exp) claim: token is expired";
                    case NOT_YET_VALID -> "invalid not before (nbf) claim: token not yet valid";
                    case ISSUED_IN_FUTURE -> "invalid issued at (iat) claim: token issued in the future";
                    case BAD_SIGNATURE, UNKNOWN_KEY ->
                        "error verifying token signature: failed to verify id token signature";
                    case KEYS_UNAVAILABLE -> "error verifying token signature: fetching keys oidc: get keys failed";
                    case ALGORITHM_REFUSED ->
                        "invalid algorithm (alg) header parameter: token signed with unexpected algorithm";
                    case MALFORMED, MISSING_CLAIM, LIVES_TOO_LONG ->
                        "error verifying token signature: oidc: malformed jwt";
                    case TOO_OLD, CLAIM_MISMATCH, REPLAYED, REPLAY_UNKNOWN -> throw TokenCheck.ofNoFake(e);
                };
    }

    private FakeAnswer grant(VaultJwtRole role, String subject) {
        String token = "hvs." + UUID.randomUUID().toString().replace("-", "");
        Grant grant = new Grant(
                UUID.randomUUID().toString(), role, subject, clock.instant().plus(role.tokenTtl()));
        grants.put(token, grant);
        return auth(token, grant);
    }

    private FakeAnswer renew(String token, Grant grant) {
        Grant renewed = new Grant(
                grant.accessor(),
                grant.role(),
                grant.subject(),
                clock.instant().plus(grant.role().tokenTtl()));
        // A revocation may have come in between, and what is revoked stays so. Another renewal may have, too: no
        // matter.
        return grants.replace(token, renewed) == null ? forbidden() : auth(token, renewed);
    }

    private static FakeAnswer auth(String token, Grant grant) {
        Map<String, Object> auth = new LinkedHashMap<>();
        auth.put("client_token", token);
        auth.put("accessor", grant.accessor());
        auth.put("policies", List.of("default", grant.role().name()));
        auth.put("token_policies", List.of("default", grant.role().name()));
        auth.put("metadata", Map.of("role", grant.role().name()));
        auth.put("lease_duration", grant.role().tokenTtl().toSeconds());
        auth.put("renewable", true);
        auth.put(
                "entity_id",
                UUID.nameUUIDFromBytes(grant.subject().getBytes(UTF_8)).toString());
        auth.put("token_type", "service");
        auth.put("orphan", true);
        auth.put("num_uses", 0);
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("request_id", UUID.randomUUID().toString());
        body.put("lease_id", "");
        body.put("renewable", false);
        body.put("lease_duration", 0);
        body.put("auth", auth);
        return FakeAnswer.json(200, body);
    }

    private FakeAnswer lookup(Grant grant) {
        Map<String, Object> data = new LinkedHashMap<>();
        data.put("accessor", grant.accessor());
        data.put("display_name", "jwt-" + grant.subject());
        data.put("meta", Map.of("role", grant.role().name()));
        data.put("policies", List.of("default", grant.role().name()));
        data.put("expire_time", grant.expiresAt().toString());
        data.put("ttl", Duration.between(clock.instant(), grant.expiresAt()).toSeconds());
        data.put("renewable", true);
        data.put("type", "service");
        return FakeAnswer.json(200, Map.of("request_id", UUID.randomUUID().toString(), "data", data));
    }

    private static FakeAnswer forbidden() {
        return errors(403, "2 errors occurred:\n\t* permission denied\n\t* invalid token\n\n");
    }

    private static FakeAnswer errors(int status, String text) {
        return FakeAnswer.json(status, Map.of("errors", List.of(text)));
    }

    /** Collects the description of a Vault. Not safe for use by several threads. */
    public static final class Builder {
        private final IssuerUrl issuer;
        private final Clock clock;
        private final Map<String, VaultJwtRole> roles = new LinkedHashMap<>();
        private String authPath = "jwt";
        private String namespace = "";

        private Builder(IssuerUrl issuer, Clock clock) {
            this.issuer = issuer;
            this.clock = clock;
        }

        /**
         * Adds a role of the JWT auth method.
         *
         * @throws IllegalArgumentException if there is a role of that name already; letter case makes no difference
         */
        public Builder role(VaultJwtRole role) {
            if (roles.putIfAbsent(role.name().toLowerCase(Locale.ROOT), role) != null) {
                throw new IllegalArgumentException("There is a role \"" + role.name()
                        + "\" already; Vault does not tell names apart by letter case");
            }
            return this;
        }

        /** Sets where the JWT auth method is mounted. Default {@code jwt}. */
        public Builder authPath(String authPath) {
            this.authPath = authPath;
            return this;
        }

        /** Sets the only namespace that it knows, without a trailing slash. Default: the root namespace. */
        public Builder namespace(String namespace) {
            this.namespace = namespace;
            return this;
        }

        /** Starts the Vault. */
        public FakeVault start() {
            return new FakeVault(this);
        }
    }
}
