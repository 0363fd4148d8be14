/**
 * What signs: private keys behind a {@link io.dynamiccredentials.keys.Signer}, and the key that is active now.
 *
 * <p>In: a store, its encryption and a policy. Out: the key that signs now, and the public keys to publish.
 */
@NullMarked
package io.dynamiccredentials.keys;

import org.jspecify.annotations.NullMarked;
