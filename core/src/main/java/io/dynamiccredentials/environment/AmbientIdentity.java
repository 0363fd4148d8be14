package io.dynamiccredentials.environment;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The variables through which a machine's own identity could reach a run.
 *
 * <p>A run's tools look for them before or beside what the run was given, so that a host's static key would win in
 * silence. They are of two kinds: those that {@linkplain #carries carry an identity} at a platform for which a run gets
 * credentials, or lead to one, and that nobody but this library may set; and those that {@linkplain #staysWithMachine
 * stay with the machine}, though a workspace may set them for itself, since they are how it uses other services.
 */
public final class AmbientIdentity {
    /**
     * Variables that every run is given, to keep its tools from asking a metadata service for this machine's identity:
     * the SDKs of AWS; Google's libraries for Java and Python, for Node and {@code gcloud}; the SDKs of Alibaba Cloud.
     *
     * <p>Microsoft's libraries have no such switch. A run on a virtual machine of Azure needs a firewall.
     */
    public static final Map<String, String> SHUT = Map.of(
            "AWS_EC2_METADATA_DISABLED", "true",
            // In lower case, which is all that the library for Python takes for an answer.
            "NO_GCE_CHECK", "true",
            "METADATA_SERVER_DETECTION", "none",
            "CLOUDSDK_CORE_CHECK_GCE_METADATA", "false",
            "ALIBABA_CLOUD_ECS_METADATA_DISABLED", "true");

    private static final Set<String> NAMES = words("""
            AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN AWS_SECURITY_TOKEN
            AWS_ACCESS_KEY AWS_SECRET_KEY AWS_CREDENTIAL_FILE AWS_CREDENTIAL_EXPIRATION
            AWS_PROFILE AWS_DEFAULT_PROFILE AWS_CONFIG_FILE AWS_SHARED_CREDENTIALS_FILE
            AWS_LOGIN_CACHE_DIRECTORY
            AWS_EC2_METADATA_SERVICE_ENDPOINT AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE
            BOTO_CONFIG BOTO_PATH

            AZURE_CLIENT_ID AZURE_USERNAME AZURE_PASSWORD AZURE_FEDERATED_TOKEN_FILE AZURE_CREDENTIALS
            AZURE_AUTH_LOCATION AZURE_CONFIG_DIR AZURE_AUTHORITY_HOST AZURE_POD_IDENTITY_AUTHORITY_HOST
            AZD_CONFIG_DIR
            ARM_ACCESS_KEY ARM_SAS_TOKEN ARM_MSI_ENDPOINT ARM_ADO_PIPELINE_SERVICE_CONNECTION_ID
            IDENTITY_ENDPOINT IDENTITY_HEADER IDENTITY_SERVER_THUMBPRINT IMDS_ENDPOINT
            MSI_ENDPOINT MSI_SECRET DEFAULT_IDENTITY_CLIENT_ID

            GOOGLE_CREDENTIALS GOOGLE_CLOUD_CREDENTIALS GOOGLE_CLOUD_CREDENTIALS_JSON
            GOOGLE_CLOUD_KEYFILE GOOGLE_CLOUD_KEYFILE_JSON GCLOUD_KEYFILE GCLOUD_KEYFILE_JSON
            GOOGLE_APPLICATION_CREDENTIALS GOOGLE_OAUTH_ACCESS_TOKEN GOOGLE_IMPERSONATE_SERVICE_ACCOUNT
            GOOGLE_GHA_CREDS_PATH CLOUDSDK_CONFIG GCE_METADATA_HOST GCE_METADATA_ROOT GCE_METADATA_IP

            VAULT_TOKEN VAULT_AGENT_ADDR VAULT_PROXY_ADDR VAULT_CONFIG_PATH
            BAO_TOKEN BAO_TOKEN_PATH BAO_AGENT_ADDR BAO_PROXY_ADDR BAO_CONFIG_PATH

            KUBECONFIG KUBE_TOKEN KUBE_CONFIG_PATH KUBE_CONFIG_PATHS KUBE_USER KUBE_PASSWORD
            KUBERNETES_SERVICE_HOST KUBERNETES_SERVICE_PORT

            HCP_CRED_FILE HCP_CLIENT_ID HCP_CLIENT_SECRET

            TENCENTCLOUD_SECRET_ID TENCENTCLOUD_SECRET_KEY TENCENTCLOUD_SECURITY_TOKEN TENCENTCLOUD_PROFILE
            TENCENTCLOUD_SHARED_CREDENTIALS_DIR TENCENTCLOUD_CAM_ROLE_NAME

            SYSTEM_ACCESSTOKEN SYSTEM_OIDCREQUESTURI BITBUCKET_STEP_OIDC_TOKEN SPACELIFT_OIDC_TOKEN
            VERCEL_OIDC_TOKEN BUILDKITE_AGENT_ACCESS_TOKEN
            """);

    // Of Tencent a role and the name of an identity provider say who somebody wants to be, not who the machine is.
    private static final List<String> PREFIXES = List.copyOf(words("""
            AWS_ROLE_ AWS_WEB_IDENTITY_ AWS_CONTAINER_ AWS_BEARER_TOKEN_
            AZURE_CLIENT_SECRET AZURE_CLIENT_CERTIFICATE AZURESUBSCRIPTION_ ARM_CLIENT_ ARM_OIDC_ ARM_USE_
            CLOUDSDK_AUTH_
            KUBE_CLIENT_
            TENCENTCLOUD_ASSUME_ROLE_WEB_IDENTITY_ TENCENTCLOUD_ASSUME_ROLE_SAML_ TENCENTCLOUD_MFA_CERTIFICATION_
            TENCENTCLOUD_WEB_IDENTITY_ TKE_
            ACTIONS_ID_TOKEN_REQUEST_ CI_JOB_JWT CIRCLE_OIDC_TOKEN
            TERRAFORM_VAULT_AUTH TF_VAR_tfc_ TFC_WORKLOAD_IDENTITY_TOKEN
            """));

    private static final Set<String> OF_MACHINE = words("""
            AZURE_TOKEN_CREDENTIALS AZURE_STORAGE_KEY AZURE_STORAGE_CONNECTION_STRING AZURE_STORAGE_SAS_TOKEN
            AZURE_DEVOPS_EXT_PAT AZDO_PERSONAL_ACCESS_TOKEN
            GOOGLE_BACKEND_CREDENTIALS GOOGLE_BACKEND_IMPERSONATE_SERVICE_ACCOUNT GOOGLE_API_CERTIFICATE_CONFIG
            GOOGLE_API_KEY CLOUDSDK_CORE_ACCOUNT CLOUDSDK_ACTIVE_CONFIG_NAME
            VAULT_CLIENT_CERT VAULT_CLIENT_KEY VAULT_ROLE_ID VAULT_SECRET_ID BAO_CLIENT_CERT BAO_CLIENT_KEY
            HELM_KUBETOKEN HELM_REGISTRY_CONFIG
            GITHUB_TOKEN GH_TOKEN GH_ENTERPRISE_TOKEN GITHUB_ENTERPRISE_TOKEN GITHUB_PAT GH_CONFIG_DIR
            ACTIONS_RUNTIME_TOKEN
            GITLAB_TOKEN GITLAB_PRIVATE_TOKEN CI_JOB_TOKEN CI_REGISTRY_PASSWORD CI_DEPLOY_PASSWORD
            BITBUCKET_TOKEN
            DOCKER_CONFIG DOCKER_AUTH_CONFIG REGISTRY_AUTH_FILE
            TF_CLI_CONFIG_FILE TERRAFORM_CONFIG TFE_TOKEN ATLAS_TOKEN PULUMI_ACCESS_TOKEN HCP_API_TOKEN
            SSH_AUTH_SOCK SSH_AGENT_PID GIT_ASKPASS SSH_ASKPASS GIT_CONFIG_GLOBAL GNUPGHOME
            KRB5CCNAME KRB5_CLIENT_KTNAME
            NETRC NPM_TOKEN NODE_AUTH_TOKEN NPM_CONFIG_USERCONFIG npm_config_userconfig PIP_CONFIG_FILE
            TWINE_PASSWORD CARGO_REGISTRY_TOKEN
            DIGITALOCEAN_TOKEN DIGITALOCEAN_ACCESS_TOKEN SPACES_SECRET_ACCESS_KEY LINODE_TOKEN HCLOUD_TOKEN
            CLOUDFLARE_API_TOKEN CLOUDFLARE_API_KEY CF_API_TOKEN FASTLY_API_KEY HEROKU_API_KEY
            DATADOG_API_KEY DD_API_KEY DD_APP_KEY PAGERDUTY_TOKEN NEW_RELIC_API_KEY
            CONSUL_HTTP_TOKEN CONSUL_HTTP_TOKEN_FILE CONSUL_HTTP_AUTH NOMAD_TOKEN BOUNDARY_TOKEN
            OP_SERVICE_ACCOUNT_TOKEN DOPPLER_TOKEN SOPS_AGE_KEY SOPS_AGE_KEY_FILE
            PGPASSWORD PGPASSFILE PGSERVICEFILE MYSQL_PWD
            ANTHROPIC_API_KEY OPENAI_API_KEY
            XDG_CONFIG_HOME XDG_RUNTIME_DIR XDG_DATA_HOME XDG_CACHE_HOME DBUS_SESSION_BUS_ADDRESS
            """);

    private static final List<String> PREFIXES_OF_MACHINE = List.copyOf(words("""
            TF_TOKEN_ AZCOPY_ ALIBABA_CLOUD_ ALICLOUD_ OCI_ SNOWFLAKE_ DATABRICKS_ IBMCLOUD_
            OS_PASSWORD OS_TOKEN OS_APPLICATION_CREDENTIAL_
            YANDEX_ YC_ SCW_ OVH_
            """));

    private AmbientIdentity() {}

    /** Tells whether the variable {@code name} carries an identity or says where one is. A workspace may not set it. */
    public static boolean carries(String name) {
        return NAMES.contains(name) || PREFIXES.stream().anyMatch(name::startsWith);
    }

    /**
     * Tells whether no run may inherit the variable {@code name} from its machine. A workspace may set it, unless it
     * {@linkplain #carries carries an identity}.
     */
    public static boolean staysWithMachine(String name) {
        return carries(name)
                || OF_MACHINE.contains(name)
                || PREFIXES_OF_MACHINE.stream().anyMatch(name::startsWith);
    }

    private static Set<String> words(String text) {
        return Arrays.stream(text.strip().split("\\s+", -1)).collect(Collectors.toUnmodifiableSet());
    }
}
