package io.dynamiccredentials.discovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.dynamiccredentials.IssuerUrl;
import io.dynamiccredentials.jwk.JwkSet;
import io.dynamiccredentials.jwk.PublicJwk;
import io.dynamiccredentials.jwk.SigningAlgorithm;
import io.dynamiccredentials.keys.SigningKey;
import io.dynamiccredentials.wire.StrictJson;
import java.io.IOException;
import java.io.InputStream;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** The certificates are fixed, and their private keys are gone: nothing here signs. */
class CertificateChainsTest {
    private static final IssuerUrl ISSUER = IssuerUrl.of("https://ci.example");

    private final X509Certificate authority = certificate("authority.pem");
    private final X509Certificate rsaLeaf = certificate("rsa-leaf.pem");
    private final X509Certificate ecLeaf = certificate("ec-leaf.pem");
    private final PublicJwk rsaKey = PublicJwk.of(rsaLeaf.getPublicKey(), SigningAlgorithm.RS256);
    private final PublicJwk ecKey = PublicJwk.of(ecLeaf.getPublicKey(), SigningAlgorithm.ES256);

    @Test
    void build_noChains_showsNoCertificates() {
        DiscoveryEndpoint plain = DiscoveryEndpoint.of(ISSUER, PublishedKeys.of(rsaKey));

        assertThat(jwks(plain)).doesNotContain("x5c");
    }

    @Test
    void build_chains_addsThemInStandardBase64() throws Exception {
        JsonNode key =
                keys(endpoint(jwk -> List.of(rsaLeaf, authority), rsaKey)).path(0);

        assertThat(key.fieldNames()).toIterable().containsExactly("kty", "use", "alg", "kid", "n", "e", "x5c");
        assertThat(key.path("x5c"))
                .extracting(JsonNode::textValue)
                .containsExactly(
                        Base64.getEncoder().encodeToString(rsaLeaf.getEncoded()),
                        Base64.getEncoder().encodeToString(authority.getEncoded()));
    }

    @Test
    void build_chainForOneKeyOnly_addsItToThatOne() {
        JsonNode keys =
                keys(endpoint(jwk -> jwk.equals(ecKey) ? List.<X509Certificate>of(ecLeaf) : List.of(), rsaKey, ecKey));

        assertThat(keys.path(0).has("x5c")).isFalse();
        assertThat(keys.path(1).fieldNames())
                .toIterable()
                .containsExactly("kty", "use", "alg", "kid", "crv", "x", "y", "x5c");
    }

    @Test
    void build_chains_areStillReadByAVerifier() {
        String jwks = jwks(endpoint(jwk -> List.of(ecLeaf), ecKey));

        assertThat(JwkSet.parse(jwks).find(ecKey.keyId())).isPresent();
    }

    @Test
    void build_chains_areAskedForOnce() {
        List<String> asked = new ArrayList<>();
        DiscoveryEndpoint endpoint = endpoint(
                jwk -> {
                    asked.add(jwk.keyId());
                    return List.of(ecLeaf);
                },
                ecKey);

        jwks(endpoint);
        jwks(endpoint);

        assertThat(asked).containsExactly(ecKey.keyId());
    }

    @Test
    void build_leafOfAnotherKeyOfTheSameKind_refuses() {
        PublicJwk other = SigningKey.generate(SigningAlgorithm.ES256).publicJwk();

        assertThatThrownBy(() -> endpoint(jwk -> List.of(ecLeaf), other))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(other.keyId())
                .hasMessageContaining("\"CN=Test EC leaf\" holds another");
    }

    @Test
    void build_leafOfAnotherKind_refuses() {
        assertThatThrownBy(() -> endpoint(jwk -> List.of(ecLeaf), rsaKey))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("must hold exactly that public key");
    }

    @Test
    void build_authorityBeforeLeaf_refuses() {
        assertThatThrownBy(() -> endpoint(jwk -> List.of(authority, rsaLeaf), rsaKey))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("leaf first");
    }

    @Test
    void build_leafNotSignedByTheNext_refuses() {
        assertThatThrownBy(() -> endpoint(jwk -> List.of(rsaLeaf, ecLeaf), rsaKey))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("\"CN=Test RSA leaf\" is not signed by \"CN=Test EC leaf\"");
    }

    @Test
    void answer_chainIsWrongAfterARotation_refuses() {
        PublishedKeys rotating = PublishedKeys.of(ecKey);
        DiscoveryEndpoint endpoint = DiscoveryEndpoint.builder(ISSUER, rotating)
                .certificateChains(jwk -> List.of(ecLeaf))
                .build();

        rotating.publish(PublishedKeys.fresh(1));

        assertThatThrownBy(() -> jwks(endpoint)).isInstanceOf(IllegalArgumentException.class);
    }

    private static DiscoveryEndpoint endpoint(Function<PublicJwk, List<X509Certificate>> chains, PublicJwk... keys) {
        return DiscoveryEndpoint.builder(ISSUER, PublishedKeys.of(keys))
                .certificateChains(chains)
                .build();
    }

    private static String jwks(DiscoveryEndpoint endpoint) {
        return endpoint.answer("GET", "/.well-known/jwks").body();
    }

    private static JsonNode keys(DiscoveryEndpoint endpoint) {
        return StrictJson.parseObject(jwks(endpoint)).path("keys");
    }

    private static X509Certificate certificate(String file) {
        try (InputStream in = Objects.requireNonNull(CertificateChainsTest.class.getResourceAsStream(file))) {
            return (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(in);
        } catch (IOException | CertificateException e) {
            throw new IllegalStateException("The test's certificate " + file + " can't be read", e);
        }
    }
}
