package io.dynamiccredentials.testkit.gcp;

import com.fasterxml.jackson.databind.JsonNode;
import io.dynamiccredentials.IssuerUrl;
import io.dynamiccredentials.gcp.WorkloadIdentityProvider;
import io.dynamiccredentials.testkit.FakeAnswer;
import io.dynamiccredentials.testkit.FakeRequest;
import io.dynamiccredentials.testkit.FakeServer;
import io.dynamiccredentials.testkit.HandedOut;
import io.dynamiccredentials.testkit.LoopbackTls;
import io.dynamiccredentials.testkit.TokenCheck;
import io.dynamiccredentials.verify.KeySource;
import io.dynamiccredentials.verify.RemoteJwkSets;
import io.dynamiccredentials.verify.VerifiedToken;
import io.dynamiccredentials.wire.StrictJson;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A Google Cloud with workload identity pool providers, service accounts, and the access tokens that it handed out.
 *
 * <p>It knows STS's {@code /v1/token}, IAM Credentials' {@code :generateAccessToken}, and {@code GET /whoami} as an API
 * that wants an access token, with the check order, texts and statuses that were seen of the real ones. Attributes are
 * mapped by {@code google.subject=assertion.sub}. It speaks https, since Google's libraries refuse anything else.
 *
 * <p>Needs the artifact {@code io.dynamiccredentials:dynamic-credentials-gcp}; without it the first use ends in a
 * {@link NoClassDefFoundError}. Safe for use by many threads.
 */
public final class FakeGoogleCloud implements AutoCloseable {
    private static final Pattern RESOURCE =
            Pattern.compile("//iam\\.googleapis\\.com/(projects/[0-9]+/locations/global/"
                    + "workloadIdentityPools/[a-z0-9-]{4,32}/providers/[a-z0-9-]{4,32})");
    private static final Pattern GENERATE =
            Pattern.compile("/v1/projects/-/serviceAccounts/([^/:]+):generateAccessToken");
    private static final Pattern DELEGATE = Pattern.compile("projects/-/serviceAccounts/([^/:]+)");
    private static final Pattern LIFETIME = Pattern.compile("([0-9]{1,9})s");
    private static final String ACCESS_TOKEN_TYPE = "urn:ietf:params:oauth:token-type:access_token";
    private static final long MAX_LIFETIME_SECONDS = 3600;
    private static final Duration LONGEST = Duration.ofHours(12);

    private final FakeServer server;
    private final RemoteJwkSets keySets = TokenCheck.keySets();
    private final Clock clock;
    private final long longestSeconds;
    private final Map<String, WorkloadIdentityProvider> providers;
    private final FakeGoogleCloudAccounts accounts;
    private final Map<String, GoogleTokenCheck> checks = new HashMap<>();
    private final Map<String, Grant> grants = new ConcurrentHashMap<>();

    /** What an access token stands for; that of a service account has no pool, and so may impersonate nobody. */
    private record Grant(String principal, String pool, String subject, String tokenId, Instant expiresAt) {}

    private FakeGoogleCloud(Builder builder) {
        this.clock = builder.clock;
        this.longestSeconds = builder.longestLife.toSeconds();
        this.providers = Map.copyOf(builder.providers);
        this.accounts = builder.accounts;
        KeySource keys = keySets.of(builder.issuer);
        providers.forEach((name, provider) -> checks.put(name, new GoogleTokenCheck(provider, keys, clock)));
        this.server = FakeServer.start(builder.tls, this::answer);
    }

    /**
     * Starts the description of a Google Cloud that can fetch the keys of {@code issuer} and lives by {@code clock}.
     */
    public static Builder builder(IssuerUrl issuer, Clock clock, LoopbackTls tls) {
        return new Builder(issuer, clock, tls);
    }

    /** Returns its address, {@code https} on loopback, without a path. It is also that of IAM Credentials. */
    public URI address() {
        return server.address();
    }

    /** Returns the address of STS. */
    public URI tokenUrl() {
        return URI.create(address() + "/v1/token");
    }

    /** Returns the address of an API that tells the holder of an access token who it is and until when. */
    public URI whoAmI() {
        return URI.create(address() + "/whoami");
    }

    /** Returns the access tokens that it would honour now, federated ones and those of service accounts. */
    public List<HandedOut> live() {
        return grants.values().stream()
                .filter(this::isLive)
                .map(grant -> new HandedOut("", grant.principal(), grant.subject(), grant.tokenId(), grant.expiresAt()))
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
        if (request.is("POST", "/v1/token")) {
            try {
                return exchange(request.form());
            } catch (GoogleRefusal e) {
                return e.answer();
            }
        }
        Matcher generate = GENERATE.matcher(request.path());
        boolean whoAmI = request.is("GET", "/whoami");
        if (!whoAmI && !(request.method().equals("POST") && generate.matches())) {
            return error(404, "NOT_FOUND", "Requested entity was not found.");
        }
        Optional<Grant> grant = bearer(request);
        if (grant.isEmpty()) {
            return error(
                    401,
                    "UNAUTHENTICATED",
                    "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other "
                            + "valid authentication credential.");
        }
        return whoAmI ? describe(grant.get()) : impersonate(grant.get(), generate.group(1), request.body());
    }

