package io.dynamiccredentials.testkit.aws;

import io.dynamiccredentials.IssuerUrl;
import io.dynamiccredentials.Secret;
import io.dynamiccredentials.aws.AwsTrustPolicy;
import io.dynamiccredentials.aws.trust.AwsTrustPolicyDocument;
import io.dynamiccredentials.aws.trust.AwsTrustRequest;
import io.dynamiccredentials.testkit.CallLog;
import io.dynamiccredentials.testkit.FakeAnswer;
import io.dynamiccredentials.testkit.FakePlatform;
import io.dynamiccredentials.testkit.FakeServer;
import io.dynamiccredentials.testkit.Faults;
import io.dynamiccredentials.testkit.HandedOut;
import io.dynamiccredentials.testkit.IssuerKeys;
import io.dynamiccredentials.testkit.aws.FakeAwsKey.Origin;
import io.dynamiccredentials.testkit.aws.FakeAwsKey.Terms;
import io.dynamiccredentials.wire.StrictJson;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * An STS and the part of IAM that it asks: roles with their trust policies, and OIDC identity providers.
 *
 * <p>It knows {@code AssumeRoleWithWebIdentity}, {@code AssumeRole} and {@code GetCallerIdentity}, signed in the header
 * or presigned, in XML or JSON, with the texts, codes and statuses of AWS. It starts empty; what an operator creates is
 * added, changed and removed while it runs. Tokens are held against AWS's own rules, signatures against the keys that
 * their issuer publishes, and everything else against the {@linkplain AwsTrustPolicyDocument trust policy} of the role.
 *
 * <p>Not modelled: what the policies of the caller, of a session or of an organization allow, thumbprints (an issuer on
 * loopback has no TLS), how exactly STS packs policies and tags, and the quota of requests. A signed request must be
 * whole and of a session that has not ended by the fake's clock. Its {@code X-Amz-Date} is not held against that clock,
 * since SDKs sign by the system's, which a test can't set.
 *
 * <p>Needs the artifact {@code io.dynamiccredentials:dynamic-credentials-aws}; without it the first use ends in a
 * {@link NoClassDefFoundError}. Safe for use by many threads.
 */
public final class FakeAws implements FakePlatform {
    private static final Duration LONGEST = Duration.ofHours(12);

    private final Clock clock;
    private final IssuerKeys issuerKeys = new IssuerKeys();
    private final FakeIam iam;
    private final FakeAwsKeys keys;
    private final FakeServer server;

    private FakeAws(Clock clock) {
        this.clock = clock;
        this.iam = new FakeIam(clock);
        this.keys = new FakeAwsKeys(clock);
        this.server = FakeServer.start(new FakeSts(
                new RoleByToken(clock, iam, new StsKeys(issuerKeys), keys), new RoleByKey(clock, iam, keys), keys));
    }

    /** Starts an AWS without accounts, which lives by {@code clock}. */
    public static FakeAws start(Clock clock) {
        return new FakeAws(clock);
    }

    /**
     * Makes an OIDC identity provider of {@code account}, or gives it these client ids and no others.
     *
     * @throws IllegalArgumentException if {@code account} is not 12 digits, or something is beyond a limit of IAM: a
     *     URL of 255 characters without a port (but on loopback), 100 client ids of 255 characters, 100 providers
     */
    public FakeAws oidcProvider(String account, IssuerUrl issuer, String... clientIds) {
        iam.putClientIds(account, issuer, Set.of(clientIds));
        return this;
    }

    /**
     * Gives the OIDC identity provider of {@code account} these thumbprints, which are kept and held against nothing.
     *
     * @throws IllegalArgumentException if there is no such provider, or there are more than 5 thumbprints, or one that
     *     is not 40 hexadecimal digits
     */
    public FakeAws thumbprints(String account, IssuerUrl issuer, String... thumbprints) {
        iam.putThumbprints(account, issuer, List.of(thumbprints));
        return this;
    }

    /** Returns the thumbprints of an OIDC identity provider; none if there is no such provider. */
    public List<String> thumbprints(String account, IssuerUrl issuer) {
        return iam.provider(account, issuer.value())
                .map(FakeAwsProvider::thumbprints)
                .orElse(List.of());
    }

    /** Deletes an OIDC identity provider. Does nothing if there is none. */
    public FakeAws removeOidcProvider(String account, IssuerUrl issuer) {
        iam.removeProvider(account, issuer.value());
        return this;
    }

    /**
     * Makes a role, or changes whom it trusts.
     *
     * @param trustPolicy a trust policy document, of which IAM takes 2048 characters
     * @throws IllegalArgumentException if {@code roleArn} is not the ARN of a role, or the document is malformed or
     *     can't be decided here
     */
    public FakeAws role(String roleArn, String trustPolicy) {
        return role(roleArn, AwsTrustPolicyDocument.parse(trustPolicy));
    }

    /**
     * Makes a role whose sessions live at most an hour, or changes whom it trusts.
     *
     * @throws IllegalArgumentException if {@code roleArn} is not the ARN of a role
     */
    public FakeAws role(String roleArn, AwsTrustPolicyDocument trustPolicy) {
        iam.put(roleArn, trustPolicy);
        return this;
    }

