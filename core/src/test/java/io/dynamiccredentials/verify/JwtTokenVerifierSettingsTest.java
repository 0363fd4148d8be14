package io.dynamiccredentials.verify;

import static io.dynamiccredentials.TokenRejectedException.Reason.BAD_SIGNATURE;
import static io.dynamiccredentials.TokenRejectedException.Reason.CLAIM_MISMATCH;
import static io.dynamiccredentials.TokenRejectedException.Reason.EXPIRED;
import static io.dynamiccredentials.TokenRejectedException.Reason.LIVES_TOO_LONG;
import static io.dynamiccredentials.TokenRejectedException.Reason.MISSING_CLAIM;
import static io.dynamiccredentials.TokenRejectedException.Reason.REPLAYED;
import static io.dynamiccredentials.TokenRejectedException.Reason.TOO_OLD;
import static io.dynamiccredentials.TokenRejectedException.Reason.WRONG_AUDIENCE;
import static io.dynamiccredentials.verify.Trial.CLAIMS;
import static io.dynamiccredentials.verify.Trial.NOW;
import static io.dynamiccredentials.verify.Trial.lasting;
import static io.dynamiccredentials.verify.Trial.saying;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dynamiccredentials.IssuerUrl;
import io.dynamiccredentials.TokenRejectedException;
import io.dynamiccredentials.TokenRejectedException.Reason;
import io.dynamiccredentials.fixtures.Jws;
import io.dynamiccredentials.jwk.SigningAlgorithm;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What a host sets: policy, replay guard, issuers and the times. */
class JwtTokenVerifierSettingsTest {
    private static final IssuerUrl ISSUER = IssuerUrl.of(Trial.ISSUER);

    @Test
    void verify_policyThatDoesNotWelcomeIt_isRejected() {
        TokenVerifier picky = verifier(SigningAlgorithm.ES256)
                .policy(TrustPolicy.builder(ISSUER)
                        .audience("me")
                        .require(Condition.claim("sub").is("project:shop"))
                        .build())
                .build();

        assertThat(picky.verify(saying(CLAIMS)).subject()).isEqualTo("project:shop");
        assertRejected(picky, saying(CLAIMS.withText("sub", "t")), CLAIM_MISMATCH, "sub");
    }

    @Test
    void build_policyThatCanWelcomeNobody_isRefused() {
        JwtTokenVerifier.Builder builder = verifier(SigningAlgorithm.ES256)
                .policy(TrustPolicy.builder(IssuerUrl.of("https://typo.example"))
                        .audience("me")
                        .require(Condition.claim("sub").isPresent())
                        .build());
        assertThatThrownBy(builder::build)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("\"https://typo.example\"")
                .hasMessageContaining("trusts [https://ci.example]");

        JwtTokenVerifier.Builder other = verifier(SigningAlgorithm.ES256)
                .policy(TrustPolicy.builder(ISSUER)
                        .audience("you")
                        .require(Condition.claim("sub").isPresent())
                        .build());
        assertThatThrownBy(other::build)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("audience [you]; this verifier trusts it with [me]");
    }

    @Test
    void build_trustedIssuerThatThePolicyForgets_isRefused() {
        JwtTokenVerifier.Builder builder = verifier(SigningAlgorithm.ES256)
                .trust(Trial.issuer(
                        "https://other.example", "me", KeySource.of(Trial.KEYS), SigningAlgorithm.forIssuing()))
                .policy(TrustPolicy.builder(ISSUER)
                        .audience("me")
                        .require(Condition.claim("sub").isPresent())
                        .build());

        assertThatThrownBy(builder::build)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("Issuer \"https://other.example\" is trusted and the policy welcomes none");
    }

    @Test
    void trustedIssuer_keysOfAnotherIssuer_isRefused() {
        try (RemoteJwkSets keySets = RemoteJwkSets.builder().build()) {
            RemoteJwkSet others = keySets.of(IssuerUrl.of("https://other.example"));

            assertThatThrownBy(() -> new TrustedIssuer(ISSUER, Set.of("me"), SigningAlgorithm.forIssuing(), others))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("needs keys of its own; these are those of \"https://other.example\"");
            assertThat(new TrustedIssuer(others.issuer(), Set.of("me"), SigningAlgorithm.forIssuing(), others))
                    .isNotNull();
        }
    }

