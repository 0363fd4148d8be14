package io.dynamiccredentials.testkit.aws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dynamiccredentials.CredentialExchangeException;
import io.dynamiccredentials.CredentialExchangeException.Kind;
import io.dynamiccredentials.IssuerUrl;
import io.dynamiccredentials.aws.AwsSessionCredentials;
import io.dynamiccredentials.aws.AwsSts;
import io.dynamiccredentials.aws.AwsTrustPolicy;
import io.dynamiccredentials.aws.AwsWebIdentityExchanger;
import io.dynamiccredentials.jwk.SigningAlgorithm;
import io.dynamiccredentials.testkit.HandedOut;
import io.dynamiccredentials.testkit.Runs;
import io.dynamiccredentials.testkit.SettableClock;
import io.dynamiccredentials.testkit.TestIssuer;
import io.dynamiccredentials.token.IdentityToken;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.sts.StsClient;
import software.amazon.awssdk.services.sts.model.StsException;

class FakeAwsTest {
    private static final String AUDIENCE = AwsWebIdentityExchanger.STANDARD_AUDIENCE;
    private static final String ROLE = "arn:aws:iam::123456789012:role/teams/deploy";
    private static final String ASSUMED = "arn:aws:sts::123456789012:assumed-role/deploy/run-1";
    private static final String NO_KEY = "Couldn't retrieve verification key";

    private final SettableClock clock = SettableClock.at(Runs.NOW);
    private final TestIssuer issuer = TestIssuer.start(clock);
    private final FakeAws aws = FakeAws.start(clock)
            .role(ROLE, new AwsTrustPolicy(issuer.url(), Set.of(AUDIENCE), Runs.SUBJECTS))
            .maxSession(ROLE, Duration.ofHours(2))
            .role(
                    "arn:aws:iam::123456789012:role/elsewhere",
                    new AwsTrustPolicy(IssuerUrl.of("https://other.example"), Set.of(AUDIENCE), Runs.SUBJECTS))
            .role(
                    "arn:aws:iam::123456789012:role/second",
                    new AwsTrustPolicy(issuer.url(), Set.of("second"), Runs.SUBJECTS));
    private final AwsSts sts =
            AwsSts.builder("eu-central-1").endpoint(aws.address()).build();
    private final AwsWebIdentityExchanger exchanger = exchanger(ROLE, Duration.ofHours(1));

    @AfterEach
    void stop() {
        aws.close();
        issuer.close();
    }

    @Test
    void exchange_goodToken_givesASessionThatWorks() {
        IdentityToken token = issuer.issue(Runs.plan(), AUDIENCE);
        AwsSessionCredentials session = exchanger.exchange(token);

        assertThat(callerIdentity(session)).isEqualTo(ASSUMED);
        assertThat(session.principal()).isEqualTo(ASSUMED);
        assertThat(session.expiresAt()).isEqualTo(Runs.NOW.plus(Duration.ofHours(1)));
        assertThat(aws.live())
                .containsExactly(
                        new HandedOut(ROLE, ASSUMED, Runs.plan().subject(), token.tokenId(), session.expiresAt()));
    }

    @Test
    void exchange_es256_isAccepted() {
        try (TestIssuer other = TestIssuer.start(SigningAlgorithm.ES256, clock);
                FakeAws fake = fakeFor(other)) {
            AwsSts way = AwsSts.builder("eu-central-1").endpoint(fake.address()).build();
            AwsWebIdentityExchanger exchanger =
                    AwsWebIdentityExchanger.builder(ROLE, way).clock(clock).build();

            assertThat(exchanger.exchange(other.issue(Runs.plan(), AUDIENCE)).assumedRoleArn())
                    .endsWith("/dynamic-credentials");
        }
    }

    @Test
    void exchange_eddsa_isNoValidJwt() {
        try (TestIssuer other = TestIssuer.start(SigningAlgorithm.EDDSA, clock);
                FakeAws fake = fakeFor(other)) {
            AwsSts way = AwsSts.builder("eu-central-1").endpoint(fake.address()).build();
            AwsWebIdentityExchanger exchanger =
                    AwsWebIdentityExchanger.builder(ROLE, way).clock(clock).build();

            assertThatThrownBy(() -> exchanger.exchange(other.issue(Runs.plan(), AUDIENCE)))
                    .hasMessageContaining("not a valid JWT");
        }
    }

    @Test
    void callerIdentity_endedSession_isExpired() {
        AwsSessionCredentials session = exchanger.exchange(issuer.issue(Runs.plan(), AUDIENCE));
        clock.advance(Duration.ofHours(1).minusSeconds(1));
        assertThat(callerIdentity(session)).isEqualTo(ASSUMED);

        clock.advance(Duration.ofSeconds(1));

        assertUseless(sdkCredentials(session), "ExpiredToken");
        assertThat(aws.live()).isEmpty();
    }

