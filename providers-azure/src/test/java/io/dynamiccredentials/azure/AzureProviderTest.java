package io.dynamiccredentials.azure;

import static io.dynamiccredentials.azure.Samples.ACCESS_TOKEN;
import static io.dynamiccredentials.azure.Samples.CLIENT;
import static io.dynamiccredentials.azure.Samples.JWT;
import static io.dynamiccredentials.azure.Samples.TENANT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dynamiccredentials.config.Configuration;
import io.dynamiccredentials.config.TerraformVariables;
import io.dynamiccredentials.environment.RunDirectory;
import io.dynamiccredentials.environment.RunEnvironment;
import io.dynamiccredentials.fixtures.Rendering;
import io.dynamiccredentials.fixtures.ScriptedServer;
import io.dynamiccredentials.workload.Phase;
import io.dynamiccredentials.workload.TerraformRun;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AzureProviderTest {
    private static final String OTHER_CLIENT = "cccccccc-1111-2222-3333-444444444444";
    private static final String OTHER_TENANT = "dddddddd-1111-2222-3333-444444444444";

    private final ScriptedServer server = ScriptedServer.https(Samples.granted(ACCESS_TOKEN));
    private final AzureProvider provider = AzureProvider.builder()
            .tenantId(TENANT)
            .authorityHost(server.address())
            .http(Samples.http())
            .build();

    @TempDir
    private Path directory = Path.of("");

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void render_defaultTenant_setsBothFamiliesOfVariablesAndOneFile() throws Exception {
        try (RunDirectory run = RunDirectory.create(directory)) {
            RunEnvironment environment = render(configure(provider, Phase.PLAN, Map.of()), run);

            Path file = environment.files().get(0);
            assertThat(environment.files()).hasSize(2);
            assertThat(environment.files().get(1))
                    .hasFileName("azure-client-id")
                    .hasContent(CLIENT);
            assertThat(file.getFileName()).hasToString("azure-token");
            assertThat(file).hasContent(JWT);
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                    .isEqualTo("rw-------");
            assertThat(values(environment))
                    .containsExactlyInAnyOrderEntriesOf(Map.ofEntries(
                            Map.entry("ARM_USE_OIDC", "true"),
                            Map.entry("ARM_USE_CLI", "false"),
                            Map.entry("ARM_USE_MSI", "false"),
                            Map.entry("ARM_CLIENT_ID", CLIENT),
                            Map.entry("ARM_TENANT_ID", TENANT),
                            Map.entry("ARM_OIDC_TOKEN_FILE_PATH", file.toString()),
                            Map.entry("AZURE_CLIENT_ID", CLIENT),
                            Map.entry("AZURE_TENANT_ID", TENANT),
                            Map.entry("AZURE_FEDERATED_TOKEN_FILE", file.toString()),
                            Map.entry("AZURE_AUTHORITY_HOST", server.address() + "/")));
        }
    }

    @Test
    void render_workspaceNamesItsTenant_leavesTheVariablesToTheWorkspace() {
        try (RunDirectory run = RunDirectory.create(directory)) {
            Map<String, String> workspace = Map.of("ARM_TENANT_ID", OTHER_TENANT, "ARM_SUBSCRIPTION_ID", "sub-1");

            RunEnvironment environment = render(configure(provider, Phase.PLAN, workspace), run);

            assertThat(values(environment))
                    .doesNotContainKey("ARM_TENANT_ID")
                    .doesNotContainKey("ARM_SUBSCRIPTION_ID")
                    .containsEntry("AZURE_TENANT_ID", OTHER_TENANT);
            assertThat(server.requests().get(0).path()).startsWith("/" + OTHER_TENANT + "/");
        }
    }

    @Test
    void render_workspaceSetsBothTenants_setsNeither() {
        try (RunDirectory run = RunDirectory.create(directory)) {
            Map<String, String> workspace = Map.of("ARM_TENANT_ID", OTHER_TENANT, "AZURE_TENANT_ID", OTHER_TENANT);

            assertThat(values(render(configure(provider, Phase.PLAN, workspace), run)))
                    .doesNotContainKeys("ARM_TENANT_ID", "AZURE_TENANT_ID");
        }
    }

    @Test
    void render_always_withholdsTheAccessToken() {
        try (RunDirectory run = RunDirectory.create(directory)) {
            RunEnvironment environment = render(configure(provider, Phase.APPLY, Map.of()), run);

            assertThat(values(environment).values()).noneMatch(value -> value.contains(ACCESS_TOKEN));
            assertThat(environment.files())
                    .noneSatisfy(file -> assertThat(file).content().contains(ACCESS_TOKEN));
        }
    }

    @Test
    void render_publicCloud_leavesTheAuthorityToTheTools() {
        // The answer comes from loopback all the same: the renderer never asks where its credentials are from.
        Configuration<?> here = configure(provider, Phase.PLAN, Map.of());
        Configuration<?> publicCloud =
                configure(AzureProvider.builder().tenantId(TENANT).build(), Phase.PLAN, Map.of());
        try (RunDirectory run = RunDirectory.create(directory)) {
            AzureAccessCredentials credentials =
                    azure(here).platform().exchanger().exchange(Samples.token());
            RunEnvironment environment = Rendering.only(azure(publicCloud), credentials, Samples.token(), run);

            assertThat(environment.variables()).doesNotContainKey("AZURE_AUTHORITY_HOST");
            assertThat(((AzureFederatedExchanger) publicCloud.platform().exchanger()).tokenEndpoint())
                    .hasHost("login.microsoftonline.com");
        }
    }

    @ParameterizedTest
    @CsvSource({"PLAN, " + OTHER_CLIENT, "APPLY, " + CLIENT})
    void configure_planHasItsOwnClient_isUsedInThatPhaseOnly(Phase phase, String expected) {
        Configuration<?> platform = configure(provider, phase, Map.of("TFC_AZURE_PLAN_CLIENT_ID", OTHER_CLIENT));

        platform.platform().exchanger().exchange(Samples.token());

        assertThat(Samples.form(server.requests().get(0))).containsEntry("client_id", expected);
    }

    @Test
    void configure_audience_isTheCustomOneOrTheStandardOne() {
        assertThat(configure(provider, Phase.PLAN, Map.of())
                        .platform()
                        .exchanger()
                        .audience())
                .isEqualTo("api://AzureADTokenExchange");
        assertThat(configure(provider, Phase.PLAN, Map.of("TFC_AZURE_WORKLOAD_IDENTITY_AUDIENCE", "my-audience"))
                        .platform()
                        .exchanger()
                        .audience())
                .isEqualTo("my-audience");
    }

    @Test
    void configure_scope_isTheHosts() {
        AzureProvider government = AzureProvider.builder()
                .tenantId(TENANT)
                .authorityHost(server.address())
                .scope("https://management.usgovcloudapi.net/.default")
                .http(Samples.http())
                .build();

        configure(government, Phase.PLAN, Map.of()).platform().exchanger().exchange(Samples.token());

        assertThat(Samples.form(server.requests().get(0)).get("scope"))
                .contains("https://management.usgovcloudapi.net/.default");
    }

    @Test
    void configure_noTenantAnywhere_isRefused() {
        assertRefused(
                AzureProvider.builder().build(), Map.of(), "ARM_TENANT_ID is required", "TFC_AZURE_PROVIDER_AUTH");
    }

    @Test
    void configure_noClient_isRefused() {
        assertThatThrownBy(() -> TerraformVariables.read(
                        Map.of("TFC_AZURE_PROVIDER_AUTH", "true"), run(Phase.PLAN), List.of(provider)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("TFC_AZURE_RUN_CLIENT_ID or TFC_AZURE_PLAN_CLIENT_ID is required");
    }

    @Test
    void configure_tenantsDiffer_isRefused() {
        assertRefused(
                provider,
                Map.of("ARM_TENANT_ID", TENANT, "AZURE_TENANT_ID", OTHER_TENANT),
                "AZURE_TENANT_ID must be the same tenant",
                TENANT,
                OTHER_TENANT);
        assertRefused(provider, Map.of("AZURE_TENANT_ID", OTHER_TENANT), TENANT, OTHER_TENANT);
    }

    @ParameterizedTest
    @ValueSource(strings = {"common", "organizations", "../../x", "https://login.evil.example/"})
    void configure_malformedTenant_isRefused(String tenant) {
        assertRefused(provider, Map.of("ARM_TENANT_ID", tenant), "ARM_TENANT_ID must be", "\"" + tenant + "\"");
    }

    @Test
    void configure_malformedSettings_areAllNamed() {
        assertRefused(
                provider,
                Map.of("TFC_AZURE_RUN_CLIENT_ID", "deploy"),
                "TFC_AZURE_RUN_CLIENT_ID must be an application (client) id",
                "\"deploy\"");
        assertRefused(
                provider,
                Map.of("TFC_AZURE_WORKLOAD_IDENTITY_AUDIENCE", "two words"),
                "TFC_AZURE_WORKLOAD_IDENTITY_AUDIENCE",
                "\"two words\"");
        assertRefused(
                provider,
                Map.of("TFC_AZURE_RUN_CLIENT_IDD", CLIENT),
                "TFC_AZURE_RUN_CLIENT_IDD looks like a misspelt TFC_AZURE_RUN_CLIENT_ID");
        assertThat(server.requests()).isEmpty();
    }

    @Test
    void builder_malformed_isRefused() {
        assertThatThrownBy(() -> AzureProvider.builder().tenantId("common"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("\"common\"");
        assertThatThrownBy(() -> AzureProvider.builder().authorityHost(URI.create("http://localhost")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("\"http://localhost\"");
        assertThatThrownBy(() -> AzureProvider.builder().scope("https://management.azure.com"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("/.default");
    }

    private void assertRefused(AzureProvider provider, Map<String, String> more, String... pieces) {
        assertThatThrownBy(() -> configure(provider, Phase.PLAN, more))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll(pieces);
    }

    private static Configuration<?> configure(AzureProvider provider, Phase phase, Map<String, String> more) {
        Map<String, String> variables = new HashMap<>(more);
        variables.put("TFC_AZURE_PROVIDER_AUTH", "true");
        variables.putIfAbsent("TFC_AZURE_RUN_CLIENT_ID", CLIENT);
        return TerraformVariables.read(variables, run(phase), List.of(provider)).get(0);
    }

    private static TerraformRun run(Phase phase) {
        return TerraformRun.builder("acme", "shop", "prod", "run-1")
                .phase(phase)
                .build();
    }

    private static RunEnvironment render(Configuration<?> configuration, RunDirectory run) {
        return Rendering.only(configuration, Samples.token(), run);
    }

    @SuppressWarnings("unchecked")
    private static Configuration<AzureAccessCredentials> azure(Configuration<?> configuration) {
        return (Configuration<AzureAccessCredentials>) configuration;
    }

    private static Map<String, String> values(RunEnvironment environment) {
        Map<String, String> values = new TreeMap<>();
        environment.variables().forEach((name, value) -> values.put(name, value.reveal()));
        return values;
    }
}
