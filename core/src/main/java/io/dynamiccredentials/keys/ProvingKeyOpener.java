package io.dynamiccredentials.keys;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Opens keys by the factories that made them, and lets each prove itself before its first use: a private key that does
 * not belong to the published one would give tokens that verify nowhere.
 */
final class ProvingKeyOpener implements KeyOpener {
    private final Map<String, SigningKeyFactory> factories = new TreeMap<>();
    private final Map<String, SigningKey> opened = new ConcurrentHashMap<>();

    /** Takes the factories, each of a name of its own. */
    ProvingKeyOpener(List<SigningKeyFactory> factories) {
        for (SigningKeyFactory factory : factories) {
            if (this.factories.put(factory.name(), factory) != null) {
                throw new IllegalArgumentException(
                        "Each key factory needs a name of its own; two are named \"" + factory.name() + "\"");
            }
        }
    }

    @Override
    public SigningKey open(RingKey key) {
        SigningKey known = opened.get(key.keyId());
        if (known != null) {
            return known;
        }
        // Not under a lock: opening may block on a network, and opening twice does no harm.
        SigningKey fresh = SigningKey.of(key.publicJwk(), factoryOf(key).open(key.publicJwk(), key.reference()));
        fresh.requireFit();
        opened.put(key.keyId(), fresh);
        return fresh;
    }

    @Override
    public void keepOnly(Set<String> keyIds) {
        opened.keySet().retainAll(keyIds);
    }

    @Override
    public void discard(RingKey key) {
        factoryOf(key).discard(key.publicJwk(), key.reference());
    }

    private SigningKeyFactory factoryOf(RingKey key) {
        SigningKeyFactory factory = factories.get(key.factory());
        if (factory == null) {
            throw new IllegalStateException("Key " + key.keyId() + " was made by the key factory \"" + key.factory()
                    + "\"; known are " + factories.keySet() + ". Add that factory by alsoOpening");
        }
        return factory;
    }
}
