package io.dynamiccredentials.jwk;

import java.util.Collections;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/**
 * A signature algorithm of identity tokens that can be verified (RFC 7518, section 3.1; RFC 8037, section 3.1).
 *
 * <p>Our own tokens are signed with fewer: {@link #forIssuing()}. Neither HMAC nor {@code none} will be among them: who
 * verifies with a shared secret could also sign, and {@code none} is no signature.
 */
public enum SigningAlgorithm {
    /** RSASSA-PKCS1-v1_5 with SHA-256. The only one that Microsoft Entra ID documents, and the default. */
    RS256("RS256"),
    /** RSASSA-PKCS1-v1_5 with SHA-384. */
    RS384("RS384"),
    /** RSASSA-PKCS1-v1_5 with SHA-512. */
    RS512("RS512"),
    /** RSASSA-PSS with SHA-256 and a salt of 32 bytes (RFC 7518, section 3.5). */
    PS256("PS256"),
    /** RSASSA-PSS with SHA-384 and a salt of 48 bytes. */
    PS384("PS384"),
    /** RSASSA-PSS with SHA-512 and a salt of 64 bytes. */
    PS512("PS512"),
    /** ECDSA on P-256 with SHA-256. AWS, Google Cloud and Vault take it. */
    ES256("ES256"),
    /** ECDSA on P-384 with SHA-384. */
    ES384("ES384"),
    /** ECDSA on P-521 with SHA-512. */
    ES512("ES512"),
    /** Ed25519, and no other curve. Only for relying parties that allow it, such as Vault. */
    EDDSA("EdDSA");

    private static final Set<SigningAlgorithm> FOR_ISSUING =
            Collections.unmodifiableSet(EnumSet.of(RS256, ES256, EDDSA));

    private final String jwsName;

    SigningAlgorithm(String jwsName) {
        this.jwsName = jwsName;
    }

    /**
     * Returns those that our own tokens may be signed with: RS256, ES256 and EdDSA. Whatever makes keys or signs
     * refuses the others.
     */
    public static Set<SigningAlgorithm> forIssuing() {
        return FOR_ISSUING;
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
