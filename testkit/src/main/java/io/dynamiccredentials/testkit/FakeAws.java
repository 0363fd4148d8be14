package io.dynamiccredentials.testkit;

import static io.dynamiccredentials.jwk.SigningAlgorithm.ES256;
import static io.dynamiccredentials.jwk.SigningAlgorithm.RS256;
import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import io.dynamiccredentials.IssuerUrl;
import io.dynamiccredentials.Secret;
import io.dynamiccredentials.TokenRejectedException;
import io.dynamiccredentials.aws.AwsTrustPolicy;
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
import java.util.Base64;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An STS that verifies identity tokens and the signatures of the sessions that it handed out.
 *
 * <p>It knows {@code AssumeRoleWithWebIdentity} and {@code GetCallerIdentity}, with the texts, codes and statuses of
 * AWS. Each account that has a role has an OIDC identity provider for the issuer, whose client ids are the audiences of
 * the account's roles. The algorithms are RS256 and ES256; clocks may differ by 5 minutes. Session policies and session
 * tags are not modelled and refused.
 *
 * <p>A signed request must be whole and of a session that has not ended by the fake's clock. Its {@code X-Amz-Date} is
 * not held against that clock, since SDKs sign by the system's, which a test can't set.
 *
 * <p>Needs the artifact {@code io.dynamiccredentials:dynamic-credentials-aws}; without it the first use ends in a
 * {@link NoClassDefFoundError}. Safe for use by many threads.
 */
public final class FakeAws implements AutoCloseable {
    private static final Duration CLOCK_SKEW = Duration.ofMinutes(5);
    private static final Duration DEFAULT_SESSION = Duration.ofHours(1);
    private static final Pattern ROLE_ARN = Pattern.compile(
            "arn:(aws|aws-cn|aws-us-gov|aws-iso(?:-[bef])?|aws-eusc):iam::([0-9]{12}):role/(?:[!-~]*/)?([\\w+=,.@-]{1,64})");
    private static final String NOT_VALID = "The web identity token provided could not be validated. See the "
            + "AssumeRoleWithWebIdentity documentation for requirements.";

    private final LoopbackServer server = new LoopbackServer(null);
    private final RemoteJwkSets keySets = TokenCheck.keySets();
    private final SecureRandom random = new SecureRandom();
    private final IssuerUrl issuer;
    private final Clock clock;
    private final Map<String, Role> roles;
    private final Map<String, Account> accounts = new HashMap<>();
    private final Map<String, Session> sessions = new ConcurrentHashMap<>();

    private record Role(AwsTrustPolicy policy, Duration maxSession) {}

    private record Account(Set<String> clientIds, TokenVerifier verifier) {}

    private record Session(
            String accessKeyId,
            Secret secretKey,
            Secret token,
            String arn,
            String userId,
            String account,
            String subject,
            Instant expiresAt) {}

    private FakeAws(Builder builder) {
        this.issuer = builder.issuer;
        this.clock = builder.clock;
        this.roles = Map.copyOf(builder.roles);
        KeySource keys = keySets.of(issuer);
        Map<String, Set<String>> clientIds = new HashMap<>();
        roles.forEach((arn, role) -> clientIds
                .computeIfAbsent(parse(arn).group(2), account -> new HashSet<>())
                .addAll(role.policy().audiences()));
        clientIds.forEach((account, ids) -> {
            TrustedIssuer trusted = new TrustedIssuer(issuer, ids, Set.of(RS256, ES256), keys);
            accounts.put(account, new Account(Set.copyOf(ids), TokenCheck.of(trusted, clock, CLOCK_SKEW)));
        });
        server.start(this::answer);
    }

    /** Starts the description of an STS whose accounts know {@code issuer} and which lives by {@code clock}. */
    public static Builder builder(IssuerUrl issuer, Clock clock) {
        return new Builder(issuer, clock);
    }

    /** Returns its address, {@code http} on loopback, without a path. */
    public URI address() {
        return server.address();
    }

    /** Returns the sessions that it would honour now. */
    public List<HandedOut> live() {
        return sessions.values().stream()
                .filter(this::isLive)
                .map(session -> new HandedOut(session.arn(), session.subject(), session.expiresAt()))
                .toList();
    }

    @Override
    public void close() {
        server.close();
        keySets.close();
    }

    private FakeAnswer answer(FakeRequest request) {
        Map<String, String> form = request.form();
        String action = String.valueOf(form.get("Action"));
        String version = String.valueOf(form.get("Version"));
        // The target as it was sent: a query, even an empty one, is nothing that a signature here covers.
        boolean known =
                request.method().equals("POST") && request.target().equals("/") && version.equals(AwsAnswer.VERSION);
        if (known && action.equals("AssumeRoleWithWebIdentity")) {
            return assumeRole(form);
        }
        if (known && action.equals("GetCallerIdentity")) {
            return callerIdentity(request);
        }
        return AwsAnswer.error(400, "InvalidAction", "Could not find operation " + action + " for version " + version);
    }

