package io.dynamiccredentials.testkit.aws;

import static io.dynamiccredentials.jwk.SigningAlgorithm.ES256;
import static io.dynamiccredentials.jwk.SigningAlgorithm.RS256;

import com.fasterxml.jackson.databind.JsonNode;
import io.dynamiccredentials.IssuerUrl;
import io.dynamiccredentials.TokenRejectedException;
import io.dynamiccredentials.aws.AwsTrustPolicy;
import io.dynamiccredentials.testkit.FakeAnswer;
import io.dynamiccredentials.testkit.FakeRequest;
import io.dynamiccredentials.testkit.FakeServer;
import io.dynamiccredentials.testkit.HandedOut;
import io.dynamiccredentials.testkit.TokenCheck;
import io.dynamiccredentials.verify.KeySource;
import io.dynamiccredentials.verify.RemoteJwkSets;
import io.dynamiccredentials.verify.TokenVerifier;
import io.dynamiccredentials.verify.TrustedIssuer;
import io.dynamiccredentials.verify.VerifiedToken;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * An STS that verifies identity tokens and the signatures of the sessions that it handed out.
 *
 * <p>It knows {@code AssumeRoleWithWebIdentity}, {@code AssumeRole} and {@code GetCallerIdentity}, with the texts,
 * codes and statuses of AWS. Each account that has a role which trusts tokens has an OIDC identity provider for the
 * issuer, whose client ids are the audiences of these roles. The algorithms are RS256 and ES256; clocks may differ by 5
 * minutes. Session policies and session tags (the claim {@code https://aws.amazon.com/tags}) are checked and
 * remembered, and change nothing else; how small STS can pack them is not modelled. Other claims of AWS are refused.
 *
 * <p>A signed request must be whole and of a session that has not ended by the fake's clock. Its {@code X-Amz-Date} is
 * not held against that clock, since SDKs sign by the system's, which a test can't set.
 *
 * <p>Needs the artifact {@code io.dynamiccredentials:dynamic-credentials-aws}; without it the first use ends in a
 * {@link NoClassDefFoundError}. Safe for use by many threads.
 */
public final class FakeAws implements AutoCloseable {
    private static final Duration CLOCK_SKEW = Duration.ofMinutes(5);
    private static final Duration LONGEST_CHAINED = Duration.ofHours(1);

    private final FakeServer server;
    private final RemoteJwkSets keySets = TokenCheck.keySets();
    private final IssuerUrl issuer;
    private final Clock clock;
    private final Map<String, FakeAwsRole> roles;
    private final Map<String, Account> accounts = new HashMap<>();
    private final FakeAwsKeys keys;

    private record Account(Set<String> clientIds, TokenVerifier verifier) {}

    private FakeAws(Builder builder) {
        this.issuer = builder.issuer;
        this.clock = builder.clock;
        this.roles = Map.copyOf(builder.roles);
        this.keys = new FakeAwsKeys(clock, builder.longestSession);
        KeySource issuersKeys = keySets.of(issuer);
        Map<String, Set<String>> clientIds = new HashMap<>();
        roles.values()
                .forEach(role -> role.policy()
                        .ifPresent(policy -> clientIds
                                .computeIfAbsent(role.account(), account -> new HashSet<>())
                                .addAll(policy.audiences())));
        clientIds.forEach((account, ids) -> {
            TrustedIssuer trusted = new TrustedIssuer(issuer, ids, Set.of(RS256, ES256), issuersKeys);
            accounts.put(account, new Account(Set.copyOf(ids), TokenCheck.of(trusted, clock, CLOCK_SKEW)));
        });
        this.server = FakeServer.start(null, this::answer);
    }

    /** Starts the description of an STS whose accounts know {@code issuer} and which lives by {@code clock}. */
    public static Builder builder(IssuerUrl issuer, Clock clock) {
        return new Builder(issuer, clock);
    }

    /** Returns its address, {@code http} on loopback, without a path. */
    public URI address() {
        return server.address();
    }

    /** Returns the sessions and keys that it would honour now. A user's key ends at {@link java.time.Instant#MAX}. */
    public List<HandedOut> live() {
        return keys.live();
    }

    /**
     * Returns the inline policy of the session that has the key {@code accessKeyId}, if one was asked for.
     *
     * @throws IllegalArgumentException if there is no such key
     */
    public Optional<String> sessionPolicy(String accessKeyId) {
        return keys.get(accessKeyId).policy();
    }

    /**
     * Returns the tags of the session that has the key {@code accessKeyId}, by their keys.
     *
     * @throws IllegalArgumentException if there is no such key
     */
    public Map<String, String> sessionTags(String accessKeyId) {
        return keys.get(accessKeyId).tags().all();
    }

    /** Makes an access key of a user, as {@code CreateAccessKey} does, on behalf of {@code subject}. */
    public FakeAwsKey createUserKey(String account, String userName, String subject) {
        return keys.ofUser(account, userName, subject);
    }

    /** Deletes a user's access key, as {@code DeleteAccessKey} does. Does nothing if it is gone. */
    public void deleteUserKey(String accessKeyId) {
        keys.delete(accessKeyId);
    }

    /**
     * Makes a session of a role for {@code principal}, as {@code AssumeRole} does, on behalf of {@code subject}; empty
     * if the role does not trust it, asks for an external id, or does not live so long.
     */
    public Optional<FakeAwsKey> assumeRole(
            String principal, String roleArn, String sessionName, Duration duration, String subject) {
        return Optional.ofNullable(roles.get(roleArn))
                .filter(role -> role.trusts(principal, Optional.empty()))
                .filter(role -> duration.compareTo(role.maxSession()) <= 0)
                .map(role -> keys.ofSession(role, sessionName, duration, subject, FakeAwsTags.NONE, Optional.empty()));
    }

    /** Returns how many sessions and keys it handed out so far. */
    public int granted() {
        return keys.granted();
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
        Map<String, String> form = request.form();
        String action = String.valueOf(form.get("Action"));
        String version = String.valueOf(form.get("Version"));
        // The target as it was sent: a query, even an empty one, is nothing that a signature here covers.
        boolean known =
                request.method().equals("POST") && request.target().equals("/") && version.equals(AwsAnswer.VERSION);
        return switch (known ? action : "") {
            case "AssumeRoleWithWebIdentity" -> assumeByToken(form);
            case "AssumeRole" -> keys.answer(request, caller -> assumeByKey(caller, form));
            case "GetCallerIdentity" -> keys.answer(request, FakeAws::identity);
            default ->
                AwsAnswer.error(400, "InvalidAction", "Could not find operation " + action + " for version " + version);
        };
    }

    private FakeAnswer assumeByToken(Map<String, String> form) {
        Optional<FakeAnswer> problem = AssumeRoleForm.problem(form, AssumeRoleForm.BY_TOKEN);
        if (problem.isPresent()) {
            return problem.get();
        }
        String roleArn = form.getOrDefault("RoleArn", "");
        String jwt = form.getOrDefault("WebIdentityToken", "");
        Optional<JsonNode> claims = TokenCheck.unverifiedClaims(jwt);
        if (claims.isEmpty()) {
            return FakeAwsRefusal.invalid(FakeAwsRefusal.notAJwt());
        }
        Account account = accounts.get(FakeAwsRole.accountOf(roleArn));
        if (account == null) {
            return FakeAwsRefusal.invalid(FakeAwsRefusal.noProvider(claims.get()));
        }
        try {
            return authorize(account.verifier().verify(jwt), claims.get(), account, form);
        } catch (TokenRejectedException e) {
            return FakeAwsRefusal.of(e, claims.get(), clock.instant(), CLOCK_SKEW);
        }
    }

    private FakeAnswer authorize(VerifiedToken token, JsonNode claims, Account account, Map<String, String> form) {
        Optional<String> authorizedParty = token.text("azp");
        if (authorizedParty.isEmpty() && token.audiences().size() > 1) {
            return FakeAwsRefusal.invalid(
                    "Token audience contains more than one audience while authorized party is not present");
        }
        if (authorizedParty.isPresent() && !account.clientIds().contains(authorizedParty.get())) {
            return FakeAwsRefusal.invalid(FakeAwsRefusal.NOT_VALID);
        }
        Optional<FakeAwsTags> tags = FakeAwsTags.of(claims);
        if (tags.isEmpty()) {
            return FakeAwsRefusal.invalid("Session tags passed in claim are not in correct format.");
        }
        FakeAwsRole role = roles.get(form.getOrDefault("RoleArn", ""));
        if (role == null
                || !role.trusts(token)
                || FakeAwsTags.areMoreThanTags(claims)
                || !(tags.get().isEmpty() || role.allowsSessionTags())) {
            return AwsAnswer.error(403, "AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity");
        }
        Duration duration = AssumeRoleForm.duration(form);
        if (duration.compareTo(role.maxSession()) > 0) {
            return tooLong();
        }
        FakeAwsKey session = keys.ofSession(
                role,
                form.getOrDefault("RoleSessionName", ""),
                duration,
                token.subject(),
                tags.get(),
                Optional.ofNullable(form.get("Policy")));
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("SubjectFromWebIdentityToken", session.subject());
        result.put("Audience", authorizedParty.orElseGet(() -> String.join(",", token.audiences())));
        result.putAll(AwsAnswer.session(session));
        result.put(
                "Provider",
                "arn:" + role.partition() + ":iam::" + session.account() + ":oidc-provider/"
                        + issuer.value().replaceFirst("^https?://", ""));
        return AwsAnswer.success("AssumeRoleWithWebIdentity", result);
    }

    private FakeAnswer assumeByKey(FakeAwsKey caller, Map<String, String> form) {
        Optional<FakeAnswer> problem = AssumeRoleForm.problem(form, AssumeRoleForm.BY_KEY);
        if (problem.isPresent()) {
            return problem.get();
        }
        String roleArn = form.getOrDefault("RoleArn", "");
        FakeAwsRole role = roles.get(roleArn);
        if (role == null || !role.trusts(caller.principal(), Optional.ofNullable(form.get("ExternalId")))) {
            return AwsAnswer.error(
                    403,
                    "AccessDenied",
                    "User: " + caller.arn() + " is not authorized to perform: sts:AssumeRole on resource: " + roleArn);
        }
        Duration duration = AssumeRoleForm.duration(form);
        if (caller.isOfSession() && duration.compareTo(LONGEST_CHAINED) > 0) {
            return AwsAnswer.error(
                    400,
                    "ValidationError",
                    "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role "
                            + "chaining.");
        }
        if (duration.compareTo(role.maxSession()) > 0) {
            return tooLong();
        }
        FakeAwsKey session = keys.ofSession(
                role,
                form.getOrDefault("RoleSessionName", ""),
                duration,
                caller.subject(),
                caller.tags().inherited(),
                Optional.ofNullable(form.get("Policy")));
        return AwsAnswer.success("AssumeRole", AwsAnswer.session(session));
    }

    private static FakeAnswer tooLong() {
        return AwsAnswer.error(
                400,
                "ValidationError",
                "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.");
    }

    private static FakeAnswer identity(FakeAwsKey caller) {
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("Arn", caller.arn());
        result.put("UserId", caller.userId());
        result.put("Account", caller.account());
        return AwsAnswer.success("GetCallerIdentity", result);
    }

    /** Collects the description of an STS. Not safe for use by several threads. */
    public static final class Builder {
        private static final Duration LONGEST = Duration.ofHours(12);

        private final IssuerUrl issuer;
        private final Clock clock;
        private final Map<String, FakeAwsRole> roles = new LinkedHashMap<>();
        private Duration longestSession = LONGEST;

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
            return role(roleArn, policy, AssumeRoleForm.DEFAULT_DURATION);
        }

        /**
         * Adds a role whose sessions live at most {@code maxSession}, 1 to 12 hours.
         *
         * @throws IllegalArgumentException if {@code roleArn} is not the ARN of a role, or of one added already, or
         *     {@code maxSession} out of range
         */
        public Builder role(String roleArn, AwsTrustPolicy policy, Duration maxSession) {
            return add(new FakeAwsRole(roleArn, Optional.of(policy), Set.of(), Optional.empty(), maxSession));
        }

        /**
         * Adds a role that the roles and users {@code principals}, named by their ARNs, may assume and no token can.
         * Its sessions live at most 12 hours, and for a role an hour. It allows {@code sts:TagSession}.
         *
         * @throws IllegalArgumentException if {@code roleArn} is not the ARN of a role, or of one added already
         */
        public Builder chainedRole(String roleArn, Set<String> principals) {
            return add(new FakeAwsRole(roleArn, Optional.empty(), principals, Optional.empty(), LONGEST));
        }

        /**
         * Adds a role as the shorter form does, which can be assumed only by who says {@code externalId}.
         *
         * @throws IllegalArgumentException if {@code roleArn} is not the ARN of a role, or of one added already
         */
        public Builder chainedRole(String roleArn, Set<String> principals, String externalId) {
            return add(new FakeAwsRole(roleArn, Optional.empty(), principals, Optional.of(externalId), LONGEST));
        }

        /**
         * Ends each session after {@code life} at the latest, however long a life was asked for, so that a test sees
         * the end of many. The answer tells when that is. Default: as long as asked for.
         *
         * @throws IllegalArgumentException if {@code life} is shorter than 1 s
         */
        public Builder sessionsEndAfter(Duration life) {
            this.longestSession = HandedOut.requireLife(life);
            return this;
        }

        private Builder add(FakeAwsRole role) {
            if (roles.putIfAbsent(role.arn(), role) != null) {
                throw new IllegalArgumentException("There is a role \"" + role.arn() + "\" already");
            }
            return this;
        }

        /** Starts the STS. */
        public FakeAws start() {
            return new FakeAws(this);
        }
    }
}
