package io.dynamiccredentials.handover;

import static io.dynamiccredentials.handover.Handovers.JWT;
import static org.assertj.core.api.Assertions.assertThat;

import io.dynamiccredentials.environment.RunDirectory;
import io.dynamiccredentials.environment.RunEnvironment;
import io.dynamiccredentials.workload.Phase;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HcpProviderTest {
    private static final String ON = "TFC_HCP_PROVIDER_AUTH";
    private static final String NAME = "TFC_HCP_RUN_PROVIDER_RESOURCE_NAME";
    private static final String RESOURCE =
            "iam/project/11111111-2222-3333-4444-555555555555/service-principal/ci/workload-identity-provider/runs";

    private final HcpProvider provider = HcpProvider.create();

    @TempDir
    private Path directory = Path.of("");

    @Test
    void render_soleConfiguration_namesAFileThatNamesTheToken() {
        try (RunDirectory run = RunDirectory.create(directory)) {
            RunEnvironment environment = Handovers.render(provider, Map.of(ON, "true", NAME, RESOURCE), run);

            Path file = run.path().resolve("hcp-credentials.json");
            Path token = run.path().resolve("hcp-token");
            assertThat(Handovers.values(environment)).isEqualTo(Map.of("HCP_CRED_FILE", file.toString()));
            assertThat(environment.files()).containsExactly(token, file);
            assertThat(token).hasContent(JWT);
            assertThat(file)
                    .hasContent("{\"scheme\":\"workload\",\"workload\":{\"provider_resource_name\":\"" + RESOURCE
                            + "\",\"file\":{\"path\":\"" + token + "\"}}}");
            assertThat(Handovers.input(environment, "tfc_hcp_dynamic_credentials"))
                    .isEqualTo("{\"default\":{\"credential_file\":\"" + file + "\"},\"aliases\":{}}");
        }
    }

    @Test
    void render_tagged_hasItsOwnFilesAndNoVariable() {
        try (RunDirectory run = RunDirectory.create(directory)) {
            RunEnvironment environment =
                    Handovers.render(provider, Map.of(ON + "_EU", "true", NAME + "_EU", RESOURCE), run);

            Path file = run.path().resolve("hcp-credentials.json_EU");
            assertThat(environment.variables()).isEmpty();
            assertThat(file)
                    .content()
                    .contains(run.path().resolve("hcp-token_EU").toString());
            assertThat(Handovers.input(environment, "tfc_hcp_dynamic_credentials"))
                    .isEqualTo("{\"default\":null,\"aliases\":{\"EU\":{\"credential_file\":\"" + file + "\"}}}");
        }
    }

    @Test
    void configure_noAudience_isTheNameOfThePhase() {
        Map<String, String> variables =
                Map.of(ON, "true", NAME, RESOURCE, "TFC_HCP_APPLY_PROVIDER_RESOURCE_NAME", RESOURCE + "-apply");

        assertThat(Handovers.audience(provider, Phase.PLAN, variables)).isEqualTo(RESOURCE);
        assertThat(Handovers.audience(provider, Phase.APPLY, variables)).isEqualTo(RESOURCE + "-apply");
    }

    @Test
    void configure_longestName_isStillAnAudience() {
        String longest = "iam/project/P/service-principal/P/workload-identity-provider/P".replace("P", "p".repeat(64));

        assertThat(Handovers.audience(provider, Phase.PLAN, Map.of(ON, "true", NAME, longest)))
                .hasSizeLessThanOrEqualTo(255);
    }

    @Test
    void configure_audience_isTaken() {
        Map<String, String> variables =
                Map.of(ON, "true", NAME, RESOURCE, "TFC_HCP_WORKLOAD_IDENTITY_AUDIENCE", "hcp.workload.identity");

        assertThat(Handovers.audience(provider, Phase.PLAN, variables)).isEqualTo("hcp.workload.identity");
    }

    @Test
    void configure_malformedAudience_isRefused() {
        Handovers.assertRefused(
                provider,
                Map.of(ON, "true", NAME, RESOURCE, "TFC_HCP_WORKLOAD_IDENTITY_AUDIENCE", "two words"),
                "TFC_HCP_WORKLOAD_IDENTITY_AUDIENCE must be");
    }

    @Test
    void configure_noName_isRefused() {
        Handovers.assertRefused(provider, Map.of(ON, "true"), NAME, "is required");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "runs",
                "iam/project/p/service-principal/ci",
                "iam/project/../service-principal/ci/workload-identity-provider/runs",
                "iam/project/p/service-principal/ci/workload-identity-provider/runs/x",
                "iam/project/p/service-principal/ci/workload-identity-provider/runs?x=y",
                "/iam/project/p/service-principal/ci/workload-identity-provider/runs"
            })
    void configure_malformedName_isRefused(String name) {
        Handovers.assertRefused(provider, Map.of(ON, "true", NAME, name), NAME + " must be a resource name");
    }

    @ParameterizedTest
    @ValueSource(strings = {"HCP_API_ADDRESS", "HCP_API_HOST", "HCP_API_TLS", "HCP_AUTH_URL", "HCP_AUTH_TLS"})
    void configure_workspaceSendsTheTokenElsewhere_isRefused(String variable) {
        Map<String, String> variables = new HashMap<>(Map.of(ON, "true", NAME, RESOURCE));
        variables.put(variable, "attacker.example");

        Handovers.assertRefused(provider, variables, variable + " must be removed", "attacker.example");
    }
}