    private FakeAnswer assumeRole(Map<String, String> form) {
        Optional<String> problem = WebIdentityForm.problem(form);
        if (problem.isPresent()) {
            return AwsAnswer.error(400, "ValidationError", problem.get());
        }
        Matcher arn = ROLE_ARN.matcher(form.getOrDefault("RoleArn", ""));
        if (!arn.matches()) {
            return AwsAnswer.error(400, "ValidationError", "Request ARN is invalid");
        }
        String jwt = form.getOrDefault("WebIdentityToken", "");
        Optional<JsonNode> claims = TokenCheck.unverifiedClaims(jwt);
        if (claims.isEmpty()) {
            return refused(notAJwt());
        }
        Account account = accounts.get(arn.group(2));
        if (account == null) {
            return refused(noProvider(claims.get()));
        }
        try {
            return authorize(account.verifier().verify(jwt), claims.get(), account, arn, form);
        } catch (TokenRejectedException e) {
            return rejected(e, claims.get());
        }
    }

    private FakeAnswer authorize(
            VerifiedToken token, JsonNode claims, Account account, Matcher arn, Map<String, String> form) {
        Optional<String> authorizedParty = token.text("azp");
        if (authorizedParty.isEmpty() && token.audiences().size() > 1) {
            return refused("Token audience contains more than one audience while authorized party is not present");
        }
        if (authorizedParty.isPresent() && !account.clientIds().contains(authorizedParty.get())) {
            return refused(NOT_VALID);
        }
        Role role = roles.get(arn.group());
        if (role == null || !role.policy().permits(token) || asksForMore(claims)) {
            return AwsAnswer.error(403, "AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity");
        }
        Duration duration = Optional.ofNullable(form.get("DurationSeconds"))
                .map(seconds -> Duration.ofSeconds(Long.parseLong(seconds)))
                .orElse(DEFAULT_SESSION);
        if (duration.compareTo(role.maxSession()) > 0) {
            return AwsAnswer.error(
                    400,
                    "ValidationError",
                    "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.");
        }
        Session session = session(arn, form.getOrDefault("RoleSessionName", ""), token.subject(), duration);
        sessions.put(session.accessKeyId(), session);
        return assumed(session, authorizedParty.orElseGet(() -> String.join(",", token.audiences())), arn.group(1));
    }

    /**
     * Session tags and a source identity need {@code sts:TagSession} or {@code sts:SetSourceIdentity}, which no policy
     * here has.
     */
    private static boolean asksForMore(JsonNode claims) {
        return claims.properties().stream().anyMatch(claim -> claim.getKey().startsWith("https://aws.amazon.com/"));
    }

    private FakeAnswer rejected(TokenRejectedException e, JsonNode claims) {
        String claimed = claims.path(e.claim().orElse("")).asText();
        long now = clock.instant().getEpochSecond();
        return switch (e.reason()) {
            case WRONG_ISSUER -> refused(noProvider(claims));
            case WRONG_AUDIENCE -> refused("Incorrect token audience");
            case MISSING_CLAIM ->
                refused("Missing a required claim: " + e.claim().orElse(""));
            case UNKNOWN_KEY, KEYS_UNAVAILABLE ->
                refused("Couldn't retrieve verification key from your identity provider,  please reference "
                        + "AssumeRoleWithWebIdentity documentation for requirements");
            case EXPIRED ->
                AwsAnswer.error(
                        400,
                        "ExpiredTokenException",
                        "Token expired: current date/time " + (now - CLOCK_SKEW.toSeconds())
                                + " must be before the expiration date/time " + claimed);
            case NOT_YET_VALID ->
                refused("Token not yet valid: current date/time " + (now + CLOCK_SKEW.toSeconds())
                        + " must be after or equal to the not-before date/time " + claimed);
            case ISSUED_IN_FUTURE -> refused("Token issued in the future: " + claimed);
            case ALGORITHM_REFUSED -> refused(notAJwt());
            case MALFORMED ->
                switch (e.claim().orElse("")) {
                    case "iss" -> refused(noProvider(claims));
                    case "aud" -> refused("Incorrect token audience");
                    case "exp", "iat", "nbf" -> refused("Invalid timestamp in token claims.");
                    default -> refused(notAJwt());
                };
            case BAD_SIGNATURE, LIVES_TOO_LONG -> refused(NOT_VALID);
            case TOO_OLD, CLAIM_MISMATCH, REPLAYED, REPLAY_UNKNOWN -> throw TokenCheck.ofNoFake(e);
        };
    }

    private static FakeAnswer refused(String message) {
        return AwsAnswer.error(400, "InvalidIdentityToken", message);
    }

    private static String notAJwt() {
        return "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)";
    }

    private static String noProvider(JsonNode claims) {
        return "No OpenIDConnect provider found in your account for "
                + claims.path("iss").asText();
    }

