package io.dynamiccredentials.gcp;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.dynamiccredentials.exchange.Revocation;
import io.dynamiccredentials.fixtures.Answer;
import io.dynamiccredentials.fixtures.ScriptedServer;
import io.dynamiccredentials.fixtures.ScriptedServer.Request;
import io.dynamiccredentials.wire.BoundedHttpClient;
import io.dynamiccredentials.wire.StrictJson;
import java.net.URI;
import java.net.URLDecoder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GcpWorkloadIdentityExchangerTest {
    private static final String CLOUD_PLATFORM = "https://www.googleapis.com/auth/cloud-platform";

    @Test
    void exchange_withoutServiceAccount_givesTheTokenOfThePool() {
        try (ScriptedServer server = ScriptedServer.https(Google.federated())) {
            GcpAccessCredentials credentials = Google.exchanger(server).build().exchange(Google.token());

            assertThat(credentials.accessToken().reveal()).isEqualTo(Google.FEDERATED);
            assertThat(credentials.principal()).isEqualTo(Google.PRINCIPAL);
            assertThat(credentials.expiresAt()).isEqualTo(Google.NOW.plusSeconds(3598));
            assertThat(server.requests()).hasSize(1);
        }
    }

    @Test
    void exchange_withServiceAccount_givesItsToken() {
        try (ScriptedServer server = ScriptedServer.https(Google.script(Google.federated(), Google.impersonated()))) {
            GcpAccessCredentials credentials = Google.exchanger(server)
                    .serviceAccount(Google.ACCOUNT)
                    .build()
                    .exchange(Google.token());

            assertThat(credentials.accessToken().reveal()).isEqualTo(Google.IMPERSONATED);
            assertThat(credentials.principal()).isEqualTo(Google.ACCOUNT);
            assertThat(credentials.expiresAt()).isEqualTo(Google.NOW.plus(Duration.ofHours(1)));
            assertThat(server.requests()).hasSize(2);
        }
    }

    @Test
    void exchange_answersWithIds_tellsTheLastCleaned() {
        Answer sts = Google.federated().header("X-Request-Id", "first");
        Answer iam = Google.impersonated().header("X-Goog-Request-Id", "se\"cond");
        try (ScriptedServer server = ScriptedServer.https(Google.script(sts, iam))) {
            assertThat(Google.exchanger(server).build().exchange(Google.token()).requestId())
                    .contains("first");
            assertThat(Google.exchanger(server)
                            .serviceAccount(Google.ACCOUNT)
                            .build()
                            .exchange(Google.token())
                            .requestId())
                    .contains("se\\\"cond");
        }
        try (ScriptedServer server = ScriptedServer.https(Google.federated())) {
            assertThat(Google.exchanger(server).build().exchange(Google.token()).requestId())
                    .isEmpty();
        }
    }

    @Test
    void exchange_always_asksStsAsItsReferenceSays() {
        try (ScriptedServer server = ScriptedServer.https(Google.federated())) {
            Google.exchanger(server).build().exchange(Google.token());

            Request request = server.requests().get(0);
            assertThat(request.method()).isEqualTo("POST");
            assertThat(request.headers())
                    .containsEntry("Content-Type", "application/x-www-form-urlencoded; charset=UTF-8")
                    .doesNotContainKeys("Authorization", "Accept-Encoding");
            assertThat(form(request))
                    .containsExactlyInAnyOrderEntriesOf(Map.of(
                            "grant_type",
                            "urn:ietf:params:oauth:grant-type:token-exchange",
                            "audience",
                            Google.RESOURCE,
                            "scope",
                            CLOUD_PLATFORM,
                            "requested_token_type",
                            "urn:ietf:params:oauth:token-type:access_token",
                            "subject_token",
                            Google.JWT,
                            "subject_token_type",
                            "urn:ietf:params:oauth:token-type:jwt"));
        }
    }

    @Test
    void exchange_withServiceAccount_asksIamAsItsReferenceSays() {
        try (ScriptedServer server = ScriptedServer.https(Google.script(Google.federated(), Google.impersonated()))) {
            Google.exchanger(server)
                    .serviceAccount(Google.ACCOUNT)
                    .tokenLifetime(Duration.ofMinutes(15))
                    .scopes(List.of("https://www.googleapis.com/auth/devstorage.read_only"))
                    .build()
                    .exchange(Google.token());

            Request request = server.requests().get(1);
            assertThat(request.path())
                    .isEqualTo("/v1/projects/-/serviceAccounts/" + Google.ACCOUNT + ":generateAccessToken");
            assertThat(request.headers()).containsEntry("Authorization", "Bearer " + Google.FEDERATED);
            JsonNode body = StrictJson.parseObject(request.body());
            assertThat(body.path("lifetime").textValue()).isEqualTo("900s");
            assertThat(body.path("scope").toString())
                    .isEqualTo("[\"https://www.googleapis.com/auth/devstorage.read_only\"]");
            // The federated token is for IAM Credentials alone; the scopes are those of the service account's token.
            assertThat(form(server.requests().get(0))).containsEntry("scope", CLOUD_PLATFORM);
        }
    }

    @Test
    void exchange_scopesWithoutServiceAccount_goToSts() {
        try (ScriptedServer server = ScriptedServer.https(Google.federated())) {
            Google.exchanger(server).scopes(List.of("a", "b")).build().exchange(Google.token());

            assertThat(form(server.requests().get(0))).containsEntry("scope", "a b");
        }
    }

    @Test
    void exchange_customAudience_isForTheTokenAndNeverForSts() {
        try (ScriptedServer server = ScriptedServer.https(Google.federated())) {
            GcpWorkloadIdentityExchanger exchanger =
                    Google.exchanger(server).audience("https://ci.example").build();
            exchanger.exchange(Google.token());

            assertThat(exchanger.audience()).isEqualTo("https://ci.example");
            assertThat(form(server.requests().get(0))).containsEntry("audience", Google.RESOURCE);
        }
    }

    @Test
    void audience_unlessSet_isTheNameOfTheProvider() {
        GcpWorkloadIdentityExchanger exchanger = GcpWorkloadIdentityExchanger.builder(
                        Google.PROVIDER, BoundedHttpClient.builder().build())
                .build();

        assertThat(exchanger.audience()).isEqualTo(Google.RESOURCE);
        assertThat(exchanger.platform()).isEqualTo("Google Cloud");
    }

    @Test
    void builder_unlessSet_takesGooglesOwnAddresses() {
        GcpWorkloadIdentityExchanger exchanger = GcpWorkloadIdentityExchanger.builder(
                        Google.PROVIDER, BoundedHttpClient.builder().build())
                .serviceAccount(Google.ACCOUNT)
                .build();

        assertThat(exchanger.tokenUrl()).isEqualTo(URI.create("https://sts.googleapis.com/v1/token"));
        assertThat(exchanger.impersonationUrl())
                .contains("https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/" + Google.ACCOUNT
                        + ":generateAccessToken");
        assertThat(exchanger.impersonation().orElseThrow().lifetime()).isEqualTo(Duration.ofHours(1));
    }

    @ParameterizedTest
    @ValueSource(strings = {"1", "60", "119", "200", "229"})
    void exchange_federatedTokenThatEndsSoon_stillAsksEachOnce(String expiresIn) {
        // Google's library counts such a token as stale and would ask STS again before and during the impersonation.
        Answer sts = Answer.json(200, Google.federatedBody(expiresIn));
        try (ScriptedServer server = ScriptedServer.https(Google.script(sts, Google.impersonated()))) {
            GcpAccessCredentials credentials = Google.exchanger(server)
                    .serviceAccount(Google.ACCOUNT)
                    .build()
                    .exchange(Google.token());

            assertThat(credentials.expiresAt()).isEqualTo(Google.NOW.plus(Duration.ofHours(1)));
            assertThat(server.requests()).hasSize(2);
        }
    }

    @Test
    void exchange_twice_asksTwice() {
        try (ScriptedServer server = ScriptedServer.https(Google.federated())) {
            GcpWorkloadIdentityExchanger exchanger = Google.exchanger(server).build();
            exchanger.exchange(Google.token());
            exchanger.exchange(Google.token());

            assertThat(server.requests()).hasSize(2);
        }
    }

    @Test
    void exchange_manyThreads_eachGetsItsOwn() throws Exception {
        try (ScriptedServer server = ScriptedServer.https(request -> Answer.json(
                200,
                Google.federatedBody("3598")
                        .replace(Google.FEDERATED, "for-" + form(request).get("subject_token"))))) {
            GcpWorkloadIdentityExchanger exchanger = Google.exchanger(server).build();
            ExecutorService threads = Executors.newFixedThreadPool(8);
            try {
                List<Future<GcpAccessCredentials>> all = new ArrayList<>();
                for (int i = 0; i < 24; i++) {
                    int run = i;
                    all.add(threads.submit(() -> exchanger.exchange(Google.token("jwt-" + run, "run-" + run))));
                }
                for (int i = 0; i < all.size(); i++) {
                    GcpAccessCredentials credentials = all.get(i).get();
                    assertThat(credentials.accessToken().reveal()).isEqualTo("for-jwt-" + i);
                    assertThat(credentials.principal()).endsWith("/subject/run-" + i);
                }
            } finally {
                threads.shutdownNow();
            }
        }
    }

    @Test
    void revoke_always_saysUntilWhenTheTokenLives() {
        try (ScriptedServer server = ScriptedServer.https(Google.federated())) {
            GcpWorkloadIdentityExchanger exchanger = Google.exchanger(server).build();
            GcpAccessCredentials credentials = exchanger.exchange(Google.token());

            assertThat(exchanger.revoke(credentials)).isEqualTo(new Revocation.LivesUntil(credentials.expiresAt()));
            assertThat(server.requests()).hasSize(1);
        }
    }

    @Test
    void toString_ofCredentials_showsNoToken() {
        try (ScriptedServer server = ScriptedServer.https(Google.federated())) {
            assertThat(Google.exchanger(server).build().exchange(Google.token()).toString())
                    .contains(Google.PRINCIPAL)
                    .doesNotContain(Google.FEDERATED);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "projects/my-project/locations/global/workloadIdentityPools/ci-pool/providers/ci-issuer",
                "projects/123/locations/us/workloadIdentityPools/ci-pool/providers/ci-issuer",
                "projects/123/locations/global/workloadIdentityPools/abc/providers/ci-issuer",
                "projects/123/locations/global/workloadIdentityPools/Ci-Pool/providers/ci-issuer",
                "projects/123/locations/global/workloadIdentityPools/ci-pool/providers/abcdefghijabcdefghijabcdefghijabc",
                "projects/123/locations/global/workloadIdentityPools/ci-pool/providers/ci-issuer/",
                "//iam.googleapis.com/projects/123/locations/global/workloadIdentityPools/ci-pool/providers/ci-issuer",
                "projects/123/locations/global/workloadIdentityPools/ci-pool/providers/ci-issuer\n"
            })
    void builder_malformedProvider_isRefused(String name) {
        BoundedHttpClient http = BoundedHttpClient.builder().build();

        assertThatThrownBy(() -> GcpWorkloadIdentityExchanger.builder(name, http))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("project number")
                .hasMessageContaining('"' + name + '"');
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "deploy",
                "someone@example.com",
                "deploy@shop.iam.gserviceaccount.com.example",
                "deploy@shop.notgserviceaccount.com",
                "a/../b@shop.iam.gserviceaccount.com",
                "deploy:x@shop.iam.gserviceaccount.com",
                "deploy@shop.iam.gserviceaccount.com\n"
            })
    void builder_malformedServiceAccount_isRefused(String email) {
        assertThatThrownBy(() -> builder().serviceAccount(email))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("e-mail address")
                .hasMessageContaining('"' + email + '"');
    }

    @ParameterizedTest
    @ValueSource(strings = {"123456789-compute@developer.gserviceaccount.com", "shop@appspot.gserviceaccount.com"})
    void builder_defaultServiceAccount_isAccepted(String email) {
        assertThat(builder().serviceAccount(email).build().impersonationUrl()).isPresent();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "a b", "a\nb", "ä"})
    void builder_malformedAudience_isRefused(String audience) {
        assertThatThrownBy(() -> builder().audience(audience))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("1 to 256")
                .hasMessageContaining('"' + audience + '"');
    }

    @Test
    void builder_audienceLength_isBoundedAt256() {
        assertThat(builder().audience("a".repeat(256)).build().audience()).hasSize(256);
        assertThatThrownBy(() -> builder().audience("a".repeat(257))).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void builder_tokenLifetime_isBoundedOnBothSides() {
        for (long seconds : new long[] {600, 43200}) {
            Duration lifetime = Duration.ofSeconds(seconds);
            assertThat(builder()
                            .serviceAccount(Google.ACCOUNT)
                            .tokenLifetime(lifetime)
                            .build()
                            .impersonation()
                            .orElseThrow()
                            .lifetime())
                    .isEqualTo(lifetime);
        }
        for (Duration lifetime : List.of(
                Duration.ofSeconds(599), Duration.ofSeconds(43201), Duration.ofMillis(600_500), Duration.ZERO)) {
            assertThatThrownBy(() -> builder().tokenLifetime(lifetime))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("600 to 43200")
                    .hasMessageContaining(lifetime.toString());
        }
    }

    @Test
    void build_tokenLifetimeWithoutServiceAccount_namesBoth() {
        GcpWorkloadIdentityExchanger.Builder builder = builder().tokenLifetime(Duration.ofMinutes(10));

        assertThatThrownBy(builder::build)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("tokenLifetime")
                .hasMessageContaining("serviceAccount");
    }

    @Test
    void builder_malformedScopes_areRefused() {
        assertThatThrownBy(() -> builder().scopes(List.of())).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> builder().scopes(List.of("a b"))).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> builder().scopes(List.of("a", ""))).isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://sts.example/v1/token",
                "https:///v1/token",
                "https://user@sts.example/v1/token",
                "https://sts.example/v1/token?x=1",
                "https://sts.example/v1/token#x",
                "ftp://sts.example/v1/token"
            })
    void builder_malformedAddress_isRefused(String url) {
        assertThatThrownBy(() -> builder().tokenUrl(URI.create(url)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("token URL must be https")
                .hasMessageContaining(url);
        assertThatThrownBy(() -> builder().iamCredentialsUrl(URI.create(url)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("IAM Credentials URL must be https")
                .hasMessageContaining(url);
    }

    @Test
    void builder_iamCredentialsUrlWithPath_isRefused() {
        assertThatThrownBy(() -> builder().iamCredentialsUrl(URI.create("https://iam.example/v1")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("no path");
    }

    private static GcpWorkloadIdentityExchanger.Builder builder() {
        return GcpWorkloadIdentityExchanger.builder(
                Google.PROVIDER, BoundedHttpClient.builder().build());
    }

    private static Map<String, String> form(Request request) {
        Map<String, String> fields = new LinkedHashMap<>();
        for (String pair : request.body().split("&", -1)) {
            int equals = pair.indexOf('=');
            fields.put(
                    URLDecoder.decode(pair.substring(0, equals), UTF_8),
                    URLDecoder.decode(pair.substring(equals + 1), UTF_8));
        }
        return fields;
    }
}
