package io.dynamiccredentials.testkit.vault;

import static io.dynamiccredentials.jwk.SigningAlgorithm.EDDSA;
import static io.dynamiccredentials.jwk.SigningAlgorithm.ES256;
import static io.dynamiccredentials.jwk.SigningAlgorithm.RS256;

import com.fasterxml.jackson.databind.JsonNode;
import io.dynamiccredentials.IssuerUrl;
import io.dynamiccredentials.TokenRejectedException;
import io.dynamiccredentials.testkit.TokenCheck;
import io.dynamiccredentials.vault.VaultJwtMethod;
import io.dynamiccredentials.vault.VaultJwtMethod.Decision.Refused;
import io.dynamiccredentials.vault.VaultJwtRole;
import io.dynamiccredentials.verify.KeySource;
import io.dynamiccredentials.verify.TokenVerifier;
import io.dynamiccredentials.verify.TrustedIssuer;
import io.dynamiccredentials.verify.VerifiedToken;
import java.time.Clock;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** One namespace of a fake Vault: the roles of its JWT auth method, and its secrets engines. */
final class FakeVaultNamespace {
    // The plug-in's clock_skew_leeway when a role sets none.
    private static final Duration CLOCK_SKEW = Duration.ofSeconds(60);

    private final Map<String, VaultJwtRole> roles;
    private final Map<String, FakeVaultEngine> engines;
    private final VaultJwtMethod method;
    private final Clock clock;
    private final Map<String, TokenVerifier> verifiers = new LinkedHashMap<>();

    FakeVaultNamespace(Draft draft, IssuerUrl url, KeySource keys, Clock clock) {
        this.roles = Map.copyOf(draft.roles);
        this.engines = Map.copyOf(draft.engines);
        this.method = VaultJwtMethod.trusting(url);
        this.clock = clock;
        roles.forEach((name, role) -> {
            TrustedIssuer issuer = new TrustedIssuer(url, role.boundAudiences(), Set.of(RS256, ES256, EDDSA), keys);
            verifiers.put(name, TokenCheck.of(issuer, clock, CLOCK_SKEW));
        });
    }

    /** Collects what a namespace has. Not safe for use by several threads. */
    static final class Draft {
        private final Map<String, VaultJwtRole> roles = new LinkedHashMap<>();
        private final Map<String, FakeVaultEngine> engines = new LinkedHashMap<>();

        void add(VaultJwtRole role) {
            if (roles.putIfAbsent(role.name().toLowerCase(Locale.ROOT), role) != null) {
                throw new IllegalArgumentException("There is a role \"" + role.name()
                        + "\" already; Vault does not tell names apart by letter case");
            }
        }

        void add(FakeVaultEngine engine) {
            if (engines.putIfAbsent(engine.mount(), engine) != null) {
                throw new IllegalArgumentException("There is an engine at \"" + engine.mount() + "\" already");
            }
        }
    }

    /** Who may log in, and as what. */
    record Admission(VaultJwtRole role, String subject, String tokenId) {}

    /**
     * Decides on a login.
     *
     * @throws IllegalArgumentException if it is refused; the message is Vault's text
     */
    Admission login(JsonNode body) {
        // Vault lower-cases the role of a login.
        String name = body.path("role").asText().toLowerCase(Locale.ROOT);
        VaultJwtRole role = roles.get(name);
        TokenVerifier verifier = verifiers.get(name);
        if (role == null || verifier == null) {
            throw new IllegalArgumentException(
                    name.isEmpty() ? "missing role" : "role \"" + name + "\" could not be found");
        }
        String jwt = body.path("jwt").asText();
        if (jwt.isEmpty()) {
            throw new IllegalArgumentException("missing token");
        }
        try {
            VerifiedToken token = verifier.verify(jwt);
            JsonNode claims = TokenCheck.unverifiedClaims(jwt).orElseThrow();
            if (method.decide(role, RS256, claims, clock.instant()) instanceof Refused refused) {
                throw new IllegalArgumentException(refused.text());
            }
            return new Admission(role, token.subject(), token.tokenId().orElse(""));
        } catch (TokenRejectedException e) {
            throw new IllegalArgumentException(refusal(e), e);
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

    /** Has an engine make a secret; empty if nothing is mounted there, or it has no such path. */
    Optional<FakeVaultSecret> read(String path, Map<String, String> parameters) {
        return engines.entrySet().stream()
                .filter(engine -> path.startsWith(engine.getKey() + "/"))
                .findFirst()
                .flatMap(engine ->
                        engine.getValue().read(path.substring(engine.getKey().length() + 1), parameters));
    }
}
