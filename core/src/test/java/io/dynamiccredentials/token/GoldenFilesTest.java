package io.dynamiccredentials.token;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.dynamiccredentials.discovery.DiscoveryEndpoint;
import io.dynamiccredentials.fixtures.Jws;
import io.dynamiccredentials.jwk.SigningAlgorithm;
import io.dynamiccredentials.keys.SigningKeys;
import java.security.Signature;
import java.util.Base64;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What goes over the wire, byte for byte. A difference here is a change for every relying party. */
class GoldenFilesTest {

    @ParameterizedTest
    @EnumSource(GoldenTokens.class)
    void issue_claims_areThoseOfTheFile(GoldenTokens golden) {
        assertThat(Jws.claims(golden.issue(SigningAlgorithm.RS256)))
                .isEqualTo(GoldenTokens.read(golden.fileName() + ".claims.json"));
    }

    @ParameterizedTest
    @EnumSource(GoldenTokens.class)
    void issue_rs256_isTheTokenOfTheFile(GoldenTokens golden) {
        assertThat(golden.issue(SigningAlgorithm.RS256)).isEqualTo(GoldenTokens.read(golden.fileName() + ".rs256.jwt"));
    }

    @ParameterizedTest
    @EnumSource(GoldenTokens.class)
    void issue_eddsa_isTheTokenOfTheFile(GoldenTokens golden) {
        assertThat(golden.issue(SigningAlgorithm.EDDSA)).isEqualTo(GoldenTokens.read(golden.fileName() + ".eddsa.jwt"));
    }

    @ParameterizedTest
    @EnumSource(GoldenTokens.class)
    void issue_es256_isTheSigningInputOfTheFileAndVerifies(GoldenTokens golden) throws Exception {
        String compact = golden.issue(SigningAlgorithm.ES256);
        int lastDot = compact.lastIndexOf('.');
        String signingInput = compact.substring(0, lastDot);

        assertThat(signingInput).isEqualTo(GoldenTokens.read(golden.fileName() + ".es256.signing-input"));
        Signature signature = Signature.getInstance("SHA256withECDSAinP1363Format");
        signature.initVerify(
                GoldenTokens.key(SigningAlgorithm.ES256).publicJwk().publicKey());
        signature.update(signingInput.getBytes(US_ASCII));
        assertThat(signature.verify(Base64.getUrlDecoder().decode(compact.substring(lastDot + 1))))
                .isTrue();
    }

    @ParameterizedTest
    @MethodSource("io.dynamiccredentials.jwk.SigningAlgorithm#forIssuing")
    void published_keySet_isTheFile(SigningAlgorithm algorithm) {
        SigningKeys keys = SigningKeys.of(GoldenTokens.key(algorithm));

        assertThat(keys.published().toJson())
                .isEqualTo(GoldenTokens.read("jwks." + GoldenTokens.suffix(algorithm) + ".json"));
        assertThat(get(algorithm, "/.well-known/jwks"))
                .isEqualTo(keys.published().toJson());
    }

    @ParameterizedTest
    @MethodSource("io.dynamiccredentials.jwk.SigningAlgorithm#forIssuing")
    void answer_discoveryDocument_isTheFile(SigningAlgorithm algorithm) {
        assertThat(get(algorithm, "/.well-known/openid-configuration"))
                .isEqualTo(GoldenTokens.read("openid-configuration." + GoldenTokens.suffix(algorithm) + ".json"));
    }

    private static String get(SigningAlgorithm algorithm, String path) {
        SigningKeys keys = SigningKeys.of(GoldenTokens.key(algorithm));
        return DiscoveryEndpoint.of(GoldenTokens.ISSUER, keys)
                .answer("GET", path)
                .body();
    }
}
