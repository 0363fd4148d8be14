package io.dynamiccredentials.keys;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.dynamiccredentials.jwk.SigningAlgorithm;
import java.security.Signature;
import java.time.Instant;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SigningKeyTest {

    @ParameterizedTest
    @EnumSource(SigningAlgorithm.class)
    void sign_everyAlgorithm_verifiesInTheJca(SigningAlgorithm algorithm) throws Exception {
        SigningKey key = SigningKey.generate(algorithm);
        byte[] signature = key.sign("input".getBytes(UTF_8));

        Signature jca = Signature.getInstance(
                switch (algorithm) {
                    case RS256 -> "SHA256withRSA";
                    case ES256 -> "SHA256withECDSAinP1363Format";
                    case EDDSA -> "Ed25519";
                });
        jca.initVerify(key.publicJwk().publicKey());
        jca.update("input".getBytes(UTF_8));
        assertThat(jca.verify(signature)).isTrue();
        assertThat(signature).hasSize(algorithm == SigningAlgorithm.RS256 ? 256 : 64);
    }

    @ParameterizedTest
    @EnumSource(SigningAlgorithm.class)
    void toString_showsThePublicHalfOnly(SigningAlgorithm algorithm) {
        SigningKey key = SigningKey.generate(algorithm);

        assertThat(key)
                .hasToString("SigningKey[PublicJwk[" + algorithm.jwsName() + ", kid="
                        + key.publicJwk().keyId() + "]]");
    }

    @ParameterizedTest
    @EnumSource(SigningAlgorithm.class)
    void generate_publishesTheActiveKey(SigningAlgorithm algorithm) {
        SigningKeys keys = SigningKeys.generate(algorithm);

        assertThat(keys.published().keys())
                .containsExactly(keys.active(Instant.MAX).key().publicJwk());
    }
}
