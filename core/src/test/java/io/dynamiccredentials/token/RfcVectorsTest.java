package io.dynamiccredentials.token;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.dynamiccredentials.fixtures.FixedKey;
import io.dynamiccredentials.fixtures.Jws;
import io.dynamiccredentials.jwk.SigningAlgorithm;
import io.dynamiccredentials.wire.StrictJson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** Signs again what the standards signed, where the signature is the same each time. */
class RfcVectorsTest {
    private static final Path VECTORS = Path.of("..", "..", "shared", "vectors");

    @Test
    void sign_rs256_isTheSignatureOfRfc7515() throws IOException {
        // RFC 7515, appendix A.2.
        String compact = read("rfc-latchset/rfc7515_A.2.jwsc").trim();

        assertThat(signAgain(read("rfc-latchset/rfc7515_A.2.jwk"), SigningAlgorithm.RS256, compact))
                .isEqualTo(compact);
    }

    @Test
    void sign_rs256_isTheSignatureOfRfc7520() throws IOException {
        // RFC 7520, section 4.1, with the key of section 3.4.
        String compact = read("rfc-latchset/rfc7520_4.1.jwsc").trim();

        assertThat(signAgain(read("rfc-latchset/rfc7520_3.4.jwk"), SigningAlgorithm.RS256, compact))
                .isEqualTo(compact);
    }

    @Test
    void sign_eddsa_isTheSignatureOfRfc8037() throws IOException {
        // RFC 8037, appendix A.4.
        JsonNode vector = StrictJson.parseObject(read("rfc7520-cookbook/curve25519/jws.json"));
        String compact = vector.path("output").path("compact").textValue();

        assertThat(signAgain(vector.path("input").path("key").toString(), SigningAlgorithm.EDDSA, compact))
                .isEqualTo(compact);
    }

    private static String signAgain(String jwk, SigningAlgorithm algorithm, String compact) {
        String signingInput = compact.substring(0, compact.lastIndexOf('.'));
        byte[] signature = FixedKey.parse(jwk, algorithm).sign(signingInput.getBytes(US_ASCII));
        return signingInput + "." + Jws.encode(signature);
    }

    private static String read(String file) throws IOException {
        Path path = VECTORS.resolve(file);
        assumeTrue(
                Files.exists(path),
                () -> "SKIPPED: no vectors in " + VECTORS.toAbsolutePath().normalize());
        return Files.readString(path);
    }
}
