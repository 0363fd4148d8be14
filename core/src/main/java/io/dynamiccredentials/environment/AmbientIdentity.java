package io.dynamiccredentials.environment;

import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The variables through which a machine's own identity could reach a run.
 *
 * <p>A run's tools look for them before or beside what the run was given, so that a host's static key would win in
 * silence.
 */
public final class AmbientIdentity {
    /**
     * Variables that every run is given, to keep its tools from asking a metadata service for this machine's identity.
     */
    public static final Map<String, String> SHUT = Map.of("AWS_EC2_METADATA_DISABLED", "true");

    private static final Set<String> NAMES = Set.of(
            "AWS_ACCESS_KEY_ID",
            "AWS_SECRET_ACCESS_KEY",
            "AWS_SESSION_TOKEN",
            "AWS_SECURITY_TOKEN",
            "AWS_PROFILE",
            "AWS_DEFAULT_PROFILE",
            "AWS_CONFIG_FILE",
            "AWS_SHARED_CREDENTIALS_FILE",
            "AWS_CREDENTIAL_EXPIRATION",
            "AZURE_CLIENT_ID",
            "AZURE_USERNAME",
            "AZURE_PASSWORD",
            "AZURE_FEDERATED_TOKEN_FILE",
            "AZURE_CONFIG_DIR",
            "AZURE_AUTHORITY_HOST",
            "ARM_CLIENT_ID",
            "ARM_ACCESS_KEY",
            "ARM_SAS_TOKEN",
            "ARM_MSI_ENDPOINT",
            "IDENTITY_ENDPOINT",
            "IDENTITY_HEADER",
            "MSI_ENDPOINT",
            "MSI_SECRET",
            "GOOGLE_CREDENTIALS",
            "GOOGLE_CLOUD_KEYFILE_JSON",
            "GCLOUD_KEYFILE_JSON",
            "GOOGLE_APPLICATION_CREDENTIALS",
            "GOOGLE_OAUTH_ACCESS_TOKEN",
            "GOOGLE_IMPERSONATE_SERVICE_ACCOUNT",
            "GOOGLE_GHA_CREDS_PATH",
            "CLOUDSDK_CONFIG",
            "VAULT_TOKEN",
            "VAULT_AGENT_ADDR",
            "VAULT_PROXY_ADDR",
            "BAO_TOKEN",
            "BAO_TOKEN_PATH",
            "SYSTEM_ACCESSTOKEN",
            "SYSTEM_OIDCREQUESTURI",
            "KUBECONFIG",
            "KUBE_TOKEN",
            "KUBE_CONFIG_PATH",
            "KUBE_CONFIG_PATHS",
            "KUBE_USER",
            "KUBE_PASSWORD",
            "HCP_CRED_FILE",
            "HCP_CLIENT_ID",
            "HCP_CLIENT_SECRET",
            "TENCENTCLOUD_SECRET_ID",
            "TENCENTCLOUD_SECRET_KEY",
            "TENCENTCLOUD_SECURITY_TOKEN",
            "TENCENTCLOUD_PROFILE",
            "TENCENTCLOUD_SHARED_CREDENTIALS_DIR",
            "TENCENTCLOUD_CAM_ROLE_NAME");

    private static final List<String> PREFIXES = List.of(
            "AWS_ROLE_",
            "AWS_WEB_IDENTITY_",
            "AWS_CONTAINER_",
            "AZURE_CLIENT_SECRET",
            "AZURE_CLIENT_CERTIFICATE",
            "ARM_CLIENT_",
            "ARM_OIDC_",
            "ARM_USE_",
            "CLOUDSDK_AUTH_",
            "ACTIONS_ID_TOKEN_REQUEST_",
            "KUBE_CLIENT_",
            // A role and the name of an identity provider say who somebody wants to be, not who the machine is.
            "TENCENTCLOUD_ASSUME_ROLE_WEB_IDENTITY_",
            "TENCENTCLOUD_ASSUME_ROLE_SAML_",
            "TENCENTCLOUD_MFA_CERTIFICATION_",
            "TENCENTCLOUD_WEB_IDENTITY_",
            "TKE_",
            "TERRAFORM_VAULT_AUTH",
            "TF_VAR_tfc_",
            "TFC_WORKLOAD_IDENTITY_TOKEN");

    private AmbientIdentity() {}

    /** Tells whether the variable {@code name} carries an identity or says where one is. */
    public static boolean carries(String name) {
        return NAMES.contains(name) || PREFIXES.stream().anyMatch(name::startsWith);
    }
}
