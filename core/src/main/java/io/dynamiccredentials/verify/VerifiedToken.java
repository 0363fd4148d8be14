package io.dynamiccredentials.verify;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import io.dynamiccredentials.wire.UntrustedText;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What a token says, after a {@link TokenVerifier} found it acceptable. Only a verifier makes one. Immutable.
 *
 * <p>Claims are read by type and nothing is converted: a claim of another JSON type than the one that is asked for is
 * absent, so that the number 1 never passes for the text "1", nor a list for its only element. A claim that is JSON's
 * {@code null} says nothing and is absent too.
 *
 * <p>Its text form names the token by issuer, subject and id and holds no signature.
 */
public final class VerifiedToken {
    private static final int FINGERPRINT_BYTES = 8;

    private final JsonNode claims;
    private final Set<String> audiences;
    private final Instant issuedAt;
    private final Instant expiresAt;
    private final String keyId;
    private final String fingerprint;

    /** Takes claims of which {@code iss} and {@code sub} are texts, and {@code jti} is one or absent. */
    VerifiedToken(
            JsonNode claims,
            Set<String> audiences,
            Instant issuedAt,
            Instant expiresAt,
            String keyId,
            String fingerprint) {
        this.claims = claims.deepCopy();
        this.audiences = Set.copyOf(audiences);
        this.issuedAt = issuedAt;
        this.expiresAt = expiresAt;
        this.keyId = keyId;
        this.fingerprint = fingerprint;
    }

    /** Returns the first 16 hexadecimal digits of the SHA-256 of a token in compact form. */
    static String fingerprintOf(String compactToken) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(compactToken.getBytes(UTF_8));
            return HexFormat.of().formatHex(digest, 0, FINGERPRINT_BYTES);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("This JVM has no SHA-256, which every JVM must have", e);
        }
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

    /** Returns the {@code kid} of the key that signed it. */
    public String keyId() {
        return keyId;
    }

    /**
     * Returns the first 16 hexadecimal digits of the SHA-256 of the token in compact form, which tell in logs whether
     * two parties saw the same text.
     *
     * <p>Never the key of a list of used or revoked tokens: whoever has an ES256 token can write its signature in a
     * second way that is as valid, and the second text has another fingerprint. Such a list goes by issuer and
     * {@link #tokenId()}.
     */
    public String fingerprint() {
        return fingerprint;
    }

    /** Returns the claim {@code name} if it is a string. */
    public Optional<String> text(String name) {
        return text(ClaimPath.of(name));
    }

    /** Returns the claim at {@code path} if it is a string. */
    public Optional<String> text(ClaimPath path) {
        return Optional.ofNullable(find(path).textValue());
    }

    /** Returns the claim {@code name} if it is {@code true} or {@code false}. */
    public Optional<Boolean> flag(String name) {
        return flag(ClaimPath.of(name));
    }

    /** Returns the claim at {@code path} if it is {@code true} or {@code false}. */
    public Optional<Boolean> flag(ClaimPath path) {
        JsonNode claim = find(path);
        return claim.isBoolean() ? Optional.of(claim.booleanValue()) : Optional.empty();
    }

    /** Returns the claim {@code name} if it is a whole number, written without point or exponent, that a long holds. */
    public Optional<Long> integer(String name) {
        return integer(ClaimPath.of(name));
    }

    /**
     * Returns the claim at {@code path} if it is a whole number, written without point or exponent, that a long holds.
     */
    public Optional<Long> integer(ClaimPath path) {
        JsonNode claim = find(path);
        return claim.isIntegralNumber() && claim.canConvertToLong() ? Optional.of(claim.longValue()) : Optional.empty();
    }

    /** Returns the claim {@code name} if it is a list of strings, perhaps an empty one. */
    public Optional<List<String>> texts(String name) {
        return texts(ClaimPath.of(name));
    }

    /** Returns the claim at {@code path} if it is a list of strings, perhaps an empty one. */
    public Optional<List<String>> texts(ClaimPath path) {
        JsonNode claim = find(path);
        List<String> texts = new ArrayList<>();
        for (JsonNode element : claim) {
            if (!element.isTextual()) {
                return Optional.empty();
            }
            texts.add(element.textValue());
        }
        return claim.isArray() ? Optional.of(List.copyOf(texts)) : Optional.empty();
    }

    /** Tells whether there is a claim {@code name}, of any type. */
    public boolean has(String name) {
        return has(ClaimPath.of(name));
    }

    /** Tells whether there is a claim at {@code path}, of any type. */
    public boolean has(ClaimPath path) {
        JsonNode claim = find(path);
        return !claim.isMissingNode() && !claim.isNull();
    }

    /**
     * Returns one line for an audit log: {@code jti}, {@code iss}, {@code sub}, {@code kid} and {@code fingerprint} as
     * {@code key="value"}, separated by blanks, in this order; {@code jti=none} if it has no id.
     *
     * <p>Holds neither the token nor its signature. Quotes, backslashes and control characters in values are escaped,
     * what has the shape of a known credential is replaced, and each value is cut after 255 characters: no value can
     * begin another line or another key.
     */
    public String auditLine() {
        return "jti=" + tokenId().map(UntrustedText::quoteName).orElse("none")
                + " iss=" + UntrustedText.quoteName(issuer())
                + " sub=" + UntrustedText.quoteName(subject())
                + " kid=" + UntrustedText.quoteName(keyId)
                + " fingerprint=\"" + fingerprint + "\"";
    }

    /** Returns issuer, subject and id, escaped and cut as in {@link #auditLine()}. */
    @Override
    public String toString() {
        return "VerifiedToken[iss=" + UntrustedText.quoteName(issuer()) + ", sub="
                + UntrustedText.quoteName(subject()) + ", jti="
                + tokenId().map(UntrustedText::quoteName).orElse("none") + "]";
    }

    /** Returns the claim at {@code path}, or the missing node. */
    JsonNode find(ClaimPath path) {
        JsonNode claim = claims;
        for (String name : path.names()) {
            claim = claim.path(name);
        }
        return claim;
    }
}
