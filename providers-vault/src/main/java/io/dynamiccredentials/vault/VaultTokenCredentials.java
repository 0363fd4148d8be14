package io.dynamiccredentials.vault;

import io.dynamiccredentials.Secret;
import io.dynamiccredentials.exchange.Credentials;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A Vault token. Immutable.
 *
 * @param token the token itself, opaque
 * @param accessor the handle that names the token without its power; empty for a batch token, which has none
 * @param renewable whether {@link VaultJwtExchanger#renew} can prolong it
 * @param batch whether it is a batch token, which Vault can neither renew nor revoke
 * @param entityId whom Vault takes its holder for; empty if the token has no entity
 * @param expiresAt when Vault stops accepting it, counted from before the request that obtained it
 * @param requestId the id of that request, by which Vault's audit log knows it
 */
public record VaultTokenCredentials(
        Secret token,
        String accessor,
        boolean renewable,
        boolean batch,
        Optional<String> entityId,
        Instant expiresAt,
        Optional<String> requestId)
        implements Credentials {

    /** Makes a token of which no request is known. */
    public VaultTokenCredentials(
            Secret token,
            String accessor,
            boolean renewable,
            boolean batch,
            Optional<String> entityId,
            Instant expiresAt) {
        this(token, accessor, renewable, batch, entityId, expiresAt, Optional.empty());
    }

    /** Returns the same token with what its renewal changed. */
    VaultTokenCredentials prolonged(boolean renewable, Instant expiresAt) {
        return new VaultTokenCredentials(token, accessor, renewable, batch, entityId, expiresAt, requestId);
    }

    /** Returns {@code accessor "…"}, by which Vault's audit log names the token, or {@code a batch token}. */
    @Override
    public String principal() {
        return batch ? "a batch token" : "accessor \"" + accessor + "\"";
    }

    @Override
    public List<Secret> secrets() {
        return List.of(token);
    }
}
