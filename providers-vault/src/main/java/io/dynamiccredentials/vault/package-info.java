/**
 * Vault and OpenBao: an identity token buys a Vault token (JWT auth method), which is revoked when the run ends.
 *
 * <p>In: a run's identity token. Out: {@code VAULT_ADDR}, {@code VAULT_TOKEN} and {@code VAULT_NAMESPACE}; or keys and
 * tokens of AWS, Google Cloud and Azure that secrets engines make, which Vault ends with the run where it can. Beside
 * that, keys for signing identity tokens that live in Vault's transit engine. Vault has no official Java SDK; its few
 * calls run on the JDK's HTTP client.
 */
@NullMarked
package io.dynamiccredentials.vault;

import org.jspecify.annotations.NullMarked;
