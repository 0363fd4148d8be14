package io.dynamiccredentials.keys;

import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the signing keys in memory, for tests and trials: with the process the keys are gone, and so is the trust in
 * the tokens that they signed.
 *
 * <p>Never blocks and never fails. Safe for use by many threads.
 */
public final class MemorySigningKeyStore implements SigningKeyStore {
    private final AtomicReference<@Nullable StoredKeys> stored = new AtomicReference<>();

    /** Creates a store that holds nothing yet. */
    public MemorySigningKeyStore() {}

    @Override
    public Optional<StoredKeys> read() {
        return Optional.ofNullable(stored.get());
    }

    @Override
    public boolean replace(StoredKeys next) {
        StoredKeys current = stored.get();
        long version = current == null ? 0 : current.version();
        return next.version() - 1 == version && stored.compareAndSet(current, next);
    }
}
