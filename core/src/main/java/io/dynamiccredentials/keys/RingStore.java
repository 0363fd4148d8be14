package io.dynamiccredentials.keys;

import java.util.Optional;

/** A {@link SigningKeyStore} as the rotation sees it: with rings instead of sealed text, and the same failures. */
interface RingStore {

    Optional<KeyRing> read();

    boolean replace(KeyRing next);
}
