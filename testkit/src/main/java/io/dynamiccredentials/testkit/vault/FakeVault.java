package io.dynamiccredentials.testkit.vault;

import io.dynamiccredentials.IssuerUrl;
import io.dynamiccredentials.Secret;
import io.dynamiccredentials.testkit.CallLog;
import io.dynamiccredentials.testkit.FakePlatform;
import io.dynamiccredentials.testkit.FakeServer;
import io.dynamiccredentials.testkit.Faults;
import io.dynamiccredentials.testkit.HandedOut;
import io.dynamiccredentials.testkit.IssuerKeys;
import io.dynamiccredentials.testkit.vault.FakeVaultPolicy.Capability;
import io.dynamiccredentials.vault.VaultJwtMethod;
import io.dynamiccredentials.vault.VaultJwtMethod.Edition;
import io.dynamiccredentials.vault.VaultJwtRole;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Set;

/**
 * A Vault, or an OpenBao, whose JWT auth methods verify tokens, with the tokens that it handed out, secrets engines and
 * their leases.
 *
 * <p>It starts empty. What an operator would set up is said to it while it runs, and holds from the next request on:
 *
 * <pre>{@code
 * FakeVault vault = FakeVault.start(clock).trust(issuer.url()).role(role).engine(engine).permit("aws/*", READ);
 * }</pre>
 *
 * <p>Its answers have the check order, texts and statuses of Vault's JWT plug-in, token store and expiration manager. A
 * token may do what its policies allow: with {@code default} alone it looks up, renews and ends itself, renews leases,
 * and can neither read secrets nor end anything else. A revoked or ended token is dead: 403, and so are its children
 * and its leases. Needs the artifact {@code io.dynamiccredentials:dynamic-credentials-vault}; without it the first use
 * ends in a {@link NoClassDefFoundError}. Safe for use by many threads.
 */
public final class FakeVault implements FakePlatform {
    private final VaultNode node;
    private final VaultTokens tokens;
    private final VaultLeases leases;
    private final VaultKeys keys = new VaultKeys();
    private final TokenMint mint;
    private final FakeServer server;

    private FakeVault(Clock clock) {
        this.node = new VaultNode(clock);
        this.tokens = new VaultTokens(clock);
        this.leases = new VaultLeases(tokens, clock);
        this.mint = new TokenMint(clock, tokens, node::edition);
        this.server = FakeServer.start(new VaultService(
                node,
                tokens,
                leases,
                new VaultLogin(clock, keys, mint),
                new VaultTokenCalls(clock, tokens, leases, mint)));
    }

    /** Starts a Vault that lives by {@code clock} and lets nobody in yet. */
    public static FakeVault start(Clock clock) {
        return new FakeVault(clock);
    }

    /** What a server is in. */
    public enum State {
        /** It serves. */
        ACTIVE,
        /** It sends everybody to the active node, or has none to send them to. */
        STANDBY,
        /** It serves, and may lag behind the active node. Vault Enterprise only. */
        PERFORMANCE_STANDBY,
        /** It waits for a disaster. Vault Enterprise only. */
        DR_SECONDARY,
        /** It serves nobody: its storage is locked. */
        SEALED,
        /** It serves nobody: nobody has set it up. */
        UNINITIALIZED
    }

    /** Returns a namespace, and makes it if there is none; the root namespace has the empty name. */
    public FakeVaultNamespace namespace(String name) {
        return node.namespace(name);
    }

    /** Mounts a JWT auth method at {@code jwt} in the root namespace, which trusts {@code issuer} and nobody else. */
    public FakeVault trust(IssuerUrl issuer) {
        root().trust(issuer);
        return this;
    }

    /** Mounts a JWT auth method in the root namespace, or configures one anew. */
    public FakeVault method(String path, VaultJwtMethod method) {
        root().method(path, method);
        return this;
    }

    /**
     * Writes a role of the method at {@code jwt} in the root namespace.
     *
     * @throws IllegalArgumentException if the period of its tokens is longer than the 32 days of a mount
     */
    public FakeVault role(VaultJwtRole role) {
        root().role(role);
        return this;
    }

    /**
     * Mounts a secrets engine in the root namespace.
     *
     * @throws IllegalArgumentException if there is one already where it is to be mounted
     */
    public FakeVault engine(FakeVaultEngine engine) {
        root().engine(engine);
        return this;
    }

    /** Writes a policy of the root namespace. */
    public FakeVault policy(FakeVaultPolicy policy) {
        root().policy(policy);
        return this;
    }

    /** Adds a rule to the policy {@code default} of the root namespace, as {@link FakeVaultPolicy#rule} has it. */
    public FakeVault permit(String path, Capability... capabilities) {
        root().permit(path, capabilities);
        return this;
    }

    /** Makes it an OpenBao: other prefixes of tokens, other texts, and less of what Vault Enterprise has. */
    public FakeVault openBao() {
        node.edition(Edition.OPENBAO);
        return this;
    }

    /** Puts it in a state; a standby so made knows no active node. */
    public FakeVault become(State state) {
        requireState(state);
        node.state(state, null);
        return this;
    }

    /** Makes it a standby node that sends everybody to {@code active}. */
    public FakeVault becomeStandbyOf(URI active) {
        node.state(State.STANDBY, active);
        return this;
    }

    /** Has it refuse requests that ask for what was just written ({@code X-Vault-Index}), until it catches up. */
    public FakeVault lagBehind() {
        requireState(State.PERFORMANCE_STANDBY);
        node.lag(true);
        return this;
    }

    /** Ends that. */
    public FakeVault catchUp() {
        node.lag(false);
        return this;
    }

    /**
     * Lets so many requests through in each interval, and tells the others to wait.
     *
     * @throws IllegalArgumentException if {@code requests} is negative or the interval is shorter than 1 s
     */
    public FakeVault rateLimit(int requests, Duration interval) {
        if (requests < 0) {
            throw new IllegalArgumentException("A quota is of 0 requests or more; it was " + requests);
        }
        node.quota(requests, HandedOut.requireLife(interval));
        return this;
    }

    /** Lets all requests through. */
    public FakeVault noRateLimit() {
        node.noQuota();
        return this;
    }

    @Override
    public URI address() {
        return server.address();
    }

    /** Returns all tokens that it handed out since it started or was reset, the oldest first. */
    @Override
    public List<HandedOut> handedOut() {
        return tokens.handedOut();
    }

    /** Returns the tokens that it would honour now, neither ended nor revoked. */
    @Override
    public List<HandedOut> live() {
        return tokens.live();
    }

    /** Returns the leases that are alive: neither ended, nor revoked, nor dead with their token. */
    public List<HandedOut> leases() {
        return leases.live();
    }

    /** Returns how many times a token was renewed. */
    public int tokenRenewals() {
        return tokens.renewals();
    }

    /** Returns how many times a lease was renewed. */
    public int leaseRenewals() {
        return leases.renewals();
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
        return keys.issuers();
    }

    @Override
    public Set<Secret> secrets() {
        return server.secrets();
    }

    @Override
    public void reset() {
        tokens.clear();
        leases.clear();
        keys.forget();
        node.forgetRequests();
        server.reset();
    }

    @Override
    public void close() {
        server.close();
        keys.close();
    }

    private FakeVaultNamespace root() {
        return node.namespace("");
    }

    private void requireState(State state) {
        boolean enterprise = state == State.PERFORMANCE_STANDBY || state == State.DR_SECONDARY;
        if (enterprise && node.edition() == Edition.OPENBAO) {
            throw new IllegalArgumentException("An OpenBao is never in state " + state + ". Start a Vault");
        }
    }
}
