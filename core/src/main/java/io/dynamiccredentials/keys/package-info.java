/**
 * What signs: private keys behind a {@link io.dynamiccredentials.keys.Signer}, and the key that is active now.
 *
 * <p>In: an algorithm. Out: signatures in JOSE form and the public keys to publish.
 */
@NullMarked
package io.dynamiccredentials.keys;

import org.jspecify.annotations.NullMarked;
