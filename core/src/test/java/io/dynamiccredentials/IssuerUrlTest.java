package io.dynamiccredentials;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class IssuerUrlTest {

    @ParameterizedTest
    @ValueSource(strings = {"https://ci.example", "https://ci.example:8443/oidc", "https://app.terraform.io"})
    void of_httpsAddress_isAccepted(String value) {
        assertThat(IssuerUrl.of(value)).hasToString(value);
    }

    @Test
    void endingInSlash_foreignIssuer_keepsItsSlashAndItsDocumentHasOne() {
        IssuerUrl issuer = IssuerUrl.endingInSlash("https://oic.example/tenant/cluster/");

        assertThat(issuer).hasToString("https://oic.example/tenant/cluster/");
        assertThat(issuer).isNotEqualTo(IssuerUrl.of("https://oic.example/tenant/cluster"));
        assertThat(issuer.discoveryDocument())
                .isEqualTo(URI.create("https://oic.example/tenant/cluster/.well-known/openid-configuration"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"https://ci.example", "http://ci.example/", "https://ci.example//", "https://ci.example?/", "/"})
    void endingInSlash_anythingElse_isRefused(String value) {
        assertThatThrownBy(() -> IssuerUrl.endingInSlash(value)).isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "ci.example",
                "http://ci.example",
                "https://ci.example/",
                "https://ci.example/a/../b",
                "https://ci.example?tenant=1",
                "https://ci.example#x",
                "https://user@ci.example",
                "https:///path",
                "HTTPS://ci.example",
                "https://CI.example",
                "https://ci example",
                "file:///etc/passwd",
                "http://127.0.0.1:80"
            })
    void of_anythingElse_isRefused(String value) {
        assertThatThrownBy(() -> IssuerUrl.of(value))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("\"" + value + "\"");
    }

    @ParameterizedTest
    @ValueSource(strings = {"http://127.0.0.1:8080", "http://localhost:1", "http://[::1]:1", "https://localhost:8443"})
    void loopback_addressOfThisMachine_isAccepted(String value) {
        assertThat(IssuerUrl.loopback(value).value()).isEqualTo(value);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"http://127.0.0.2:80", "http://localhost.evil.example", "https://ci.example", "http://10.0.0.1"})
    void loopback_addressOfAnother_isRefused(String value) {
        assertThatThrownBy(() -> IssuerUrl.loopback(value)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void mayReferTo_httpsIssuer_onlyToHttps() {
        IssuerUrl issuer = IssuerUrl.of("https://ci.example");

        assertThat(issuer.mayReferTo(URI.create("https://keys.example/jwks"))).isTrue();
        assertThat(issuer.mayReferTo(URI.create("http://keys.example/jwks"))).isFalse();
        assertThat(issuer.mayReferTo(URI.create("http://127.0.0.1/jwks"))).isFalse();
        assertThat(issuer.mayReferTo(URI.create("https://user@keys.example/jwks")))
                .isFalse();
        assertThat(issuer.mayReferTo(URI.create("file:///etc/passwd"))).isFalse();
        assertThat(issuer.mayReferTo(URI.create("jwks"))).isFalse();
    }

    @Test
    void mayReferTo_loopbackIssuer_alsoToLoopback() {
        IssuerUrl issuer = IssuerUrl.loopback("http://127.0.0.1:80");

        assertThat(issuer.mayReferTo(URI.create("http://127.0.0.1:81/jwks"))).isTrue();
        assertThat(issuer.mayReferTo(URI.create("http://keys.example/jwks"))).isFalse();
    }

    @Test
    void resolve_appendsToThePath() {
        assertThat(IssuerUrl.of("https://ci.example/oidc").keySet())
                .isEqualTo(URI.create("https://ci.example/oidc/.well-known/jwks"));
    }
}
