package io.dynamiccredentials.keys;

import java.util.Set;

/** Turns stored keys into keys that sign. Safe for use by many threads. */
interface KeyOpener {

    /**
     * Opens {@code key}, or returns it as it was opened before.
     *
     * @throws IllegalStateException if it can't be opened, or its signature does not verify with its public half
     */
    SigningKey open(RingKey key);

    /** Forgets all opened keys but these. */
    void keepOnly(Set<String> keyIds);

    /**
     * Tells the factory of {@code key} that it won't be needed again.
     *
     * @throws IllegalStateException if that failed
     */
    void discard(RingKey key);
}
