/**
 * Vault and OpenBao: an identity token buys a Vault token (JWT auth method), which is revoked when the run ends.
 *
 * <p>In: a run's identity token. Out: {@code VAULT_ADDR}, {@code VAULT_TOKEN} and {@code VAULT_NAMESPACE}. Vault has no
 * official Java SDK; its few calls run on the JDK's HTTP client.
 */
@NullMarked
package io.dynamiccredentials.vault;

import org.jspecify.annotations.NullMarked;
