package io.dynamiccredentials.aws;

import static io.dynamiccredentials.jwk.SigningAlgorithm.ES256;
import static io.dynamiccredentials.jwk.SigningAlgorithm.RS256;
import static org.assertj.core.api.Assertions.assertThat;

import io.dynamiccredentials.jwk.SigningAlgorithm;
import io.dynamiccredentials.keys.SigningKeyFactory;
import io.dynamiccredentials.keys.SigningKeyFactory.Made;
import io.dynamiccredentials.testkit.contract.SigningKeyFactoryContract;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import software.amazon.awssdk.services.kms.KmsClient;

@ParameterizedClass
@EnumSource(names = {"RS256", "ES256"})
class AwsKmsKeysContractTest extends SigningKeyFactoryContract {
    private static final String NO_ARN = "A reference to a KMS key is its ARN, and the stored one is none";

    private final KmsServer server = KmsServer.start();
    private final KmsClient kms = server.client();

    AwsKmsKeysContractTest(SigningAlgorithm algorithm) {
        super(algorithm, Set.of(RS256, ES256));
    }

    @AfterEach
    void stop() {
        kms.close();
        server.close();
    }

    @Override
    protected SigningKeyFactory open(SigningAlgorithm ofKeys) {
        return AwsKmsKeys.builder(kms, "dynamic-credentials/ci")
                .algorithm(ofKeys)
                .build();
    }

    @Override
    protected Map<String, String> wrongReferences(Made made) {
        String arn = made.reference().reveal();
        String ofOtherKind = server.key(algorithm == RS256 ? "ECC_NIST_P256" : "RSA_2048", "alias/other");
        return Map.of(
                "",
                NO_ARN,
                "transit/ci:1",
                NO_ARN,
                "alias/dynamic-credentials/ci/1",
                NO_ARN,
                arn.replace(":kms:", ":s3:"),
                NO_ARN,
                arn + "/",
                NO_ARN,
                arn + "0",
                "the opening of key \"" + arn + "0\": NotFoundException",
                ofOtherKind,
                "The KMS key \"" + ofOtherKind + "\" can't sign " + algorithm.jwsName() + " tokens");
    }

    @Override
    protected boolean locksDiscarded() {
        return true;
    }

    @Override
    protected void assertHolds(int made, int locked) {
        assertThat(server.arns()).hasSize(made);
        assertThat(server.arns().subList(0, locked))
                .allMatch(arn -> server.metadata(arn, "KeyState").equals("PendingDeletion"));
        assertThat(server.arns().subList(locked, made))
                .allMatch(arn -> server.metadata(arn, "KeyState").equals("Enabled"));
        assertThat(server.aliases()).hasSize(made - locked);
    }
}
