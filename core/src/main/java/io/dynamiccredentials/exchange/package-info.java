/**
 * Identity token to credentials: the contract that every platform's module fulfils.
 *
 * <p>In: an identity token. Out: credentials with an end, and afterwards the truth about their end.
 */
@NullMarked
package io.dynamiccredentials.exchange;

import org.jspecify.annotations.NullMarked;
