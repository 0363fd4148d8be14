package io.dynamiccredentials.testkit.azure;

import com.fasterxml.jackson.databind.JsonNode;
import io.dynamiccredentials.IssuerUrl;
import io.dynamiccredentials.TokenRejectedException;
import io.dynamiccredentials.azure.FederatedIdentityCredential;
import io.dynamiccredentials.jwk.SigningAlgorithm;
import io.dynamiccredentials.testkit.FakeAnswer;
import io.dynamiccredentials.testkit.FakeRequest;
import io.dynamiccredentials.testkit.FakeServer;
import io.dynamiccredentials.testkit.HandedOut;
import io.dynamiccredentials.testkit.LoopbackTls;
import io.dynamiccredentials.testkit.TokenCheck;
import io.dynamiccredentials.verify.KeySource;
import io.dynamiccredentials.verify.RemoteJwkSets;
import io.dynamiccredentials.verify.TokenVerifier;
import io.dynamiccredentials.verify.TrustedIssuer;
import io.dynamiccredentials.verify.VerifiedToken;
import java.net.URI;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * One tenant of Microsoft Entra ID whose applications trust an issuer, with a resource that honours its access tokens.
 *
 * <p>It knows the token endpoint, with Entra's check order, numbers, texts and statuses, and {@code GET /whoami}, which
 * stands for any resource. Tokens live 3599 s by its clock, unless set otherwise, and can't be revoked.
 *
 * <p>Needs the artifact {@code io.dynamiccredentials:dynamic-credentials-azure}; without it the first use ends in a
 * {@link NoClassDefFoundError}. Safe for use by many threads.
 */
public final class FakeEntra implements AutoCloseable {
    private static final Duration TOKEN_LIFETIME = Duration.ofSeconds(3599);

    // UNVERIFIED: five minutes is the default of Microsoft's own token libraries.
    private static final Duration CLOCK_SKEW = Duration.ofMinutes(5);

    /** What MSAL adds to each scope and Entra ignores in this grant. */
    private static final Set<String> IGNORED_SCOPES = Set.of("openid", "profile", "offline_access");

    private static final String ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
    private static final Pattern TOKEN_ENDPOINT = Pattern.compile("/([^/]+)/oauth2/v2[.]0/token");
    private static final int MAX_CREDENTIALS = 20;

    private final FakeServer server;
    private final RemoteJwkSets keySets = TokenCheck.keySets();
    private final String tenantId;
    private final Clock clock;
    private final Duration tokenLifetime;
    private final Map<String, List<FederatedIdentityCredential>> applications;
    private final TokenVerifier verifier;
    private final Map<String, Grant> grants = new ConcurrentHashMap<>();
    private final SecureRandom random = new SecureRandom();

    private record Grant(String clientId, String subject, String tokenId, Instant expiresAt) {}

    private FakeEntra(Builder builder) {
        this.tenantId = builder.tenant;
        this.clock = builder.clock;
        this.tokenLifetime = builder.tokenLifetime;
        this.applications = Map.copyOf(builder.applications);
        Set<String> audiences = applications.values().stream()
                .flatMap(List::stream)
                .map(FederatedIdentityCredential::audience)
                .collect(Collectors.toSet());
        KeySource keys = keySets.of(builder.issuer);
        this.verifier = TokenCheck.of(
                new TrustedIssuer(builder.issuer, audiences, Set.of(SigningAlgorithm.RS256), keys), clock, CLOCK_SKEW);
        this.server = FakeServer.start(builder.tls, this::answer);
    }

    /**
     * Starts the description of a tenant that fetches the keys of {@code issuer}, lives by {@code clock} and serves
     * with {@code tls}, since Microsoft's libraries accept nothing but https.
     *
     * @param tenant the only tenant that it knows, an id or a domain
     */
    public static Builder builder(IssuerUrl issuer, Clock clock, LoopbackTls tls, String tenant) {
        return new Builder(issuer, clock, tls, tenant);
    }

