package io.dynamiccredentials.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dynamiccredentials.run.DynamicCredentials;
import io.dynamiccredentials.run.RunLease;
import java.nio.file.Path;
import java.time.Clock;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InstalledProvidersTest {
    @TempDir
    Path directory;

    @Test
    void installedProviders_ofAllModules_areFoundAndSet() {
        try (FourPlatforms platforms = new FourPlatforms()) {
            DynamicCredentials door = DynamicCredentials.builder(platforms.issuer)
                    .installedProviders(
                            Map.of("aws.region", "eu-central-1", "vault.addresses", "https://vault.example"))
                    .directory(directory)
                    .build();
            Map<String, String> variables = new HashMap<>();
            for (String word : new String[] {"AWS", "AZURE", "GCP", "VAULT"}) {
                variables.put("TFC_" + word + "_PROVIDER_AUTH", "true");
            }

            // Each knows its own variables; all that is missing is named.
            assertThatThrownBy(() -> door.open(Runs.plan(), variables))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContainingAll(
                            "TFC_AWS_RUN_ROLE_ARN or TFC_AWS_PLAN_ROLE_ARN is required",
                            "TFC_AZURE_RUN_CLIENT_ID or",
                            "TFC_GCP_WORKLOAD_PROVIDER_NAME is required",
                            "TFC_VAULT_ADDR is required",
                            "TFC_VAULT_RUN_ROLE or");
        }
    }

    @Test
    void installedProviders_ownProviderBefore_isKept() {
        try (FourPlatforms platforms = new FourPlatforms()) {
            DynamicCredentials.Builder door =
                    DynamicCredentials.builder(platforms.issuer).directory(directory);
            platforms.providers().forEach(door::provider);

            try (RunLease lease = door.installedProviders(Map.of("aws.region", "us-east-1"))
                    .build()
                    .open(Runs.plan(), platforms.variables())) {
                assertThat(lease.environment().variables()).containsKey("VAULT_TOKEN");
            }
        }
    }

    @Test
    void installedProviders_unknownSetting_isRefused() {
        try (TestIssuer issuer = TestIssuer.start(Clock.systemUTC())) {
            assertThatThrownBy(() -> DynamicCredentials.builder(issuer).installedProviders(Map.of("aws.regoin", "x")))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("must be some of [aws.endpoint, aws.region,")
                    .hasMessageContaining("they were [aws.regoin]");
        }
    }

    @Test
    void installedProviders_moduleWithoutItsSetting_isNotThere() {
        try (TestIssuer issuer = TestIssuer.start(Clock.systemUTC())) {
            DynamicCredentials door = DynamicCredentials.builder(issuer)
                    .installedProviders(Map.of())
                    .directory(directory)
                    .build();

            assertThatThrownBy(() -> door.open(Runs.plan(), Map.of("TFC_AWS_PROVIDER_AUTH", "true")))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("TFC_AWS_PROVIDER_AUTH turns on a platform that is unknown here");
        }
    }
}
