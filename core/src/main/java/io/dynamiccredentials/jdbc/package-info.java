/**
 * What many nodes share: the stores in the host's own database.
 *
 * <p>In: a {@link javax.sql.DataSource}. Out: a {@link io.dynamiccredentials.keys.SigningKeyStore} on which nodes agree
 * by compare-and-swap.
 */
@NullMarked
package io.dynamiccredentials.jdbc;

import org.jspecify.annotations.NullMarked;
