package io.dynamiccredentials.environment;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AmbientIdentityTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "AWS_ACCESS_KEY",
                "AWS_BEARER_TOKEN_BEDROCK",
                "AWS_LOGIN_CACHE_DIRECTORY",
                "AWS_EC2_METADATA_SERVICE_ENDPOINT",
                "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
                "AWS_WEB_IDENTITY_TOKEN_FILE",
                "BOTO_CONFIG",
                "GCE_METADATA_HOST",
                "GOOGLE_CLOUD_KEYFILE",
                "CLOUDSDK_AUTH_ACCESS_TOKEN",
                "AZURE_POD_IDENTITY_AUTHORITY_HOST",
                "AZURESUBSCRIPTION_SERVICE_CONNECTION_ID",
                "AZD_CONFIG_DIR",
                "IMDS_ENDPOINT",
                "VAULT_CONFIG_PATH",
                "BAO_AGENT_ADDR",
                "KUBERNETES_SERVICE_HOST",
                "CI_JOB_JWT_V2",
                "CIRCLE_OIDC_TOKEN_V2",
                "BITBUCKET_STEP_OIDC_TOKEN",
                "SYSTEM_OIDCREQUESTURI"
            })
    void carries_identityOfAPlatformOrOfTheHost_isKnownAndStaysWithMachine(String name) {
        assertThat(AmbientIdentity.carries(name)).isTrue();
        assertThat(AmbientIdentity.staysWithMachine(name)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GITHUB_TOKEN",
                "CI_JOB_TOKEN",
                "TF_TOKEN_app_terraform_io",
                "TF_CLI_CONFIG_FILE",
                "SSH_AUTH_SOCK",
                "NETRC",
                "DOCKER_CONFIG",
                "DOCKER_AUTH_CONFIG",
                "ALIBABA_CLOUD_ACCESS_KEY_ID",
                "OCI_CLI_KEY_FILE",
                "SNOWFLAKE_PASSWORD",
                "DATABRICKS_TOKEN",
                "DIGITALOCEAN_TOKEN",
                "AZURE_TOKEN_CREDENTIALS",
                "VAULT_CLIENT_KEY",
                "GOOGLE_BACKEND_CREDENTIALS",
                "XDG_CONFIG_HOME"
            })
    void staysWithMachine_wayToAnotherService_isFreeForWorkspacesOnly(String name) {
        assertThat(AmbientIdentity.staysWithMachine(name)).isTrue();
        assertThat(AmbientIdentity.carries(name)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "PATH",
                "HTTPS_PROXY",
                "SSL_CERT_FILE",
                "AWS_REGION",
                "AWS_DEFAULT_REGION",
                "GOOGLE_CLOUD_PROJECT",
                "ARM_SUBSCRIPTION_ID",
                "VAULT_ADDR",
                "TF_LOG",
                "TF_IN_AUTOMATION",
                "OS_NAME"
            })
    void staysWithMachine_setting_isFree(String name) {
        assertThat(AmbientIdentity.staysWithMachine(name)).isFalse();
    }

    @Test
    void shut_variables_carryNothing() {
        assertThat(AmbientIdentity.SHUT)
                .containsEntry("AWS_EC2_METADATA_DISABLED", "true")
                .containsEntry("NO_GCE_CHECK", "true")
                .containsEntry("METADATA_SERVER_DETECTION", "none")
                .containsEntry("CLOUDSDK_CORE_CHECK_GCE_METADATA", "false")
                .containsEntry("ALIBABA_CLOUD_ECS_METADATA_DISABLED", "true");
        assertThat(AmbientIdentity.SHUT.keySet()).noneMatch(AmbientIdentity::carries);
    }
}
