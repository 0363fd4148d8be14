package io.dynamiccredentials.keys;

import io.dynamiccredentials.jwk.PublicJwk;
import io.dynamiccredentials.jwk.SigningAlgorithm;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.security.Signature;
import java.util.stream.Collectors;

/**
 * A key that signs, with its public half. Its text form shows the public half only. Immutable, safe for many threads.
 */
public final class SigningKey {
    private static final int CHALLENGE_BYTES = 32;

    private final PublicJwk publicJwk;
    private final Signer signer;

    private SigningKey(PublicJwk publicJwk, Signer signer) {
        this.publicJwk = publicJwk;
        this.signer = signer;
    }

    /**
     * Returns the key that {@code signer} signs with, whose public half is {@code publicJwk}.
     *
     * @throws IllegalArgumentException if it is for an algorithm that is not {@linkplain SigningAlgorithm#forIssuing()
     *     for issuing}
     */
    public static SigningKey of(PublicJwk publicJwk, Signer signer) {
        requireForIssuing(publicJwk.algorithm());
        return new SigningKey(publicJwk, signer);
    }

    /**
     * Generates a key in memory: RSA of 2048 bits, P-256 or Ed25519. It is gone with the process.
     *
     * @throws IllegalArgumentException if {@code algorithm} is not {@linkplain SigningAlgorithm#forIssuing() for
     *     issuing}
     */
    public static SigningKey generate(SigningAlgorithm algorithm) {
        return new LocalKeys(algorithm).generateKey();
    }

    /** Checks that our tokens may be signed with {@code algorithm}. */
    static void requireForIssuing(SigningAlgorithm algorithm) {
        if (!SigningAlgorithm.forIssuing().contains(algorithm)) {
            throw notForIssuing(algorithm);
        }
    }

    static IllegalArgumentException notForIssuing(SigningAlgorithm algorithm) {
        String expected = SigningAlgorithm.forIssuing().stream()
                .map(SigningAlgorithm::jwsName)
                .collect(Collectors.joining(", "));
        return new IllegalArgumentException("Signing keys are for one of " + expected + "; it was "
                + algorithm.jwsName() + ", which is verified only. Use RS256 unless all relying parties take another");
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

    /**
     * Signs something that nobody could foresee and verifies it with the public half.
     *
     * @throws IllegalStateException if the key can't sign now, or both halves don't fit
     */
    void requireFit() {
        byte[] challenge = new byte[CHALLENGE_BYTES];
        new SecureRandom().nextBytes(challenge);
        byte[] signed = sign(challenge);
        boolean fits;
        try {
            Signature verifier = Signature.getInstance(LocalKeys.signatureAlgorithm(publicJwk.algorithm()));
            verifier.initVerify(publicJwk.publicKey());
            verifier.update(challenge);
            fits = verifier.verify(signed);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("The signature of key " + publicJwk.keyId() + " can't be verified", e);
        }
        if (!fits) {
            throw new IllegalStateException("What key " + publicJwk.keyId()
                    + " signs does not verify with its public half. Its store or signer holds another key");
        }
    }

    @Override
    public String toString() {
        return "SigningKey[" + publicJwk + "]";
    }
}