    @Test
    void replayGuard_secondOne_isRefused() {
        ReplayGuard guard = MemoryReplayGuard.builder(1).build();

        assertThatThrownBy(() ->
                        verifier(SigningAlgorithm.ES256).replayGuard(guard).replayGuard(guard))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("a verifier has one");
    }

    @Test
    void policy_secondOne_isRefused() {
        TrustPolicy policy = TrustPolicy.builder(ISSUER)
                .audience("me")
                .require(Condition.claim("sub").isPresent())
                .build();

        assertThatThrownBy(() -> verifier(SigningAlgorithm.ES256).policy(policy).policy(policy))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("TrustPolicy.anyOf");
    }

    @Test
    void verify_secondUse_isRejected() {
        List<Instant> ends = new ArrayList<>();
        Set<String> used = new HashSet<>();
        TokenVerifier once = verifier(SigningAlgorithm.ES256)
                .replayGuard((issuer, tokenId, presentableUntil) -> {
                    ends.add(presentableUntil);
                    return used.add(issuer + " " + tokenId);
                })
                .build();
        String first = saying(CLAIMS.withText("jti", "1"));

        assertThat(once.verify(first).tokenId()).contains("1");
        assertRejected(once, first, REPLAYED, "jti");
        assertThat(once.verify(saying(CLAIMS.withText("jti", "2")))).isNotNull();
        assertThat(used).containsExactlyInAnyOrder("https://ci.example 1", "https://ci.example 2");
        assertThat(ends).containsOnly(Instant.ofEpochSecond(NOW + 600 + 60));
    }

    @Test
    void verify_replayGuard_isAskedOnlyAboutTokensThatKeepEveryOtherRule() {
        TokenVerifier once = verifier(SigningAlgorithm.ES256)
                .policy(TrustPolicy.builder(ISSUER)
                        .audience("me")
                        .require(Condition.claim("sub").is("project:shop"))
                        .build())
                .replayGuard((issuer, tokenId, presentableUntil) -> {
                    throw new AssertionError("asked about " + tokenId);
                })
                .build();
        RawJson claims = CLAIMS.withText("jti", "1");

        assertRejected(once, saying(CLAIMS), MISSING_CLAIM, "jti");
        assertRejected(once, saying(claims.withText("aud", "you")), WRONG_AUDIENCE, "aud");
        assertRejected(once, saying(claims.withText("sub", "t")), CLAIM_MISMATCH, "sub");
        assertRejected(once, saying(claims.with("exp", NOW - 60)), EXPIRED, "exp");
        String signed = saying(claims);
        String forged = signed.substring(0, signed.lastIndexOf('.')) + "." + Jws.encode(new byte[64]);
        assertThatThrownBy(() -> once.verify(forged))
                .isInstanceOfSatisfying(
                        TokenRejectedException.class,
                        e -> assertThat(e.reason()).isEqualTo(BAD_SIGNATURE));
    }

