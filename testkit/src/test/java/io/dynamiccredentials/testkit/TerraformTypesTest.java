package io.dynamiccredentials.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.dynamiccredentials.handover.HcpProvider;
import io.dynamiccredentials.handover.KubernetesProvider;
import io.dynamiccredentials.handover.TencentCloudProvider;
import io.dynamiccredentials.run.DynamicCredentials;
import io.dynamiccredentials.run.RunLease;
import io.dynamiccredentials.vault.VaultBackedProvider;
import io.dynamiccredentials.vault.VaultProvider;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Gives the real Terraform the inputs of all platforms in one run, for the types that HashiCorp documents. */
@Timeout(120)
class TerraformTypesTest {
    private static final String MEMBERS = """
            {"aws":["shared_config_file"],"azure":["client_id_file_path","oidc_token_file_path"],"gcp":["credentials"],"hcp":["credential_file"],"kubernetes":["token_path"],"tencentcloud":["role_arn","web_identity_token"],"vault":["address","ca_cert_file","namespace","token_filename"],"vault_backed_aws":["shared_credentials_file"],"vault_backed_azure":["client_id_file_path","client_secret_file_path"],"vault_backed_gcp":["access_token","credentials"]}""";

    @TempDir
    Path directory;

    @Test
    void inputs_ofAllPlatforms_haveTheDocumentedTypes() throws Exception {
        Terraform terraform = Terraform.find(directory);
        Path module = Terraform.module(directory, "types.tf");
        Path leases = Files.createDirectory(directory.resolve("leases"));
        try (FourPlatforms platforms = new FourPlatforms();
                RunLease lease = door(platforms, leases).open(Runs.plan(), variables(platforms))) {
            terraform.run(lease, module, "apply", "-auto-approve");

            assertThat(terraform.run(lease, module, "output", "-raw", "members"))
                    .isEqualTo(MEMBERS);
            assertThat(terraform.run(lease, module, "output", "-raw", "aliases"))
                    .isEqualTo("two,two");
        }
    }

    private static DynamicCredentials door(FourPlatforms platforms, Path leases) {
        VaultProvider vault = VaultProvider.builder(platforms.vault.address()).build();
        DynamicCredentials.Builder door = DynamicCredentials.builder(platforms.issuer)
                .directory(leases)
                .provider(VaultBackedProvider.aws(vault))
                .provider(VaultBackedProvider.gcp(vault))
                .provider(VaultBackedProvider.azure(vault))
                .provider(KubernetesProvider.create())
                .provider(HcpProvider.create())
                .provider(TencentCloudProvider.create());
        platforms.providers().forEach(door::provider);
        return door.build();
    }

    private static Map<String, String> variables(FourPlatforms platforms) {
        Map<String, String> variables = new HashMap<>(platforms.variables());
        variables.put("TFC_AWS_PROVIDER_AUTH_two", "true");
        variables.put("TFC_AWS_RUN_ROLE_ARN_two", FourPlatforms.ROLE_ARN);
        variables.put("TFC_KUBERNETES_PROVIDER_AUTH", "true");
        variables.put("TFC_KUBERNETES_PROVIDER_AUTH_two", "true");
        variables.put("TFC_DEFAULT_KUBERNETES_WORKLOAD_IDENTITY_AUDIENCE", "kubernetes");
        variables.put("TFC_HCP_PROVIDER_AUTH", "true");
        variables.put(
                "TFC_HCP_RUN_PROVIDER_RESOURCE_NAME",
                "iam/project/11111111-2222-4333-8444-555555555555/service-principal/ci/workload-identity-provider/ci");
        variables.put("TFC_TENCENTCLOUD_PROVIDER_AUTH", "true");
        variables.put("TFC_TENCENTCLOUD_RUN_ROLE_ARN", "qcs::cam::uin/100001234567:roleName/ci");
        variables.put("TFC_VAULT_BACKED_AWS_AUTH", "true");
        variables.put("TFC_VAULT_BACKED_AWS_AUTH_TYPE", "iam_user");
        variables.put("TFC_VAULT_BACKED_AWS_RUN_VAULT_ROLE", "ci");
        variables.put("TFC_VAULT_BACKED_GCP_AUTH", "true");
        variables.put("TFC_VAULT_BACKED_GCP_AUTH_TYPE", "roleset/access_token");
        variables.put("TFC_VAULT_BACKED_GCP_RUN_VAULT_ROLESET", "ci");
        variables.put("TFC_VAULT_BACKED_AZURE_AUTH", "true");
        variables.put("TFC_VAULT_BACKED_AZURE_RUN_VAULT_ROLE", "ci");
        return variables;
    }
}
