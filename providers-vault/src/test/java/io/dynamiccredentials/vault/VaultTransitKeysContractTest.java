package io.dynamiccredentials.vault;

import static io.dynamiccredentials.jwk.SigningAlgorithm.ES256;
import static io.dynamiccredentials.jwk.SigningAlgorithm.RS256;
import static org.assertj.core.api.Assertions.assertThat;

import io.dynamiccredentials.Secret;
import io.dynamiccredentials.jwk.SigningAlgorithm;
import io.dynamiccredentials.keys.SigningKeyFactory;
import io.dynamiccredentials.keys.SigningKeyFactory.Made;
import io.dynamiccredentials.testkit.contract.SigningKeyFactoryContract;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

@ParameterizedClass
@EnumSource(names = {"RS256", "ES256"})
class VaultTransitKeysContractTest extends SigningKeyFactoryContract {
    private static final String NO_VERSION = "The stored reference names no version of the transit key \"transit/ci\"";

    private final TransitServer vault = TransitServer.start();

    VaultTransitKeysContractTest(SigningAlgorithm algorithm) {
        super(algorithm, Set.of(RS256, ES256));
    }

    @AfterEach
    void stop() {
        vault.close();
    }

    @Override
    protected SigningKeyFactory open(SigningAlgorithm ofKeys) {
        return VaultTransitKeys.builder(vault.address(), "ci", () -> Secret.of(TransitServer.TOKEN))
                .algorithm(ofKeys)
                .createIfAbsent()
                .build();
    }

    @Override
    protected Map<String, String> wrongReferences(Made made) {
        return Map.of(
                "", NO_VERSION,
                "transit/ci", NO_VERSION,
                "transit/ci:0", NO_VERSION,
                "transit/ci:one", NO_VERSION,
                "transit/other:1", NO_VERSION,
                "arn:aws:kms:eu-central-1:123456789012:key/1", NO_VERSION,
                "transit/ci:2", "about version 2 of the transit key \"transit/ci\"");
    }

    @Override
    protected boolean locksDiscarded() {
        return true;
    }

    @Override
    protected void assertHolds(int made, int locked) {
        // One version for each key of the ring that was ever needed, and the old ones can sign no more.
        assertThat(vault.latestVersion()).isEqualTo(made);
        assertThat(vault.minEncryptionVersion()).isEqualTo(locked + 1);
        assertThat(vault.calls()).noneMatch(call -> call.contains("export") || call.contains("backup"));
    }
}
