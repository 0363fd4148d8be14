package io.dynamiccredentials.verify;

import static io.dynamiccredentials.TokenRejectedException.Reason.ALGORITHM_REFUSED;
import static io.dynamiccredentials.TokenRejectedException.Reason.BAD_SIGNATURE;
import static io.dynamiccredentials.TokenRejectedException.Reason.EXPIRED;
import static io.dynamiccredentials.TokenRejectedException.Reason.KEYS_UNAVAILABLE;
import static io.dynamiccredentials.TokenRejectedException.Reason.MALFORMED;
import static io.dynamiccredentials.TokenRejectedException.Reason.MISSING_CLAIM;
import static io.dynamiccredentials.TokenRejectedException.Reason.UNKNOWN_KEY;
import static io.dynamiccredentials.TokenRejectedException.Reason.WRONG_AUDIENCE;
import static io.dynamiccredentials.TokenRejectedException.Reason.WRONG_ISSUER;
import static io.dynamiccredentials.verify.Trial.CLAIMS;
import static io.dynamiccredentials.verify.Trial.EC;
import static io.dynamiccredentials.verify.Trial.NOW;
import static io.dynamiccredentials.verify.Trial.RSA;
import static io.dynamiccredentials.verify.Trial.STRANGER;
import static io.dynamiccredentials.verify.Trial.header;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dynamiccredentials.TokenRejectedException;
import io.dynamiccredentials.TokenRejectedException.Reason;
import io.dynamiccredentials.fixtures.Jws;
import io.dynamiccredentials.fixtures.ManualClock;
import io.dynamiccredentials.fixtures.ScriptedServer;
import io.dynamiccredentials.jwk.PublicJwk;
import io.dynamiccredentials.jwk.SigningAlgorithm;
import io.dynamiccredentials.keys.SigningKey;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * The checks that the OpenID Foundation's conformance suite makes of a relying party, as far as they are about tokens
 * and keys, with its issuer on loopback. The methods bear the names of its modules.
 *
 * <p>One check is answered otherwise on purpose: a token without {@code kid} is refused also where the issuer has one
 * key only, which OpenID Connect Core 1.0, section 10.1, lets a relying party accept. Which key a token is verified
 * with must not depend on how many there are this minute.
 */
class OpenIdRelyingPartyTest {
    private final KeyServer server = new KeyServer(RSA.publicJwk());
    private final String issuer = server.issuer().value();
    private final RawJson claims = CLAIMS.withText("iss", issuer);
    private final ManualClock clock = new ManualClock();
    private final RemoteJwkSets sets = RemoteJwkSets.builder()
            .clock(clock)
            .nanoTime(() -> clock.elapsed().toNanos())
            .build();
    private final TokenVerifier verifier = JwtTokenVerifier.builder(new TrustedIssuer(
                    server.issuer(), Set.of(Trial.AUDIENCE), SigningAlgorithm.forIssuing(), sets.of(server.issuer())))
            .clock(Trial.CLOCK)
            .build();

    @AfterEach
    void stop() {
        sets.close();
        server.close();
    }

    @Test
    void clientTest_acceptsAGoodTokenThroughDiscovery() {
        assertThat(verifier.verify(Jws.sign(RSA, claims.toString())).issuer()).isEqualTo(issuer);
        assertThat(server.requests())
                .extracting(ScriptedServer.Request::path)
                .containsExactly("/.well-known/openid-configuration", "/jwks");
    }

    @Test
    void idTokenSigAlgNone_isRefused() {
        String unsigned = Jws.encode("{\"alg\":\"none\"}") + "." + Jws.encode(claims.toString()) + ".";

        assertRefused(unsigned, MALFORMED);
        assertRefused(unsigned + "AAAA", ALGORITHM_REFUSED);
    }

    @Test
    void invalidSignatureRs256_isRefused() {
        assertRefused(tampered(RSA), BAD_SIGNATURE);
    }

    @Test
    void invalidSignatureEs256_isRefused() {
        server.publish(EC.publicJwk());

        assertRefused(tampered(EC), BAD_SIGNATURE);
    }

    @Test
    void invalidSignatureHs256_isRefused() {
        String header = header(RSA).withText("alg", "HS256").toString();

        assertRefused(
                Jws.hmac("HmacSHA256", "another secret".getBytes(UTF_8), header, claims.toString()), ALGORITHM_REFUSED);
    }

