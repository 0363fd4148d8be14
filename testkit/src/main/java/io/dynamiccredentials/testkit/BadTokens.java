package io.dynamiccredentials.testkit;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.dynamiccredentials.IssuerUrl;
import io.dynamiccredentials.Secret;
import io.dynamiccredentials.jwk.PublicJwk;
import io.dynamiccredentials.keys.SigningKey;
import io.dynamiccredentials.keys.SigningKeys;
import io.dynamiccredentials.token.IdentityToken;
import io.dynamiccredentials.token.TokenIssuer;
import io.dynamiccredentials.wire.StrictJson;
import io.dynamiccredentials.workload.Workload;
import java.security.GeneralSecurityException;
import java.time.Clock;
import java.time.Duration;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Tokens that somebody must refuse, by name: each is a good token with one fault. Safe for use by many threads.
 *
 * <p>Who built something that takes tokens sends it each of these, and a good one.
 */
public final class BadTokens {
    private static final Base64.Encoder BASE64URL = Base64.getUrlEncoder().withoutPadding();

    private final IssuerUrl url;
    private final RollingKeys keys;
    private final Clock clock;
    private final TokenIssuer good;

    BadTokens(IssuerUrl url, RollingKeys keys, Clock clock, TokenIssuer good) {
        this.url = url;
        this.keys = keys;
        this.clock = clock;
        this.good = good;
    }

    /** Issues a token that ended an hour ago, beyond every platform's leeway. */
    public IdentityToken expired(Workload workload, String audience) {
        return at(Duration.ofMinutes(-70), workload, audience);
    }

    /** Issues a token of an issuer whose clock is an hour ahead: issued in the future, and not valid yet. */
    public IdentityToken issuedInFuture(Workload workload, String audience) {
        return at(Duration.ofHours(1), workload, audience);
    }

    /** Issues a token of another issuer, which publishes the same key and is known to nobody. */
    public IdentityToken fromUnknownIssuer(Workload workload, String audience) {
        return FakeTokenIssuer.issuer(IssuerUrl.of("https://unknown.example"), SigningKeys.of(keys.signing()), clock)
                .issue(workload, audience);
    }

    /** Issues a token under a published key id, signed with a key of a stranger. */
    public IdentityToken withBadSignature(Workload workload, String audience) {
        SigningKey stranger = SigningKey.generate(published().algorithm());
        return signedBy(SigningKey.of(published(), stranger::sign), workload, audience);
    }

    /** Issues a token signed with a key that this issuer does not publish, under that key's own id. */
    public IdentityToken withUnpublishedKey(Workload workload, String audience) {
        return signedBy(SigningKey.generate(published().algorithm()), workload, audience);
    }

    /** Issues a token whose claims were changed after it was signed: it names {@code other}'s subject. */
    public IdentityToken tampered(Workload workload, Workload other, String audience) {
        IdentityToken token = good.issue(workload, audience);
        String[] mine = parts(token);
        return withCompact(token, mine[0] + "." + parts(good.issue(other, audience))[1] + "." + mine[2]);
    }

    /** Issues a token with the algorithm {@code none} and no signature (RFC 8725, section 2.1). */
    public IdentityToken unsigned(Workload workload, String audience) {
        return unsigned(workload, audience, "none");
    }

    /** Issues a token without a signature whose algorithm is another spelling of {@code none}. */
    public IdentityToken unsigned(Workload workload, String audience, String none) {
        IdentityToken token = good.issue(workload, audience);
        return withCompact(token, header(token, "alg", none) + "." + parts(token)[1] + ".");
    }

    /** Issues a token that a stranger signed, who put the public half into the header ({@code jwk}). */
    public IdentityToken withEmbeddedKey(Workload workload, String audience) {
        SigningKey stranger = SigningKey.generate(published().algorithm());
        IdentityToken token = good.issue(workload, audience);
        String signed = header(token, "jwk", stranger.publicJwk().members()) + "." + parts(token)[1];
        return withCompact(token, signed + "." + BASE64URL.encodeToString(stranger.sign(signed.getBytes(US_ASCII))));
    }

    /** Issues a token whose signature is as long as a good one and nothing but zeros (CVE-2022-21449). */
    public IdentityToken withZeroSignature(Workload workload, String audience) {
        IdentityToken token = good.issue(workload, audience);
        String[] parts = parts(token);
        byte[] zeros = new byte[keys.signing().sign(parts[2].getBytes(US_ASCII)).length];
        return withCompact(token, parts[0] + "." + parts[1] + "." + BASE64URL.encodeToString(zeros));
    }

