package io.dynamiccredentials.testkit.azure;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.dynamiccredentials.Secret;
import io.dynamiccredentials.azure.AzureCloud;
import io.dynamiccredentials.azure.FederatedIdentityCredential;
import io.dynamiccredentials.testkit.CallLog;
import io.dynamiccredentials.testkit.FakePlatform;
import io.dynamiccredentials.testkit.FakeServer;
import io.dynamiccredentials.testkit.Faults;
import io.dynamiccredentials.testkit.HandedOut;
import io.dynamiccredentials.testkit.IssuerKeys;
import io.dynamiccredentials.testkit.LoopbackTls;
import java.net.URI;
import java.net.URLEncoder;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Set;

/**
 * The Microsoft Entra ID of one cloud, with tenants whose applications trust issuers, and with resources that honour
 * its access tokens.
 *
 * <p>It knows the token endpoint, with Entra's check order, numbers, texts and statuses, and resources that look at
 * tenant, audience and end of a token. Tokens live 3599 s by its clock, unless set otherwise, and can't be revoked. It
 * starts empty; what an operator makes is added, changed and removed while it runs.
 *
 * <p>Its operations, by which calls are counted and faults chosen: {@code token}, {@code discovery} and {@code whoami}.
 *
 * <p>Needs the artifact {@code io.dynamiccredentials:dynamic-credentials-azure}; without it the first use ends in a
 * {@link NoClassDefFoundError}. Safe for use by many threads.
 */
public final class FakeEntra implements FakePlatform {
    private final EntraTenants tenants;
    private final EntraGrants grants;
    private final IssuerKeys issuerKeys = new IssuerKeys();
    private final EntraService service;
    private final FakeServer server;

    private FakeEntra(AzureCloud cloud, Clock clock, LoopbackTls tls) {
        this.tenants = new EntraTenants(cloud, clock);
        this.grants = new EntraGrants(clock);
        this.service = new EntraService(clock, tenants, new EntraTokenCheck(issuerKeys), grants);
        this.server = FakeServer.start(tls, service);
    }

    /**
     * Starts the Entra of the public cloud without a tenant, which lives by {@code clock} and serves with {@code tls},
     * since Microsoft's libraries accept nothing but https.
     */
    public static FakeEntra start(Clock clock, LoopbackTls tls) {
        return start(AzureCloud.PUBLIC, clock, tls);
    }

    /** Starts the Entra of a cloud, which knows that cloud's tenants, audience and Resource Manager, and no others. */
    public static FakeEntra start(AzureCloud cloud, Clock clock, LoopbackTls tls) {
        return new FakeEntra(cloud, clock, tls);
    }

    /**
     * Adds a tenant, if there is none of that id. It has the cloud's Resource Manager as a resource.
     *
     * @param domains by which it can be named too
     * @throws IllegalArgumentException if {@code id} is no id or a domain is none
     */
    public FakeEntra tenant(String id, String... domains) {
        tenants.add(id, List.of(domains));
        return this;
    }

    /**
     * Removes a tenant with its applications. What was handed out lives on.
     *
     * @throws IllegalArgumentException if there is none of that id
     */
    public FakeEntra removeTenant(String id) {
        tenants.remove(id);
        return this;
    }

    /**
     * Adds a resource to a tenant.
     *
     * @param resource what stands before {@code /.default} in a scope, such as {@code https://vault.azure.net}
     * @throws IllegalArgumentException if there is no such tenant
     */
    public FakeEntra resource(String tenant, String resource) {
        tenants.addResource(tenant, resource);
        return this;
    }

    /**
     * Adds an application, if there is none of that id in the tenant, and credentials to it; one of the name of another
     * takes its place.
     *
     * @throws IllegalArgumentException if it has more than 20 credentials then, or two for one issuer and subject, if
     *     an audience is that of another cloud, the client id is none, or there is no such tenant
     */
    public FakeEntra application(String tenant, String clientId, FederatedIdentityCredential... credentials) {
        tenants.trust(tenant, clientId, List.of(credentials));
        return this;
    }

    /**
     * Removes a credential of an application, at once.
     *
     * @throws IllegalArgumentException if there is no such tenant, application or credential
     */
    public FakeEntra removeCredential(String tenant, String clientId, String name) {
        tenants.distrust(tenant, clientId, name);
        return this;
    }

    /**
     * Removes an application with its credentials. What was handed out lives on.
     *
     * @throws IllegalArgumentException if there is no such tenant or application
     */
    public FakeEntra removeApplication(String tenant, String clientId) {
        tenants.removeApplication(tenant, clientId);
        return this;
    }

    /**
     * Sets how long a credential takes until it works, from the next one on; until then Entra says {@code AADSTS70021}.
     * Default: no time. Of the real one minutes are known.
     *
     * @throws IllegalArgumentException if {@code time} is negative
     */
    public FakeEntra credentialsTakeEffectAfter(Duration time) {
        tenants.delay(time);
        return this;
    }

    /**
     * Ends each access token after {@code life}, so that a test sees the end of many. Default 3599 s.
     *
     * @throws IllegalArgumentException if {@code life} is shorter than 1 s
     */
    public FakeEntra accessTokensEndAfter(Duration life) {
        service.endAfter(HandedOut.requireLife(life));
        return this;
    }

    /** Returns the authority host, {@code https} on loopback, without a path. */
    @Override
    public URI address() {
        return server.address();
    }

    /**
     * Returns the address of a resource that takes tokens for any. A {@code GET} with {@code Authorization: Bearer …}
     * is answered with tenant, client id, resource and end of a live token, and with 401 otherwise.
     */
    public URI whoAmI() {
        return URI.create(address() + "/whoami");
    }

    /** Returns the address of a resource of a tenant, which takes only tokens of that tenant and for itself. */
    public URI whoAmI(String tenant, String resource) {
        return URI.create(address() + "/resources/" + tenant + "?audience=" + URLEncoder.encode(resource, UTF_8));
    }

    @Override
    public List<HandedOut> handedOut() {
        return grants.handedOut();
    }

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
