/**
 * The public half of keys, known to those who sign and those who verify (RFC 7517).
 *
 * <p>In: public keys, or a key set from the network. Out: keys by id. Nothing here can hold a private key.
 */
@NullMarked
package io.dynamiccredentials.jwk;

import org.jspecify.annotations.NullMarked;