    private Session session(Matcher arn, String sessionName, String subject, Duration duration) {
        String roleId = "AROA" + id(UUID.nameUUIDFromBytes(arn.group().getBytes(UTF_8)));
        return new Session(
                "ASIA" + id(UUID.randomUUID()),
                Secret.of(randomText(30)),
                Secret.of("FwoGZXIvYXdz" + randomText(120)),
                "arn:" + arn.group(1) + ":sts::" + arn.group(2) + ":assumed-role/" + arn.group(3) + "/" + sessionName,
                roleId + ":" + sessionName,
                arn.group(2),
                subject,
                // STS writes whole seconds.
                Instant.ofEpochSecond(clock.instant().plus(duration).getEpochSecond()));
    }

    private FakeAnswer assumed(Session session, String audience, String partition) {
        Map<String, Object> user = new LinkedHashMap<>();
        user.put("Arn", session.arn());
        user.put("AssumedRoleId", session.userId());
        Map<String, Object> credentials = new LinkedHashMap<>();
        credentials.put("AccessKeyId", session.accessKeyId());
        credentials.put("SecretAccessKey", session.secretKey().reveal());
        credentials.put("SessionToken", session.token().reveal());
        credentials.put("Expiration", session.expiresAt());
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("SubjectFromWebIdentityToken", session.subject());
        result.put("Audience", audience);
        result.put("AssumedRoleUser", user);
        result.put("Credentials", credentials);
        result.put(
                "Provider",
                "arn:" + partition + ":iam::" + session.account() + ":oidc-provider/"
                        + issuer.value().replaceFirst("^https?://", ""));
        return AwsAnswer.success("AssumeRoleWithWebIdentity", result);
    }

    private FakeAnswer callerIdentity(FakeRequest request) {
        Optional<SigV4> signature = SigV4.of(request);
        if (signature.isEmpty()) {
            return AwsAnswer.error(403, "MissingAuthenticationToken", "Request is missing Authentication Token");
        }
        Session session = sessions.get(signature.get().accessKeyId());
        String token = request.header("X-Amz-Security-Token").orElse("");
        if (session == null || token.isEmpty() || !session.token().equals(Secret.of(token))) {
            return AwsAnswer.error(
                    403, "InvalidClientTokenId", "The security token included in the request is invalid.");
        }
        if (!signature.get().isOf(session.secretKey())) {
            return AwsAnswer.error(
                    403,
                    "SignatureDoesNotMatch",
                    "The request signature we calculated does not match the signature you provided. Check your AWS "
                            + "Secret Access Key and signing method. Consult the service documentation for details.");
        }
        if (!isLive(session)) {
            return AwsAnswer.error(403, "ExpiredToken", "The security token included in the request is expired");
        }
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("Arn", session.arn());
        result.put("UserId", session.userId());
        result.put("Account", session.account());
        return AwsAnswer.success("GetCallerIdentity", result);
    }

    private boolean isLive(Session session) {
        return clock.instant().isBefore(session.expiresAt());
    }

    private String randomText(int bytes) {
        byte[] text = new byte[bytes];
        random.nextBytes(text);
        return Base64.getEncoder().encodeToString(text);
    }

    private static String id(UUID uuid) {
        return uuid.toString().replace("-", "").substring(0, 16).toUpperCase(Locale.ROOT);
    }

    private static Matcher parse(String roleArn) {
        Matcher matcher = ROLE_ARN.matcher(roleArn);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("A role is named by its ARN, such as "
                    + "\"arn:aws:iam::123456789012:role/deploy\"; it was \"" + roleArn + "\"");
        }
        return matcher;
    }

    /** Collects the description of an STS. Not safe for use by several threads. */
    public static final class Builder {
        private final IssuerUrl issuer;
        private final Clock clock;
        private final Map<String, Role> roles = new LinkedHashMap<>();

        private Builder(IssuerUrl issuer, Clock clock) {
            this.issuer = issuer;
            this.clock = clock;
        }

        /**
         * Adds a role whose sessions live at most an hour.
         *
         * @throws IllegalArgumentException if {@code roleArn} is not the ARN of a role, or of one added already
         */
        public Builder role(String roleArn, AwsTrustPolicy policy) {
            return role(roleArn, policy, DEFAULT_SESSION);
        }

        /**
         * Adds a role whose sessions live at most {@code maxSession}, 1 to 12 hours.
         *
         * @throws IllegalArgumentException if {@code roleArn} is not the ARN of a role, or of one added already, or
         *     {@code maxSession} out of range
         */
        public Builder role(String roleArn, AwsTrustPolicy policy, Duration maxSession) {
            if (maxSession.compareTo(Duration.ofHours(1)) < 0 || maxSession.compareTo(Duration.ofHours(12)) > 0) {
                throw new IllegalArgumentException(
                        "A role's longest session must be 1 to 12 hours; it was " + maxSession);
            }
            if (roles.putIfAbsent(parse(roleArn).group(), new Role(policy, maxSession)) != null) {
                throw new IllegalArgumentException("There is a role \"" + roleArn + "\" already");
            }
            return this;
        }

        /** Starts the STS. */
        public FakeAws start() {
            return new FakeAws(this);
        }
    }
}
