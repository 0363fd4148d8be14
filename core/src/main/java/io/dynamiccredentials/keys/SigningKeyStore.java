package io.dynamiccredentials.keys;

import java.util.Optional;

/**
 * Keeps the signing keys of one issuer over restarts, and for all nodes that issue under its name.
 *
 * <p>What is stored is sealed before it gets here: a store sees neither private keys nor states, only versions. Nodes
 * agree by {@link #replace}: of all that want to write one version, one succeeds.
 *
 * <p><b>For implementers:</b> safe for use by many threads and several processes. {@link #read} never shows a version
 * that may yet vanish, and nothing in between two versions. Extend {@code SigningKeyStoreContract} in your tests.
 */
public interface SigningKeyStore {

    /**
     * Reads what is stored; empty if nothing ever was. May block, on a disk or a network.
     *
     * @throws java.io.UncheckedIOException if the store can't be reached now
     * @throws IllegalStateException if what is there is no key store, or a damaged one
     */
    Optional<StoredKeys> read();

    /**
     * Stores {@code next} if what is stored has the version just before it (nothing has version 0), and tells whether
     * it did. When it returns true, {@code next} survives a crash. May block.
     *
     * @throws java.io.UncheckedIOException if the store can't be reached now or can only be read; whether {@code next}
     *     was stored is then open
     * @throws IllegalStateException if what is there is no key store, or a damaged one
     */
    boolean replace(StoredKeys next);
}
