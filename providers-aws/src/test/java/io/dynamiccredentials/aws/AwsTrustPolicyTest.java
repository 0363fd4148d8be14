package io.dynamiccredentials.aws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dynamiccredentials.IssuerUrl;
import io.dynamiccredentials.fixtures.Jws;
import io.dynamiccredentials.jwk.JwkSet;
import io.dynamiccredentials.jwk.SigningAlgorithm;
import io.dynamiccredentials.keys.SigningKey;
import io.dynamiccredentials.verify.JwtTokenVerifier;
import io.dynamiccredentials.verify.KeySource;
import io.dynamiccredentials.verify.TrustedIssuer;
import io.dynamiccredentials.verify.VerifiedToken;
import io.dynamiccredentials.wire.StrictJson;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AwsTrustPolicyTest {
    private static final IssuerUrl ISSUER = IssuerUrl.of("https://ci.example/tenant");
    private static final SigningKey KEY = SigningKey.generate(SigningAlgorithm.ES256);
    private static final AwsTrustPolicy POLICY =
            new AwsTrustPolicy(ISSUER, Set.of("aws.workload.identity"), "organization:acme:*:run_phase:?????");

    @ParameterizedTest
    @CsvSource({
        "organization:acme:project:shop:run_phase:apply,true",
        "organization:acme::run_phase:apply,true",
        "organization:acme:project:shop:run_phase:plan,false",
        "organization:ACME:project:shop:run_phase:apply,false",
        "x:organization:acme:project:shop:run_phase:apply,false"
    })
    void permitsSubject_byStringLike(String subject, boolean permitted) {
        VerifiedToken token = verified(ISSUER, subject, "aws.workload.identity", Map.of());

        assertThat(POLICY.permitsSubject(token)).isEqualTo(permitted);
        assertThat(POLICY.permits(token)).isEqualTo(permitted);
    }

    @Test
    void permitsAudience_otherAudience_refuses() {
        VerifiedToken token = verified(ISSUER, "organization:acme:x:run_phase:apply", "other", Map.of());

        assertThat(POLICY.permitsAudience(token)).isFalse();
        assertThat(POLICY.permits(token)).isFalse();
    }

    @ParameterizedTest
    @CsvSource({"aws.workload.identity,true", "other,false", "'',false"})
    void permitsAudience_authorizedParty_decidesAlone(String authorizedParty, boolean permitted) {
        VerifiedToken token = verified(
                ISSUER, "organization:acme:x:run_phase:apply", "aws.workload.identity", Map.of("azp", authorizedParty));

        assertThat(POLICY.permitsAudience(token)).isEqualTo(permitted);
    }

    @Test
    void permitsIssuer_otherIssuer_refuses() {
        VerifiedToken token = verified(
                IssuerUrl.of("https://ci.example"),
                "organization:acme:x:run_phase:apply",
                "aws.workload.identity",
                Map.of());

        assertThat(POLICY.permitsIssuer(token)).isFalse();
        assertThat(POLICY.permits(token)).isFalse();
    }

    @Test
    void toJson_oneAudience_hasBothConditions() {
        assertThat(POLICY.toJson("123456789012"))
                .isEqualTo(
                        "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"Federated\":"
                                + "\"arn:aws:iam::123456789012:oidc-provider/ci.example/tenant\"},"
                                + "\"Action\":\"sts:AssumeRoleWithWebIdentity\",\"Condition\":{"
                                + "\"StringEquals\":{\"ci.example/tenant:aud\":\"aws.workload.identity\"},"
                                + "\"StringLike\":{\"ci.example/tenant:sub\":\"organization:acme:*:run_phase:?????\"}}}]}");
    }

    @Test
    void toJson_twoAudiencesInChina_namesBoth() {
        AwsTrustPolicy policy = new AwsTrustPolicy(ISSUER, Set.of("b", "a"), "organization:acme:*");

        assertThat(policy.toJson("aws-cn", "123456789012"))
                .contains("\"ci.example/tenant:aud\":[\"a\",\"b\"]")
                .contains("\"arn:aws-cn:iam::123456789012:oidc-provider/ci.example/tenant\"");
    }

    @Test
    void toJson_sessionTags_allowsTagSessionToo() {
        assertThat(POLICY.withSessionTags().toJson("123456789012"))
                .isEqualTo(POLICY.toJson("123456789012")
                        .replace(
                                "\"sts:AssumeRoleWithWebIdentity\"",
                                "[\"sts:AssumeRoleWithWebIdentity\",\"sts:TagSession\"]"));
    }

    @ParameterizedTest
    @CsvSource({"aws,12345", "aws,12345678901x", "gcp,123456789012", "'',123456789012"})
    void toJson_malformedAccount_isRefused(String partition, String account) {
        assertThatThrownBy(() -> POLICY.toJson(partition, account)).isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "*", "**", "?*", "organization:${aws:username}:*"})
    void constructor_subjectOfEverybody_isRefused(String subject) {
        assertThatThrownBy(() -> new AwsTrustPolicy(ISSUER, Set.of("a"), subject))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("it was \"" + subject + "\"");
    }

    @Test
    void constructor_badAudiences_areRefused() {
        Set<String> many = IntStream.range(0, 101).mapToObj(i -> "a" + i).collect(Collectors.toSet());

        for (Set<String> audiences : List.of(Set.<String>of(), Set.of(" "), Set.of("x".repeat(256)), many)) {
            assertThatThrownBy(() -> new AwsTrustPolicy(ISSUER, audiences, "organization:acme:*"))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("1 to 100 audiences");
        }
    }

    private static VerifiedToken verified(
            IssuerUrl issuer, String subject, String audience, Map<String, String> claims) {
        long now = Sts.CLOCK.instant().getEpochSecond();
        Map<String, Object> all = new HashMap<>(claims);
        all.putAll(Map.of("iss", issuer.value(), "sub", subject, "aud", audience, "iat", now, "exp", now + 600));
        String compact = Jws.sign(KEY, StrictJson.write(all));
        KeySource keys = KeySource.of(new JwkSet(List.of(KEY.publicJwk())));
        return JwtTokenVerifier.builder(
                        new TrustedIssuer(issuer, Set.of(audience), Set.of(SigningAlgorithm.ES256), keys))
                .clock(Sts.CLOCK)
                .build()
                .verify(compact);
    }
}