    /** Issues a token that is valid in an hour only, though it was issued now. */
    public IdentityToken notYetValid(Workload workload, String audience) {
        return withClaim(
                workload,
                audience,
                "nbf",
                clock.instant().plus(Duration.ofHours(1)).getEpochSecond());
    }

    /** Issues a token whose issuer begins like this one, and is another. */
    public IdentityToken ofSimilarIssuer(Workload workload, String audience) {
        return withClaim(workload, audience, "iss", url.value() + ".evil.example");
    }

    /** Issues a token that has the claim {@code name} twice: as it should be, and as {@code value}, a text. */
    public IdentityToken withClaimTwice(Workload workload, String audience, String name, String value) {
        IdentityToken token = good.issue(workload, audience);
        String claims = claims(token).toString();
        String twice = claims.substring(0, claims.length() - 1) + ","
                + StrictJson.write(Map.of(name, value)).substring(1);
        String signed = parts(token)[0] + "." + BASE64URL.encodeToString(twice.getBytes(UTF_8));
        return withCompact(
                token, signed + "." + BASE64URL.encodeToString(keys.signing().sign(signed.getBytes(US_ASCII))));
    }

    /** Issues a token whose HS256 signature has this issuer's public key as its secret (RFC 8725, section 2.1). */
    public IdentityToken signedWithPublicKey(Workload workload, String audience) {
        IdentityToken token = good.issue(workload, audience);
        String signed = header(token, "alg", "HS256") + "." + parts(token)[1];
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(published().publicKey().getEncoded(), "HmacSHA256"));
            return withCompact(token, signed + "." + BASE64URL.encodeToString(mac.doFinal(signed.getBytes(US_ASCII))));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("This JVM has no HmacSHA256, which every JVM must have", e);
        }
    }

    /** Issues a token without the claim {@code name}, signed well. */
    public IdentityToken withoutClaim(Workload workload, String audience, String name) {
        IdentityToken token = good.issue(workload, audience);
        ObjectNode claims = claims(token);
        claims.remove(name);
        return resigned(token, parts(token)[0], claims);
    }

    /**
     * Issues a token with a claim that no workload may set, such as {@code azp} or an {@code exp} of another type,
     * signed well.
     *
     * @param value a text, number, boolean, list or map, as JSON has them
     */
    public IdentityToken withClaim(Workload workload, String audience, String name, Object value) {
        IdentityToken token = good.issue(workload, audience);
        ObjectNode claims = claims(token);
        JsonNode node =
                StrictJson.parseObject(StrictJson.write(Map.of("value", value))).path("value");
        claims.set(name, node);
        return resigned(token, parts(token)[0], claims);
    }

    /** Issues a token with another member in its header, such as {@code typ} or {@code crit}, signed well. */
    public IdentityToken withHeader(Workload workload, String audience, String name, Object value) {
        IdentityToken token = good.issue(workload, audience);
        return resigned(token, header(token, name, value), claims(token));
    }

    private IdentityToken at(Duration offset, Workload workload, String audience) {
        return FakeTokenIssuer.issuer(url, SigningKeys.of(keys.signing()), Clock.offset(clock, offset))
                .issue(workload, audience);
    }

    private IdentityToken signedBy(SigningKey key, Workload workload, String audience) {
        return FakeTokenIssuer.issuer(url, SigningKeys.of(key), clock).issue(workload, audience);
    }

    PublicJwk published() {
        return keys.signing().publicJwk();
    }

    private IdentityToken resigned(IdentityToken token, String header, JsonNode claims) {
        String signed =
                header + "." + BASE64URL.encodeToString(claims.toString().getBytes(UTF_8));
        return withCompact(
                token, signed + "." + BASE64URL.encodeToString(keys.signing().sign(signed.getBytes(US_ASCII))));
    }

    private static String header(IdentityToken token, String name, Object value) {
        Map<String, Object> members = new LinkedHashMap<>();
        received(token).header().properties().forEach(member -> members.put(member.getKey(), member.getValue()));
        members.put(name, value);
        return BASE64URL.encodeToString(StrictJson.write(members).getBytes(UTF_8));
    }

    private static ObjectNode claims(IdentityToken token) {
        return received(token).claims().deepCopy();
    }

    private static ReceivedToken received(IdentityToken token) {
        return ReceivedToken.parse(token.compact().reveal()).orElseThrow();
    }

    private static String[] parts(IdentityToken token) {
        return token.compact().reveal().split("\\.", -1);
    }

    private static IdentityToken withCompact(IdentityToken token, String compact) {
        return new IdentityToken(
                Secret.of(compact),
                token.issuer(),
                token.subject(),
                token.audience(),
                token.tokenId(),
                token.issuedAt(),
                token.expiresAt());
    }
}