    @Test
    void callerIdentity_alteredSession_isRefused() {
        AwsSessionCredentials mine = exchanger.exchange(issuer.issue(Runs.plan(), AUDIENCE));
        AwsSessionCredentials other = exchanger.exchange(issuer.issue(Runs.plan(), AUDIENCE));
        String id = mine.accessKeyId();
        String key = mine.secretAccessKey().reveal();
        String token = mine.sessionToken().reveal();

        assertUseless(session("ASIAMADEUPMADEUP0000", key, token), "InvalidClientTokenId");
        assertUseless(session(id, key, token + "x"), "InvalidClientTokenId");
        assertUseless(session(id, key, other.sessionToken().reveal()), "InvalidClientTokenId");
        assertUseless(session(id, other.secretAccessKey().reveal(), token), "SignatureDoesNotMatch");
        assertUseless(
                software.amazon.awssdk.auth.credentials.AwsBasicCredentials.create(id, key), "InvalidClientTokenId");
        assertThat(callerIdentity(mine)).isEqualTo(ASSUMED);
    }

    @Test
    void exchange_unknownIssuer_isRefused() {
        assertRefused(
                issuer.bad().fromUnknownIssuer(Runs.plan(), AUDIENCE),
                "InvalidIdentityToken",
                "No OpenIDConnect provider found in your account for https://unknown.example",
                "has an OIDC identity provider for exactly issuer \"https://unknown.example\"");
    }

    @Test
    void exchange_wrongAudience_isRefused() {
        assertRefused(
                issuer.issue(Runs.plan(), "vault.workload.identity"),
                "InvalidIdentityToken",
                "Incorrect token audience",
                "with client id \"aws.workload.identity\"");
    }

    @Test
    void exchange_audienceOfAnotherRole_isDenied() {
        assertRefused(
                issuer.issue(Runs.plan(), "second"), "AccessDenied", "Not authorized to perform", "match audience");
    }

    @Test
    void exchange_wrongSubject_isDenied() {
        assertRefused(
                issuer.issue(Runs.ofOtherProject(), AUDIENCE),
                "AccessDenied",
                "Not authorized to perform",
                "subject \"" + Runs.ofOtherProject().subject() + "\"");
    }

    @Test
    void exchange_expired_isRefused() {
        assertRefused(
                issuer.bad().expired(Runs.plan(), AUDIENCE),
                "ExpiredTokenException",
                "Token expired: current date/time " + Runs.NOW.minusSeconds(300).getEpochSecond(),
                "Issue a new token");
    }

    @Test
    void exchange_badSignature_isRefused() {
        assertRefused(
                issuer.bad().withBadSignature(Runs.plan(), AUDIENCE),
                "InvalidIdentityToken",
                "could not be validated",
                "the issuer publishes the key that signs");
    }

    @Test
    void exchange_tamperedClaims_isRefused() {
        assertRefused(
                issuer.bad().tampered(Runs.ofOtherProject(), Runs.plan(), AUDIENCE),
                "InvalidIdentityToken",
                "could not be validated",
                "the issuer publishes the key that signs");
    }

    @Test
    void exchange_unpublishedKey_isRefused() {
        assertRefused(
                issuer.bad().withUnpublishedKey(Runs.plan(), AUDIENCE),
                "InvalidIdentityToken",
                NO_KEY,
                "that the key that signs is published there");
    }

    @Test
    void exchange_issuerIsDown_isRefusedAndRetryable() {
        IdentityToken token = issuer.issue(Runs.plan(), AUDIENCE);
        issuer.close();

        assertThatThrownBy(() -> exchanger.exchange(token))
                .isInstanceOfSatisfying(
                        CredentialExchangeException.class,
                        e -> assertThat(e.retryable()).isTrue())
                .hasMessageContaining(NO_KEY);
    }

    @ParameterizedTest
    @CsvSource({"-300,true", "-301,false", "899,true", "900,false"})
    void exchange_clocksApart_allowsFiveMinutes(int secondsLater, boolean accepted) {
        // The token starts 5 s before it is issued and lives 10 minutes; nbf is the wider one, iat the one that counts.
        IdentityToken token = issuer.issue(Runs.plan(), AUDIENCE);
        clock.advance(Duration.ofSeconds(secondsLater));

        if (accepted) {
            assertThat(callerIdentity(exchanger.exchange(token))).isEqualTo(ASSUMED);
        } else {
            assertThatThrownBy(() -> exchanger.exchange(token)).isInstanceOf(CredentialExchangeException.class);
        }
    }

    @Test
    void exchange_roleThatTrustsAnotherIssuer_isDenied() {
        assertDenied("arn:aws:iam::123456789012:role/elsewhere");
    }

    @Test
    void exchange_unknownRole_isDenied() {
        assertDenied("arn:aws:iam::123456789012:role/nobody");
        // The same name under another path is another role.
        assertDenied("arn:aws:iam::123456789012:role/deploy");
    }

    @Test
    void exchange_accountWithoutProvider_isRefused() {
        AwsWebIdentityExchanger other = exchanger("arn:aws:iam::210987654321:role/deploy", Duration.ofHours(1));

        assertThatThrownBy(() -> other.exchange(issuer.issue(Runs.plan(), AUDIENCE)))
                .hasMessageContaining("No OpenIDConnect provider found")
                .hasMessageContaining("account 210987654321");
    }

