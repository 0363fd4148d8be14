package io.dynamiccredentials.verify;

import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What a token says, after a {@link TokenVerifier} found it acceptable. Only a verifier makes one. Immutable.
 *
 * <p>Its text form names the token by issuer, subject and id and holds no signature.
 */
public final class VerifiedToken {
    private final Map<String, String> claims;
    private final Set<String> audiences;
    private final Instant issuedAt;
    private final Instant expiresAt;

    VerifiedToken(Map<String, String> claims, Set<String> audiences, Instant issuedAt, Instant expiresAt) {
        this.claims = Map.copyOf(claims);
        this.audiences = Set.copyOf(audiences);
        this.issuedAt = issuedAt;
        this.expiresAt = expiresAt;
    }

    /** Returns its {@code iss}. */
    public String issuer() {
        return text("iss").orElseThrow();
    }

    /** Returns its {@code sub}, never empty. */
    public String subject() {
        return text("sub").orElseThrow();
    }

    /** Returns every audience in its {@code aud}. */
    public Set<String> audiences() {
        return audiences;
    }

    /**
     * Returns its {@code jti}. A list of used or revoked tokens goes by issuer and this id, never by the token's text,
     * of which ECDSA allows two.
     */
    public Optional<String> tokenId() {
        return text("jti");
    }

    /** Returns its {@code iat}. */
    public Instant issuedAt() {
        return issuedAt;
    }

    /** Returns its {@code exp}. */
    public Instant expiresAt() {
        return expiresAt;
    }

    /** Returns the claim {@code name} if it is a string. */
    public Optional<String> text(String name) {
        return Optional.ofNullable(claims.get(name));
    }

    @Override
    public String toString() {
        return "VerifiedToken[iss=" + issuer() + ", sub=" + subject() + ", jti="
                + tokenId().orElse("none") + "]";
    }
}
