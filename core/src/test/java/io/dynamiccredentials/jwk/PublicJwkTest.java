package io.dynamiccredentials.jwk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.dynamiccredentials.keys.SigningKey;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPairGenerator;
import java.security.PublicKey;
import java.security.spec.ECGenParameterSpec;
import org.jose4j.jwk.PublicJsonWebKey;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class PublicJwkTest {
    private static final Path VECTORS = Path.of("..", "..", "shared", "vectors", "rfc-latchset");

    @ParameterizedTest
    @MethodSource("io.dynamiccredentials.jwk.SigningAlgorithm#forIssuing")
    void members_everyAlgorithm_arePublicOnly(SigningAlgorithm algorithm) {
        PublicJwk jwk = SigningKey.generate(algorithm).publicJwk();

        String[] numbers = switch (algorithm) {
            case RS256 -> new String[] {"kty", "use", "alg", "kid", "n", "e"};
            case ES256 -> new String[] {"kty", "use", "alg", "kid", "crv", "x", "y"};
            case EDDSA -> new String[] {"kty", "use", "alg", "kid", "crv", "x"};
            default -> throw new IllegalArgumentException("not for issuing: " + algorithm);
        };
        assertThat(jwk.members().keySet()).containsExactly(numbers);
        assertThat(jwk.members()).containsEntry("alg", algorithm.jwsName()).containsEntry("use", "sig");
    }

    @Test
    void keyId_isTheThumbprintOfRfc8037() throws Exception {
        // RFC 8037, appendix A.2 and A.3.
        String jwk = "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"}";
        PublicKey key = PublicJsonWebKey.Factory.newPublicJwk(jwk).getPublicKey();

        assertThat(PublicJwk.of(key, SigningAlgorithm.EDDSA).keyId())
                .isEqualTo("kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
    }

    @Test
    void keyId_isTheThumbprintOfRfc7638() throws Exception {
        assumeTrue(
                Files.isDirectory(VECTORS),
                () -> "SKIPPED: no vectors in " + VECTORS.toAbsolutePath().normalize());
        String jwk = Files.readString(VECTORS.resolve("rfc7638_3.1.jwk"));
        String thumbprint = Files.readString(VECTORS.resolve("rfc7638_3.1.thp")).trim();

        PublicKey key = PublicJsonWebKey.Factory.newPublicJwk(jwk).getPublicKey();
        assertThat(PublicJwk.of(key, SigningAlgorithm.RS256).keyId()).isEqualTo(thumbprint);
    }

    @Test
    void of_weakRsa_isRefused() throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(1024);

        assertThatThrownBy(() -> PublicJwk.of(generator.generateKeyPair().getPublic(), SigningAlgorithm.RS256))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("2048");
    }

    @Test
    void of_otherCurve_isRefused() throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp384r1"));

        assertThatThrownBy(() -> PublicJwk.of(generator.generateKeyPair().getPublic(), SigningAlgorithm.ES256))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("P-256");
    }

    @Test
    void of_keyOfAnotherKind_isRefused() {
        PublicKey ec = SigningKey.generate(SigningAlgorithm.ES256).publicJwk().publicKey();

        assertThatThrownBy(() -> PublicJwk.of(ec, SigningAlgorithm.RS256)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> PublicJwk.of(ec, SigningAlgorithm.EDDSA)).isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @EnumSource(SigningAlgorithm.class)
    void parse_ownName_findsEachAlgorithm(SigningAlgorithm algorithm) {
        assertThat(SigningAlgorithm.parse(algorithm.jwsName())).contains(algorithm);
        assertThat(SigningAlgorithm.parse(algorithm.jwsName() + "x")).isEmpty();
        assertThat(SigningAlgorithm.parse("none")).isEmpty();
    }
}
