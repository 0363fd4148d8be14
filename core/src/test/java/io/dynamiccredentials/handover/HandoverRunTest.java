package io.dynamiccredentials.handover;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dynamiccredentials.IssuerUrl;
import io.dynamiccredentials.Secret;
import io.dynamiccredentials.jwk.SigningAlgorithm;
import io.dynamiccredentials.keys.SigningKeys;
import io.dynamiccredentials.run.CloseReport.Item;
import io.dynamiccredentials.run.CloseReport.Outcome;
import io.dynamiccredentials.run.CloseReport.Thing;
import io.dynamiccredentials.run.DynamicCredentials;
import io.dynamiccredentials.run.RunLease;
import io.dynamiccredentials.token.JwtTokenIssuer;
import io.dynamiccredentials.wire.StrictJson;
import io.dynamiccredentials.workload.TerraformRun;
import java.nio.file.Path;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tokens for four platforms, untagged and tagged, in one run. */
class HandoverRunTest {
    private static final JwtTokenIssuer ISSUER = JwtTokenIssuer.builder(
                    IssuerUrl.of("https://ci.example"), SigningKeys.generate(SigningAlgorithm.RS256))
            .build();
    private static final String RESOURCE = "iam/project/p/service-principal/ci/workload-identity-provider/runs";
    private static final String ARN = "qcs::cam::uin/100000000001:roleName/deploy";

    @TempDir
    private Path directory = Path.of("");

    @Test
    void open_tagsOfAllFour_givesEachATokenOfItsOwnAudience() {
        RunLease lease = open(variables());
        try (lease) {
            Map<String, Secret> variables = lease.environment().variables();

            assertThat(variables)
                    .doesNotContainKeys("KUBE_TOKEN", "HCP_CRED_FILE", "TENCENTCLOUD_ASSUME_ROLE_WEB_IDENTITY_TOKEN");
            assertThat(audience(variables, "TFC_WORKLOAD_IDENTITY_TOKEN")).isEqualTo("manual");
            assertThat(audience(variables, "TFC_WORKLOAD_IDENTITY_TOKEN_B")).isEqualTo("manual-b");
            assertThat(lease.environment().files())
                    .extracting(file -> file.getFileName().toString())
                    .containsExactlyInAnyOrder(
                            "kubernetes-token",
                            "kubernetes-token_B",
                            "hcp-token",
                            "hcp-token_B",
                            "hcp-credentials.json",
                            "hcp-credentials.json_B",
                            "tencentcloud-token.json",
                            "tencentcloud-token.json_B");
            assertThat(lease.environment().terraformInputs())
                    .containsOnlyKeys(
                            "tfc_kubernetes_dynamic_credentials",
                            "tfc_hcp_dynamic_credentials",
                            "tfc_tencentcloud_dynamic_credentials")
                    .allSatisfy((name, value) ->
                            assertThat(value.reveal()).contains("\"default\":{", "\"aliases\":{\"B\":{"));
        }
        assertThat(directory).isEmptyDirectory();
        assertThat(lease.report().items())
                .filteredOn(item -> item.thing() == Thing.IDENTITY_TOKEN)
                .hasSize(8)
                .extracting(Item::outcome)
                .containsOnly(Outcome.LIVES_UNTIL);
    }

    @Test
    void open_workspaceBringsItsOwnToken_isRefused() {
        Map<String, String> variables = variables();
        variables.put("TFC_WORKLOAD_IDENTITY_TOKEN", "eyJ.own");

        assertThatThrownBy(() -> open(variables))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("TFC_WORKLOAD_IDENTITY_TOKEN");
    }

    private static Map<String, String> variables() {
        Map<String, String> variables = new HashMap<>();
        for (String tag : List.of("", "_B")) {
            variables.put("TFC_KUBERNETES_PROVIDER_AUTH" + tag, "true");
            variables.put("TFC_KUBERNETES_WORKLOAD_IDENTITY_AUDIENCE" + tag, "cluster");
            variables.put("TFC_HCP_PROVIDER_AUTH" + tag, "true");
            variables.put("TFC_HCP_RUN_PROVIDER_RESOURCE_NAME" + tag, RESOURCE);
            variables.put("TFC_TENCENTCLOUD_PROVIDER_AUTH" + tag, "true");
            variables.put("TFC_TENCENTCLOUD_RUN_ROLE_ARN" + tag, ARN);
        }
        variables.put("TFC_WORKLOAD_IDENTITY_AUDIENCE", "manual");
        variables.put("TFC_WORKLOAD_IDENTITY_AUDIENCE_B", "manual-b");
        return variables;
    }

    private RunLease open(Map<String, String> variables) {
        return DynamicCredentials.builder(ISSUER)
                .provider(KubernetesProvider.create())
                .provider(HcpProvider.create())
                .provider(TencentCloudProvider.create())
                .provider(ManualTokenProvider.create())
                .hostEnvironment(Map.of())
                .directory(directory)
                .build()
                .open(TerraformRun.builder("acme", "shop", "prod", "run-1").build(), variables);
    }

    private static String audience(Map<String, Secret> variables, String name) {
        String payload = Objects.requireNonNull(variables.get(name)).reveal().split("[.]", -1)[1];
        String json = new String(Base64.getUrlDecoder().decode(payload), UTF_8);
        return StrictJson.text(StrictJson.parseObject(json), "aud").orElseThrow();
    }
}
