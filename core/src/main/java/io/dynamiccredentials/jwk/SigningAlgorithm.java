package io.dynamiccredentials.jwk;

import java.util.Optional;

/** A signature algorithm for identity tokens (RFC 7518, section 3.1; RFC 8037, section 3.1). */
public enum SigningAlgorithm {
    /** RSASSA-PKCS1-v1_5 with SHA-256. The only one that Microsoft Entra ID documents, and the default. */
    RS256("RS256"),
    /** ECDSA on P-256 with SHA-256. AWS, Google Cloud and Vault take it. */
    ES256("ES256"),
    /** Ed25519. Only for relying parties that allow it, such as Vault. */
    EDDSA("EdDSA");

    private final String jwsName;

    SigningAlgorithm(String jwsName) {
        this.jwsName = jwsName;
    }

    /** Returns the name as it stands in a token's {@code alg}, which is case-sensitive. */
    public String jwsName() {
        return jwsName;
    }

    /** Returns the algorithm of exactly that name; empty for every other, such as {@code none} in any spelling. */
    public static Optional<SigningAlgorithm> parse(String jwsName) {
        for (SigningAlgorithm algorithm : values()) {
            if (algorithm.jwsName.equals(jwsName)) {
                return Optional.of(algorithm);
            }
        }
        return Optional.empty();
    }
}