    @Test
    void exchange_longerThanTheRoleAllows_isMisconfigured() {
        IdentityToken token = issuer.issue(Runs.plan(), AUDIENCE);

        assertThat(exchanger(ROLE, Duration.ofHours(2)).exchange(token).expiresAt())
                .isEqualTo(Runs.NOW.plus(Duration.ofHours(2)));
        assertThatThrownBy(() -> exchanger(ROLE, Duration.ofHours(3)).exchange(token))
                .isInstanceOfSatisfying(
                        CredentialExchangeException.class,
                        e -> assertThat(e.kind()).isEqualTo(Kind.MISCONFIGURED))
                .hasMessageContaining("exceeds the MaxSessionDuration");
    }

    @ParameterizedTest
    @CsvSource({
        "azp,aws.workload.identity,",
        "azp,second,AccessDenied",
        "azp,stranger,InvalidIdentityToken",
        "azp,'',InvalidIdentityToken",
        "https://aws.amazon.com/tags/principal_tags/Team,shop,AccessDenied",
        "https://aws.amazon.com/source_identity,admin,AccessDenied"
    })
    void exchange_tellingClaims_areHeeded(String claim, String value, String code) {
        IdentityToken token = issuer.bad().withClaim(Runs.plan(), AUDIENCE, claim, value);

        if (code == null) {
            assertThat(callerIdentity(exchanger.exchange(token))).isEqualTo(ASSUMED);
        } else {
            assertThatThrownBy(() -> exchanger.exchange(token))
                    .isInstanceOfSatisfying(
                            CredentialExchangeException.class,
                            e -> assertThat(e.code()).hasValue(code));
        }
    }

    @Test
    void role_beyondLimits_isRefused() {
        AwsTrustPolicy policy = new AwsTrustPolicy(issuer.url(), Set.of(AUDIENCE), Runs.SUBJECTS);

        assertThatThrownBy(() -> aws.role("deploy", policy))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("it was \"deploy\"");
        for (Duration bad : List.of(Duration.ofMinutes(59), Duration.ofHours(12).plusSeconds(1))) {
            assertThatThrownBy(() -> aws.maxSession(ROLE, bad))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("it was " + bad);
        }
        assertThatThrownBy(() -> aws.maxSession(ROLE + "x", Duration.ofHours(1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("there is no \"" + ROLE + "x\"");
    }

    private void assertDenied(String role) {
        assertThatThrownBy(() -> exchanger(role, Duration.ofHours(1)).exchange(issuer.issue(Runs.plan(), AUDIENCE)))
                .isInstanceOfSatisfying(
                        CredentialExchangeException.class,
                        e -> assertThat(e.code()).hasValue("AccessDenied"));
    }

    private void assertRefused(IdentityToken token, String code, String words, String remedy) {
        assertThatThrownBy(() -> exchanger.exchange(token))
                .isInstanceOfSatisfying(CredentialExchangeException.class, e -> {
                    assertThat(e.kind()).isEqualTo(Kind.REFUSED);
                    assertThat(e.code()).hasValue(code);
                    assertThat(e.status()).hasValue(code.equals("AccessDenied") ? 403 : 400);
                    assertThat(e.requestId()).isPresent();
                    assertThat(e.remedy()).contains(remedy);
                })
                .hasMessageContaining(words);
        assertThat(aws.live()).isEmpty();
    }

    private AwsWebIdentityExchanger exchanger(String role, Duration sessionDuration) {
        return AwsWebIdentityExchanger.builder(role, sts)
                .sessionName("run-1")
                .sessionDuration(sessionDuration)
                .clock(clock)
                .build();
    }

    private FakeAws fakeFor(TestIssuer other) {
        return FakeAws.start(clock).role(ROLE, new AwsTrustPolicy(other.url(), Set.of(AUDIENCE), Runs.SUBJECTS));
    }

    private static AwsCredentials sdkCredentials(AwsSessionCredentials session) {
        return session(
                session.accessKeyId(),
                session.secretAccessKey().reveal(),
                session.sessionToken().reveal());
    }

    private static AwsCredentials session(String id, String key, String token) {
        return software.amazon.awssdk.auth.credentials.AwsSessionCredentials.create(id, key, token);
    }

    private void assertUseless(AwsCredentials credentials, String code) {
        assertThatThrownBy(() -> callerIdentity(credentials)).isInstanceOfSatisfying(StsException.class, e -> {
            assertThat(e.statusCode()).isEqualTo(403);
            assertThat(e.awsErrorDetails().errorCode()).isEqualTo(code);
        });
    }

    private String callerIdentity(AwsSessionCredentials session) {
        return callerIdentity(sdkCredentials(session));
    }

    private String callerIdentity(AwsCredentials credentials) {
        try (StsClient client = StsClient.builder()
                .region(Region.EU_CENTRAL_1)
                .endpointOverride(aws.address())
                .httpClientBuilder(UrlConnectionHttpClient.builder())
                .credentialsProvider(StaticCredentialsProvider.create(credentials))
                .build()) {
            return client.getCallerIdentity().arn();
        }
    }
}
