package io.dynamiccredentials.keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dynamiccredentials.Secret;
import io.dynamiccredentials.fixtures.ForeignKey;
import io.dynamiccredentials.jwk.SigningAlgorithm;
import io.dynamiccredentials.keys.SigningKeyFactory.Made;
import io.dynamiccredentials.testkit.contract.SigningKeyFactoryContract;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Arrays;
import java.util.Base64;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

@ParameterizedClass
@MethodSource("io.dynamiccredentials.jwk.SigningAlgorithm#forIssuing")
class LocalKeysTest extends SigningKeyFactoryContract {
    private static final String NO_KEY = "is no private key for it (";

    LocalKeysTest(SigningAlgorithm algorithm) {
        super(algorithm, SigningAlgorithm.forIssuing());
    }

    @Override
    protected SigningKeyFactory open(SigningAlgorithm ofKeys) {
        return SigningKeyFactory.local(ofKeys);
    }

    @Override
    protected Map<String, String> wrongReferences(Made made) {
        String pkcs8 = made.reference().reveal();
        SigningAlgorithm another =
                algorithm == SigningAlgorithm.ES256 ? SigningAlgorithm.RS256 : SigningAlgorithm.ES256;
        byte[] otherKind = ForeignKey.generate(another).privateKey().getEncoded();
        byte[] publicHalf = made.publicJwk().publicKey().getEncoded();
        return Map.of(
                "",
                NO_KEY,
                "transit/ci:1",
                NO_KEY,
                "AAAA",
                NO_KEY,
                pkcs8.substring(0, pkcs8.length() / 2),
                NO_KEY,
                "*" + pkcs8,
                NO_KEY,
                Base64.getEncoder().encodeToString(otherKind),
                NO_KEY,
                Base64.getEncoder().encodeToString(publicHalf),
                NO_KEY);
    }

    @Override
    protected boolean locksDiscarded() {
        return false;
    }

    @Test
    void open_brokenAtAnyPlace_isRefusedWithoutShowingIt() {
        SigningKeyFactory factory = open(algorithm);
        Made made = factory.create(Set.of());
        byte[] pkcs8 = Base64.getDecoder().decode(made.reference().reveal());

        for (int length = 0; length < pkcs8.length; length++) {
            String cut = Base64.getEncoder().encodeToString(Arrays.copyOf(pkcs8, length));
            assertThatThrownBy(() -> factory.open(made.publicJwk(), Secret.of(cut)))
                    .as("cut to %d of %d bytes", length, pkcs8.length)
                    .isInstanceOf(IllegalStateException.class)
                    .hasNoCause()
                    .satisfies(failure -> {
                        StringWriter trace = new StringWriter();
                        failure.printStackTrace(new PrintWriter(trace));
                        assertThat(trace.toString()).contains(algorithm.jwsName(), NO_KEY);
                        assertThat(cut.length() > 40 && trace.toString().contains(cut.substring(0, 40)))
                                .isFalse();
                    });
        }
    }
}
