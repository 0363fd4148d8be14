/**
 * Short-lived cloud credentials for one run at a time, from a workload's identity token to nothing left behind.
 *
 * <pre>
 * workload ─issue→ identity token ─exchange→ credentials ─render→ environment ─run→ child process ─close→ nothing left
 *                      │
 *                      └─ discovery + JWKS ─ verify (every platform, and every fake, does this)
 * </pre>
 *
 * <p>Each stage is a package of its own; imports point only up the list. This root holds what all stages share: the
 * type that a secret has, the address of an issuer, and the failures. Start at
 * {@link io.dynamiccredentials.run.DynamicCredentials}.
 */
@NullMarked
package io.dynamiccredentials;

import org.jspecify.annotations.NullMarked;