    @Test
    void invalidIssuer_isRefused() {
        assertRefused(Jws.sign(RSA, claims.withText("iss", issuer + "/").toString()), WRONG_ISSUER);
        assertThat(server.requests()).isEmpty();
    }

    @Test
    void missingAudience_isRefused() {
        assertRefused(Jws.sign(RSA, claims.without("aud").toString()), MISSING_CLAIM);
    }

    @Test
    void invalidAudience_isRefused() {
        assertRefused(Jws.sign(RSA, claims.withText("aud", "you").toString()), WRONG_AUDIENCE);
    }

    @Test
    void missingIssuedAt_isRefused() {
        assertRefused(Jws.sign(RSA, claims.without("iat").toString()), MISSING_CLAIM);
    }

    @Test
    void missingSubject_isRefused() {
        assertRefused(Jws.sign(RSA, claims.without("sub").toString()), MISSING_CLAIM);
    }

    @Test
    void missingIssuer_isRefused() {
        assertRefused(Jws.sign(RSA, claims.without("iss").toString()), MISSING_CLAIM);
    }

    @Test
    void missingExpiry_isRefused() {
        assertRefused(Jws.sign(RSA, claims.without("exp").toString()), MISSING_CLAIM);
    }

    @Test
    void expired_isRefused() {
        RawJson over = claims.with("iat", NOW - 900).with("exp", NOW - 300);

        assertRefused(Jws.sign(RSA, over.toString()), EXPIRED);
    }

    @Test
    void kidAbsentSingleJwks_isRefusedWhereTheSuiteAccepts() {
        assertRefused(withoutKeyId(), UNKNOWN_KEY);
    }

    @Test
    void kidAbsentMultipleMatchingKeysInJwks_isRefused() {
        server.publish(
                RSA.publicJwk(), SigningKey.generate(SigningAlgorithm.RS256).publicJwk(), EC.publicJwk());

        assertRefused(withoutKeyId(), UNKNOWN_KEY);
    }

    @Test
    void discoveryIssuerMismatch_isRefused() {
        server.describe(KeyServer.document(issuer + "/", issuer + "/jwks"));

        assertRefused(Jws.sign(RSA, claims.toString()), KEYS_UNAVAILABLE);
        assertThat(server.requests()).extracting(ScriptedServer.Request::path).doesNotContain("/jwks");
    }

    @Test
    void discoveryJwksUriKeys_severalKeysOfSeveralKinds_eachVerifies() {
        server.publish(Trial.KEYS.keys().toArray(PublicJwk[]::new));

        for (SigningAlgorithm algorithm : SigningAlgorithm.forIssuing()) {
            assertThat(verifier.verify(Jws.sign(Trial.keyFor(algorithm), claims.toString())))
                    .isNotNull();
        }
    }

    @Test
    void signingKeyRotation_newKeyIsFoundAndOldOneIsRefusedOnceItIsGone() {
        assertThat(verifier.verify(Jws.sign(RSA, claims.toString()))).isNotNull();
        server.publish(EC.publicJwk());
        clock.pass(Duration.ofSeconds(6));

        assertThat(verifier.verify(Jws.sign(EC, claims.toString()))).isNotNull();
        assertRefused(Jws.sign(RSA, claims.toString()), UNKNOWN_KEY);
    }

    @Test
    void signingKeyRotationJustBeforeSigning_newKeyIsFoundAtOnce() {
        assertThat(verifier.verify(Jws.sign(RSA, claims.toString()))).isNotNull();
        clock.pass(Duration.ofMinutes(2));
        server.publish(STRANGER.publicJwk(), RSA.publicJwk());

        assertThat(verifier.verify(Jws.sign(STRANGER, claims.toString())).subject())
                .isEqualTo("project:shop");
    }

    private String withoutKeyId() {
        return Jws.sign(RSA, header(RSA).without("kid").toString(), claims.toString());
    }

    private String tampered(SigningKey key) {
        String token = Jws.sign(key, claims.toString());
        int at = token.lastIndexOf('.') + 9;
        return token.substring(0, at) + (token.charAt(at) == 'A' ? 'B' : 'A') + token.substring(at + 1);
    }

    private void assertRefused(String token, Reason reason) {
        assertThatThrownBy(() -> verifier.verify(token))
                .isInstanceOfSatisfying(
                        TokenRejectedException.class,
                        e -> assertThat(e.reason()).as(e.getMessage()).isEqualTo(reason));
    }
}
