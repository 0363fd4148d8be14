package io.dynamiccredentials.verify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dynamiccredentials.IssuerUrl;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DiscoveryMetadataTest {
    private static final IssuerUrl ISSUER = IssuerUrl.of("https://ci.example");
    private static final IssuerUrl LOOPBACK = IssuerUrl.loopback("http://127.0.0.1:8080");

    @ParameterizedTest
    @ValueSource(
            strings = {"https://ci.example/jwks", "https://keys.example:8443/a?b=c", "https://keys.example/%C3%A9"})
    void parse_httpsAddress_isTaken(String jwksUri) {
        assertThat(DiscoveryMetadata.parse(document("https://ci.example", jwksUri), ISSUER)
                        .jwksUri())
                .hasToString(jwksUri);
    }

    @Test
    void parse_loopbackHttp_isTakenFromALoopbackIssuerOnly() {
        String jwksUri = "http://127.0.0.1:8081/jwks";

        assertThat(DiscoveryMetadata.parse(document(LOOPBACK.value(), jwksUri), LOOPBACK)
                        .jwksUri())
                .hasToString(jwksUri);
        assertRefused(document(ISSUER.value(), jwksUri), "expected an https address");
    }

    @Test
    void parse_furtherMembers_areLeftAlone() {
        String document =
                "{\"x\":{\"issuer\":1},\"jwks_uri\":\"https://ci.example/k\",\"issuer\":\"https://ci.example\"}";

        assertThat(DiscoveryMetadata.parse(document, ISSUER).jwksUri()).hasToString("https://ci.example/k");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "https://ci.example/",
                "https://CI.example",
                "https://ci.example:443",
                "https://ci.example.evil.example",
                "http://ci.example"
            })
    void parse_otherIssuer_isRefused(String named) {
        assertRefused(
                document(named, "https://ci.example/jwks"),
                "names the issuer \"" + named + "\", expected \"https://ci.example\"");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"jwks_uri\":\"https://ci.example/jwks\"}",
                "{\"issuer\":1,\"jwks_uri\":\"https://ci.example/\"}"
            })
    void parse_noIssuer_isRefused(String document) {
        assertRefused(document, "names the issuer \"\"");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "jwks",
                "//keys.example/jwks",
                "https:///jwks",
                "https:jwks",
                "http://keys.example/jwks",
                "https://user@keys.example/jwks",
                "file:///etc/passwd",
                "https://a b/",
                "%"
            })
    void parse_badAddress_isRefused(String jwksUri) {
        assertRefused(document(ISSUER.value(), jwksUri), "its jwks_uri is \"" + jwksUri + "\", expected an https");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"{\"issuer\":\"https://ci.example\"}", "{\"issuer\":\"https://ci.example\",\"jwks_uri\":[\"x\"]}"
            })
    void parse_noAddress_isRefused(String document) {
        assertRefused(document, "its jwks_uri is \"\"");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "[]", "null", "<html>", "{\"issuer\":\"a\",\"issuer\":\"b\"}"})
    void parse_noObject_isRefused(String document) {
        assertThatThrownBy(() -> DiscoveryMetadata.parse(document, ISSUER))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageNotContaining("jwks_uri");
    }

    private static String document(String issuer, String jwksUri) {
        return "{\"issuer\":\"" + issuer + "\",\"jwks_uri\":\"" + jwksUri + "\"}";
    }

    private static void assertRefused(String document, String message) {
        assertThatThrownBy(() -> DiscoveryMetadata.parse(document, ISSUER))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message);
    }
}
