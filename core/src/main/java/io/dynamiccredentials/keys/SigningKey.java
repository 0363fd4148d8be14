package io.dynamiccredentials.keys;

import io.dynamiccredentials.jwk.PublicJwk;
import io.dynamiccredentials.jwk.SigningAlgorithm;
import java.security.GeneralSecurityException;
import java.security.InvalidAlgorithmParameterException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;

/**
 * A key that signs, with its public half. Its text form shows the public half only. Immutable, safe for many threads.
 */
public final class SigningKey {
    private static final int RSA_BITS = 2048;

    private final PublicJwk publicJwk;
    private final Signer signer;

    private SigningKey(PublicJwk publicJwk, Signer signer) {
        this.publicJwk = publicJwk;
        this.signer = signer;
    }

    /** Returns the key that {@code signer} signs with, whose public half is {@code publicJwk}. */
    public static SigningKey of(PublicJwk publicJwk, Signer signer) {
        return new SigningKey(publicJwk, signer);
    }

    /** Generates a key in memory: RSA of 2048 bits, P-256 or Ed25519. It is gone with the process. */
    public static SigningKey generate(SigningAlgorithm algorithm) {
        try {
            KeyPair pair = keyPairGenerator(algorithm).generateKeyPair();
            PrivateKey privateKey = pair.getPrivate();
            return of(PublicJwk.of(pair.getPublic(), algorithm), input -> sign(privateKey, algorithm, input));
        } catch (NoSuchAlgorithmException | InvalidAlgorithmParameterException e) {
            throw new IllegalStateException("This Java platform can't generate keys for " + algorithm.jwsName(), e);
        }
    }

    /** Returns the public half. */
    public PublicJwk publicJwk() {
        return publicJwk;
    }

    /**
     * Signs {@code signingInput}.
     *
     * @throws IllegalStateException if the key can't sign now
     */
    public byte[] sign(byte[] signingInput) {
        return signer.sign(signingInput);
    }

    @Override
    public String toString() {
        return "SigningKey[" + publicJwk + "]";
    }

    private static KeyPairGenerator keyPairGenerator(SigningAlgorithm algorithm)
            throws NoSuchAlgorithmException, InvalidAlgorithmParameterException {
        switch (algorithm) {
            case RS256 -> {
                KeyPairGenerator rsa = KeyPairGenerator.getInstance("RSA");
                rsa.initialize(RSA_BITS);
                return rsa;
            }
            case ES256 -> {
                KeyPairGenerator ec = KeyPairGenerator.getInstance("EC");
                ec.initialize(new ECGenParameterSpec("secp256r1"));
                return ec;
            }
            case EDDSA -> {
                return KeyPairGenerator.getInstance("Ed25519");
            }
        }
        throw new IllegalArgumentException("No generator for " + algorithm);
    }

    private static byte[] sign(PrivateKey key, SigningAlgorithm algorithm, byte[] input) {
        try {
            Signature signature = Signature.getInstance(jcaName(algorithm));
            signature.initSign(key);
            signature.update(input);
            return signature.sign();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("The " + algorithm.jwsName() + " key in memory failed to sign", e);
        }
    }

    private static String jcaName(SigningAlgorithm algorithm) {
        return switch (algorithm) {
            case RS256 -> "SHA256withRSA";
            // P1363 is the form of RFC 7518, section 3.4; the plain name would give DER.
            case ES256 -> "SHA256withECDSAinP1363Format";
            case EDDSA -> "Ed25519";
        };
    }
}
