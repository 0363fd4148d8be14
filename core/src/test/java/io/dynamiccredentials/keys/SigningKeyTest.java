package io.dynamiccredentials.keys;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dynamiccredentials.Secret;
import io.dynamiccredentials.fixtures.ForeignKey;
import io.dynamiccredentials.jwk.PublicJwk;
import io.dynamiccredentials.jwk.SigningAlgorithm;
import io.dynamiccredentials.testkit.contract.JdkVerifier;
import java.time.Instant;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;
import org.junit.jupiter.params.provider.MethodSource;

class SigningKeyTest {

    @ParameterizedTest
    @MethodSource("io.dynamiccredentials.jwk.SigningAlgorithm#forIssuing")
    void sign_everyAlgorithm_verifiesInTheJca(SigningAlgorithm algorithm) {
        SigningKey key = SigningKey.generate(algorithm);
        byte[] signature = key.sign("input".getBytes(UTF_8));

        assertThat(JdkVerifier.verifies(key.publicJwk(), "input".getBytes(UTF_8), signature))
                .isTrue();
        assertThat(signature).hasSize(algorithm == SigningAlgorithm.RS256 ? 256 : 64);
    }

    @ParameterizedTest
    @MethodSource("io.dynamiccredentials.jwk.SigningAlgorithm#forIssuing")
    void toString_showsThePublicHalfOnly(SigningAlgorithm algorithm) {
        SigningKey key = SigningKey.generate(algorithm);

        assertThat(key)
                .hasToString("SigningKey[PublicJwk[" + algorithm.jwsName() + ", kid="
                        + key.publicJwk().keyId() + "]]");
    }

    @ParameterizedTest
    @MethodSource("io.dynamiccredentials.jwk.SigningAlgorithm#forIssuing")
    void generate_publishesTheActiveKey(SigningAlgorithm algorithm) {
        SigningKeys keys = SigningKeys.generate(algorithm);

        assertThat(keys.published().keys())
                .containsExactly(keys.active(Instant.MAX).key().publicJwk());
    }

    @ParameterizedTest
    @EnumSource(
            mode = Mode.EXCLUDE,
            names = {"RS256", "ES256", "EDDSA"})
    void make_algorithmThatIsOnlyVerified_isRefused(SigningAlgorithm algorithm) {
        PublicJwk foreign = ForeignKey.generate(algorithm).publicJwk();

        for (ThrowingCallable step : List.<ThrowingCallable>of(
                () -> SigningKey.generate(algorithm),
                () -> SigningKeys.generate(algorithm),
                () -> SigningKeyFactory.local(algorithm),
                () -> SigningKey.of(foreign, input -> input),
                () -> new SigningKeyFactory.Made(foreign, Secret.of("reference")),
                () -> SigningKeyFactory.local(SigningAlgorithm.ES256).open(foreign, Secret.of("AAAA")))) {
            assertThatThrownBy(step)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("one of RS256, ES256, EdDSA; it was " + algorithm.jwsName())
                    .hasMessageContaining("Use RS256");
        }
    }
}
