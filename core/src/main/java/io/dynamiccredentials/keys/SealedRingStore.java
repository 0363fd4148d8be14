package io.dynamiccredentials.keys;

import io.dynamiccredentials.IssuerUrl;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Seals rings before they reach the store. Safe for use by many threads. */
final class SealedRingStore implements RingStore {
    private final IssuerUrl issuer;
    private final SigningKeyStore store;
    private final StoreEncryption encryption;

    private volatile @Nullable Opened last;

    /** What was opened last, so that a version is decrypted once. */
    private record Opened(StoredKeys stored, KeyRing ring) {}

    SealedRingStore(IssuerUrl issuer, SigningKeyStore store, StoreEncryption encryption) {
        this.issuer = issuer;
        this.store = store;
        this.encryption = encryption;
    }

    @Override
    public Optional<KeyRing> read() {
        return store.read().map(this::open);
    }

    @Override
    public boolean replace(KeyRing next) {
        return store.replace(encryption.seal(issuer.value(), next.version(), RingCodec.write(next)));
    }

    private KeyRing open(StoredKeys stored) {
        Opened known = last;
        if (known != null && known.stored().equals(stored)) {
            return known.ring();
        }
        KeyRing ring = RingCodec.read(stored.version(), encryption.open(issuer.value(), stored));
        last = new Opened(stored, ring);
        return ring;
    }
}
