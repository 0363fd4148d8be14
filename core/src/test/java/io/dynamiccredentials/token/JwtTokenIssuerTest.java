package io.dynamiccredentials.token;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.dynamiccredentials.IssuerUrl;
import io.dynamiccredentials.TokenIssuanceException;
import io.dynamiccredentials.fixtures.Jws;
import io.dynamiccredentials.fixtures.ManualClock;
import io.dynamiccredentials.jwk.JwkSet;
import io.dynamiccredentials.jwk.SigningAlgorithm;
import io.dynamiccredentials.keys.ActiveKey;
import io.dynamiccredentials.keys.SigningKey;
import io.dynamiccredentials.keys.SigningKeys;
import io.dynamiccredentials.wire.StrictJson;
import io.dynamiccredentials.workload.Claims;
import io.dynamiccredentials.workload.Phase;
import io.dynamiccredentials.workload.TerraformRun;
import io.dynamiccredentials.workload.Workload;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.HashSet;
import java.util.Set;
import java.util.UUID;
import org.jose4j.jwa.AlgorithmConstraints;
import org.jose4j.jwt.NumericDate;
import org.jose4j.jwt.consumer.JwtConsumerBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class JwtTokenIssuerTest {
    private static final Instant NOW = ManualClock.START.plusMillis(987);
    private static final IssuerUrl ISSUER = IssuerUrl.of("https://ci.example");

    private final SigningKeys keys = SigningKeys.generate(SigningAlgorithm.ES256);
    private final Workload run =
            TerraformRun.builder("acme", "shop", "prod", "run-1").build();

    @Test
    void issue_claims_areExactlyThese() {
        IdentityToken token = issuer().build().issue(run, "aws.workload.identity");
        JsonNode claims = StrictJson.parseObject(Jws.claims(token.compact().reveal()));

        assertThat(claims.fieldNames())
                .toIterable()
                .containsExactly(
                        "jti",
                        "iss",
                        "sub",
                        "aud",
                        "iat",
                        "nbf",
                        "exp",
                        "terraform_organization_name",
                        "terraform_project_name",
                        "terraform_workspace_name",
                        "terraform_full_workspace",
                        "terraform_run_id",
                        "terraform_run_phase");
        assertThat(claims.path("iss").textValue()).isEqualTo("https://ci.example");
        assertThat(claims.path("sub").textValue()).isEqualTo(run.subject());
        // A string and not an array: AWS and Entra differ on arrays.
        assertThat(claims.path("aud").textValue()).isEqualTo("aws.workload.identity");
        // Whole seconds, cut and not rounded: a verifier without leeway refuses a token from the future.
        assertThat(claims.path("iat").toString()).isEqualTo("1772366400");
        assertThat(claims.path("nbf").toString()).isEqualTo("1772366395");
        assertThat(claims.path("exp").toString()).isEqualTo("1772367000");
        assertThat(UUID.fromString(claims.path("jti").textValue())).hasToString(token.tokenId());
    }

    @Test
    void issue_token_repeatsWhatItsClaimsSay() {
        IdentityToken token = issuer().lifetime(Duration.ofMinutes(5)).build().issue(run, "a");

        assertThat(token.issuer()).isEqualTo("https://ci.example");
        assertThat(token.subject()).isEqualTo(run.subject());
        assertThat(token.audience()).isEqualTo("a");
        assertThat(token.issuedAt()).isEqualTo("2026-03-01T12:00:00Z");
        assertThat(token.expiresAt()).isEqualTo("2026-03-01T12:05:00Z");
        assertThat(token.toString()).contains("compact=[redacted]").doesNotContain("eyJ");
    }

    @ParameterizedTest
    @MethodSource("io.dynamiccredentials.jwk.SigningAlgorithm#forIssuing")
    void issue_header_isTypAlgKidOfTheSigningKey(SigningAlgorithm algorithm) {
        SigningKeys ofAlgorithm = SigningKeys.generate(algorithm);
        String compact = JwtTokenIssuer.builder(ISSUER, ofAlgorithm)
                .relyingParties(RelyingPartyRules.vault())
                .build()
                .issue(run, "a")
                .compact()
                .reveal();

        assertThat(Jws.header(compact))
                .isEqualTo("{\"typ\":\"JWT\",\"alg\":\"" + algorithm.jwsName() + "\",\"kid\":\""
                        + ofAlgorithm.active(Instant.MAX).key().publicJwk().keyId() + "\"}");
    }

    @ParameterizedTest
    @MethodSource("io.dynamiccredentials.jwk.SigningAlgorithm#forIssuing")
    void issue_everyAlgorithm_isAcceptedByJose4j(SigningAlgorithm algorithm) throws Exception {
        SigningKeys ofAlgorithm = SigningKeys.generate(algorithm);
        IdentityToken token = JwtTokenIssuer.builder(ISSUER, ofAlgorithm)
                .relyingParties(RelyingPartyRules.vault())
                .build()
                .issue(run, "a");

        var claims = new JwtConsumerBuilder()
                .setVerificationKey(
                        ofAlgorithm.active(Instant.MAX).key().publicJwk().publicKey())
                .setJwsAlgorithmConstraints(AlgorithmConstraints.ConstraintType.PERMIT, algorithm.jwsName())
                .setExpectedIssuer("https://ci.example")
                .setExpectedAudience("a")
                .setRequireExpirationTime()
                .setEvaluationTime(NumericDate.fromMilliseconds(token.issuedAt().toEpochMilli()))
                .build()
                .processToClaims(token.compact().reveal());

        assertThat(claims.getSubject()).isEqualTo(run.subject());
    }

    @Test
    void issue_twice_givesTwoIds() {
        JwtTokenIssuer issuer = issuer().build();
        Set<String> ids = new HashSet<>();
        for (int i = 0; i < 100; i++) {
            ids.add(issuer.issue(run, "a").tokenId());
        }

        assertThat(ids).hasSize(100);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "\t"})
    void issue_blankAudience_isRefused(String audience) {
        JwtTokenIssuer issuer = issuer().build();

        assertThatThrownBy(() -> issuer.issue(run, audience)).isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"iss", "sub", "aud", "exp", "nbf", "iat", "jti", "azp", "cnf", "amr", "SUB", "\u017Fub"})
    void issue_workloadSetsRegisteredClaim_isRefused(String claim) {
        JwtTokenIssuer issuer = issuer().build();

        assertThatThrownBy(() -> issuer.issue(
                        workload("s", Claims.builder().text(claim, "x").build()), "a"))
                .isInstanceOf(TokenIssuanceException.class)
                .hasMessageContaining("\"" + claim + "\"");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " a", "a ", "a\nb", "ä"})
    void issue_badSubject_isRefused(String subject) {
        JwtTokenIssuer issuer = issuer().build();

        assertThatThrownBy(() -> issuer.issue(workload(subject, Claims.none()), "a"))
                .isInstanceOf(TokenIssuanceException.class)
                .hasMessageContaining("255");
    }

    @Test
    void issue_subjectAtTheLimit_isAcceptedAndAboveItRefused() {
        JwtTokenIssuer issuer = issuer().build();

        assertThat(issuer.issue(workload("s".repeat(255), Claims.none()), "a").subject())
                .hasSize(255);
        assertThatThrownBy(() -> issuer.issue(workload("s".repeat(256), Claims.none()), "a"))
                .isInstanceOf(TokenIssuanceException.class)
                .hasMessageContaining("256");
    }

    @Test
    void issue_noActiveKey_isAnIssuanceFailure() {
        JwtTokenIssuer issuer = JwtTokenIssuer.builder(ISSUER, new NoKeys()).build();

        assertThatThrownBy(() -> issuer.issue(run, "a"))
                .isInstanceOf(TokenIssuanceException.class)
                .hasMessageContaining("https://ci.example")
                .hasCauseInstanceOf(IllegalStateException.class);
    }

    @Test
    void issue_signerFails_isAnIssuanceFailure() {
        SigningKey broken = SigningKey.of(keys.active(Instant.MAX).key().publicJwk(), input -> {
            throw new IllegalStateException("the HSM is locked");
        });
        JwtTokenIssuer issuer = JwtTokenIssuer.builder(ISSUER, SigningKeys.of(broken))
                .relyingParties(RelyingPartyRules.vault())
                .build();

        assertThatThrownBy(() -> issuer.issue(run, "a"))
                .isInstanceOf(TokenIssuanceException.class)
                .hasRootCauseMessage("the HSM is locked");
    }

    @ParameterizedTest
    @ValueSource(strings = {"PT59S", "PT24H1S", "PT-1M", "PT90.5S"})
    void lifetime_outOfRange_isRefused(Duration lifetime) {
        assertThatThrownBy(() -> issuer().lifetime(lifetime))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(lifetime.toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"PT1M", "PT24H"})
    void lifetime_atTheLimits_isAccepted(Duration lifetime) {
        IdentityToken token = issuer().lifetime(lifetime).build().issue(run, "a");

        assertThat(Duration.between(token.issuedAt(), token.expiresAt())).isEqualTo(lifetime);
    }

    @ParameterizedTest
    @ValueSource(strings = {"PT-1S", "PT5M1S", "PT0.5S"})
    void backdating_outOfRange_isRefused(Duration backdating) {
        assertThatThrownBy(() -> issuer().backdating(backdating)).isInstanceOf(IllegalArgumentException.class);
    }

    private JwtTokenIssuer.Builder issuer() {
        return JwtTokenIssuer.builder(ISSUER, keys)
                .relyingParties(RelyingPartyRules.vault())
                .clock(Clock.fixed(NOW, ZoneOffset.UTC));
    }

    private static Workload workload(String subject, Claims claims) {
        return new Workload() {
            @Override
            public String subject() {
                return subject;
            }

            @Override
            public Claims claims() {
                return claims;
            }

            @Override
            public Phase phase() {
                return Phase.PLAN;
            }

            @Override
            public String runId() {
                return "run-1";
            }
        };
    }

    private static final class NoKeys implements SigningKeys {
        @Override
        public ActiveKey active(Instant expiresAt) {
            throw new IllegalStateException("no key is active yet");
        }

        @Override
        public JwkSet published() {
            throw new IllegalStateException("no key is published yet");
        }
    }
}
