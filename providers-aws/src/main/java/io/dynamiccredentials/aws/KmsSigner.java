package io.dynamiccredentials.aws;

import io.dynamiccredentials.jwk.PublicJwk;
import io.dynamiccredentials.keys.Signer;
import io.dynamiccredentials.wire.UntrustedText;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.interfaces.RSAKey;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.kms.KmsClient;
import software.amazon.awssdk.services.kms.model.MessageType;
import software.amazon.awssdk.services.kms.model.SignResponse;
import software.amazon.awssdk.services.kms.model.SigningAlgorithmSpec;

/** Signs with one KMS key. Safe for use by many threads. */
final class KmsSigner implements Signer {
    private final KmsClient kms;
    private final String arn;
    private final PublicJwk publicJwk;
    private final SigningAlgorithmSpec algorithm;

    KmsSigner(KmsClient kms, String arn, PublicJwk publicJwk, SigningAlgorithmSpec algorithm) {
        this.kms = kms;
        this.arn = arn;
        this.publicJwk = publicJwk;
        this.algorithm = algorithm;
    }

    @Override
    public byte[] sign(byte[] signingInput) {
        String step = "the signature by key \"" + arn + "\"";
        // KMS takes whole messages up to 4096 bytes only, and a token with many claims is longer.
        SdkBytes digest = SdkBytes.fromByteArray(sha256(signingInput));
        SignResponse answer = KmsFailures.guard(
                step,
                () -> kms.sign(request -> request.keyId(arn)
                        .message(digest)
                        .messageType(MessageType.DIGEST)
                        .signingAlgorithm(algorithm)));
        if (answer.signature() == null || !isSameKey(arn, answer.keyId())) {
            throw KmsFailures.unintelligible(step, "it is of another key or none");
        }
        if (answer.signingAlgorithm() != algorithm) {
            throw KmsFailures.unintelligible(
                    step,
                    "its algorithm is " + UntrustedText.quote(String.valueOf(answer.signingAlgorithmAsString()))
                            + ", expected " + algorithm);
        }
        return joseForm(step, answer.signature().asByteArray());
    }

    /** Tells whether KMS means the key of {@code arn}: it answers with the whole ARN or with the id at its end. */
    static boolean isSameKey(String arn, String keyId) {
        return arn.equals(keyId) || arn.endsWith(":key/" + keyId);
    }

    private byte[] joseForm(String step, byte[] signature) {
        if (publicJwk.publicKey() instanceof RSAKey rsa) {
            int expected = (rsa.getModulus().bitLength() + 7) / 8;
            if (signature.length != expected) {
                throw KmsFailures.unintelligible(step, "it has " + signature.length + " bytes, expected " + expected);
            }
            return signature;
        }
        try {
            return DerSignature.concatenated(signature);
        } catch (IllegalArgumentException e) {
            throw KmsFailures.unintelligible(step, String.valueOf(e.getMessage()));
        }
    }

    private static byte[] sha256(byte[] input) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(input);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java platform has SHA-256", e);
        }
    }
}