    private Optional<Grant> bearer(FakeRequest request) {
        String header = request.header("Authorization").orElse("");
        return header.startsWith("Bearer ")
                ? Optional.ofNullable(grants.get(header.substring("Bearer ".length())))
                        .filter(this::isLive)
                : Optional.empty();
    }

    private boolean isLive(Grant grant) {
        return clock.instant().isBefore(grant.expiresAt());
    }

    private FakeAnswer exchange(Map<String, String> form) throws GoogleRefusal {
        requireField(form, "grant_type", "urn:ietf:params:oauth:grant-type:token-exchange");
        requireField(form, "requested_token_type", ACCESS_TOKEN_TYPE);
        requireField(form, "subject_token_type", "urn:ietf:params:oauth:token-type:jwt");
        if (form.getOrDefault("scope", "").isBlank()) {
            throw invalidValue("scope");
        }
        Matcher resource = RESOURCE.matcher(form.getOrDefault("audience", ""));
        if (!resource.matches()) {
            throw GoogleRefusal.invalidRequest(
                    "Invalid value for \"audience\". This value should be the full resource name of "
                            + "the Identity Provider. See https://cloud.google.com/iam/docs/reference/sts/rest/v1/TopLevel/token "
                            + "for the list of possible formats.");
        }
        WorkloadIdentityProvider provider = providers.get(resource.group(1));
        GoogleTokenCheck check = checks.get(resource.group(1));
        if (provider == null || check == null) {
            throw new GoogleRefusal(
                    "invalid_target",
                    "The target service indicated by the \"audience\" parameters is invalid. This might either be because "
                            + "the pool or provider is disabled or deleted or because it doesn't exist.");
        }
        VerifiedToken token = check.check(form.getOrDefault("subject_token", ""));
        return federate(provider, token);
    }

    private FakeAnswer federate(WorkloadIdentityProvider provider, VerifiedToken token) {
        Instant now = clock.instant();
        long left = Duration.between(now, token.expiresAt()).toSeconds();
        if (left < 2) {
            // As measured: no credentials come of a token that ends now, though the leeway would still let it in.
            return error(500, "INTERNAL", "Internal error encountered.");
        }
        long expiresIn = Math.min(Math.min(left, MAX_LIFETIME_SECONDS) - 2, longestSeconds);
        Map<String, Object> body = new LinkedHashMap<>();
        Grant grant = new Grant(
                provider.principal(token),
                poolOf(provider),
                token.subject(),
                token.tokenId().orElse(""),
                now.plusSeconds(expiresIn));
        body.put("access_token", handOut("ya29.d.", grant));
        body.put("issued_token_type", ACCESS_TOKEN_TYPE);
        body.put("token_type", "Bearer");
        if (expiresIn > 0) {
            body.put("expires_in", expiresIn);
        }
        return FakeAnswer.json(200, body);
    }

    private FakeAnswer impersonate(Grant caller, String email, String requestBody) {
        JsonNode body;
        try {
            body = StrictJson.parseObject(requestBody);
        } catch (IllegalArgumentException e) {
            return error(400, "INVALID_ARGUMENT", "Invalid JSON payload received.");
        }
        List<String> chain = new ArrayList<>();
        for (JsonNode delegate : body.path("delegates")) {
            Matcher name = DELEGATE.matcher(delegate.asText());
            if (!name.matches()) {
                return error(400, "INVALID_ARGUMENT", "Request contains an invalid argument: delegates.");
            }
            chain.add(name.group(1));
        }
        chain.add(email);
        if (!accounts.permit(caller.pool(), caller.subject(), chain)) {
            return error(
                    403,
                    "PERMISSION_DENIED",
                    "Permission 'iam.serviceAccounts.getAccessToken' denied on resource (or it may not exist).");
        }
        if (!body.path("scope").path(0).isTextual()) {
            return error(400, "INVALID_ARGUMENT", "Request contains an invalid argument: scope.");
        }
        Matcher lifetime = LIFETIME.matcher(body.path("lifetime").asText(MAX_LIFETIME_SECONDS + "s"));
        if (!lifetime.matches() || Long.parseLong(lifetime.group(1)) == 0) {
            return error(400, "INVALID_ARGUMENT", "Lifetime of access token must be larger then zero.");
        }
        long seconds = Long.parseLong(lifetime.group(1));
        if (seconds > MAX_LIFETIME_SECONDS) {
            return error(
                    400,
                    "INVALID_ARGUMENT",
                    "Access tokens can not have lifetimes of more than 1 hour. Use the Org Policy Constraint "
                            + "constraints/iam.allowServiceAccountCredentialLifetimeExtension to allow up to 12 hours.");
        }
        Instant end = clock.instant().plusSeconds(Math.min(seconds, longestSeconds));
        String token = handOut("ya29.c.", new Grant(email, "", caller.subject(), caller.tokenId(), end));
        return FakeAnswer.json(200, Map.of("accessToken", token, "expireTime", end.toString()));
    }

