package io.dynamiccredentials.discovery;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dynamiccredentials.IssuerUrl;
import io.dynamiccredentials.jwk.JwkSet;
import io.dynamiccredentials.jwk.SigningAlgorithm;
import io.dynamiccredentials.keys.SigningKey;
import io.dynamiccredentials.keys.SigningKeys;
import io.dynamiccredentials.wire.StrictJson;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class DiscoveryEndpointTest {
    private static final IssuerUrl ISSUER = IssuerUrl.of("https://ci.example/oidc");
    private static final String DOCUMENT = "/oidc/.well-known/openid-configuration";
    private static final String JWKS = "/oidc/.well-known/jwks";

    private final SigningKeys keys = SigningKeys.generate(SigningAlgorithm.ES256);
    private final DiscoveryEndpoint endpoint = DiscoveryEndpoint.of(ISSUER, keys);

    @Test
    void answer_document_isExactlyThis() {
        DiscoveryReply reply = endpoint.answer("GET", DOCUMENT);

        assertThat(reply.status()).isEqualTo(200);
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
        DiscoveryReply reply = endpoint.answer("GET", JWKS);

        assertThat(reply.status()).isEqualTo(200);
        assertThat(reply.body()).isEqualTo(keys.published().toJson());
        assertThat(JwkSet.parse(reply.body())
                        .find(keys.active(Instant.MAX).key().publicJwk().keyId()))
                .isPresent();
    }

    @ParameterizedTest
    @ValueSource(strings = {DOCUMENT, JWKS})
    void answer_get_hasTheseHeaders(String path) {
        DiscoveryReply reply = endpoint.answer("GET", path);

        assertThat(reply.headers())
                .containsOnlyKeys("Content-Type", "Content-Length", "Cache-Control", "ETag", "X-Content-Type-Options")
                .containsEntry("Content-Type", "application/json")
                .containsEntry("Content-Length", Integer.toString(reply.body().getBytes(UTF_8).length))
                .containsEntry("Cache-Control", "public, max-age=300")
                .containsEntry("X-Content-Type-Options", "nosniff");
        assertThat(reply.headers().get("ETag")).matches("\"[A-Za-z0-9_-]{43}\"");
    }

    @Test
    void writeBody_get_writesTheBody() throws IOException {
        DiscoveryReply reply = endpoint.answer("GET", JWKS);
        ByteArrayOutputStream out = new ByteArrayOutputStream();

        reply.writeBody(out);

        assertThat(out.toString(UTF_8)).isEqualTo(reply.body()).isNotEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {DOCUMENT, JWKS})
    void answer_head_hasTheHeadersOfGetAndNoBody(String path) {
        DiscoveryReply reply = endpoint.answer("HEAD", path);

        assertThat(reply.status()).isEqualTo(200);
        assertThat(reply.headers()).isEqualTo(endpoint.answer("GET", path).headers());
        assertThat(reply.body()).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("io.dynamiccredentials.jwk.SigningAlgorithm#forIssuing")
    void answer_everyAlgorithm_showsAllowedMembersOnly(SigningAlgorithm algorithm) {
        DiscoveryEndpoint any = DiscoveryEndpoint.of(ISSUER, SigningKeys.generate(algorithm));

        String jwks = any.answer("GET", JWKS).body();

        assertThat(StrictJson.parseObject(jwks).fieldNames()).toIterable().containsExactly("keys");
        assertThat(StrictJson.parseObject(jwks).path("keys"))
                .singleElement()
                .satisfies(
                        key -> assertThat(key.fieldNames()).toIterable().containsExactlyElementsOf(members(algorithm)));
        assertThat(any.answer("GET", DOCUMENT).body())
                .contains("\"id_token_signing_alg_values_supported\":[\"" + algorithm.jwsName() + "\"]");
    }

    @Test
    void answer_keysOfSeveralAlgorithms_listsEachOnceAndNoOther() {
        PublishedKeys mixed = PublishedKeys.of(
                SigningKey.generate(SigningAlgorithm.ES256).publicJwk(),
                SigningKey.generate(SigningAlgorithm.EDDSA).publicJwk(),
                SigningKey.generate(SigningAlgorithm.ES256).publicJwk());

        assertThat(DiscoveryEndpoint.of(ISSUER, mixed).answer("GET", DOCUMENT).body())
                .contains("\"id_token_signing_alg_values_supported\":[\"ES256\",\"EdDSA\"]");
    }

    @Test
    void answer_sameKeys_rendersOnce() {
        assertThat(endpoint.site()).isSameAs(endpoint.site());
        assertThat(endpoint.answer("GET", JWKS)).isSameAs(endpoint.answer("GET", JWKS));
    }

    @Test
    void answer_keysChange_showsTheNewOnesUnderANewTag() {
        PublishedKeys changing = PublishedKeys.of(PublishedKeys.fresh(1));
        DiscoveryEndpoint changed = DiscoveryEndpoint.of(ISSUER, changing);
        DiscoveryReply before = changed.answer("GET", JWKS);

        changing.publish(PublishedKeys.fresh(2));
        DiscoveryReply after =
                changed.answer("GET", JWKS, List.of(before.headers().get("ETag")));

        assertThat(after.status()).isEqualTo(200);
        assertThat(after.body()).isEqualTo(changing.published().toJson());
        assertThat(after.headers().get("ETag")).isNotEqualTo(before.headers().get("ETag"));
    }

    @Test
    void answer_maxAgeChanges_saysSoInWholeSeconds() {
        PublishedKeys changing = PublishedKeys.of(PublishedKeys.fresh(1));
        DiscoveryEndpoint changed = DiscoveryEndpoint.of(ISSUER, changing);

        assertThat(cacheControl(changed)).isEqualTo("public, max-age=300");
        changing.maxAge(Duration.ofMillis(59_999));
        assertThat(cacheControl(changed)).isEqualTo("public, max-age=59");
        changing.maxAge(Duration.ZERO);
        assertThat(cacheControl(changed)).isEqualTo("public, max-age=0");
    }

    @Test
    void answer_negativeMaxAge_refuses() {
        PublishedKeys odd = PublishedKeys.of(PublishedKeys.fresh(1)).maxAge(Duration.ofSeconds(-1));

        assertThatThrownBy(() -> DiscoveryEndpoint.of(ISSUER, odd))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("maxAge")
                .hasMessageContaining("PT-1S");
    }

    @Test
    void build_eightKeys_servesThem() {
        DiscoveryEndpoint full = DiscoveryEndpoint.of(ISSUER, PublishedKeys.of(PublishedKeys.fresh(8)));

        assertThat(JwkSet.parse(full.answer("GET", JWKS).body()).keys()).hasSize(8);
    }

    @Test
    void build_nineKeys_refuses() {
        PublishedKeys tooMany = PublishedKeys.of(PublishedKeys.fresh(9));

        assertThatThrownBy(() -> DiscoveryEndpoint.of(ISSUER, tooMany))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("at most 8 keys")
                .hasMessageContaining("it holds 9");
    }

    @Test
    void answer_nineKeysLater_refusesUntilThereAreFewer() {
        PublishedKeys growing = PublishedKeys.of(PublishedKeys.fresh(1));
        DiscoveryEndpoint later = DiscoveryEndpoint.of(ISSUER, growing);

        growing.publish(PublishedKeys.fresh(9));
        assertThatThrownBy(() -> later.answer("GET", JWKS))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("it holds 9");
        growing.publish(PublishedKeys.fresh(8));
        assertThat(later.answer("GET", JWKS).status()).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "%s",
                "W/%s",
                "  %s  ",
                "\"other\", %s",
                "%s,\"other\"",
                "\"a,b\" ,W/\"x\", W/%s , \"y\"",
                "*",
                " * "
            })
    void answer_ifNoneMatchHasTheTag_is304(String header) {
        DiscoveryReply fresh = endpoint.answer("GET", JWKS);
        List<String> values = List.of(header.replace("%s", fresh.headers().get("ETag")));

        for (String method : new String[] {"GET", "HEAD"}) {
            DiscoveryReply reply = endpoint.answer(method, JWKS, values);

            assertThat(reply.status()).isEqualTo(304);
            assertThat(reply.body()).isEmpty();
            assertThat(reply.headers())
                    .containsOnlyKeys("ETag", "Cache-Control")
                    .containsEntry("ETag", fresh.headers().get("ETag"))
                    .containsEntry("Cache-Control", "public, max-age=300");
        }
    }

    @Test
    void answer_ifNoneMatchInASecondLine_is304() {
        String tag = endpoint.answer("GET", JWKS).headers().get("ETag");

        assertThat(endpoint.answer("GET", JWKS, List.of("\"other\"", tag)).status())
                .isEqualTo(304);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ",", "\"\"", "\"other\"", "w/%s", "%s\"", "x%s", "W/", "\"a\", *", "%s;", "\"%s\""})
    void answer_ifNoneMatchHasNotTheTag_is200(String header) {
        String tag = endpoint.answer("GET", JWKS).headers().get("ETag");

        DiscoveryReply reply = endpoint.answer("GET", JWKS, List.of(header.replace("%s", tag)));

        assertThat(reply.status()).isEqualTo(200);
        assertThat(reply.body()).isEqualTo(keys.published().toJson());
    }

    @Test
    void answer_tagOfTheOtherDocument_is200() {
        String tag = endpoint.answer("GET", DOCUMENT).headers().get("ETag");

        assertThat(endpoint.answer("GET", JWKS, List.of(tag)).status()).isEqualTo(200);
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
                "//oidc/.well-known/jwks",
                "/oidc//.well-known/jwks",
                "/oidc/%2ewell-known/jwks",
                "/oidc%2F.well-known/jwks",
                "/oidc/.well-known/jwks;x=y",
                "/oidc/.well-known/jwks?x=y",
                "/OIDC/.well-known/jwks"
            })
    void answer_otherPath_is404(String path) {
        assertThat(endpoint.answer("GET", path).status()).isEqualTo(404);
    }

    @Test
    void answer_issuerWithAnEncodedPath_takesThePathAsItStands() {
        DiscoveryEndpoint encoded = DiscoveryEndpoint.of(IssuerUrl.of("https://ci.example/a%20b/é"), keys);

        assertThat(encoded.answer("GET", "/a%20b/%C3%A9/.well-known/jwks").status())
                .isEqualTo(200);
        assertThat(encoded.answer("GET", "/a b/é/.well-known/jwks").status()).isEqualTo(404);
    }

    @ParameterizedTest
    @ValueSource(strings = {"POST", "PUT", "DELETE", "OPTIONS", "get"})
    void answer_otherMethod_is405(String method) {
        DiscoveryReply reply = endpoint.answer(method, JWKS);

        assertThat(reply.status()).isEqualTo(405);
        assertThat(reply.headers()).containsEntry("Allow", "GET, HEAD");
    }

    @ParameterizedTest
    @ValueSource(strings = {DOCUMENT, JWKS})
    void answer_keysNotLoaded_is503AndNotCachedUntilTheyAre(String path) {
        PublishedKeys late = PublishedKeys.notLoaded();
        DiscoveryEndpoint early = DiscoveryEndpoint.of(ISSUER, late);

        DiscoveryReply reply = early.answer("GET", path, List.of("*"));
        assertThat(reply.status()).isEqualTo(503);
        assertThat(reply.headers()).containsEntry("Cache-Control", "no-store").containsEntry("Retry-After", "1");
        assertThat(reply.body()).isEmpty();

        late.publish(PublishedKeys.fresh(1));
        assertThat(early.answer("GET", path).status()).isEqualTo(200);
    }

    private static String cacheControl(DiscoveryEndpoint endpoint) {
        return endpoint.answer("GET", JWKS).headers().getOrDefault("Cache-Control", "none");
    }

    private static List<String> members(SigningAlgorithm algorithm) {
        return switch (algorithm) {
            case RS256 -> List.of("kty", "use", "alg", "kid", "n", "e");
            case ES256 -> List.of("kty", "use", "alg", "kid", "crv", "x", "y");
            case EDDSA -> List.of("kty", "use", "alg", "kid", "crv", "x");
            default -> throw new IllegalArgumentException("not for issuing: " + algorithm);
        };
    }
}
