package io.dynamiccredentials.testkit;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.dynamiccredentials.IssuerUrl;
import io.dynamiccredentials.Secret;
import io.dynamiccredentials.discovery.DiscoveryEndpoint;
import io.dynamiccredentials.discovery.JdkHttpDiscovery;
import io.dynamiccredentials.jwk.PublicJwk;
import io.dynamiccredentials.jwk.SigningAlgorithm;
import io.dynamiccredentials.keys.SigningKey;
import io.dynamiccredentials.keys.SigningKeys;
import io.dynamiccredentials.token.IdentityToken;
import io.dynamiccredentials.token.JwtTokenIssuer;
import io.dynamiccredentials.token.RelyingPartyRules;
import io.dynamiccredentials.token.TokenIssuer;
import io.dynamiccredentials.wire.StrictJson;
import io.dynamiccredentials.workload.Workload;
import java.time.Clock;
import java.time.Duration;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * An issuer on loopback with its discovery document and keys, and with bad tokens by name.
 *
 * <p>Its good tokens are those of a real {@link JwtTokenIssuer}. It keeps the loosest {@link RelyingPartyRules},
 * Vault's, so that the fakes decide what is good for which platform. Safe for use by many threads.
 */
public final class TestIssuer implements TokenIssuer, AutoCloseable {
    private final LoopbackServer server;
    private final IssuerUrl url;
    private final SigningKey key;
    private final Clock clock;
    private final TokenIssuer tokens;

    private TestIssuer(SigningAlgorithm algorithm, Clock clock) {
        this.key = SigningKey.generate(algorithm);
        this.server = new LoopbackServer(null);
        this.url = IssuerUrl.loopback(server.address().toString());
        this.clock = clock;
        this.tokens = issuer(url, key, clock);
        server.serve(JdkHttpDiscovery.of(DiscoveryEndpoint.of(url, SigningKeys.of(key))));
    }

    /** Starts an issuer that signs with RS256 and lives by {@code clock}. */
    public static TestIssuer start(Clock clock) {
        return start(SigningAlgorithm.RS256, clock);
    }

    /**
     * Starts an issuer that signs with {@code algorithm} and lives by {@code clock}.
     *
     * @throws IllegalArgumentException if {@code algorithm} is not {@linkplain SigningAlgorithm#forIssuing() for
     *     issuing}
     */
    public static TestIssuer start(SigningAlgorithm algorithm, Clock clock) {
        return new TestIssuer(algorithm, clock);
    }

    /** Returns the address, which is the {@code iss} of its tokens. */
    public IssuerUrl url() {
        return url;
    }

    @Override
    public IdentityToken issue(Workload workload, String audience) {
        return tokens.issue(workload, audience);
    }

    /** Issues a token that ended an hour ago, beyond every platform's leeway. */
    public IdentityToken issueExpired(Workload workload, String audience) {
        Clock past = Clock.offset(clock, Duration.ofMinutes(-70));
        return issuer(url, key, past).issue(workload, audience);
    }

    /** Issues a token of another issuer, which publishes the same key and is known to no platform. */
    public IdentityToken issueFromUnknownIssuer(Workload workload, String audience) {
        return issuer(IssuerUrl.of("https://unknown.example"), key, clock).issue(workload, audience);
    }

    /** Issues a token under this issuer's published key id, signed with a key of a stranger. */
    public IdentityToken issueWithBadSignature(Workload workload, String audience) {
        SigningKey stranger = SigningKey.generate(key.publicJwk().algorithm());
        return issuer(url, SigningKey.of(key.publicJwk(), stranger::sign), clock)
                .issue(workload, audience);
    }

    /** Issues a token signed with a key that this issuer does not publish, under that key's own id. */
    public IdentityToken issueWithUnpublishedKey(Workload workload, String audience) {
        return issuer(url, SigningKey.generate(key.publicJwk().algorithm()), clock)
                .issue(workload, audience);
    }

    /** Issues a token whose claims were changed after it was signed: it names {@code other}'s subject. */
    public IdentityToken issueTampered(Workload workload, Workload other, String audience) {
        IdentityToken token = issue(workload, audience);
        String[] mine = token.compact().reveal().split("\\.", -1);
        String[] theirs = issue(other, audience).compact().reveal().split("\\.", -1);
        return withCompact(token, mine[0] + "." + theirs[1] + "." + mine[2]);
    }

    /** Issues a token with a text claim that no workload may set, such as {@code azp}. */
    public IdentityToken issueWithClaim(Workload workload, String audience, String name, String value) {
        IdentityToken token = issue(workload, audience);
        Map<String, Object> claims = new LinkedHashMap<>(workload.claims().members());
        claims.put("jti", token.tokenId());
        claims.put("iss", token.issuer());
        claims.put("sub", token.subject());
        claims.put("aud", token.audience());
        claims.put("iat", token.issuedAt().getEpochSecond());
        claims.put("exp", token.expiresAt().getEpochSecond());
        claims.put(name, value);
        Base64.Encoder base64url = Base64.getUrlEncoder().withoutPadding();
        String header = token.compact().reveal().split("\\.", -1)[0];
        String signed =
                header + "." + base64url.encodeToString(StrictJson.write(claims).getBytes(UTF_8));
        return withCompact(token, signed + "." + base64url.encodeToString(key.sign(signed.getBytes(US_ASCII))));
    }

    /** Returns the public half of the key that signs. */
    public PublicJwk publicJwk() {
        return key.publicJwk();
    }

    @Override
    public void close() {
        server.close();
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

    private static TokenIssuer issuer(IssuerUrl url, SigningKey key, Clock clock) {
        return JwtTokenIssuer.builder(url, SigningKeys.of(key))
                .relyingParties(RelyingPartyRules.vault())
                .clock(clock)
                .build();
    }
}
