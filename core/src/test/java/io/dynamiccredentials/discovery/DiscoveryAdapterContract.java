package io.dynamiccredentials.discovery;

import static org.assertj.core.api.Assertions.assertThat;

import io.dynamiccredentials.IssuerUrl;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What every adapter to a web server must do, tried on the server itself. The issuer has a path. */
abstract class DiscoveryAdapterContract {
    static final String DOCUMENT = "/ci/.well-known/openid-configuration";
    static final String JWKS = "/ci/.well-known/jwks";

    final PublishedKeys keys = PublishedKeys.of(PublishedKeys.fresh(1));
    final DiscoveryEndpoint endpoint = DiscoveryEndpoint.of(IssuerUrl.of("https://ci.example/ci"), keys);

    /** Returns a client of the server that serves {@link #endpoint}. */
    abstract RawHttp http();

    @ParameterizedTest
    @ValueSource(strings = {DOCUMENT, JWKS, JWKS + "?x=y", "http://ci.example" + JWKS})
    void get_publicDocument_isTheEndpointsAnswer(String target) throws IOException {
        String path = target.contains("jwks") ? JWKS : DOCUMENT;

        RawHttp.Reply reply = http().get(target);

        assertThat(reply.status()).isEqualTo(200);
        assertThat(reply.body()).isEqualTo(endpoint.answer("GET", path).body());
        endpoint.answer("GET", path)
                .headers()
                .forEach((name, value) ->
                        assertThat(reply.headers()).containsEntry(name.toLowerCase(Locale.ROOT), value));
        assertThat(reply.headers()).doesNotContainKey("transfer-encoding");
    }

    @ParameterizedTest
    @ValueSource(strings = {DOCUMENT, JWKS})
    void head_publicDocument_hasTheLengthOfGetAndNoBody(String path) throws IOException {
        RawHttp.Reply reply = http().send("HEAD", path, Map.of());

        assertThat(reply.status()).isEqualTo(200);
        assertThat(reply.body()).isEmpty();
        assertThat(reply.headers())
                .containsEntry(
                        "content-length",
                        Integer.toString(endpoint.answer("GET", path).bodyBytes()))
                .containsEntry("content-type", "application/json")
                .containsEntry("etag", endpoint.answer("GET", path).headers().get("ETag"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"If-None-Match", "if-none-match", "IF-NONE-MATCH"})
    void request_tagIsKnown_is304(String header) throws IOException {
        String tag = "\"other\", W/" + endpoint.answer("GET", JWKS).headers().get("ETag");

        for (String method : List.of("GET", "HEAD")) {
            RawHttp.Reply reply = http().send(method, JWKS, Map.of(header, tag));

            assertThat(reply.status()).isEqualTo(304);
            assertThat(reply.body()).isEmpty();
            assertThat(reply.headers())
                    .containsEntry("cache-control", "public, max-age=300")
                    .containsKey("etag");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {DOCUMENT, JWKS})
    void get_forgedHost_changesNothing(String path) throws IOException {
        RawHttp.Reply reply = http().send(
                        "GET",
                        path,
                        Map.of(
                                "Host", "evil.example",
                                "X-Forwarded-Host", "evil.example",
                                "X-Forwarded-Proto", "http",
                                "Forwarded", "host=evil.example"));

        assertThat(reply.status()).isEqualTo(200);
        assertThat(reply.body()).isEqualTo(endpoint.answer("GET", path).body());
        assertThat(reply.headers().toString()).doesNotContain("evil");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/",
                "/ci",
                "/ci/other",
                "/.well-known/jwks",
                "/ci/.well-known",
                "/ci/.well-known/",
                "/ci/.well-known/jwks/",
                "/ci/.well-known/jwks.json",
                "/ci/.well-known/JWKS",
                "//ci/.well-known/jwks",
                "//evil.example/ci/.well-known/jwks",
                "/ci//.well-known/jwks",
                "/ci/.well-known//jwks",
                "/x/../ci/.well-known/jwks",
                "/x/..;/ci/.well-known/jwks",
                "/ci/.well-known/x/..;a=b/jwks",
                "/ci/.well-known/./jwks",
                "/ci/.well-known/jwks;x=y",
                "/ci;x=y/.well-known/jwks",
                "/ci/%2ewell-known/jwks",
                "/%63i/.well-known/jwks",
                "/ci/%2e%2e/ci/.well-known/jwks",
                "/ci%2F.well-known/jwks",
                "/ci/.well-known%2fjwks",
                "/ci/.well-known%5cjwks",
                "/ci/.well-known/jwks%00",
                "/ci/.well-known/jwks%20"
            })
    void get_otherSpellingOfThePath_isRefused(String target) throws IOException {
        RawHttp.Reply reply = http().get(target);

        assertThat(reply.status()).isIn(400, 404);
        assertThat(reply.body()).doesNotContain("kty").doesNotContain("jwks_uri");
    }

    @ParameterizedTest
    @ValueSource(strings = {"POST", "PUT", "DELETE", "OPTIONS", "PATCH"})
    void otherMethod_publicDocument_is405(String method) throws IOException {
        RawHttp.Reply reply = http().send(method, JWKS, Map.of("Content-Length", "0"));

        assertThat(reply.status()).isEqualTo(405);
        assertThat(reply.headers()).containsEntry("allow", "GET, HEAD");
    }

    @Test
    void get_keysCanNotBeServed_is500WithoutThem() throws IOException {
        keys.publish(PublishedKeys.fresh(9));

        RawHttp.Reply reply = http().get(JWKS);

        assertThat(reply.status()).isEqualTo(500);
        assertThat(reply.body()).doesNotContain("kty");
    }
}
