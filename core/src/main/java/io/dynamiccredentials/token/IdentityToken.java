package io.dynamiccredentials.token;

import io.dynamiccredentials.Secret;
import java.time.Instant;

/**
 * A signed identity token of ours. Nobody has verified it; see {@code VerifiedToken} for that. Immutable.
 *
 * @param compact the token itself in compact form (RFC 7515, section 3.1)
 * @param issuer its {@code iss}
 * @param subject its {@code sub}
 * @param audience its only {@code aud}
 * @param tokenId its {@code jti}, by which logs may name it
 * @param issuedAt its {@code iat}, to the second
 * @param expiresAt its {@code exp}, to the second
 */
public record IdentityToken(
        Secret compact,
        String issuer,
        String subject,
        String audience,
        String tokenId,
        Instant issuedAt,
        Instant expiresAt) {}
