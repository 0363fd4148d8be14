package io.dynamiccredentials.environment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dynamiccredentials.Secret;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RunEnvironmentTest {
    @TempDir
    Path parent;

    private RunEnvironment.Builder builder;

    @BeforeEach
    void start() {
        builder = RunEnvironment.builder(RunDirectory.create(parent));
    }

    @Test
    void build_variablesAndFiles_areThere() {
        ConfigurationEnvironment only = builder.onlyConfiguration(Optional.empty());
        Path file = only.file("token", Secret.of("t0ken"));
        only.secretVariable("A_TOKEN", Secret.of("t0ken"));
        RunEnvironment environment = builder.variable("B_FILE", file.toString()).build();

        assertThat(environment.variables()).containsOnlyKeys("A_TOKEN", "B_FILE");
        assertThat(environment.variables().get("A_TOKEN")).isEqualTo(Secret.of("t0ken"));
        assertThat(environment.files()).containsExactly(file);
    }

    @Test
    void toString_showsNamesOnly() {
        builder.onlyConfiguration(Optional.empty()).secretVariable("HIDDEN", Secret.of("value-2"));
        RunEnvironment environment = builder.variable("PLAIN", "value-1").build();

        assertThat(environment.toString()).contains("PLAIN", "HIDDEN").doesNotContain("value-");
    }

    @Test
    void variable_twoValues_isRefused() {
        builder.variable("A", "1");

        assertThatThrownBy(() -> builder.variable("A", "2"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("A would have two values");
        builder.plainVariable("A", Secret.of("3"));
        assertThatThrownBy(builder::build).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void variable_sameValueTwice_isOne() {
        RunEnvironment environment =
                builder.variable("A", "1").plainVariable("A", Secret.of("1")).build();

        assertThat(environment.variables()).containsOnlyKeys("A");
        assertThat(environment.given()).containsExactly("A");
    }

    @Test
    void variable_empty_isRefused() {
        assertThatThrownBy(() -> builder.variable("A", "")).isInstanceOf(IllegalArgumentException.class);
        ConfigurationEnvironment only = builder.onlyConfiguration(Optional.empty());
        assertThatThrownBy(() -> only.secretVariable("A", Secret.of(""))).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void plainVariable_empty_isKept() {
        assertThat(builder.plainVariable("TF_VAR_note", Secret.of("")).build().variables())
                .containsEntry("TF_VAR_note", Secret.of(""));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "AWS_ACCESS_KEY_ID",
                "AWS_SESSION_TOKEN",
                "AWS_PROFILE",
                "AWS_ROLE_ARN",
                "AWS_WEB_IDENTITY_TOKEN_FILE",
                "AWS_CONTAINER_CREDENTIALS_FULL_URI",
                "AWS_CONTAINER_AUTHORIZATION_TOKEN",
                "ARM_CLIENT_ID",
                "ARM_CLIENT_SECRET",
                "ARM_USE_MSI",
                "ARM_OIDC_REQUEST_TOKEN",
                "AZURE_CLIENT_SECRET",
                "AZURE_FEDERATED_TOKEN_FILE",
                "IDENTITY_ENDPOINT",
                "GOOGLE_APPLICATION_CREDENTIALS",
                "GOOGLE_CREDENTIALS",
                "GOOGLE_OAUTH_ACCESS_TOKEN",
                "CLOUDSDK_AUTH_ACCESS_TOKEN_FILE",
                "VAULT_TOKEN",
                "BAO_TOKEN",
                "ACTIONS_ID_TOKEN_REQUEST_URL",
                "KUBECONFIG",
                "KUBE_TOKEN",
                "KUBE_CONFIG_PATHS",
                "KUBE_CLIENT_KEY_DATA",
                "HCP_CRED_FILE",
                "TENCENTCLOUD_SECRET_ID",
                "TENCENTCLOUD_SECRET_KEY",
                "TENCENTCLOUD_SECURITY_TOKEN",
                "TENCENTCLOUD_CAM_ROLE_NAME",
                "TENCENTCLOUD_ASSUME_ROLE_WEB_IDENTITY_TOKEN_FILE",
                "TKE_WEB_IDENTITY_TOKEN_FILE"
            })
    void carries_identity_isKnown(String name) {
        assertThat(AmbientIdentity.carries(name)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "PATH",
                "AWS_REGION",
                "ARM_SUBSCRIPTION_ID",
                "ARM_TENANT_ID",
                "GOOGLE_PROJECT",
                "KUBE_HOST",
                "TENCENTCLOUD_REGION",
                "TENCENTCLOUD_ASSUME_ROLE_ARN",
                "TENCENTCLOUD_ASSUME_ROLE_PROVIDER_ID",
                "TF_LOG",
                "VAULT_ADDR"
            })
    void carries_setting_isFree(String name) {
        assertThat(AmbientIdentity.carries(name)).isFalse();
    }

    @Test
    void stateBackend_itsConfiguration_reachesNoProvider() throws Exception {
        TerraformInput input = new TerraformInput("tfc_acme_dynamic_credentials", List.of("file"), List.of());
        ConfigurationEnvironment state = builder.stateBackend("STATE", Optional.of(input));
        Path file = state.file("token", Secret.of("t0ken"));
        state.variable("ACME_TOKEN_FILE", file.toString())
                .variableOr("ACME_OTHER", file.toString(), "none")
                .sharedVariable("ACME_URL", "https://acme.example")
                .input("file", file.toString())
                .backend(Map.of("file", "${a}%{b}\"", "use_acme", true, "files", List.of(file.toString())));
        state.linkAtHome(".acme-token", file);
        builder.onlyConfiguration(Optional.of(input)).backend(Map.of("file", "not the state's"));
        RunEnvironment environment = builder.terraformVariables().build();

        assertThat(environment.variables())
                .containsOnlyKeys("ACME_URL", "TF_CLI_ARGS_init", "TF_VAR_tfc_acme_dynamic_credentials");
        assertThat(environment.terraformInputs().values())
                .singleElement()
                .satisfies(value -> assertThat(value.reveal()).doesNotContain("STATE"));
        Path arguments = environment.files().get(1);
        assertThat(environment.variables().get("TF_CLI_ARGS_init"))
                .isEqualTo(Secret.of("-backend-config='" + arguments + "'"));
        assertThat(arguments)
                .hasFileName("state-backend.json")
                .content()
                .contains("\"$${a}%%{b}\\\"\"", "\"use_acme\":true", "[\"" + file + "\"]");
        RunEnvironment later = environment.with(state.renewal());
        assertThat(later.variables()).containsKey("TF_CLI_ARGS_init");
        assertThat(later.files()).contains(arguments);
        assertThat(file.resolveSibling("home").resolve(".acme-token")).doesNotExist();
    }

    @Test
    void stateBackend_workspaceHasArgumentsOfItsOwn_comesAfterThem() {
        builder.plainVariable("TF_CLI_ARGS_init", Secret.of("-upgrade"));
        builder.stateBackend("STATE", Optional.empty()).backend(Map.of("one", "1"));

        assertThat(builder.build().variables().get("TF_CLI_ARGS_init"))
                .satisfies(value -> assertThat(value.reveal()).startsWith("-upgrade -backend-config='/"));
    }

    @Test
    void stateBackend_credentialsThatItCanNotUse_areRefused() {
        builder.stateBackend("STATE", Optional.empty()).sharedVariable("VAULT_ADDR", "https://vault.example");

        assertThatThrownBy(builder::build)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("can't use credentials of this kind");
    }
}
