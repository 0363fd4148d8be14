package io.dynamiccredentials.vault;

import io.dynamiccredentials.CredentialExchangeException;
import io.dynamiccredentials.exchange.RenewableExchanger;
import io.dynamiccredentials.exchange.Revocation;
import io.dynamiccredentials.exchange.RevocationHandle;
import io.dynamiccredentials.token.IdentityToken;
import io.dynamiccredentials.vault.VaultLeases.Ending;
import io.dynamiccredentials.wire.HttpReply;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Logs in to Vault and has a secrets engine make credentials of another platform.
 *
 * <p>The login token stays here: it keeps the secret alive, and ends it. Safe for use by many threads.
 */
final class VaultBackedExchanger<S extends EngineSecret> implements RenewableExchanger<VaultBackedCredentials<S>> {
    private static final Logger LOG = LoggerFactory.getLogger(VaultBackedExchanger.class);

    private final String platform;
    private final VaultConnection vault;
    private final SecretsEngine<S> engine;
    private final VaultLeases leases;

    VaultBackedExchanger(String platform, VaultConnection vault, SecretsEngine<S> engine) {
        this.platform = platform;
        this.vault = vault;
        this.engine = engine;
        this.leases = new VaultLeases(vault.engines(), vault.clock());
    }

    @Override
    public String platform() {
        return platform;
    }

    @Override
    public String audience() {
        return vault.login().audience();
    }

    @Override
    public VaultBackedCredentials<S> exchange(IdentityToken token) {
        VaultTokenCredentials login = vault.login().exchange(token);
        try {
            return read(login);
        } catch (RuntimeException | Error e) {
            // Nobody else would: the caller never sees the token. It takes with it what the engine may have made
            // after all.
            Undisturbed.run(e, () -> vault.login().revoke(login));
            throw e;
        }
    }

    private VaultBackedCredentials<S> read(VaultTokenCredentials login) {
        VaultFailures failures = VaultFailures.ofEngine(
                "the request for \"" + path() + "\" at \"" + vault.engines().address() + "\"");
        Instant before = vault.clock().instant();
        HttpReply reply = vault.engines().get(engine.path(), login.token(), failures);
        if (reply.status() != 200) {
            throw failures.of(reply);
        }
        try {
            return credentials(EngineReply.parse(reply, before), login, before).answering(VaultRequestId.of(reply));
        } catch (IllegalArgumentException e) {
            CredentialExchangeException unusable = failures.unintelligible(reply, String.valueOf(e.getMessage()));
            Undisturbed.run(unusable, () -> endUnusable(reply, before, login));
            throw unusable;
        }
    }

    private VaultBackedCredentials<S> credentials(EngineReply reply, VaultTokenCredentials login, Instant before) {
        S secret = engine.read(reply.data(), before);
        return engine.revocable()
                ? VaultBackedCredentials.leased(secret, reply.lease(), login)
                : VaultBackedCredentials.unleased(secret, login, reply.end(secret));
    }

    private void endUnusable(HttpReply reply, Instant before, VaultTokenCredentials login) {
        EngineReply.parse(reply, before).leaseId().ifPresent(id -> leases.revoke(id, login));
    }

    /**
     * Returns two thirds of the time until the lease or the login token ends, if the one that ends first can be
     * prolonged, and an eighth after a renewal of the lease that failed. What has no lease can't be prolonged.
     */
    @Override
    public Optional<Duration> renewalDueIn(VaultBackedCredentials<S> credentials) {
        VaultTokenCredentials login = credentials.login();
        boolean prolongable = credentials
                .lease()
                .filter(lease -> lease.expiresAt().isBefore(login.expiresAt()) ? lease.renewable() : login.renewable())
                .isPresent();
        Duration left = Duration.between(vault.clock().instant(), credentials.expiresAt());
        Duration due =
                credentials.overdue() ? left.dividedBy(8) : left.multipliedBy(2).dividedBy(3);
        return prolongable && !left.isNegative() ? Optional.of(due) : Optional.empty();
    }

    /**
     * Prolongs the login token, if it can be, and then the lease. If the token lives longer and the lease does not,
     * says so in the log and returns them like that: whoever ends the token later has to know how long it lives.
     */
    @Override
    public VaultBackedCredentials<S> renew(VaultBackedCredentials<S> credentials) {
        VaultLease lease = credentials
                .lease()
                .orElseThrow(() -> new IllegalArgumentException("What has no lease can't be prolonged; it ends at "
                        + credentials.expiresAt() + ". Exchange a new identity token instead"));
        VaultTokenCredentials old = credentials.login();
        // First: a lease dies with its token, however long it could live itself.
        VaultTokenCredentials login = old.renewable() ? vault.login().renew(old) : old;
        try {
            VaultLease prolonged = lease.renewable() ? leases.renew(lease, login) : lease;
            return VaultBackedCredentials.leased(credentials.secret(), prolonged, login)
                    .answering(credentials.requestId());
        } catch (CredentialExchangeException e) {
            if (!old.renewable()) {
                throw e;
            }
            LOG.warn("The login token of {} credentials is renewed, but not their lease: {}", platform, e.getMessage());
            return afterFailure(credentials.secret(), lease, login, e).answering(credentials.requestId());
        }
    }

    private static <S extends EngineSecret> VaultBackedCredentials<S> afterFailure(
            S secret, VaultLease lease, VaultTokenCredentials login, CredentialExchangeException why) {
        return why.retryable()
                ? VaultBackedCredentials.leased(secret, lease, login).whenOverdue()
                // A lease may live for weeks, and a policy without sys/leases/renew is no reason to let the token die.
                : VaultBackedCredentials.leased(secret, lease.notRenewable(), login);
    }

    @Override
    public Revocation revoke(VaultBackedCredentials<S> credentials) {
        Optional<VaultLease> lease = credentials.lease();
        if (lease.isEmpty()) {
            vault.login().revoke(credentials.login());
            return new Revocation.LivesUntil(credentials.expiresAt());
        }
        Ending ending;
        try {
            ending = leases.revoke(lease.get().id(), credentials.login());
        } catch (RuntimeException | Error e) {
            Undisturbed.run(e, () -> vault.login().revoke(credentials.login()));
            throw e;
        }
        Revocation login = vault.login().revoke(credentials.login());
        return switch (ending) {
            case CONFIRMED -> new Revocation.Revoked();
            case ACCEPTED -> new Revocation.Ordered(credentials.expiresAt());
            // Vault ends the leases of a token that it has ended, and a batch token it can't end.
            case FORBIDDEN ->
                login instanceof Revocation.Revoked
                        ? new Revocation.Ordered(credentials.expiresAt())
                        : new Revocation.LivesUntil(credentials.expiresAt());
        };
    }

    /** Returns address, namespace, lease and the login's accessor; of those, what Vault can revoke. */
    @Override
    public Optional<RevocationHandle> handle(VaultBackedCredentials<S> credentials) {
        return VaultHandle.ofSecret(vault.login().client(), credentials);
    }

    /** Returns the path without the query, as Vault's audit log has it. */
    private String path() {
        int query = engine.path().indexOf('?');
        return query < 0 ? engine.path() : engine.path().substring(0, query);
    }
}
