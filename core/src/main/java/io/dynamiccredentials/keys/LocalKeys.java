package io.dynamiccredentials.keys;

import io.dynamiccredentials.Secret;
import io.dynamiccredentials.jwk.PublicJwk;
import io.dynamiccredentials.jwk.SigningAlgorithm;
import java.security.GeneralSecurityException;
import java.security.InvalidAlgorithmParameterException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.Set;

/**
 * Makes keys in this process, of one algorithm, and opens keys of any. Their reference is the private key itself, as
 * PKCS #8 in base64.
 */
final class LocalKeys implements SigningKeyFactory {
    static final String NAME = "local";

    private static final int RSA_BITS = 2048;

    private final SigningAlgorithm algorithm;

    LocalKeys(SigningAlgorithm algorithm) {
        SigningKey.requireForIssuing(algorithm);
        this.algorithm = algorithm;
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public Made create(Set<String> knownKeyIds) {
        KeyPair pair = generate();
        String pkcs8 = Base64.getEncoder().encodeToString(pair.getPrivate().getEncoded());
        return new Made(PublicJwk.of(pair.getPublic(), algorithm), Secret.of(pkcs8));
    }

    @Override
    public Signer open(PublicJwk publicJwk, Secret reference) {
        SigningAlgorithm ofKey = publicJwk.algorithm();
        SigningKey.requireForIssuing(ofKey);
        PrivateKey privateKey = decode(ofKey, reference);
        return input -> sign(privateKey, ofKey, input);
    }

    /** Generates a key that is never stored. */
    SigningKey generateKey() {
        KeyPair pair = generate();
        PrivateKey privateKey = pair.getPrivate();
        return SigningKey.of(PublicJwk.of(pair.getPublic(), algorithm), input -> sign(privateKey, algorithm, input));
    }

    private KeyPair generate() {
        try {
            return keyPairGenerator().generateKeyPair();
        } catch (NoSuchAlgorithmException | InvalidAlgorithmParameterException e) {
            throw new IllegalStateException("This Java platform can't generate keys for " + algorithm.jwsName(), e);
        }
    }

    private KeyPairGenerator keyPairGenerator() throws NoSuchAlgorithmException, InvalidAlgorithmParameterException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance(keyAlgorithm(algorithm));
        switch (algorithm) {
            case RS256 -> generator.initialize(RSA_BITS);
            case ES256 -> generator.initialize(new ECGenParameterSpec("secp256r1"));
            case EDDSA -> {}
            default -> throw SigningKey.notForIssuing(algorithm);
        }
        return generator;
    }

    private static PrivateKey decode(SigningAlgorithm algorithm, Secret reference) {
        try {
            byte[] pkcs8 = Base64.getDecoder().decode(reference.reveal());
            return KeyFactory.getInstance(keyAlgorithm(algorithm)).generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            // The cause is dropped: it may quote the key.
            throw new IllegalStateException("A stored key for " + algorithm.jwsName() + " is no private key for it ("
                    + e.getClass().getSimpleName() + ")");
        }
    }

    private static byte[] sign(PrivateKey key, SigningAlgorithm algorithm, byte[] input) {
        try {
            Signature signature = Signature.getInstance(signatureAlgorithm(algorithm));
            signature.initSign(key);
            signature.update(input);
            return signature.sign();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("The " + algorithm.jwsName() + " key in memory failed to sign", e);
        }
    }

    private static String keyAlgorithm(SigningAlgorithm algorithm) {
        return switch (algorithm) {
            case RS256 -> "RSA";
            case ES256 -> "EC";
            case EDDSA -> "Ed25519";
            default -> throw SigningKey.notForIssuing(algorithm);
        };
    }

    /** Returns the JCA's name of the signature in JOSE form. */
    static String signatureAlgorithm(SigningAlgorithm algorithm) {
        return switch (algorithm) {
            case RS256 -> "SHA256withRSA";
            // P1363 is the form of RFC 7518, section 3.4; the plain name would give DER.
            case ES256 -> "SHA256withECDSAinP1363Format";
            case EDDSA -> "Ed25519";
            default -> throw SigningKey.notForIssuing(algorithm);
        };
    }
}
