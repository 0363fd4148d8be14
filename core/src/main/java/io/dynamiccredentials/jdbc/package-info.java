/**
 * What many nodes share: the stores in the host's own database.
 *
 * <p>In: a {@link javax.sql.DataSource}. Out: a {@link io.dynamiccredentials.keys.SigningKeyStore} on which nodes agree
 * by compare-and-swap, and a {@link io.dynamiccredentials.verify.ReplayGuard} that lets one of them take a token.
 */
@NullMarked
package io.dynamiccredentials.jdbc;

import org.jspecify.annotations.NullMarked;
