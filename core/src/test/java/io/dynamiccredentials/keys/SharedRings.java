package io.dynamiccredentials.keys;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A store of rings in memory, for several nodes, that fails when a test wants it to. */
final class SharedRings implements RingStore {
    final List<KeyRing> rings = new ArrayList<>();
    boolean down;
    Runnable onRead = () -> {};
    int reads;

    @Override
    public Optional<KeyRing> read() {
        reads++;
        onRead.run();
        requireUp();
        return rings.isEmpty() ? Optional.empty() : Optional.of(latest());
    }

    @Override
    public boolean replace(KeyRing next) {
        requireUp();
        long version = rings.isEmpty() ? 0 : latest().version();
        return next.version() == version + 1 && rings.add(next);
    }

    KeyRing latest() {
        return rings.get(rings.size() - 1);
    }

    RingStore readOnly() {
        return new RingStore() {
            @Override
            public Optional<KeyRing> read() {
                return SharedRings.this.read();
            }

            @Override
            public boolean replace(KeyRing next) {
                throw new UncheckedIOException(new IOException("read-only"));
            }
        };
    }

    private void requireUp() {
        if (down) {
            throw new UncheckedIOException(new IOException("no connection"));
        }
    }
}