    @Test
    void trust_sameIssuerTwice_isRefused() {
        assertThatThrownBy(() -> verifier(SigningAlgorithm.ES256).trust(trusted(SigningAlgorithm.RS256)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("https://ci.example");
    }

    @Test
    void trustedIssuer_withoutAudienceOrAlgorithm_isRefused() {
        KeySource none = kid -> Optional.empty();

        assertThatThrownBy(() -> new TrustedIssuer(ISSUER, Set.of(), Set.of(SigningAlgorithm.RS256), none))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("audience");
        assertThatThrownBy(() -> new TrustedIssuer(ISSUER, Set.of(" "), Set.of(SigningAlgorithm.RS256), none))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new TrustedIssuer(ISSUER, Set.of("me"), Set.of(), none))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("algorithm");
    }

    @Test
    void trust_manyIssuers_areNotAllNamedInARefusal() {
        JwtTokenVerifier.Builder builder = verifier(SigningAlgorithm.ES256);
        String foreign = saying(CLAIMS.withText("iss", "https://evil.example"));
        trustNumbers(builder, 1, 10);
        assertThatThrownBy(() -> builder.build().verify(foreign))
                .hasMessageContaining("from issuer \"https://evil.example\", expected one of [https://")
                .hasMessageContaining("https://ci-9.example");

        trustNumbers(builder, 10, 11);
        assertThatThrownBy(() -> builder.build().verify(foreign))
                .hasMessageContaining("expected one of the 11 that are trusted here")
                .hasMessageNotContaining("https://ci");
    }

    @Test
    void clockSkew_zeroTo5Minutes_isTaken() {
        for (Duration skew : List.of(Duration.ZERO, Duration.ofMinutes(5))) {
            TokenVerifier edge =
                    verifier(SigningAlgorithm.ES256).clockSkew(skew).build();
            long lastGood = NOW - skew.toSeconds() + 1;

            assertThat(edge.verify(saying(lasting(NOW - 600, lastGood)))).isNotNull();
            assertRejected(edge, saying(lasting(NOW - 600, lastGood - 1)), EXPIRED, "exp");
        }
    }

    @Test
    void clockSkew_outside_isRefused() {
        for (Duration skew : List.of(Duration.ofNanos(-1), Duration.ofMinutes(5).plusNanos(1))) {
            assertThatThrownBy(() -> verifier(SigningAlgorithm.ES256).clockSkew(skew))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("clock skew must be 0 to 5 minutes; it was " + skew);
        }
    }

    @Test
    void maxLifetime_zeroOrLess_isRefused() {
        for (Duration lifetime : List.of(Duration.ZERO, Duration.ofNanos(-1))) {
            assertThatThrownBy(() -> verifier(SigningAlgorithm.ES256).maxLifetime(lifetime))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("lifetime must be longer than zero; it was " + lifetime);
        }
    }

    @Test
    void maxLifetime_aSecond_isTaken() {
        TokenVerifier strict = verifier(SigningAlgorithm.ES256)
                .maxLifetime(Duration.ofSeconds(1))
                .build();

        assertThat(strict.verify(saying(lasting(NOW, NOW + 1)))).isNotNull();
        assertRejected(strict, saying(lasting(NOW, NOW + 2)), LIVES_TOO_LONG, "exp");
    }

    @Test
    void maxAge_outOfRange_isRefused() {
        for (Duration age : List.of(
                Duration.ZERO, Duration.ofNanos(-1), Duration.ofDays(366).plusNanos(1))) {
            assertThatThrownBy(() -> verifier(SigningAlgorithm.ES256).maxAge(age))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("greatest age must be longer than zero and at most 366 days; it was " + age);
        }
    }

    @Test
    void build_greatestAgeLongerThanTheLongestLifetime_isRefused() {
        JwtTokenVerifier.Builder builder = verifier(SigningAlgorithm.ES256).maxLifetime(Duration.ofHours(1));

        assertThat(builder.maxAge(Duration.ofHours(1)).build()).isNotNull();
        assertThatThrownBy(builder.maxAge(Duration.ofHours(1).plusSeconds(1))::build)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("maxAge was PT1H1S, maxLifetime was PT1H");
    }

    @Test
    void maxAge_366Days_isTaken() {
        TokenVerifier patient = verifier(SigningAlgorithm.ES256)
                .maxLifetime(Duration.ofDays(366))
                .maxAge(Duration.ofDays(366))
                .build();

        assertThat(patient.verify(saying(CLAIMS))).isNotNull();
    }

    @Test
    void maxAge_aNanosecond_isTaken() {
        TokenVerifier strict = verifier(SigningAlgorithm.ES256)
                .clockSkew(Duration.ZERO)
                .maxAge(Duration.ofNanos(1))
                .build();

        assertThat(strict.verify(saying(CLAIMS))).isNotNull();
        assertRejected(strict, saying(lasting(NOW - 1, NOW + 600)), TOO_OLD, "iat");
    }

    private static void trustNumbers(JwtTokenVerifier.Builder builder, int from, int until) {
        for (int i = from; i < until; i++) {
            builder.trust(Trial.issuer(
                    "https://ci-" + i + ".example", "me", KeySource.of(Trial.KEYS), SigningAlgorithm.forIssuing()));
        }
    }

    private static JwtTokenVerifier.Builder verifier(SigningAlgorithm... algorithms) {
        return JwtTokenVerifier.builder(trusted(algorithms)).clock(Trial.CLOCK);
    }

    private static TrustedIssuer trusted(SigningAlgorithm... algorithms) {
        return new TrustedIssuer(ISSUER, Set.of("me"), Set.of(algorithms), KeySource.of(Trial.KEYS));
    }

    private static void assertRejected(TokenVerifier verifier, String token, Reason reason, String claim) {
        assertThatThrownBy(() -> verifier.verify(token)).isInstanceOfSatisfying(TokenRejectedException.class, e -> {
            assertThat(e.reason()).as(e.getMessage()).isEqualTo(reason);
            assertThat(e.claim()).contains(claim);
        });
    }
}
