package io.dynamiccredentials.keys;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/**
 * Opens keys by the factories that made them, and lets each prove itself before its first use: a private key that does
 * not belong to the published one would give tokens that verify nowhere.
 */
final class ProvingKeyOpener implements KeyOpener {
    private final List<SigningKeyFactory> factories;
    private final Map<String, SigningKey> opened = new ConcurrentHashMap<>();

    /** Takes the factories; of several with one name each is tried. */
    ProvingKeyOpener(List<SigningKeyFactory> factories) {
        this.factories = List.copyOf(factories);
    }

    @Override
    public SigningKey open(RingKey key) {
        SigningKey known = opened.get(key.keyId());
        if (known != null) {
            return known;
        }
        // Not under a lock: opening may block on a network, and opening twice does no harm.
        SigningKey fresh = byFirstOf(key, factory -> {
            SigningKey made = SigningKey.of(key.publicJwk(), factory.open(key.publicJwk(), key.reference()));
            made.requireFit();
            return made;
        });
        opened.put(key.keyId(), fresh);
        return fresh;
    }

    @Override
    public void keepOnly(Set<String> keyIds) {
        opened.keySet().retainAll(keyIds);
    }

    @Override
    public void discard(RingKey key) {
        Boolean unused = byFirstOf(key, factory -> {
            factory.discard(key.publicJwk(), key.reference());
            return true;
        });
    }

    private <T> T byFirstOf(RingKey key, Function<SigningKeyFactory, T> attempt) {
        List<SigningKeyFactory> named = factories.stream()
                .filter(factory -> factory.name().equals(key.factory()))
                .toList();
        IllegalStateException failure = new IllegalStateException("Key " + key.keyId()
                + " was made by the key factory \"" + key.factory() + "\"; known are "
                + factories.stream().map(SigningKeyFactory::name).distinct().toList()
                + ". Add that factory by alsoOpening");
        for (SigningKeyFactory factory : named) {
            try {
                return attempt.apply(factory);
            } catch (IllegalStateException e) {
                failure = e;
            }
        }
        throw failure;
    }
}
