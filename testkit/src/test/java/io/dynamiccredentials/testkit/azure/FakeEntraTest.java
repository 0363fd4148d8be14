package io.dynamiccredentials.testkit.azure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.azure.core.credential.TokenRequestContext;
import com.azure.core.http.jdk.httpclient.JdkHttpClientBuilder;
import com.azure.identity.WorkloadIdentityCredentialBuilder;
import com.fasterxml.jackson.databind.JsonNode;
import io.dynamiccredentials.CredentialExchangeException;
import io.dynamiccredentials.CredentialExchangeException.Kind;
import io.dynamiccredentials.IssuerUrl;
import io.dynamiccredentials.Secret;
import io.dynamiccredentials.azure.AzureAccessCredentials;
import io.dynamiccredentials.azure.AzureFederatedExchanger;
import io.dynamiccredentials.azure.AzureProvider;
import io.dynamiccredentials.azure.FederatedIdentityCredential;
import io.dynamiccredentials.jwk.SigningAlgorithm;
import io.dynamiccredentials.run.DynamicCredentials;
import io.dynamiccredentials.run.RunLease;
import io.dynamiccredentials.testkit.HandedOut;
import io.dynamiccredentials.testkit.LoopbackTls;
import io.dynamiccredentials.testkit.Runs;
import io.dynamiccredentials.testkit.SettableClock;
import io.dynamiccredentials.testkit.TestIssuer;
import io.dynamiccredentials.token.IdentityToken;
import io.dynamiccredentials.wire.BoundedHttpClient;
import io.dynamiccredentials.wire.HttpReply;
import io.dynamiccredentials.wire.StrictJson;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FakeEntraTest {
    private static final String AUDIENCE = AzureFederatedExchanger.STANDARD_AUDIENCE;
    private static final String TENANT = "aaaaaaaa-1111-2222-3333-444444444444";
    private static final String CLIENT = "bbbbbbbb-1111-2222-3333-444444444444";
    private static final String OTHER = "cccccccc-1111-2222-3333-444444444444";
    private static final LoopbackTls TLS = LoopbackTls.create();
    private static final BoundedHttpClient HTTP =
            BoundedHttpClient.builder().sslContext(TLS.clientContext()).build();

    private final SettableClock clock = SettableClock.at(Runs.NOW);
    private final TestIssuer issuer = TestIssuer.start(clock);
    private final FakeEntra entra = FakeEntra.start(clock, TLS)
            .tenant(TENANT)
            .resource(TENANT, "https://vault.azure.net")
            .application(
                    TENANT,
                    CLIENT,
                    FederatedIdentityCredential.exact(
                            "plan", issuer.url(), Runs.plan().subject(), AUDIENCE),
                    FederatedIdentityCredential.exact(
                            "apply", issuer.url(), Runs.apply().subject(), AUDIENCE));
    private final AzureFederatedExchanger exchanger = exchanger(TENANT, CLIENT);

    @TempDir
    private Path directory = Path.of("");

    @AfterEach
    void stop() {
        entra.close();
        issuer.close();
    }

    @Test
    void exchange_goodToken_givesATokenThatWorks() throws Exception {
        AzureAccessCredentials credentials = exchanger.exchange(issuer.issue(Runs.plan(), AUDIENCE));

        HttpReply whoAmI = whoAmI(credentials.accessToken().reveal());
        assertThat(whoAmI.status()).isEqualTo(200);
        JsonNode body = StrictJson.parseObject(whoAmI.body());
        assertThat(body.path("tenant").asText()).isEqualTo(TENANT);
        assertThat(body.path("client_id").asText()).isEqualTo(CLIENT);
        assertThat(body.path("expires").asText())
                .isEqualTo(credentials.expiresAt().toString());
        assertThat(credentials.expiresAt()).isEqualTo(Runs.NOW.plusSeconds(3599));
        assertThat(entra.live())
                .containsExactly(new HandedOut(
                        CLIENT,
                        credentials.principal(),
                        Runs.plan().subject(),
                        issuer.issued().get(0).tokenId(),
                        credentials.expiresAt()));
    }

    @Test
    void whoAmI_tokenEnds_isRefusedFromThatInstantOn() throws Exception {
        String token = exchanger
                .exchange(issuer.issue(Runs.apply(), AUDIENCE))
                .accessToken()
                .reveal();
        clock.advance(Duration.ofSeconds(3598));
        assertThat(whoAmI(token).status()).isEqualTo(200);

        clock.advance(Duration.ofSeconds(1));

        assertThat(whoAmI(token).status()).isEqualTo(401);
        assertThat(entra.live()).isEmpty();
    }

    @Test
    void whoAmI_alteredOrMadeUpToken_isRefused() throws Exception {
        String token = exchanger
                .exchange(issuer.issue(Runs.plan(), AUDIENCE))
                .accessToken()
                .reveal();

        assertThat(whoAmI(token + "A").status()).isEqualTo(401);
        assertThat(whoAmI(token.substring(1)).status()).isEqualTo(401);
        assertThat(whoAmI("eyJmadeUp").status()).isEqualTo(401);
        assertThat(whoAmI(issuer.issue(Runs.plan(), AUDIENCE).compact().reveal())
                        .status())
                .isEqualTo(401);
        assertThat(HTTP.send(HttpRequest.newBuilder(entra.whoAmI())).status()).isEqualTo(401);
    }

    @Test
    void exchange_unknownIssuer_isRefused() {
        assertRefused(
                issuer.bad().fromUnknownIssuer(Runs.plan(), AUDIENCE), 700211, "issuer \"https://unknown.example\"");
    }

    @Test
    void exchange_wrongAudience_isRefused() {
        assertRefused(issuer.issue(Runs.plan(), "aws.workload.identity"), 700212, "audience \"aws.workload.identity\"");
    }

    @Test
    void exchange_wrongSubject_isRefused() {
        assertRefused(
                issuer.issue(Runs.ofOtherProject(), AUDIENCE),
                700213,
                "subject \"" + Runs.ofOtherProject().subject() + "\"");
    }

    @Test
    void exchange_expired_isRefused() {
        assertRefused(issuer.bad().expired(Runs.plan(), AUDIENCE), 700024, "issue a new token");
    }

    @Test
    void exchange_badSignature_isRefused() {
        assertRefused(issuer.bad().withBadSignature(Runs.plan(), AUDIENCE), 700027, "the very key that signs");
    }

    @Test
    void exchange_tamperedClaims_isRefused() {
        assertRefused(
                issuer.bad().tampered(Runs.ofOtherProject(), Runs.plan(), AUDIENCE),
                700027,
                "nothing changes the token");
    }

    @Test
    void exchange_unpublishedKey_isRefused() {
        assertRefused(issuer.bad().withUnpublishedKey(Runs.plan(), AUDIENCE), 7000272, "publishes the key that signs");
    }

    @Test
    void exchange_severalDefects_tellsTheSubjectFirst() {
        assertRefused(issuer.bad().withUnpublishedKey(Runs.ofOtherProject(), AUDIENCE), 700213, "It is the subject");
    }

    @Test
    void exchange_subjectDiffersByCase_isRefusedUnderItsOwnNumber() {
        FederatedIdentityCredential loud = FederatedIdentityCredential.exact(
                "loud", issuer.url(), Runs.plan().subject().replace("acme", "ACME"), AUDIENCE);
        try (FakeEntra other = FakeEntra.start(clock, TLS).tenant(TENANT).application(TENANT, CLIENT, loud)) {
            assertRefused(
                    exchanger(other, TENANT, CLIENT), issuer.issue(Runs.plan(), AUDIENCE), 7002138, "letter case only");
        }
    }

    @Test
    void exchange_partsOfTwoCredentials_doNotAddUp() {
        FederatedIdentityCredential plan = FederatedIdentityCredential.exact(
                "plan", issuer.url(), Runs.plan().subject(), "api://other");
        FederatedIdentityCredential apply = FederatedIdentityCredential.exact(
                "apply", issuer.url(), Runs.apply().subject(), AUDIENCE);
        try (FakeEntra other = FakeEntra.start(clock, TLS).tenant(TENANT).application(TENANT, CLIENT, plan, apply)) {
            assertRefused(
                    exchanger(other, TENANT, CLIENT),
                    issuer.issue(Runs.plan(), AUDIENCE),
                    700212,
                    "It is the audience");
        }
    }

    @Test
    void exchange_issuerSignsWithEs256_isRefused() {
        try (TestIssuer elliptic = TestIssuer.start(SigningAlgorithm.ES256, clock)) {
            assertRefused(elliptic.issue(Runs.plan(), AUDIENCE), 5002738, "RS256");
        }
    }

    @Test
    void exchange_issuerIsDown_isUnreachable() {
        IdentityToken token = issuer.issue(Runs.plan(), AUDIENCE);
        issuer.close();

        assertThatThrownBy(() -> exchanger.exchange(token))
                .isInstanceOfSatisfying(CredentialExchangeException.class, e -> {
                    assertThat(e.kind()).isEqualTo(Kind.UNREACHABLE);
                    assertThat(e.code()).hasValue("AADSTS90061");
                });
    }

    @Test
    void exchange_trustedIssuerElsewhere_isUnreachable() {
        FederatedIdentityCredential elsewhere = FederatedIdentityCredential.exact(
                "elsewhere",
                IssuerUrl.of("https://unknown.example"),
                Runs.plan().subject(),
                AUDIENCE);
        try (FakeEntra other = FakeEntra.start(clock, TLS).tenant(TENANT).application(TENANT, CLIENT, elsewhere)) {
            assertThatThrownBy(() -> exchanger(other, TENANT, CLIENT)
                            .exchange(issuer.bad().fromUnknownIssuer(Runs.plan(), AUDIENCE)))
                    .hasMessageContaining("AADSTS90061");
        }
    }

    @ParameterizedTest
    @CsvSource({OTHER + ", " + CLIENT + ", AADSTS90002", TENANT + ", " + OTHER + ", AADSTS700016"})
    void exchange_unknownTenantOrClient_isMisconfigured(String tenant, String client, String code) {
        assertThatThrownBy(() -> exchanger(tenant, client).exchange(issuer.issue(Runs.plan(), AUDIENCE)))
                .isInstanceOfSatisfying(CredentialExchangeException.class, e -> {
                    assertThat(e.kind()).isEqualTo(Kind.MISCONFIGURED);
                    assertThat(e.status()).hasValue(400);
                    assertThat(e.code()).hasValue(code);
                    assertThat(e.requestId()).isPresent();
                });
    }

    @ParameterizedTest
    @CsvSource({
        "grant_type, '', 400, 900144",
        "grant_type, password, 400, 70003",
        "scope, https://management.azure.com, 400, 70011",
        "scope, https://a/.default https://b/.default, 400, 70011",
        "client_assertion_type, urn:other, 401, 7000218",
        "client_assertion, '', 401, 7000218",
        "client_assertion, e30.e30, 400, 50027",
        "client_assertion, e30.!.e30, 400, 50027",
        "client_assertion, e30.e30.e30, 400, 5002727",
        // Headers {"typ":"at+jwt","alg":"RS256"} and {"typ":"JWT","alg":"none"}.
        "client_assertion, eyJ0eXAiOiJhdCtqd3QiLCJhbGciOiJSUzI1NiJ9.e30.e30, 400, 5002727",
        "client_assertion, eyJ0eXAiOiJKV1QiLCJhbGciOiJub25lIn0.e30.e30, 400, 5002738"
    })
    void token_badForm_isRefused(String field, String value, int status, int number) throws Exception {
        Map<String, String> form = form();
        form.put(field, value);

        HttpReply reply = post(form);

        assertThat(reply.status()).isEqualTo(status);
        assertThat(reply.body())
                .contains("\"error_description\":\"AADSTS" + number + ": ")
                .contains("\"error_codes\":[" + number + "]")
                .contains("\"timestamp\":\"2026-03-01 12:00:00Z\"");
        assertThat(entra.live()).isEmpty();
    }

    @Test
    void token_goodForm_isGranted() throws Exception {
        assertThat(post(form()).status()).isEqualTo(200);
    }

    @Test
    void answer_otherAddress_isNotFound() throws Exception {
        assertThat(HTTP.send(HttpRequest.newBuilder(URI.create(entra.address() + "/common")))
                        .status())
                .isEqualTo(404);
    }

    @Test
    void open_renderedValues_workInMicrosoftsOwnCredential() throws Exception {
        AzureProvider provider = AzureProvider.builder()
                .tenantId(TENANT)
                .authorityHost(entra.address())
                .http(HTTP)
                .build();
        DynamicCredentials door = DynamicCredentials.builder(issuer)
                .provider(provider)
                .clock(clock)
                .directory(directory)
                .build();
        Map<String, String> workspace = Map.of("TFC_AZURE_PROVIDER_AUTH", "true", "TFC_AZURE_RUN_CLIENT_ID", CLIENT);

        try (RunLease lease = door.open(Runs.plan(), workspace)) {
            Map<String, Secret> variables = lease.environment().variables();
            String token = new WorkloadIdentityCredentialBuilder()
                    .clientId(value(variables, "AZURE_CLIENT_ID"))
                    .tenantId(value(variables, "AZURE_TENANT_ID"))
                    .tokenFilePath(value(variables, "AZURE_FEDERATED_TOKEN_FILE"))
                    .authorityHost(value(variables, "AZURE_AUTHORITY_HOST"))
                    .disableInstanceDiscovery()
                    .httpClient(
                            new JdkHttpClientBuilder(HttpClient.newBuilder().sslContext(TLS.clientContext())).build())
                    .build()
                    .getTokenSync(new TokenRequestContext().addScopes("https://vault.azure.net/.default"))
                    .getToken();

            assertThat(whoAmI(token).status()).isEqualTo(200);
            assertThat(entra.live()).hasSize(2);
        }
    }

    private void assertRefused(IdentityToken token, int number, String remedy) {
        assertRefused(exchanger, token, number, remedy);
    }

    private void assertRefused(AzureFederatedExchanger exchanger, IdentityToken token, int number, String remedy) {
        assertThatThrownBy(() -> exchanger.exchange(token))
                .isInstanceOfSatisfying(CredentialExchangeException.class, e -> {
                    assertThat(e.platform()).isEqualTo("Azure");
                    assertThat(e.kind()).isEqualTo(Kind.REFUSED);
                    assertThat(e.code()).hasValue("AADSTS" + number);
                    assertThat(e.requestId()).isPresent();
                    assertThat(e.remedy()).contains(remedy);
                });
        assertThat(entra.live()).isEmpty();
    }

    private AzureFederatedExchanger exchanger(String tenant, String client) {
        return exchanger(entra, tenant, client);
    }

    private AzureFederatedExchanger exchanger(FakeEntra entra, String tenant, String client) {
        return AzureFederatedExchanger.builder(tenant, client, HTTP)
                .authorityHost(entra.address())
                .clock(clock)
                .build();
    }

    private HttpReply whoAmI(String token) throws IOException, InterruptedException {
        return HTTP.send(HttpRequest.newBuilder(entra.whoAmI()).header("Authorization", "Bearer " + token));
    }

    private Map<String, String> form() {
        Map<String, String> form = new LinkedHashMap<>();
        form.put("grant_type", "client_credentials");
        form.put("client_id", CLIENT);
        form.put("scope", "openid https://management.azure.com/.default");
        form.put("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
        form.put(
                "client_assertion",
                issuer.issue(Runs.plan(), AUDIENCE).compact().reveal());
        return form;
    }

    private HttpReply post(Map<String, String> form) throws IOException, InterruptedException {
        String body = form.entrySet().stream()
                .map(field -> field.getKey() + "=" + URLEncoder.encode(field.getValue(), StandardCharsets.UTF_8))
                .collect(Collectors.joining("&"));
        return HTTP.send(HttpRequest.newBuilder(URI.create(entra.address() + "/" + TENANT + "/oauth2/v2.0/token"))
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(BodyPublishers.ofString(body)));
    }

    private static String value(Map<String, Secret> variables, String name) {
        return variables.getOrDefault(name, Secret.of("absent")).reveal();
    }
}