    /** Returns the authority host, {@code https} on loopback, without a path. */
    public URI address() {
        return server.address();
    }

    /**
     * Returns the address of a resource. A {@code GET} with {@code Authorization: Bearer …} is answered with tenant,
     * client id and end of a live token, and with 401 otherwise.
     */
    public URI whoAmI() {
        return URI.create(server.address() + "/whoami");
    }

    /** Returns the access tokens that it would honour now. */
    public List<HandedOut> live() {
        return grants.values().stream()
                .filter(this::isLive)
                .map(grant -> new HandedOut(
                        grant.clientId(),
                        "application " + grant.clientId() + " in tenant " + tenantId,
                        grant.subject(),
                        grant.tokenId(),
                        grant.expiresAt()))
                .toList();
    }

    /** Returns the {@code jti} of each identity token that bought one of those. */
    public Set<String> liveTokenIds() {
        return grants.values().stream().filter(this::isLive).map(Grant::tokenId).collect(Collectors.toSet());
    }

    /** Returns how many access tokens it handed out so far. */
    public int granted() {
        return grants.size();
    }

    /** Returns how many requests it refused so far, whoever sent them. */
    public int refused() {
        return server.calls().refused();
    }

    @Override
    public void close() {
        server.close();
        keySets.close();
    }

    private FakeAnswer answer(FakeRequest request) {
        if (request.is("GET", "/whoami")) {
            return whoAmI(request.header("Authorization").orElse(""));
        }
        Matcher endpoint = TOKEN_ENDPOINT.matcher(request.path());
        if (!request.method().equals("POST") || !endpoint.matches()) {
            return FakeAnswer.of(404, "text/html", "<html><body>Not found</body></html>");
        }
        try {
            return grant(endpoint.group(1), request.form());
        } catch (EntraRefusal e) {
            return e.answer(clock.instant());
        }
    }

    private FakeAnswer whoAmI(String authorization) {
        Grant grant = authorization.startsWith("Bearer ") ? grants.get(authorization.substring(7)) : null;
        if (grant == null || !isLive(grant)) {
            return FakeAnswer.json(
                    401,
                    Map.of(
                            "error",
                            Map.of("code", "InvalidAuthenticationToken", "message", "The access token is invalid.")));
        }
        return FakeAnswer.json(
                200,
                Map.of(
                        "tenant", tenantId,
                        "client_id", grant.clientId(),
                        "expires", grant.expiresAt().toString()));
    }

    private boolean isLive(Grant grant) {
        return clock.instant().isBefore(grant.expiresAt());
    }

    private FakeAnswer grant(String tenant, Map<String, String> form) throws EntraRefusal {
        if (!tenant.equalsIgnoreCase(tenantId)) {
            throw EntraRefusal.unknownTenant(tenant);
        }
        requireForm(form);
        String clientId = form.getOrDefault("client_id", "").toLowerCase(Locale.ROOT);
        List<FederatedIdentityCredential> credentials = applications.get(clientId);
        if (credentials == null) {
            throw EntraRefusal.unknownClient(clientId, tenant);
        }
        VerifiedToken token = verify(form.getOrDefault("client_assertion", ""), credentials);
        return hand(new Grant(
                clientId,
                token.subject(),
                token.tokenId().orElse(""),
                clock.instant().plus(tokenLifetime)));
    }

    private static void requireForm(Map<String, String> form) throws EntraRefusal {
        for (String name : List.of("grant_type", "client_id", "scope")) {
            if (form.getOrDefault(name, "").isEmpty()) {
                throw EntraRefusal.missingParameter(name);
            }
        }
        String grant = form.getOrDefault("grant_type", "");
        if (!grant.equals("client_credentials")) {
            throw EntraRefusal.otherGrant(grant);
        }
        String scope = form.getOrDefault("scope", "");
        Set<String> resources = new HashSet<>(Arrays.asList(scope.split(" ", -1)));
        resources.removeAll(IGNORED_SCOPES);
        if (resources.size() != 1 || !resources.iterator().next().endsWith("/.default")) {
            throw EntraRefusal.badScope(scope);
        }
        if (form.getOrDefault("client_assertion", "").isEmpty()
                || !form.getOrDefault("client_assertion_type", "").equals(ASSERTION_TYPE)) {
            throw EntraRefusal.noAssertion();
        }
    }

