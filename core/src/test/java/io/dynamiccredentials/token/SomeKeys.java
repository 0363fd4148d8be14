package io.dynamiccredentials.token;

import io.dynamiccredentials.jwk.JwkSet;
import io.dynamiccredentials.jwk.PublicJwk;
import io.dynamiccredentials.jwk.SigningAlgorithm;
import io.dynamiccredentials.keys.ActiveKey;
import io.dynamiccredentials.keys.SigningKey;
import io.dynamiccredentials.keys.SigningKeys;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.spec.RSAPublicKeySpec;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Keys that a test may exchange while an issuer uses them, and sets of many. */
final class SomeKeys implements SigningKeys {
    private static final Map<SigningAlgorithm, SigningKey> BY_ALGORITHM = new EnumMap<>(SigningAlgorithm.class);

    private Optional<SigningKey> active = Optional.empty();
    private List<PublicJwk> published = List.of();

    /** Returns a key that all tests of this package share. */
    static SigningKey of(SigningAlgorithm algorithm) {
        synchronized (BY_ALGORITHM) {
            return BY_ALGORITHM.computeIfAbsent(algorithm, SigningKey::generate);
        }
    }

    /** Returns that many keys: numbers of the size of an RSA modulus, that nobody can sign with. */
    static List<PublicJwk> rsa(int count) {
        List<PublicJwk> keys = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            BigInteger modulus = BigInteger.ONE.shiftLeft(2047).add(BigInteger.valueOf(2L * i + 1));
            try {
                keys.add(PublicJwk.of(
                        KeyFactory.getInstance("RSA")
                                .generatePublic(new RSAPublicKeySpec(modulus, BigInteger.valueOf(65537))),
                        SigningAlgorithm.RS256));
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException(e);
            }
        }
        return keys;
    }

    /** Returns that many keys on P-256. */
    static List<PublicJwk> ec(int count) {
        return Collections.nCopies(count, SigningAlgorithm.ES256).stream()
                .map(algorithm -> SigningKey.generate(algorithm).publicJwk())
                .toList();
    }

    /** Signs with the shared key of {@code algorithm} from now on, and publishes it and {@code others}. */
    SomeKeys activate(SigningAlgorithm algorithm, List<PublicJwk> others) {
        SigningKey key = of(algorithm);
        active = Optional.of(key);
        published = new ArrayList<>(others);
        published.add(key.publicJwk());
        return this;
    }

    @Override
    public ActiveKey active(Instant expiresAt) {
        return new ActiveKey(active.orElseThrow(() -> new IllegalStateException("no key is loaded")), Instant.MAX);
    }

    @Override
    public JwkSet published() {
        if (published.isEmpty()) {
            throw new IllegalStateException("no key is loaded");
        }
        return new JwkSet(published);
    }
}
