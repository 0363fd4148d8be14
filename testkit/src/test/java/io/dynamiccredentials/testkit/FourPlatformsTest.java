package io.dynamiccredentials.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dynamiccredentials.CredentialExchangeException;
import io.dynamiccredentials.CredentialExchangeException.Kind;
import io.dynamiccredentials.run.CloseReport.Item;
import io.dynamiccredentials.run.CloseReport.Outcome;
import io.dynamiccredentials.run.LeaseNotOpenedException;
import io.dynamiccredentials.run.RunLease;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FourPlatformsTest {
    @TempDir
    Path directory;

    private final FourPlatforms platforms = new FourPlatforms();

    @AfterEach
    void stop() {
        platforms.close();
    }

    @Test
    void open_fourPlatforms_givesEachItsVariablesAndPrivateFiles() throws Exception {
        try (RunLease lease = platforms.door(directory).open(Runs.plan(), platforms.variables())) {
            assertThat(lease.environment().variables())
                    .containsKeys(
                            "AWS_ACCESS_KEY_ID",
                            "AWS_SECRET_ACCESS_KEY",
                            "AWS_SESSION_TOKEN",
                            "GOOGLE_APPLICATION_CREDENTIALS",
                            "ARM_CLIENT_ID",
                            "ARM_OIDC_TOKEN_FILE_PATH",
                            "AZURE_FEDERATED_TOKEN_FILE",
                            "VAULT_ADDR",
                            "VAULT_TOKEN");
            for (Path file : lease.environment().files()) {
                assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                        .isEqualTo("rw-------");
                assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file.getParent())))
                        .isEqualTo("rwx------");
            }
        }
    }

    @Test
    void close_fourPlatforms_theReportAgreesWithThePlatforms() {
        RunLease lease = platforms.door(directory).open(Runs.plan(), platforms.variables());

        lease.close();

        List<Item> credentials = lease.report().items().stream()
                .filter(item -> item.what().contains("credentials of"))
                .toList();
        assertThat(credentials)
                .extracting(item -> item.what().substring(0, item.what().indexOf(" credentials")))
                .containsExactly("Azure", "Google Cloud", "AWS", "Vault");
        assertThat(credentials)
                .extracting(Item::outcome)
                .containsExactly(Outcome.LIVES_UNTIL, Outcome.LIVES_UNTIL, Outcome.LIVES_UNTIL, Outcome.REVOKED);
        assertThat(platforms.vault.live()).isEmpty();
        assertThat(platforms.aws.live()).isNotEmpty();
        assertThat(platforms.google.live()).isNotEmpty();
        assertThat(platforms.entra.live()).isNotEmpty();
        assertThat(directory).isEmptyDirectory();
    }

    @Test
    void open_thirdPlatformRefuses_theFirstIsRevokedAndThePlatformsCodeIsThrown() {
        Map<String, String> variables = platforms.variables();
        variables.put(
                "TFC_GCP_WORKLOAD_PROVIDER_NAME",
                "projects/1234567890/locations/global/workloadIdentityPools/ci-pool/providers/nobody");

        assertThatThrownBy(() -> platforms.door(directory).open(Runs.plan(), variables))
                .isInstanceOfSatisfying(CredentialExchangeException.class, e -> {
                    assertThat(e.platform()).isEqualTo("Google Cloud");
                    assertThat(e.code()).contains("invalid_target");
                    assertThat(e.getSuppressed())
                            .singleElement()
                            .isInstanceOf(LeaseNotOpenedException.class)
                            .asString()
                            .contains("AWS credentials of arn:aws:sts::123456789012:assumed-role/ci/run-1, until ")
                            .doesNotContain("Vault credentials");
                });
        assertThat(platforms.aws.live()).hasSize(1);
        assertThat(platforms.vault.live()).isEmpty();
        assertThat(directory).isEmptyDirectory();
    }

    @ParameterizedTest
    @CsvSource({"VAULT, ''", "AWS, AccessDenied", "GCP, unauthorized_client", "AZURE, AADSTS700213"})
    void open_runOfAnotherProject_isRefusedByEachWithARemedy(String platform, String code) {
        Map<String, String> variables = platforms.variables();
        for (String other : List.of("VAULT", "AWS", "GCP", "AZURE")) {
            variables.put("TFC_" + other + "_PROVIDER_AUTH", String.valueOf(other.equals(platform)));
        }

        assertThatThrownBy(() -> platforms.door(directory).open(Runs.ofOtherProject(), variables))
                .isInstanceOfSatisfying(CredentialExchangeException.class, e -> {
                    assertThat(e.kind()).isEqualTo(Kind.REFUSED);
                    assertThat(e.code().orElse("")).isEqualTo(code);
                    assertThat(e.remedy()).startsWith("Check");
                });
        assertThat(platforms.live()).isEmpty();
        assertThat(directory).isEmptyDirectory();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            TFC_ACME_PROVIDER_AUTH               | true
            TFC_AWS_RUN_ROLE_ARN                 | arn:aws:iam::1234:role/ci
            TFC_AWS_RUN_ROLE_ARN                 | deploy
            TFC_GCP_WORKLOAD_PROVIDER_NAME       | projects/shop/locations/global/workloadIdentityPools/p/providers/q
            TFC_GCP_RUN_SERVICE_ACCOUNT_EMAIL    | ci
            ARM_TENANT_ID                        | common/../x
            TFC_AZURE_RUN_CLIENT_ID              | my-app
            TFC_VAULT_ADDR                       | https://evil.example
            TFC_VAULT_RUN_ROLE                   | ../sys
            TFC_AWS_WORKLOAD_IDENTITY_AUDIENCE   | ''
            TFC_GCP_WORKLOAD_IDENTITY_AUDIENCE   | ' '
            TFC_AZURE_WORKLOAD_IDENTITY_AUDIENCE | ''
            TFC_VAULT_WORKLOAD_IDENTITY_AUDIENCE | ''
            """)
    void open_badVariable_isRefusedBeforeAnyNetworkCall(String name, String value) {
        Map<String, String> variables = platforms.variables();
        variables.put(name, value);

        assertThatThrownBy(() -> platforms.door(directory).open(Runs.plan(), variables))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(name)
                .hasMessageContaining(value.isBlank() ? "empty" : name.endsWith("AUTH") ? "unknown" : value);
        // Vault comes first: had anything crossed the network, it would have handed out a token.
        assertThat(platforms.live()).isEmpty();
        assertThat(directory).isEmptyDirectory();
    }

    @ParameterizedTest
    @ValueSource(strings = {"AWS_ENDPOINT_URL_STS", "VAULT_ADDR", "GOOGLE_APPLICATION_CREDENTIALS"})
    void open_workspaceSetsWhatAPlatformGives_isRefusedAndReleased(String name) {
        Map<String, String> variables = platforms.variables();
        variables.put(name, "mine");

        assertThatThrownBy(() -> platforms.door(directory).open(Runs.plan(), variables))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(name);
        assertThat(platforms.vault.live()).isEmpty();
        assertThat(directory).isEmptyDirectory();
    }
}
