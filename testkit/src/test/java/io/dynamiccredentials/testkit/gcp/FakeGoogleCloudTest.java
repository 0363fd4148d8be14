package io.dynamiccredentials.testkit.gcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.JsonNode;
import io.dynamiccredentials.CredentialExchangeException;
import io.dynamiccredentials.CredentialExchangeException.Kind;
import io.dynamiccredentials.gcp.GcpAccessCredentials;
import io.dynamiccredentials.gcp.GcpWorkloadIdentityExchanger;
import io.dynamiccredentials.gcp.WorkloadIdentityProvider;
import io.dynamiccredentials.jwk.SigningAlgorithm;
import io.dynamiccredentials.testkit.HandedOut;
import io.dynamiccredentials.testkit.LoopbackTls;
import io.dynamiccredentials.testkit.Runs;
import io.dynamiccredentials.testkit.SettableClock;
import io.dynamiccredentials.testkit.TestIssuer;
import io.dynamiccredentials.token.IdentityToken;
import io.dynamiccredentials.wire.BoundedHttpClient;
import io.dynamiccredentials.wire.HttpReply;
import io.dynamiccredentials.wire.StrictJson;
import io.dynamiccredentials.workload.TerraformRun;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Duration;
import java.util.Locale;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class FakeGoogleCloudTest {
    private static final LoopbackTls TLS = LoopbackTls.create();
    private static final String POOL = "projects/123456789/locations/global/workloadIdentityPools/ci-pool";
    private static final String PROVIDER = POOL + "/providers/ci-issuer";
    private static final String AUDIENCE = "//iam.googleapis.com/" + PROVIDER;
    private static final String ACCOUNT = "deploy@shop-prod.iam.gserviceaccount.com";

    private final SettableClock clock = SettableClock.at(Runs.NOW);
    private final BoundedHttpClient http =
            BoundedHttpClient.builder().sslContext(TLS.clientContext()).build();
    private final TestIssuer issuer = TestIssuer.start(clock);
    private final FakeGoogleCloud google = FakeGoogleCloud.start(clock, TLS)
            .provider(WorkloadIdentityProvider.of(PROVIDER, issuer.url(), Runs.SUBJECTS))
            .serviceAccount(
                    ACCOUNT,
                    "principal://iam.googleapis.com/" + POOL + "/subject/"
                            + Runs.apply().subject());

    @AfterEach
    void stop() {
        google.close();
        issuer.close();
    }

    @Test
    void exchange_goodToken_givesAFederatedTokenThatWorks() throws Exception {
        GcpAccessCredentials credentials = exchanger().build().exchange(issuer.issue(Runs.plan(), AUDIENCE));

        HttpReply reply = whoAmI(credentials.accessToken().reveal());
        assertThat(reply.status()).isEqualTo(200);
        JsonNode body = StrictJson.parseObject(reply.body());
        assertThat(body.path("principal").textValue())
                .isEqualTo("principal://iam.googleapis.com/" + POOL + "/subject/"
                        + Runs.plan().subject())
                .isEqualTo(credentials.principal());
        assertThat(body.path("expires").textValue())
                .isEqualTo(credentials.expiresAt().toString());
        assertThat(google.live())
                .containsExactly(new HandedOut(
                        PROVIDER,
                        credentials.principal(),
                        Runs.plan().subject(),
                        issuer.issued().get(0).tokenId(),
                        credentials.expiresAt()));
    }

    @Test
    void exchange_defaultAudienceWithScheme_isAccepted() {
        assertThat(exchanger()
                        .build()
                        .exchange(issuer.issue(Runs.plan(), "https:" + AUDIENCE))
                        .principal())
                .contains("ci-pool");
    }

    @Test
    void exchange_es256_isAccepted() {
        try (TestIssuer other = TestIssuer.start(SigningAlgorithm.ES256, clock);
                FakeGoogleCloud cloud = FakeGoogleCloud.start(clock, TLS)
                        .provider(WorkloadIdentityProvider.of(PROVIDER, other.url(), Runs.SUBJECTS))) {
            exchanger(cloud, PROVIDER).build().exchange(other.issue(Runs.plan(), AUDIENCE));

            assertThat(cloud.live()).hasSize(1);
        }
    }

    @Test
    void exchange_boundServiceAccount_givesItsToken() throws Exception {
        GcpAccessCredentials credentials = exchanger()
                .serviceAccount(ACCOUNT)
                .tokenLifetime(Duration.ofMinutes(20))
                .build()
                .exchange(issuer.issue(Runs.apply(), AUDIENCE));

        assertThat(credentials.expiresAt()).isEqualTo(Runs.NOW.plus(Duration.ofMinutes(20)));
        assertThat(whoAmI(credentials.accessToken().reveal()).body()).contains('"' + ACCOUNT + '"');
        assertThat(google.live())
                .extracting(HandedOut::principal)
                .contains(ACCOUNT)
                .hasSize(2);
    }

    @Test
    void whoAmI_endedTokens_areDead() throws Exception {
        IdentityToken token = issuer.issue(Runs.apply(), AUDIENCE);
        GcpAccessCredentials federated = exchanger().build().exchange(token);
        GcpAccessCredentials account =
                exchanger().serviceAccount(ACCOUNT).build().exchange(token);

        // The end of the identity token, less the two seconds by which Google's answers fall short of it.
        assertThat(federated.expiresAt()).isEqualTo(token.expiresAt().minusSeconds(2));
        clock.advance(Duration.between(clock.instant(), federated.expiresAt()).minusSeconds(1));
        assertThat(whoAmI(federated.accessToken().reveal()).status()).isEqualTo(200);
        clock.advance(Duration.ofSeconds(1));
        assertThat(whoAmI(federated.accessToken().reveal()).status()).isEqualTo(401);
        assertThat(whoAmI(account.accessToken().reveal()).status()).isEqualTo(200);

        clock.advance(Duration.between(clock.instant(), account.expiresAt()));
        assertThat(whoAmI(account.accessToken().reveal()).status()).isEqualTo(401);
        assertThat(google.live()).isEmpty();
    }

    @Test
    void anyApi_madeUpToken_isUnauthenticated() throws Exception {
        String token = exchanger()
                .build()
                .exchange(issuer.issue(Runs.plan(), AUDIENCE))
                .accessToken()
                .reveal();

        for (String other :
                new String[] {"ya29.made-up", token + "0", token.substring(1), token.toUpperCase(Locale.ROOT)}) {
            HttpReply reply = whoAmI(other);
            assertThat(reply.status()).isEqualTo(401);
            assertThat(reply.body()).contains("\"status\":\"UNAUTHENTICATED\"");
        }
        assertThat(http.send(HttpRequest.newBuilder(google.whoAmI())).status()).isEqualTo(401);
        assertThat(impersonate("ya29.made-up", "{\"scope\":[\"https://www.googleapis.com/auth/cloud-platform\"]}")
                        .status())
                .isEqualTo(401);
    }

    @Test
    void generateAccessToken_lifetimeOutOfRange_isInvalid() throws Exception {
        String token = exchanger()
                .build()
                .exchange(issuer.issue(Runs.apply(), AUDIENCE))
                .accessToken()
                .reveal();

        assertThat(impersonate(
                                token,
                                "{\"scope\":[\"https://www.googleapis.com/auth/cloud-platform\"],\"lifetime\":\"0s\"}")
                        .body())
                .contains("larger then zero");
        assertThat(impersonate(
                                token,
                                "{\"scope\":[\"https://www.googleapis.com/auth/cloud-platform\"],\"lifetime\":\"3601s\"}")
                        .body())
                .contains("more than 1 hour");
        assertThat(impersonate(token, "{\"lifetime\":\"60s\"}").status()).isEqualTo(400);
        assertThat(impersonate(token, "").status()).isEqualTo(400);
        assertThat(impersonate(token, "{\"scope\":[\"https://www.googleapis.com/auth/cloud-platform\"]}")
                        .status())
                .isEqualTo(200);
    }

    @Test
    void exchange_lifetimeThatNeedsAPolicy_isMisconfigured() {
        CredentialExchangeException e = failure(
                exchanger()
                        .serviceAccount(ACCOUNT)
                        .tokenLifetime(Duration.ofHours(2))
                        .build(),
                issuer.issue(Runs.apply(), AUDIENCE));

        assertThat(e.kind()).isEqualTo(Kind.MISCONFIGURED);
        assertThat(e.remedy()).contains("constraints/iam.allowServiceAccountCredentialLifetimeExtension");
    }

    @Test
    void exchange_unboundSubjectOrUnknownAccount_mayNotImpersonate() {
        CredentialExchangeException e =
                failure(exchanger().serviceAccount(ACCOUNT).build(), issuer.issue(Runs.plan(), AUDIENCE));

        assertThat(e.kind()).isEqualTo(Kind.REFUSED);
        assertThat(e.status()).hasValue(403);
        assertThat(e.code()).contains("PERMISSION_DENIED");
        assertThat(e.remedy())
                .contains("roles/iam.workloadIdentityUser", Runs.plan().subject());
    }

    @Test
    void exchange_sameSubjectOfAnotherPool_mayNotImpersonate() {
        String sibling = POOL + "/providers/ci-sibling";
        String stranger = POOL + "-2/providers/ci-issuer";
        try (FakeGoogleCloud cloud = FakeGoogleCloud.start(clock, TLS)
                .provider(provider(PROVIDER))
                .provider(provider(sibling))
                .provider(provider(stranger))
                .serviceAccount(ACCOUNT, "principalSet://iam.googleapis.com/" + POOL + "/*")) {
            for (String bound : new String[] {PROVIDER, sibling}) {
                GcpWorkloadIdentityExchanger exchanger =
                        exchanger(cloud, bound).serviceAccount(ACCOUNT).build();
                assertThat(exchanger
                                .exchange(issuer.issue(Runs.apply(), exchanger.audience()))
                                .principal())
                        .isEqualTo(ACCOUNT);
            }

            GcpWorkloadIdentityExchanger exchanger =
                    exchanger(cloud, stranger).serviceAccount(ACCOUNT).build();
            CredentialExchangeException e = failure(exchanger, issuer.issue(Runs.apply(), exchanger.audience()));

            assertThat(e.status()).hasValue(403);
            assertThat(e.code()).contains("PERMISSION_DENIED");
        }
    }

    @Test
    void generateAccessToken_tokenOfAServiceAccount_mayNotImpersonate() throws Exception {
        String token = exchanger()
                .serviceAccount(ACCOUNT)
                .build()
                .exchange(issuer.issue(Runs.apply(), AUDIENCE))
                .accessToken()
                .reveal();

        assertThat(impersonate(token, "{\"scope\":[\"https://www.googleapis.com/auth/cloud-platform\"]}")
                        .status())
                .isEqualTo(403);
    }

    @Test
    void exchange_unknownIssuer_isRefused() {
        assertRefused(
                issuer.bad().fromUnknownIssuer(Runs.plan(), AUDIENCE),
                "invalid_grant",
                "The issuer in ID Token https://unknown.example does not match",
                "is exactly");
    }

    @Test
    void exchange_wrongAudience_isRefused() {
        assertRefused(
                issuer.issue(Runs.plan(), "aws.workload.identity"),
                "invalid_grant",
                "The audience in ID Token [aws.workload.identity] does not match",
                "include \"aws.workload.identity\"");
    }

    @Test
    void exchange_wrongSubject_isRefused() {
        assertRefused(
                issuer.issue(Runs.ofOtherProject(), AUDIENCE),
                "unauthorized_client",
                "rejected by the attribute condition",
                Runs.ofOtherProject().subject());
    }

    @Test
    void exchange_expired_isRefused() {
        assertRefused(
                issuer.bad().expired(Runs.plan(), AUDIENCE),
                "invalid_grant",
                "is stale to sign-in",
                "Issue a new token");
    }

    @Test
    void exchange_badSignature_isRefused() {
        assertRefused(
                issuer.bad().withBadSignature(Runs.plan(), AUDIENCE),
                "invalid_grant",
                "Unable to verify the ID Token signature",
                issuer.url().value());
    }

    @Test
    void exchange_tamperedClaims_isRefused() {
        assertRefused(
                issuer.bad().tampered(Runs.ofOtherProject(), Runs.plan(), AUDIENCE),
                "invalid_grant",
                "Unable to verify the ID Token signature",
                issuer.url().value());
    }

    @Test
    void exchange_unpublishedKey_isRefused() {
        assertRefused(
                issuer.bad().withUnpublishedKey(Runs.plan(), AUDIENCE),
                "invalid_grant",
                "Error connecting to the given credential's issuer",
                "/.well-known/openid-configuration");
    }

    @Test
    void exchange_algorithmThatGoogleDoesNotKnow_isRefused() {
        try (TestIssuer other = TestIssuer.start(SigningAlgorithm.EDDSA, clock);
                FakeGoogleCloud cloud = FakeGoogleCloud.start(clock, TLS)
                        .provider(WorkloadIdentityProvider.of(PROVIDER, other.url(), Runs.SUBJECTS))) {
            assertThat(failure(exchanger(cloud, PROVIDER).build(), other.issue(Runs.plan(), AUDIENCE))
                            .code())
                    .contains("invalid_grant");
            assertThat(cloud.live()).isEmpty();
        }
    }

    @Test
    void exchange_setAudiences_replaceTheDefaultOne() {
        try (FakeGoogleCloud cloud = FakeGoogleCloud.start(clock, TLS)
                .provider(WorkloadIdentityProvider.builder(PROVIDER, issuer.url())
                        .map("google.subject", "assertion.sub")
                        .subjectPattern(Runs.SUBJECTS)
                        .allowAudience("https://ci.example")
                        .build())) {
            GcpWorkloadIdentityExchanger exchanger =
                    exchanger(cloud, PROVIDER).audience("https://ci.example").build();

            exchanger.exchange(issuer.issue(Runs.plan(), exchanger.audience()));
            assertThat(failure(exchanger, issuer.issue(Runs.plan(), AUDIENCE)).code())
                    .contains("invalid_grant");
        }
    }

    @Test
    void exchange_unknownProvider_isMisconfigured() {
        CredentialExchangeException e =
                failure(exchanger(google, POOL + "/providers/other").build(), issuer.issue(Runs.plan(), AUDIENCE));

        assertThat(e.kind()).isEqualTo(Kind.MISCONFIGURED);
        assertThat(e.code()).contains("invalid_target");
    }

    @Test
    void exchange_subjectOf128Bytes_isRefused() {
        TerraformRun longest =
                TerraformRun.builder("acme", "shop", "w".repeat(71), "run-1").build();
        TerraformRun tooLong =
                TerraformRun.builder("acme", "shop", "w".repeat(72), "run-1").build();
        try (FakeGoogleCloud cloud = FakeGoogleCloud.start(clock, TLS)
                .provider(WorkloadIdentityProvider.of(PROVIDER, issuer.url(), "organization:acme:*"))) {
            GcpWorkloadIdentityExchanger exchanger = exchanger(cloud, PROVIDER).build();

            exchanger.exchange(issuer.issue(longest, AUDIENCE));
            CredentialExchangeException e = failure(exchanger, issuer.issue(tooLong, AUDIENCE));

            assertThat(e.code()).contains("invalid_request");
            assertThat(e.remedy()).contains("has 128 bytes");
        }
    }

    @Test
    void exchange_aroundTheEndOfTheToken_answersAsMeasured() {
        IdentityToken token = issuer.issue(Runs.plan(), AUDIENCE);
        GcpWorkloadIdentityExchanger exchanger = exchanger().build();

        clock.advance(Duration.between(clock.instant(), token.expiresAt()).minusSeconds(3));
        assertThat(exchanger.exchange(token).expiresAt())
                .isEqualTo(clock.instant().plusSeconds(1));
        clock.advance(Duration.ofSeconds(1));
        assertThat(failure(exchanger, token)).hasMessageContaining("expires_in is absent");
        clock.advance(Duration.ofSeconds(1));
        assertThat(failure(exchanger, token).status()).hasValue(500);
        clock.advance(Duration.ofSeconds(60));
        assertThat(failure(exchanger, token).status()).hasValue(500);
        clock.advance(Duration.ofSeconds(1));
        assertThat(failure(exchanger, token)).hasMessageContaining("is stale to sign-in");
    }

    @Test
    void exchange_malformedRequest_isInvalid() throws Exception {
        assertThat(sts("grant_type=password").body()).contains("invalid_request", "grant_type");
        String form =
                "grant_type=urn:ietf:params:oauth:grant-type:token-exchange&scope=https://www.googleapis.com/auth/cloud-platform"
                        + "&requested_token_type=urn:ietf:params:oauth:token-type:access_token"
                        + "&subject_token_type=urn:ietf:params:oauth:token-type:jwt";
        assertThat(sts(form + "&audience=https:" + AUDIENCE).body()).contains("invalid_request", "full resource name");
        assertThat(sts(form + "&audience=" + AUDIENCE).body()).contains("invalid_grant", "no JSON Web Token");
        assertThat(sts(form + "&audience=" + AUDIENCE + "&subject_token=a.b.c").status())
                .isEqualTo(400);
        assertThat(http.send(HttpRequest.newBuilder(google.tokenUrl())).status())
                .isEqualTo(404);
        assertThat(google.live()).isEmpty();
    }

    private WorkloadIdentityProvider provider(String name) {
        return WorkloadIdentityProvider.of(name, issuer.url(), Runs.SUBJECTS);
    }

    private GcpWorkloadIdentityExchanger.Builder exchanger() {
        return exchanger(google, PROVIDER);
    }

    private GcpWorkloadIdentityExchanger.Builder exchanger(FakeGoogleCloud cloud, String provider) {
        return GcpWorkloadIdentityExchanger.builder(provider, http)
                .tokenUrl(cloud.tokenUrl())
                .iamCredentialsUrl(cloud.address())
                .clock(clock);
    }

    private void assertRefused(IdentityToken token, String code, String text, String remedy) {
        CredentialExchangeException e = failure(exchanger().build(), token);

        assertThat(e.platform()).isEqualTo("Google Cloud");
        assertThat(e.kind()).isEqualTo(Kind.REFUSED);
        assertThat(e.status()).hasValue(400);
        assertThat(e.code()).contains(code);
        assertThat(e.remedy()).contains(remedy);
        assertThat(e).hasMessageContaining(text);
        assertThat(google.live()).isEmpty();
    }

    private static CredentialExchangeException failure(GcpWorkloadIdentityExchanger exchanger, IdentityToken token) {
        CredentialExchangeException failure =
                catchThrowableOfType(CredentialExchangeException.class, () -> exchanger.exchange(token));
        assertThat(failure).isNotNull();
        return failure;
    }

    private HttpReply whoAmI(String accessToken) throws Exception {
        return http.send(HttpRequest.newBuilder(google.whoAmI()).header("Authorization", "Bearer " + accessToken));
    }

    private HttpReply impersonate(String accessToken, String body) throws Exception {
        URI url = URI.create(google.address() + "/v1/projects/-/serviceAccounts/" + ACCOUNT + ":generateAccessToken");
        return http.send(HttpRequest.newBuilder(url)
                .header("Authorization", "Bearer " + accessToken)
                .POST(BodyPublishers.ofString(body)));
    }

    private HttpReply sts(String form) throws Exception {
        return http.send(HttpRequest.newBuilder(google.tokenUrl())
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(BodyPublishers.ofString(form)));
    }
}
