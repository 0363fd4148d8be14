/** A fake of Vault and OpenBao: the JWT auth method, tokens, leases and secrets engines. */
@NullMarked
package io.dynamiccredentials.testkit.vault;

import org.jspecify.annotations.NullMarked;
