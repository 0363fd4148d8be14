package io.dynamiccredentials.vault;

import io.dynamiccredentials.Secret;
import io.dynamiccredentials.exchange.Credentials;
import io.dynamiccredentials.wire.UntrustedText;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Credentials of another platform that Vault made. Immutable.
 *
 * @param secret what the run gets
 * @param lease Vault's promise to end it; empty if Vault can't
 * @param login the token that obtained it, which the run never gets
 * @param overdue whether the lease could not be renewed when it was time, which is to be tried again soon
 * @param expiresAt when the run can't use it any more
 * @param requestId the id of the request that made it, by which Vault's audit log knows it
 */
record VaultBackedCredentials<S extends EngineSecret>(
        S secret,
        Optional<VaultLease> lease,
        VaultTokenCredentials login,
        boolean overdue,
        Instant expiresAt,
        Optional<String> requestId)
        implements Credentials {

    /** Makes credentials that Vault ends with the lease or with the login token, whichever goes first. */
    static <S extends EngineSecret> VaultBackedCredentials<S> leased(
            S secret, VaultLease lease, VaultTokenCredentials login) {
        Instant end = lease.expiresAt().isBefore(login.expiresAt()) ? lease.expiresAt() : login.expiresAt();
        return new VaultBackedCredentials<>(secret, Optional.of(lease), login, false, end, Optional.empty());
    }

    /** Makes credentials that nobody can end. */
    static <S extends EngineSecret> VaultBackedCredentials<S> unleased(
            S secret, VaultTokenCredentials login, Instant end) {
        return new VaultBackedCredentials<>(secret, Optional.empty(), login, false, end, Optional.empty());
    }

    /** Returns the same credentials, whose lease should have been renewed by now. */
    VaultBackedCredentials<S> whenOverdue() {
        return new VaultBackedCredentials<>(secret, lease, login, true, expiresAt, requestId);
    }

    /** Returns the same credentials, made by this request. */
    VaultBackedCredentials<S> answering(Optional<String> requestId) {
        return new VaultBackedCredentials<>(secret, lease, login, overdue, expiresAt, requestId);
    }

    /** Returns by what the other platform knows them, and the lease, by which Vault does. */
    @Override
    public String principal() {
        return secret.name()
                + lease.map(promise -> " (lease " + UntrustedText.quoteName(promise.id()) + ")")
                        .orElse("");
    }

    @Override
    public List<Secret> secrets() {
        List<Secret> secrets = new ArrayList<>(secret.secrets());
        secrets.add(login.token());
        return secrets;
    }
}