    private VerifiedToken verify(String assertion, List<FederatedIdentityCredential> credentials) throws EntraRefusal {
        Unverified unverified = Unverified.read(assertion);
        unverified.requireMatch(credentials);
        try {
            VerifiedToken token = verifier.verify(assertion);
            // Decides alone. What came before only chose the number under which Entra refuses.
            if (credentials.stream().noneMatch(credential -> permits(credential, token))) {
                throw EntraRefusal.noMatch(70021, "subject", token.subject());
            }
            return token;
        } catch (TokenRejectedException e) {
            throw refusal(e, unverified);
        }
    }

    private static boolean permits(FederatedIdentityCredential credential, VerifiedToken token) {
        return credential.permitsIssuer(token) && credential.permitsSubject(token) && credential.permitsAudience(token);
    }

    private EntraRefusal refusal(TokenRejectedException e, Unverified token) {
        return switch (e.reason()) {
            case UNKNOWN_KEY -> EntraRefusal.unknownKey(token.keyId(), token.issuer());
            // WRONG_ISSUER: a credential trusts it, and this machine is not the place to fetch its keys from.
            case KEYS_UNAVAILABLE, WRONG_ISSUER -> EntraRefusal.issuerUnreachable();
            case BAD_SIGNATURE -> EntraRefusal.badSignature();
            case EXPIRED, NOT_YET_VALID, ISSUED_IN_FUTURE ->
                EntraRefusal.outsideItsTime(clock.instant(), token.time("nbf"), token.time("exp"));
            case LIVES_TOO_LONG -> EntraRefusal.livesTooLong();
            case TOO_OLD, CLAIM_MISMATCH, REPLAYED, REPLAY_UNKNOWN -> throw TokenCheck.ofNoFake(e);
            case WRONG_AUDIENCE -> EntraRefusal.noMatch(700212, "audience", token.audience());
            case ALGORITHM_REFUSED -> EntraRefusal.badAlgorithm(token.algorithm());
            case MALFORMED, MISSING_CLAIM -> EntraRefusal.malformed();
        };
    }

    private FakeAnswer hand(Grant grant) {
        byte[] bytes = new byte[48];
        random.nextBytes(bytes);
        // Begins like a JWT, as Entra's do, so that masks and leak detectors know it. Clients must not look inside.
        String token = "eyJ" + Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
        grants.put(token, grant);
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("token_type", "Bearer");
        body.put("expires_in", tokenLifetime.toSeconds());
        body.put("ext_expires_in", tokenLifetime.toSeconds());
        body.put("access_token", token);
        return FakeAnswer.json(200, body);
    }

    /** A client assertion taken apart, which decides nothing but the number of a refusal. */
    private static final class Unverified {
        private final JsonNode header;
        private final JsonNode claims;

        private Unverified(JsonNode header, JsonNode claims) {
            this.header = header;
            this.claims = claims;
        }

        static Unverified read(String assertion) throws EntraRefusal {
            Unverified token = new Unverified(
                    TokenCheck.unverifiedHeader(assertion).orElseThrow(EntraRefusal::malformed),
                    TokenCheck.unverifiedClaims(assertion).orElseThrow(EntraRefusal::malformed));
            if (!"JWT".equalsIgnoreCase(token.header.path("typ").asText())) {
                throw EntraRefusal.badType();
            }
            if (!"RS256".equals(token.algorithm())) {
                throw EntraRefusal.badAlgorithm(token.algorithm());
            }
            return token;
        }

