package io.dynamiccredentials.testkit.gcp;

import io.dynamiccredentials.Secret;
import io.dynamiccredentials.gcp.WorkloadIdentityProvider;
import io.dynamiccredentials.testkit.CallLog;
import io.dynamiccredentials.testkit.FakePlatform;
import io.dynamiccredentials.testkit.FakeServer;
import io.dynamiccredentials.testkit.Faults;
import io.dynamiccredentials.testkit.HandedOut;
import io.dynamiccredentials.testkit.IssuerKeys;
import io.dynamiccredentials.testkit.LoopbackTls;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Set;

/**
 * A Google Cloud with workload identity pool providers, service accounts, and the tokens that it handed out.
 *
 * <p>It knows STS's {@code /v1/token}, IAM Credentials' {@code :generateAccessToken} and {@code :generateIdToken},
 * {@code tokeninfo}, the keys of its identity tokens, and {@code GET /whoami} as an API that wants an access token,
 * with the check order, texts and statuses that were seen of the real ones. It speaks https, since Google's libraries
 * refuse anything else. It starts empty; what an operator makes is added, changed and removed while it runs.
 *
 * <p>Its operations, by which calls are counted and faults chosen: {@code token}, {@code generateAccessToken},
 * {@code generateIdToken}, {@code tokeninfo}, {@code certs} and {@code whoami}.
 *
 * <p>Needs the artifact {@code io.dynamiccredentials:dynamic-credentials-gcp}; without it the first use ends in a
 * {@link NoClassDefFoundError}. Safe for use by many threads.
 */
public final class FakeGoogleCloud implements FakePlatform {
    private final GoogleProviders providers;
    private final IamPolicies policies;
    private final GoogleGrants grants;
    private final IssuerKeys issuerKeys = new IssuerKeys();
    private final GoogleService service;
    private final FakeServer server;

    private FakeGoogleCloud(Clock clock, LoopbackTls tls) {
        GoogleIdTokens idTokens = new GoogleIdTokens();
        this.providers = new GoogleProviders(clock);
        this.policies = new IamPolicies(clock);
        this.grants = new GoogleGrants(clock);
        this.service = new GoogleService(
                clock,
                new StsExchange(clock, providers, new GoogleTokenCheck(issuerKeys), grants),
                new IamCredentials(clock, policies, grants, idTokens),
                grants,
                idTokens);
        this.server = FakeServer.start(tls, service);
    }

    /** Starts a Google Cloud without anything in it, which lives by {@code clock} and serves with {@code tls}. */
    public static FakeGoogleCloud start(Clock clock, LoopbackTls tls) {
        return new FakeGoogleCloud(clock, tls);
    }

    /**
     * Adds a provider, or changes the one of its name.
     *
     * @throws IllegalStateException if one of that name was deleted in the last 30 days
     */
    public FakeGoogleCloud provider(WorkloadIdentityProvider provider) {
        providers.put(provider);
        return this;
    }

    /**
     * Disables a provider: it takes no more tokens, and what was handed out for earlier ones keeps working.
     *
     * @throws IllegalArgumentException if there is none of that name
     */
    public FakeGoogleCloud disableProvider(String name) {
        providers.disable(name);
        return this;
    }

    /**
     * Enables a provider again.
     *
     * @throws IllegalArgumentException if there is none of that name
     */
    public FakeGoogleCloud enableProvider(String name) {
        providers.enable(name);
        return this;
    }

    /**
     * Deletes a provider. For 30 days it can be {@linkplain #undeleteProvider had back}, and its name is taken.
     *
     * @throws IllegalArgumentException if there is none of that name
     */
    public FakeGoogleCloud deleteProvider(String name) {
        providers.delete(name);
        return this;
    }

    /**
     * Brings a deleted provider back.
     *
     * @throws IllegalArgumentException if none of that name was deleted in the last 30 days
     */
    public FakeGoogleCloud undeleteProvider(String name) {
        providers.undelete(name);
        return this;
    }

    /**
     * Adds a service account, if there is none of that address, and grants {@link IamRole#WORKLOAD_IDENTITY_USER} on
     * it.
     *
     * @param members as for {@link #grant}
     */
    public FakeGoogleCloud serviceAccount(String email, String... members) {
        policies.add(email);
        for (String member : members) {
            policies.grant(email, IamRole.WORKLOAD_IDENTITY_USER, member);
        }
        return this;
    }

    /**
     * Removes a service account. What was handed out of it lives on.
     *
     * @throws IllegalArgumentException if there is none of that address
     */
    public FakeGoogleCloud removeServiceAccount(String email) {
        policies.remove(email);
        return this;
    }

    /**
     * Adds a binding to the policy of a service account.
     *
     * @param member {@code principal://iam.googleapis.com/POOL/subject/SUBJECT},
     *     {@code principalSet://iam.googleapis.com/POOL/…} with {@code group/GROUP}, {@code attribute.NAME/VALUE} or
     *     {@code *}, or {@code serviceAccount:EMAIL}; {@code POOL} is
     *     {@code projects/NUMBER/locations/global/workloadIdentityPools/ID}
     * @throws IllegalArgumentException if {@code member} is malformed or there is no such account
     */
    public FakeGoogleCloud grant(String email, IamRole role, String member) {
        policies.grant(email, role, member);
        return this;
    }

    /**
     * Removes a binding from the policy of a service account.
     *
     * @throws IllegalArgumentException if there is no such binding or account
     */
    public FakeGoogleCloud revoke(String email, IamRole role, String member) {
        policies.revoke(email, role, member);
        return this;
    }

    /**
     * Sets how long bindings take until they work and until they work no more, from the next change on. Default: no
     * time. Of the real ones 70 s and 90 s were measured.
     *
     * @throws IllegalArgumentException if one is negative
     */
    public FakeGoogleCloud policiesTakeEffectAfter(Duration grants, Duration revocations) {
        policies.delay(grants, revocations);
        return this;
    }

    /**
     * Lets access tokens of a service account live up to 12 h instead of 1 h, as the organization policy
     * {@code constraints/iam.allowServiceAccountCredentialLifetimeExtension} does.
     *
     * @throws IllegalArgumentException if there is no such account
     */
    public FakeGoogleCloud allowLifetimeExtension(String email) {
        policies.extendLifetime(email);
        return this;
    }

    /**
     * Ends each access token after {@code life} at the latest, however long a life was asked for, so that a test sees
     * the end of many. The answer tells when that is. Default: as long as asked for.
     *
     * @throws IllegalArgumentException if {@code life} is shorter than 1 s
     */
    public FakeGoogleCloud accessTokensEndAfter(Duration life) {
        service.endAfter(HandedOut.requireLife(life));
        return this;
    }

    /** Returns its address, {@code https} on loopback, without a path. It is also that of IAM Credentials. */
    @Override
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

    /** Returns where the keys are that verify the identity tokens of its service accounts. */
    public URI idTokenKeys() {
        return URI.create(address() + "/oauth2/v3/certs");
    }

    @Override
    public List<HandedOut> handedOut() {
        return grants.handedOut();
    }

    /**
     * Returns the tokens that it would honour now: federated ones, whose role is the provider, and those of service
     * accounts.
     */
    @Override
    public List<HandedOut> live() {
        return grants.live();
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
        grants.clear();
        server.reset();
        issuerKeys.forget();
    }

    @Override
    public void close() {
        server.close();
        issuerKeys.close();
    }
}
