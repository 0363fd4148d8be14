package io.dynamiccredentials.azure;

import static io.dynamiccredentials.azure.Samples.ACCESS_TOKEN;
import static io.dynamiccredentials.azure.Samples.CLIENT;
import static io.dynamiccredentials.azure.Samples.JWT;
import static io.dynamiccredentials.azure.Samples.NOW;
import static io.dynamiccredentials.azure.Samples.TENANT;
import static io.dynamiccredentials.azure.Samples.token;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dynamiccredentials.CredentialExchangeException;
import io.dynamiccredentials.exchange.Revocation;
import io.dynamiccredentials.fixtures.Answer;
import io.dynamiccredentials.fixtures.ScriptedServer;
import io.dynamiccredentials.wire.BoundedHttpClient;
import java.net.ProxySelector;
import java.net.URI;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AzureFederatedExchangerTest {
    private final BoundedHttpClient http = Samples.http();

    @Test
    void tenant_overlong_isRefusedAndTakesNoStack() {
        String domain = "a" + ".a".repeat(255);
        String overlong = "a" + ".a".repeat(50_000);

        assertThat(AzureFederatedExchanger.isTenant(domain)).isTrue();
        assertThat(AzureFederatedExchanger.isTenant(domain + ".a")).isFalse();
        assertThat(AzureFederatedExchanger.isTenant(overlong)).isFalse();
        assertThatThrownBy(() -> AzureFederatedExchanger.builder(
                        overlong,
                        "11111111-2222-3333-4444-555555555555",
                        BoundedHttpClient.builder().build()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("The Azure tenant must be");
    }

    @Test
    void exchange_granted_returnsCredentialsOfTheApplication() {
        try (ScriptedServer server = ScriptedServer.https(Samples.granted(ACCESS_TOKEN))) {
            AzureAccessCredentials credentials = Samples.exchanger(server).exchange(token());

            assertThat(credentials.accessToken().reveal()).isEqualTo(ACCESS_TOKEN);
            assertThat(credentials.expiresAt()).isEqualTo(NOW.plusSeconds(3599));
            assertThat(credentials.principal()).isEqualTo("application " + CLIENT + " in tenant " + TENANT);
            assertThat(credentials.toString()).doesNotContain(ACCESS_TOKEN);
        }
    }

    @Test
    void exchange_granted_tellsTheRequest() {
        Answer answer = Samples.granted(ACCESS_TOKEN).header("x-ms-request-id", "aaaaaaaa-0000-0000-0000-000000000001");
        try (ScriptedServer server = ScriptedServer.https(answer)) {
            assertThat(Samples.exchanger(server).exchange(token()).requestId())
                    .contains("aaaaaaaa-0000-0000-0000-000000000001");
        }
        try (ScriptedServer server = ScriptedServer.https(Samples.granted(ACCESS_TOKEN))) {
            assertThat(Samples.exchanger(server).exchange(token()).requestId()).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "no JSON",
                "{\"appid\":\"" + CLIENT + "\"}",
                "{\"azp\":\"" + CLIENT + "\"}",
                "{\"appid\":7}"
            })
    void exchange_tokenOfTheApplicationOrOfNoneThatIsTold_passes(String claims) {
        try (ScriptedServer server = ScriptedServer.https(Samples.granted(claiming(claims)))) {
            assertThat(Samples.exchanger(server).exchange(token()).clientId()).isEqualTo(CLIENT);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"appid", "azp"})
    void exchange_tokenOfAnotherApplication_isRefused(String claim) {
        String other = "99999999-2222-3333-4444-555555555555";
        String token = claiming("{\"" + claim + "\":\"" + other + "\"}");
        try (ScriptedServer server = ScriptedServer.https(Samples.granted(token))) {
            assertThatThrownBy(() -> Samples.exchanger(server).exchange(token()))
                    .isInstanceOfSatisfying(CredentialExchangeException.class, e -> {
                        assertThat(e.kind()).isEqualTo(CredentialExchangeException.Kind.UNINTELLIGIBLE);
                        assertThat(e.retryable()).isFalse();
                    })
                    .hasMessageContaining("is of application \"" + other + "\"")
                    .hasMessageNotContaining(token);
        }
    }

    private static String claiming(String claims) {
        return "eyJhbGciOiJSUzI1NiJ9." + Base64.getUrlEncoder().withoutPadding().encodeToString(claims.getBytes(UTF_8))
                + ".c2ln";
    }

    @Test
    void exchange_granted_sendsOneClientAssertion() {
        try (ScriptedServer server = ScriptedServer.https(Samples.granted(ACCESS_TOKEN))) {
            AzureFederatedExchanger exchanger = AzureFederatedExchanger.builder(TENANT, CLIENT, http)
                    .authorityHost(server.address())
                    .scope("https://vault.azure.net/.default")
                    .build();

            exchanger.exchange(token());

            assertThat(server.requests()).singleElement().satisfies(request -> {
                assertThat(request.method()).isEqualTo("POST");
                assertThat(request.path()).isEqualTo("/" + TENANT + "/oauth2/v2.0/token");
                assertThat(request.headers()).containsEntry("x-client-SKU", "MSAL.Java");
                assertThat(request.headers().get("Content-Type")).startsWith("application/x-www-form-urlencoded");
                Map<String, String> form = Samples.form(request);
                assertThat(form)
                        .containsEntry("grant_type", "client_credentials")
                        .containsEntry("client_id", CLIENT)
                        .containsEntry("client_assertion", JWT)
                        .containsEntry(
                                "client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
                assertThat(form.getOrDefault("scope", "").split(" ", -1)).contains("https://vault.azure.net/.default");
            });
        }
    }

    @Test
    void exchange_withoutAuthority_asksThePublicCloudAndNothingIsCached() throws Exception {
        // Only an authority without a port lets MSAL's cache hit, so that this is where a cached token would show.
        ProxySelector before = ProxySelector.getDefault();
        try (ScriptedServer server = ScriptedServer.https(AzureFederatedExchangerTest::echoAsAccessToken);
                TunnelToLoopback tunnel = new TunnelToLoopback(server.address().getPort())) {
            ProxySelector.setDefault(tunnel.selector("login.microsoftonline.com"));
            BoundedHttpClient tunneled = BoundedHttpClient.builder()
                    .sslContext(TunnelToLoopback.credulous())
                    .build();
            AzureFederatedExchanger exchanger =
                    AzureFederatedExchanger.builder(TENANT, CLIENT, tunneled).build();

            assertThat(exchanger.tokenEndpoint())
                    .isEqualTo(URI.create("https://login.microsoftonline.com/" + TENANT + "/oauth2/v2.0/token"));
            assertThat(exchanger.exchange(token("eyJfirst")).accessToken().reveal())
                    .isEqualTo("of-eyJfirst");
            assertThat(exchanger.exchange(token("eyJsecond")).accessToken().reveal())
                    .isEqualTo("of-eyJsecond");
            assertThat(server.requests()).hasSize(2);
            assertThat(tunnel.asked()).hasSize(2).containsOnly("CONNECT login.microsoftonline.com:443 HTTP/1.1");
        } finally {
            ProxySelector.setDefault(before);
        }
    }

    @Test
    void exchange_tenantIsADomainInMixedCase_isAskedForAsWritten() {
        try (ScriptedServer server = ScriptedServer.https(Samples.granted(ACCESS_TOKEN))) {
            AzureFederatedExchanger exchanger = AzureFederatedExchanger.builder("Contoso.onmicrosoft.com", CLIENT, http)
                    .authorityHost(
                            URI.create("HTTPS://LOCALHOST:" + server.address().getPort() + "/"))
                    .build();

            assertThat(exchanger.exchange(token()).tenantId()).isEqualTo("Contoso.onmicrosoft.com");
            assertThat(server.requests().get(0).path()).isEqualTo("/Contoso.onmicrosoft.com/oauth2/v2.0/token");
        }
    }

    @Test
    void exchange_authorityInTheSurroundings_isIgnored() {
        System.setProperty("AZURE_AUTHORITY_HOST", "https://elsewhere.example/");
        try (ScriptedServer server = ScriptedServer.https(Samples.granted(ACCESS_TOKEN))) {
            Samples.exchanger(server).exchange(token());

            assertThat(server.requests()).hasSize(1);
        } finally {
            System.clearProperty("AZURE_AUTHORITY_HOST");
        }
    }

    @Test
    void exchange_manyThreads_eachGetsTheTokenOfItsOwn() {
        try (ScriptedServer server = ScriptedServer.https(AzureFederatedExchangerTest::echoAsAccessToken)) {
            AzureFederatedExchanger exchanger = Samples.exchanger(server);

            List<String> tokens = IntStream.range(0, 24)
                    .parallel()
                    .mapToObj(i ->
                            exchanger.exchange(token("eyJ" + i)).accessToken().reveal())
                    .toList();

            assertThat(tokens)
                    .isEqualTo(
                            IntStream.range(0, 24).mapToObj(i -> "of-eyJ" + i).toList());
        }
    }

    @Test
    void revoke_always_tellsWhenTheTokenEnds() {
        try (ScriptedServer server = ScriptedServer.https(Samples.granted(ACCESS_TOKEN))) {
            AzureFederatedExchanger exchanger = Samples.exchanger(server);

            assertThat(exchanger.revoke(exchanger.exchange(token())))
                    .isEqualTo(new Revocation.LivesUntil(NOW.plusSeconds(3599)));
        }
    }

    @Test
    void audience_unlessSet_isThePublicClouds() {
        AzureFederatedExchanger.Builder builder = AzureFederatedExchanger.builder(TENANT, CLIENT, http);

        assertThat(builder.build().audience()).isEqualTo("api://AzureADTokenExchange");
        assertThat(builder.audience("api://AzureADTokenExchangeUSGov").build().audience())
                .isEqualTo("api://AzureADTokenExchangeUSGov");
        assertThat(builder.build().platform()).isEqualTo("Azure");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "common",
                "organizations",
                "consumers",
                "..",
                "a..b",
                "contoso.com/x",
                "contoso.com\r\n",
                "{aaaaaaaa-1111-2222-3333-444444444444}"
            })
    void builder_malformedTenant_isRefused(String tenant) {
        assertThatThrownBy(() -> AzureFederatedExchanger.builder(tenant, CLIENT, http))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("tenant")
                .hasMessageContaining("\"" + tenant + "\"");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "my-app", "bbbbbbbb111122223333444444444444", "bbbbbbbb-1111-2222-3333-44444444444g"})
    void builder_malformedClient_isRefused(String client) {
        assertThatThrownBy(() -> AzureFederatedExchanger.builder(TENANT, client, http))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("client id")
                .hasMessageContaining("\"" + client + "\"");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://login.microsoftonline.com",
                "https://login.microsoftonline.com/common",
                "https://user@login.microsoftonline.com",
                "https://login.microsoftonline.com?x=y",
                "https://login.microsoftonline.com#x",
                "https:login",
                "login.microsoftonline.com"
            })
    void authorityHost_malformed_isRefused(String address) {
        assertThatThrownBy(() ->
                        AzureFederatedExchanger.builder(TENANT, CLIENT, http).authorityHost(URI.create(address)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("authority host must be https")
                .hasMessageContaining(address);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "/.default", "https://management.azure.com", "https://a/.default https://b/.default"})
    void scope_malformed_isRefused(String scope) {
        assertThatThrownBy(() ->
                        AzureFederatedExchanger.builder(TENANT, CLIENT, http).scope(scope))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("/.default")
                .hasMessageContaining("\"" + scope + "\"");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "two words", "line\nbreak"})
    void audience_malformed_isRefused(String audience) {
        assertThatThrownBy(() ->
                        AzureFederatedExchanger.builder(TENANT, CLIENT, http).audience(audience))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("audience")
                .hasMessageContaining("\"" + audience + "\"");
    }

    private static Answer echoAsAccessToken(ScriptedServer.Request request) {
        return Samples.granted("of-" + Samples.form(request).get("client_assertion"));
    }
}
