package io.dynamiccredentials.vault;

import java.time.Instant;

/**
 * Vault's promise to end a secret. Immutable.
 *
 * @param id its name, by which Vault renews and revokes it; powerless without a token
 * @param renewable whether it can be prolonged
 * @param expiresAt when Vault ends the secret, counted from before the request
 */
record VaultLease(String id, boolean renewable, Instant expiresAt) {

    /** Returns it without a way to prolong it. */
    VaultLease notRenewable() {
        return new VaultLease(id, false, expiresAt);
    }
}
