package io.dynamiccredentials.vault;

import io.dynamiccredentials.CredentialExchangeException;
import io.dynamiccredentials.exchange.RenewableExchanger;
import io.dynamiccredentials.exchange.Revocation;
import io.dynamiccredentials.token.IdentityToken;
import io.dynamiccredentials.vault.VaultLeases.Ending;
import io.dynamiccredentials.wire.HttpReply;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * Logs in to Vault and has a secrets engine make credentials of another platform.
 *
 * <p>The login token stays here: it keeps the secret alive, and ends it. Safe for use by many threads.
 */
final class VaultBackedExchanger<S extends EngineSecret> implements RenewableExchanger<VaultBackedCredentials<S>> {
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
            return credentials(EngineReply.parse(reply, before), login, before);
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
     * prolonged. What has no lease can't be.
     */
    @Override
    public Optional<Duration> renewalDueIn(VaultBackedCredentials<S> credentials) {
        VaultTokenCredentials login = credentials.login();
        boolean prolongable = credentials
                .lease()
                .filter(lease -> lease.expiresAt().isBefore(login.expiresAt()) ? lease.renewable() : login.renewable())
                .isPresent();
        Duration left = Duration.between(vault.clock().instant(), credentials.expiresAt());
        return prolongable && !left.isNegative()
                ? Optional.of(left.multipliedBy(2).dividedBy(3))
                : Optional.empty();
    }

    @Override
    public VaultBackedCredentials<S> renew(VaultBackedCredentials<S> credentials) {
        VaultLease lease = credentials
                .lease()
                .orElseThrow(() -> new IllegalArgumentException("What has no lease can't be prolonged; it ends at "
                        + credentials.expiresAt() + ". Exchange a new identity token instead"));
        VaultTokenCredentials old = credentials.login();
        // First: a lease dies with its token, however long it could live itself.
        VaultTokenCredentials login = old.renewable() ? vault.login().renew(old) : old;
        return VaultBackedCredentials.leased(credentials.secret(), renewed(lease, login, credentials), login);
    }

    private VaultLease renewed(VaultLease lease, VaultTokenCredentials login, VaultBackedCredentials<S> old) {
        if (!lease.renewable()) {
            return lease;
        }
        try {
            return leases.renew(lease, login);
        } catch (CredentialExchangeException e) {
            boolean longerAllTheSame = login.expiresAt().isAfter(old.expiresAt())
                    && lease.expiresAt().isAfter(old.expiresAt());
            if (e.retryable() || !longerAllTheSame) {
                throw e;
            }
            // A lease may live for weeks, and a policy without sys/leases/renew is no reason to let the token die.
            return lease.notRenewable();
        }
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

    /** Returns the path without the query, as Vault's audit log has it. */
    private String path() {
        int query = engine.path().indexOf('?');
        return query < 0 ? engine.path() : engine.path().substring(0, query);
    }
}
