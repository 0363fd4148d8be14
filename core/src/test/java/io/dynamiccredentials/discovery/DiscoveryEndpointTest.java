package io.dynamiccredentials.discovery;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.dynamiccredentials.IssuerUrl;
import io.dynamiccredentials.jwk.JwkSet;
import io.dynamiccredentials.jwk.SigningAlgorithm;
import io.dynamiccredentials.keys.ActiveKey;
import io.dynamiccredentials.keys.SigningKeys;
import io.dynamiccredentials.wire.BoundedHttpClient;
import io.dynamiccredentials.wire.HttpReply;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DiscoveryEndpointTest {
    private final SigningKeys keys = SigningKeys.generate(SigningAlgorithm.ES256);
    private final DiscoveryEndpoint endpoint = DiscoveryEndpoint.of(IssuerUrl.of("https://ci.example/oidc"), keys);

    @Test
    void answer_document_isExactlyThis() {
        DiscoveryReply reply = endpoint.answer("GET", "/oidc/.well-known/openid-configuration");

        assertThat(reply.status()).isEqualTo(200);
        assertThat(reply.headers())
                .containsEntry("Content-Type", "application/json")
                .containsEntry("Cache-Control", "public, max-age=300");
        assertThat(reply.body())
                .isEqualTo("{\"issuer\":\"https://ci.example/oidc\","
                        + "\"jwks_uri\":\"https://ci.example/oidc/.well-known/jwks\","
                        + "\"response_types_supported\":[\"id_token\"],"
                        + "\"subject_types_supported\":[\"public\"],"
                        + "\"id_token_signing_alg_values_supported\":[\"ES256\"],"
                        + "\"claims_supported\":[\"iss\",\"sub\",\"aud\",\"iat\",\"nbf\",\"exp\",\"jti\"],"
                        + "\"scopes_supported\":[\"openid\"]}");
    }

    @Test
    void answer_jwks_isThePublishedSet() {
        DiscoveryReply reply = endpoint.answer("GET", "/oidc/.well-known/jwks");

        assertThat(reply.status()).isEqualTo(200);
        assertThat(reply.body()).isEqualTo(keys.published().toJson());
        assertThat(JwkSet.parse(reply.body())
                        .find(keys.active(Instant.MAX).key().publicJwk().keyId()))
                .isPresent();
    }

    @Test
    void answer_head_hasNoBody() {
        DiscoveryReply reply = endpoint.answer("HEAD", "/oidc/.well-known/jwks");

        assertThat(reply.status()).isEqualTo(200);
        assertThat(reply.body()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/",
                "",
                "/.well-known/jwks",
                "/oidc/.well-known/jwks/",
                "/oidc/.well-known/jwks.json",
                "/oidc/../oidc/.well-known/jwks",
                "/OIDC/.well-known/jwks"
            })
    void answer_otherPath_is404(String path) {
        assertThat(endpoint.answer("GET", path).status()).isEqualTo(404);
    }

    @ParameterizedTest
    @ValueSource(strings = {"POST", "PUT", "DELETE", "OPTIONS", "get"})
    void answer_otherMethod_is405(String method) {
        DiscoveryReply reply = endpoint.answer(method, "/oidc/.well-known/jwks");

        assertThat(reply.status()).isEqualTo(405);
        assertThat(reply.headers()).containsEntry("Allow", "GET, HEAD");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/.well-known/jwks", "/.well-known/openid-configuration"})
    void answer_keysNotLoaded_is503AndNotCached(String path) {
        DiscoveryEndpoint early = DiscoveryEndpoint.of(IssuerUrl.of("https://ci.example"), new NotLoaded());

        DiscoveryReply reply = early.answer("GET", path);

        assertThat(reply.status()).isEqualTo(503);
        assertThat(reply.headers()).containsEntry("Cache-Control", "no-store");
    }

    @Test
    void jdkHttpDiscovery_servesBothOverHttp() throws Exception {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        String address = "http://127.0.0.1:" + server.getAddress().getPort();
        DiscoveryEndpoint local = DiscoveryEndpoint.of(IssuerUrl.loopback(address), keys);
        server.createContext("/", JdkHttpDiscovery.of(local));
        server.start();
        try {
            BoundedHttpClient http = BoundedHttpClient.builder().build();
            HttpReply jwks = http.send(HttpRequest.newBuilder(URI.create(address + "/.well-known/jwks")));

            assertThat(jwks.status()).isEqualTo(200);
            assertThat(jwks.header("Content-Type")).contains("application/json");
            assertThat(jwks.body()).isEqualTo(keys.published().toJson());
            assertThat(http.send(HttpRequest.newBuilder(URI.create(address + "/.well-known/openid-configuration")))
                            .body())
                    .contains("\"jwks_uri\":\"" + address + "/.well-known/jwks\"");
            assertThat(http.send(HttpRequest.newBuilder(URI.create(address + "/other")))
                            .status())
                    .isEqualTo(404);
            assertThat(http.send(HttpRequest.newBuilder(URI.create(address + "/.well-known/jwks"))
                                    .POST(BodyPublishers.ofString("x")))
                            .status())
                    .isEqualTo(405);
        } finally {
            server.stop(0);
        }
    }

    private static final class NotLoaded implements SigningKeys {
        @Override
        public ActiveKey active(Instant expiresAt) {
            throw new IllegalStateException("not loaded");
        }

        @Override
        public JwkSet published() {
            throw new IllegalStateException("not loaded");
        }
    }
}
