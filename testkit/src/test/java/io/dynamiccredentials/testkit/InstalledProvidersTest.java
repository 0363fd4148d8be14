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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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
                    .hasMessageContaining("must be some of [aws.delivery, aws.endpoint, aws.region,")
                    .hasMessageContaining("they were [aws.regoin]");
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            aws.endpoint    | https://sts.example | aws.endpoint needs aws.region beside it
            aws.delivery    | broker              | aws.delivery needs aws.region beside it
            azure.delivery  | variables           | The delivery of Azure must be one of [files, broker]
            gcp.delivery    | FILES               | gcp.delivery must be one of [files, broker, variables]
            kubernetes.delivery | variables       | The delivery of Kubernetes must be one of [files, broker]
            vault.addresses | https://a.example, :// | The setting vault.addresses must be an address
            vault.addresses | http://vault.example | https
            vault.delivery  | files               | vault.delivery needs vault.addresses beside it
            vault.sweeper-role | ci-sweeper       | vault.sweeper-role needs vault.addresses beside it
            azure.authority | ://                 | The setting azure.authority must be an address
            azure.tenant    | common              | "common"
            azure.scope     | x                   | /.default
            manual-tokens   | yes                 | must be "true" or "false"
            """)
    void installedProviders_badSetting_isRefused(String setting, String value, String text) {
        try (TestIssuer issuer = TestIssuer.start(Clock.systemUTC())) {
            assertThatThrownBy(() -> DynamicCredentials.builder(issuer).installedProviders(Map.of(setting, value)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(text);
        }
    }

    @Test
    void installedProviders_everySetting_reachesItsProvider() {
        try (FourPlatforms platforms = new FourPlatforms()) {
            DynamicCredentials door = DynamicCredentials.builder(platforms.issuer)
                    .installedProviders(Map.of(
                            "aws.region", "eu-central-1",
                            "aws.endpoint", "https://sts.example",
                            "azure.tenant", "11111111-2222-4333-8444-555555555555",
                            "azure.authority", "https://login.example",
                            "azure.scope", "https://management.example/.default",
                            "vault.addresses", "https://a.example, https://b.example",
                            "manual-tokens", "true"))
                    .directory(directory)
                    .build();
            Map<String, String> variables = new HashMap<>();
            // Each of these is refused by what the host said, and by nothing else.
            variables.put("TFC_AWS_PROVIDER_AUTH", "true");
            variables.put("TFC_AWS_RUN_ROLE_ARN", "arn:aws:iam::123456789012:role/x");
            variables.put("DYNAMIC_CREDENTIALS_AWS_REGION", "us-east-1");
            variables.put("TFC_AZURE_PROVIDER_AUTH", "true");
            variables.put("TFC_AZURE_RUN_CLIENT_ID", "aaaaaaaa-0000-4000-8000-000000000001");
            variables.put("DYNAMIC_CREDENTIALS_AZURE_CLOUD", "public");
            variables.put("TFC_VAULT_PROVIDER_AUTH", "true");
            variables.put("TFC_VAULT_RUN_ROLE", "ci");
            variables.put("TFC_VAULT_ADDR", "https://c.example");

            assertThatThrownBy(() -> door.open(Runs.plan(), variables))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContainingAll(
                            "DYNAMIC_CREDENTIALS_AWS_REGION must be",
                            "DYNAMIC_CREDENTIALS_AZURE_CLOUD must be removed",
                            "[https://a.example, https://b.example]");
            try (RunLease lease = door.open(Runs.plan(), Map.of("TFC_WORKLOAD_IDENTITY_AUDIENCE", "x"))) {
                assertThat(lease.environment().variables()).containsKey("TFC_WORKLOAD_IDENTITY_TOKEN");
            }
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