        /** Finds the first part of the token that no credential has, among those that have the parts before it. */
        void requireMatch(List<FederatedIdentityCredential> credentials) throws EntraRefusal {
            List<FederatedIdentityCredential> left =
                    keep(credentials, credential -> credential.issuer().value().equals(issuer()));
            if (left.isEmpty()) {
                throw EntraRefusal.noMatch(700211, "issuer", issuer());
            }
            String subject = claims.path("sub").asText();
            List<FederatedIdentityCredential> ofSubject =
                    keep(left, credential -> credential.subject().equals(subject));
            if (ofSubject.isEmpty()) {
                boolean byCase = left.stream()
                        .anyMatch(credential -> credential.subject().equalsIgnoreCase(subject));
                throw EntraRefusal.noMatch(byCase ? 7002138 : 700213, "subject", subject);
            }
            if (keep(ofSubject, credential -> credential.audience().equals(audience()))
                    .isEmpty()) {
                throw EntraRefusal.noMatch(700212, "audience", audience());
            }
        }

        String algorithm() {
            return header.path("alg").asText();
        }

        String keyId() {
            return header.path("kid").asText();
        }

        String issuer() {
            return claims.path("iss").asText();
        }

        String audience() {
            return claims.path("aud").asText();
        }

        Instant time(String claim) {
            return Instant.ofEpochSecond(claims.path(claim).asLong());
        }

        private static List<FederatedIdentityCredential> keep(
                List<FederatedIdentityCredential> credentials, Predicate<FederatedIdentityCredential> wanted) {
            return credentials.stream().filter(wanted).toList();
        }
    }

    /** Collects the description of a tenant. Not safe for use by several threads. */
    public static final class Builder {
        private final IssuerUrl issuer;
        private final Clock clock;
        private final LoopbackTls tls;
        private final String tenant;
        private final Map<String, List<FederatedIdentityCredential>> applications = new LinkedHashMap<>();
        private Duration tokenLifetime = TOKEN_LIFETIME;

        private Builder(IssuerUrl issuer, Clock clock, LoopbackTls tls, String tenant) {
            this.issuer = issuer;
            this.clock = clock;
            this.tls = tls;
            this.tenant = tenant;
        }

        /**
         * Adds an application with the tokens that it accepts.
         *
         * @throws IllegalArgumentException if it has no credential or more than 20, or two for one issuer and subject,
         *     or two of one name: Entra refuses those when they are made; or if it was added already, letter case aside
         */
        public Builder application(String clientId, FederatedIdentityCredential... credentials) {
            long names = Arrays.stream(credentials)
                    .map(FederatedIdentityCredential::name)
                    .distinct()
                    .count();
            long pairs = Arrays.stream(credentials)
                    .map(credential -> List.of(credential.issuer().value(), credential.subject()))
                    .distinct()
                    .count();
            boolean countable = credentials.length >= 1 && credentials.length <= MAX_CREDENTIALS;
            if (!countable || names < credentials.length || pairs < credentials.length) {
                throw new IllegalArgumentException("Application " + clientId + " needs 1 to " + MAX_CREDENTIALS
                        + " federated identity credentials, each with a name and with an issuer and subject of its own; it "
                        + "has " + Arrays.toString(credentials));
            }
            if (applications.putIfAbsent(clientId.toLowerCase(Locale.ROOT), List.of(credentials)) != null) {
                throw new IllegalArgumentException(
                        "There is an application \"" + clientId + "\" already; give it all its credentials at once");
            }
            return this;
        }

        /**
         * Ends each access token after {@code life}, so that a test sees the end of many. Default 3599 s.
         *
         * @throws IllegalArgumentException if {@code life} is shorter than 1 s
         */
        public Builder accessTokensEndAfter(Duration life) {
            this.tokenLifetime = HandedOut.requireLife(life);
            return this;
        }

        /**
         * Starts the tenant.
         *
         * @throws IllegalArgumentException if it has no name or no application
         */
        public FakeEntra start() {
            if (tenant.isBlank() || applications.isEmpty()) {
                throw new IllegalArgumentException("The tenant needs an id and at least one application; it has id \""
                        + tenant + "\" and applications " + applications.keySet());
            }
            return new FakeEntra(this);
        }
    }
}
