package io.dynamiccredentials.testkit.azure;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.azure.core.credential.TokenRequestContext;
import com.azure.core.http.jdk.httpclient.JdkHttpClientBuilder;
import com.azure.identity.ClientAssertionCredential;
import com.azure.identity.ClientAssertionCredentialBuilder;
import com.fasterxml.jackson.databind.JsonNode;
import com.microsoft.aad.msal4j.MsalServiceException;
import io.dynamiccredentials.azure.AzureCloud;
import io.dynamiccredentials.azure.FederatedIdentityCredential;
import io.dynamiccredentials.testkit.LoopbackTls;
import io.dynamiccredentials.testkit.Runs;
import io.dynamiccredentials.testkit.SettableClock;
import io.dynamiccredentials.testkit.TestIssuer;
import io.dynamiccredentials.token.IdentityToken;
import io.dynamiccredentials.wire.BoundedHttpClient;
import io.dynamiccredentials.wire.HttpReply;
import io.dynamiccredentials.wire.StrictJson;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/** A fake Entra with one application, and the two ways to talk to it: bare HTTP and Microsoft's own library. */
final class EntraTalk implements AutoCloseable {
    static final String AUDIENCE = AzureCloud.PUBLIC.audience();
    static final String TENANT = "aaaaaaaa-1111-2222-3333-444444444444";
    static final String DOMAIN = "contoso.onmicrosoft.com";
    static final String CLIENT = "bbbbbbbb-1111-2222-3333-444444444444";
    static final String OTHER = "cccccccc-1111-2222-3333-444444444444";
    static final String SCOPE = "https://management.azure.com/.default";
    static final LoopbackTls TLS = LoopbackTls.create();

    final SettableClock clock = SettableClock.at(Runs.NOW);
    final TestIssuer issuer = TestIssuer.start(clock);
    final FakeEntra entra = FakeEntra.start(clock, TLS).tenant(TENANT, DOMAIN).application(TENANT, CLIENT, plan());
    private final BoundedHttpClient http =
            BoundedHttpClient.builder().sslContext(TLS.clientContext()).build();

    FederatedIdentityCredential plan() {
        return FederatedIdentityCredential.exact(
                "plan", issuer.url(), Runs.plan().subject(), AUDIENCE);
    }

    String good() {
        return reveal(issuer.issue(Runs.plan(), AUDIENCE));
    }

    String with(String claim, Object value) {
        return reveal(issuer.bad().withClaim(Runs.plan(), AUDIENCE, claim, value));
    }

    static String reveal(IdentityToken token) {
        return token.compact().reveal();
    }

    long now() {
        return clock.instant().getEpochSecond();
    }

    /** Has Microsoft's library get an access token for an assertion. */
    String sdk(String assertion) {
        return sdk(entra, TENANT, CLIENT, SCOPE, assertion);
    }

    static String sdk(FakeEntra entra, String tenant, String client, String scope, String assertion) {
        ClientAssertionCredential credential = new ClientAssertionCredentialBuilder()
                .tenantId(tenant)
                .clientId(client)
                .clientAssertion(() -> assertion)
                .authorityHost(entra.address().toString())
                .disableInstanceDiscovery()
                .httpClient(new JdkHttpClientBuilder(HttpClient.newBuilder().sslContext(TLS.clientContext())).build())
                .build();
        return credential
                .getTokenSync(new TokenRequestContext().addScopes(scope))
                .getToken();
    }

    /** Has Microsoft's library fail, and checks what it read from the answer. */
    void assertSdkRefused(String assertion, int status, String error, int number, String text) {
        assertSdkRefused(TENANT, CLIENT, SCOPE, assertion, status, error, number, text);
    }

    void assertSdkRefused(
            String tenant,
            String client,
            String scope,
            String assertion,
            int status,
            String error,
            int number,
            String text) {
        Throwable thrown = catchThrowable(() -> sdk(entra, tenant, client, scope, assertion));
        assertThat(thrown).isNotNull();
        Throwable cause = thrown;
        while (cause.getCause() != null && !(cause instanceof MsalServiceException)) {
            cause = cause.getCause();
        }
        assertThat(cause).isInstanceOfSatisfying(MsalServiceException.class, e -> {
            assertThat(e.statusCode()).isEqualTo(status);
            assertThat(e.errorCode()).isEqualTo(error);
            assertThat(e).hasMessageContaining("AADSTS" + number + ": ").hasMessageContaining(text);
        });
        assertThat(entra.handedOut()).isEmpty();
    }

    /** Returns the fields of a good request, to be changed. */
    Map<String, String> form(String assertion) {
        Map<String, String> form = new LinkedHashMap<>();
        form.put("grant_type", "client_credentials");
        form.put("client_id", CLIENT);
        form.put("scope", SCOPE);
        form.put("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
        form.put("client_assertion", assertion);
        return form;
    }

    HttpReply post(Map<String, String> form) throws Exception {
        return post(entra, TENANT, form, Map.of());
    }

    HttpReply post(FakeEntra entra, String tenant, Map<String, String> form, Map<String, String> headers)
            throws Exception {
        String body = form.entrySet().stream()
                .map(field -> field.getKey() + "=" + URLEncoder.encode(field.getValue(), UTF_8))
                .collect(Collectors.joining("&"));
        HttpRequest.Builder request = HttpRequest.newBuilder(
                        URI.create(entra.address() + "/" + tenant + "/oauth2/v2.0/token"))
                .header("Content-Type", "application/x-www-form-urlencoded");
        headers.forEach(request::header);
        return http.send(request.POST(BodyPublishers.ofString(body)));
    }

    HttpReply get(URI address, String accessToken) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(address);
        return http.send(accessToken.isEmpty() ? request : request.header("Authorization", "Bearer " + accessToken));
    }

    static JsonNode json(HttpReply reply) {
        return StrictJson.parseObject(reply.body());
    }

    static void assertRefused(HttpReply reply, int status, String error, int number, String text) {
        assertThat(reply.status()).as(reply.body()).isEqualTo(status);
        assertThat(json(reply).path("error").textValue()).isEqualTo(error);
        assertThat(json(reply).path("error_codes").path(0).intValue()).isEqualTo(number);
        assertThat(json(reply).path("error_description").textValue())
                .startsWith("AADSTS" + number + ": ")
                .contains(text);
    }

    @Override
    public void close() {
        entra.close();
        issuer.close();
    }
}