    private static String poolOf(WorkloadIdentityProvider provider) {
        return provider.name().substring(0, provider.name().indexOf("/providers/"));
    }

    private static FakeAnswer describe(Grant grant) {
        return FakeAnswer.json(
                200,
                Map.of(
                        "principal",
                        grant.principal(),
                        "expires",
                        grant.expiresAt().toString()));
    }

    private String handOut(String prefix, Grant grant) {
        String token = prefix + (UUID.randomUUID() + "" + UUID.randomUUID()).replace("-", "");
        grants.put(token, grant);
        return token;
    }

    private static void requireField(Map<String, String> form, String name, String expected) throws GoogleRefusal {
        if (!expected.equals(form.get(name))) {
            throw invalidValue(name);
        }
    }

    private static GoogleRefusal invalidValue(String name) {
        return GoogleRefusal.invalidRequest("Invalid value for \"" + name + "\".");
    }

    private static FakeAnswer error(int status, String code, String message) {
        Map<String, Object> error = new LinkedHashMap<>();
        error.put("code", status);
        error.put("message", message);
        error.put("status", code);
        return FakeAnswer.json(status, Map.of("error", error));
    }

    /** Collects the description of a Google Cloud. Not safe for use by several threads. */
    public static final class Builder {
        private final IssuerUrl issuer;
        private final Clock clock;
        private final LoopbackTls tls;
        private final Map<String, WorkloadIdentityProvider> providers = new LinkedHashMap<>();
        private final FakeGoogleCloudAccounts accounts = new FakeGoogleCloudAccounts();
        private Duration longestLife = LONGEST;

        private Builder(IssuerUrl issuer, Clock clock, LoopbackTls tls) {
            this.issuer = issuer;
            this.clock = clock;
            this.tls = tls;
        }

        /**
         * Adds a provider.
         *
         * @throws IllegalArgumentException if it trusts another issuer than the one whose keys can be fetched, or there
         *     is a provider of that name already
         */
        public Builder provider(WorkloadIdentityProvider provider) {
            if (!provider.issuer().equals(issuer)) {
                throw new IllegalArgumentException("Provider \"" + provider.name() + "\" trusts issuer \""
                        + provider.issuer() + "\", expected \"" + issuer + "\", the one that this fake knows");
            }
            if (providers.putIfAbsent(provider.name(), provider) != null) {
                throw new IllegalArgumentException("There is a provider \"" + provider.name() + "\" already");
            }
            return this;
        }

        /**
         * Adds a service account and gives those of {@code pool} whose subject matches {@code subjectPattern} the role
         * {@code roles/iam.workloadIdentityUser} on it. To Google, as here, all providers of a pool speak of the same
         * subjects, and those of another pool are others.
         *
         * @param pool {@code projects/NUMBER/locations/global/workloadIdentityPools/POOL}, as in a provider's name
         * @throws IllegalArgumentException if there is such an account already, or {@code subjectPattern} lets
         *     everybody in
         */
        public Builder serviceAccount(String email, String pool, String subjectPattern) {
            accounts.add(email, pool, subjectPattern);
            return this;
        }

        /**
         * Gives one service account the role {@code roles/iam.serviceAccountTokenCreator} on another, which is added if
         * need be, so that a chain of delegation can go over it.
         *
         * @throws IllegalArgumentException if there is no account {@code from}
         */
        public Builder delegation(String from, String to) {
            accounts.delegate(from, to);
            return this;
        }

        /**
         * Ends each access token after {@code life} at the latest, however long a life was asked for, so that a test
         * sees the end of many. The answer tells when that is. Default: as long as asked for.
         *
         * @throws IllegalArgumentException if {@code life} is shorter than 1 s
         */
        public Builder accessTokensEndAfter(Duration life) {
            this.longestLife = HandedOut.requireLife(life);
            return this;
        }

        /**
         * Starts the Google Cloud.
         *
         * @throws IllegalArgumentException if a service account is bound to a pool without a provider
         */
        public FakeGoogleCloud start() {
            Set<String> pools = providers.values().stream()
                    .map(FakeGoogleCloud::poolOf)
                    .collect(Collectors.toCollection(TreeSet::new));
            accounts.requirePoolsOf(pools);
            return new FakeGoogleCloud(this);
        }
    }
}
