package io.dynamiccredentials.verify;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.HexFormat;

/**
 * Takes each token once, as long as it could be presented again.
 *
 * <p>A token is known by its issuer and its {@code jti} (RFC 7519, section 4.1.7), never by its text, of which ECDSA
 * allows two. A guard is asked last, when every other rule has accepted the token: who sends bad tokens neither fills
 * it nor uses up the id of somebody's good one. Verifiers that share a guard allow the same clock skew.
 *
 * <p><b>For implementers:</b> safe for use by many threads. Of any number of callers with one token, on any number of
 * nodes, one gets {@code true}. Bound the size of what is kept: {@link #key} makes a short key of any two texts. When
 * in doubt, refuse: never forget a token before its time to make room for another.
 */
@FunctionalInterface
public interface ReplayGuard {

    /**
     * Records a token, and tells whether this is its first use.
     *
     * <p>May block on the network.
     *
     * @param issuer its {@code iss}
     * @param tokenId its {@code jti}
     * @param presentableUntil when it has ended for good: its {@code exp} and the clock skew that is allowed. May be
     *     forgotten from then on
     * @return {@code false} if it was recorded before
     * @throws io.dynamiccredentials.TokenRejectedException with reason EXPIRED if it has ended meanwhile; with reason
     *     REPLAY_UNKNOWN if it can't be told or recorded, so that it is refused as well
     */
    boolean firstUse(String issuer, String tokenId, Instant presentableUntil);

    /**
     * Returns a key of 64 hexadecimal digits for a token: the SHA-256 of both texts, the first with its length before
     * it, so that no other two texts have the same.
     */
    static String key(String issuer, String tokenId) {
        // Characters and not UTF-8, which writes each half of a broken surrogate pair as the same question mark.
        ByteBuffer texts = ByteBuffer.allocate(Integer.BYTES + Character.BYTES * (issuer.length() + tokenId.length()));
        texts.putInt(issuer.length()).asCharBuffer().put(issuer).put(tokenId);
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(texts.array()));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("This JVM has no SHA-256, which every JVM must have", e);
        }
    }
}
