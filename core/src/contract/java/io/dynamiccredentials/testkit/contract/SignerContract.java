package io.dynamiccredentials.testkit.contract;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.dynamiccredentials.jwk.PublicJwk;
import io.dynamiccredentials.keys.Signer;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What each {@link Signer} does. */
public abstract class SignerContract {
    private static final byte[] INPUT = "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhIn0".getBytes(UTF_8);
    private static final int THREADS = 8;

    /** Returns the signer under test: of the same key whenever it is asked for within a test. */
    protected abstract Signer signer() throws Exception;

    /** Returns the public half of its key. */
    protected abstract PublicJwk publicJwk() throws Exception;

    @Test
    void sign_anyLength_isVerifiedByThePublicHalf() throws Exception {
        for (int length : new int[] {0, 1, 4095, 4096, 4097, 20_000}) {
            byte[] input = "e".repeat(length).getBytes(UTF_8);

            assertThat(JdkVerifier.verifies(publicJwk(), input, signer().sign(input)))
                    .as("the signature of %d bytes", length)
                    .isTrue();
        }
    }

    @Test
    void sign_otherInput_isNotVerified() throws Exception {
        byte[] other = INPUT.clone();
        other[INPUT.length - 1]++;

        assertThat(JdkVerifier.verifies(publicJwk(), other, signer().sign(INPUT)))
                .isFalse();
    }

    @Test
    void sign_input_isLeftAsItWas() throws Exception {
        byte[] input = INPUT.clone();

        assertThat(signer().sign(input)).isNotEmpty();

        assertThat(input).isEqualTo(INPUT);
    }

    @Test
    void sign_severalThreads_eachGetsItsOwnSignature() throws Exception {
        Signer signer = signer();
        PublicJwk key = publicJwk();

        List<Boolean> verified = Parallel.run(THREADS, number -> {
            byte[] input = ("thread " + number).getBytes(UTF_8);
            return JdkVerifier.verifies(key, input, signer.sign(input));
        });

        assertThat(verified).hasSize(THREADS).containsOnly(true);
    }
}
