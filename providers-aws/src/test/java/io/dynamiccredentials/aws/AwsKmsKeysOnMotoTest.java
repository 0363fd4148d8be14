package io.dynamiccredentials.aws;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dynamiccredentials.jwk.PublicJwk;
import io.dynamiccredentials.jwk.SigningAlgorithm;
import io.dynamiccredentials.keys.Signer;
import io.dynamiccredentials.keys.SigningKeyFactory.Made;
import io.dynamiccredentials.testkit.contract.JdkVerifier;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import software.amazon.awssdk.services.kms.KmsClient;

/** The life of a key on a KMS that others wrote. */
class AwsKmsKeysOnMotoTest {
    private static final byte[] INPUT = "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhIn0".getBytes(UTF_8);

    private static MotoServer moto;

    @BeforeAll
    static void start() {
        moto = MotoServer.startOrSkip(System.getenv());
    }

    @AfterAll
    static void stop() {
        if (moto != null) {
            moto.close();
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"RS256", "ES256"})
    void keys_theirWholeLife_worksOnMoto(SigningAlgorithm algorithm) throws GeneralSecurityException {
        try (KmsClient kms = KmsServer.client(moto.address())) {
            AwsKmsKeys keys = AwsKmsKeys.builder(kms, "ci/" + algorithm.jwsName())
                    .algorithm(algorithm)
                    .build();

            Made made = keys.create(Set.of());
            Made same = keys.create(Set.of());
            Made next = keys.create(Set.of(made.publicJwk().keyId()));
            Signer signer = keys.open(made.publicJwk(), made.reference());
            byte[] signature = signer.sign(INPUT);

            assertThat(same.publicJwk().keyId()).isEqualTo(made.publicJwk().keyId());
            assertThat(next.publicJwk().keyId()).isNotEqualTo(made.publicJwk().keyId());
            assertThat(verifiesAsMotoSigns(made.publicJwk(), signature)).isTrue();

            keys.discard(made.publicJwk(), made.reference());
            assertThatThrownBy(() -> keys.open(made.publicJwk(), made.reference()))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("its state is PendingDeletion, expected Enabled");
            assertThat(keys.create(Set.of()).publicJwk().keyId())
                    .isEqualTo(next.publicJwk().keyId());
        }
    }

    /** Moto does not know {@code MessageType=DIGEST}: it hashes the digest once more, and signs that. */
    private static boolean verifiesAsMotoSigns(PublicJwk publicJwk, byte[] signature) throws GeneralSecurityException {
        byte[] digest = MessageDigest.getInstance("SHA-256").digest(INPUT);
        return JdkVerifier.verifies(publicJwk, digest, signature);
    }
}