    /**
     * Makes a role, or changes whom it trusts; and the OIDC identity provider that the policy needs, with its audiences
     * as client ids beside those that are there.
     *
     * @throws IllegalArgumentException if {@code roleArn} is not the ARN of a role, or something is beyond a limit of
     *     IAM
     */
    public FakeAws role(String roleArn, AwsTrustPolicy trustPolicy) {
        FakeAwsRole.requireArn(roleArn);
        String account = FakeAwsRole.accountOf(roleArn);
        AwsTrustPolicyDocument document =
                AwsTrustPolicyDocument.parse(trustPolicy.toJson(FakeAwsRole.partitionOf(roleArn), account));
        iam.addClientIds(account, trustPolicy.issuer(), trustPolicy.audiences());
        return role(roleArn, document);
    }

    /**
     * Makes a role that the roles and users {@code principals}, named by their ARNs, may assume and no token can. It
     * allows session tags and source identities. Its sessions live at most 12 hours, and for a session of a role one.
     *
     * @throws IllegalArgumentException if {@code roleArn} or one of {@code principals} is no ARN of its kind
     */
    public FakeAws chainedRole(String roleArn, Set<String> principals) {
        return chainedRole(roleArn, principals, Map.of());
    }

    /**
     * Makes a role as the shorter form does, which can be assumed only by who says {@code externalId}.
     *
     * @throws IllegalArgumentException if {@code roleArn} or one of {@code principals} is no ARN of its kind
     */
    public FakeAws chainedRole(String roleArn, Set<String> principals, String externalId) {
        return chainedRole(roleArn, principals, Map.of("StringEquals", Map.of("sts:ExternalId", externalId)));
    }

    private FakeAws chainedRole(String roleArn, Set<String> principals, Map<String, ?> condition) {
        Map<String, Object> statement = new LinkedHashMap<>();
        statement.put("Effect", "Allow");
        statement.put("Principal", Map.of("AWS", new TreeSet<>(principals)));
        statement.put("Action", List.of("sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"));
        statement.put("Condition", condition);
        String document = StrictJson.write(Map.of("Version", "2012-10-17", "Statement", statement));
        return role(roleArn, document).maxSession(roleArn, LONGEST);
    }

    /**
     * Sets how long the sessions of a role live at most. Default: 1 hour.
     *
     * @throws IllegalArgumentException if there is no such role, or {@code longest} is not 1 to 12 hours
     */
    public FakeAws maxSession(String roleArn, Duration longest) {
        iam.change(roleArn, role -> role.withMaxSession(longest));
        return this;
    }

    /** Deletes a role; its sessions are refused from now on. Does nothing if there is none. */
    public FakeAws removeRole(String roleArn) {
        iam.remove(roleArn);
        keys.deleteOf(roleArn);
        return this;
    }

    /**
     * Has roles that are added from now on denied until the clock is so much later, as AWS's are for some 10 seconds.
     * Default: at once.
     *
     * @throws IllegalArgumentException if {@code delay} is negative
     */
    public FakeAws rolesAppearAfter(Duration delay) {
        iam.delay(delay);
        return this;
    }

    /**
     * Ends each new session after {@code life} at the latest, however long a life was asked for, so that a test sees
     * the end of many. The answer tells when that is. Default: as long as asked for.
     *
     * @throws IllegalArgumentException if {@code life} is shorter than 1 s
     */
    public FakeAws sessionsEndAfter(Duration life) {
        keys.endSessionsAfter(life);
        return this;
    }

    /**
     * Returns an answer of STS to be {@linkplain io.dynamiccredentials.testkit.Fault#answered injected}, such as
     * {@code IDPCommunicationError} with status 400.
     */
    public static FakeAnswer error(int status, String code, String message) {
        return AwsAnswer.XML.error(status, code, message);
    }

    @Override
    public URI address() {
        return server.address();
    }

    @Override
    public List<HandedOut> handedOut() {
        return keys.handedOut();
    }

    /** Returns the sessions and keys that it would honour now. A user's key ends at {@link java.time.Instant#MAX}. */
    @Override
    public List<HandedOut> live() {
        return keys.live();
    }

    @Override
    public Set<Secret> secrets() {
        return server.secrets();
    }

    @Override
    public CallLog calls() {
        return server.calls();
    }

    @Override
    public Faults faults() {
        return server.faults();
    }

    @Override
    public IssuerKeys issuerKeys() {
        return issuerKeys;
    }

    @Override
    public void reset() {
        keys.reset();
        server.reset();
        issuerKeys.forget();
    }

    /**
     * Returns what comes with the session that has the key {@code accessKeyId}: policies, tags and source identity.
     *
     * @throws IllegalArgumentException if there is no such key
     */
    public Terms session(String accessKeyId) {
        return keys.get(accessKeyId).terms();
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
     * Makes a session of a role for the user {@code userArn}, as {@code AssumeRole} does, on behalf of {@code subject};
     * empty if the role does not trust it or does not live so long.
     */
    public Optional<FakeAwsKey> assumeRole(
            String userArn, String roleArn, String sessionName, Duration duration, String subject) {
        AwsTrustRequest request = StsSessions.request(AwsTrustRequest.byUser(userArn), sessionName, clock)
                .build();
        return iam.role(roleArn)
                .filter(role -> role.trust().decide(request).isAllowed())
                .filter(role -> duration.compareTo(role.maxSession()) <= 0)
                .map(role -> keys.ofSession(role, sessionName, duration, new Origin(subject, ""), Terms.NONE));
    }

    @Override
    public void close() {
        server.close();
        issuerKeys.close();
    }
}
