package io.dynamiccredentials.azure;

import static io.dynamiccredentials.azure.Samples.ACCESS_TOKEN;
import static io.dynamiccredentials.azure.Samples.CLIENT;
import static io.dynamiccredentials.azure.Samples.TENANT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dynamiccredentials.CredentialExchangeException;
import io.dynamiccredentials.Secret;
import io.dynamiccredentials.config.Configuration;
import io.dynamiccredentials.config.TerraformVariables;
import io.dynamiccredentials.environment.RunDirectory;
import io.dynamiccredentials.environment.RunEnvironment;
import io.dynamiccredentials.fixtures.Rendering;
import io.dynamiccredentials.fixtures.ScriptedServer;
import io.dynamiccredentials.workload.TerraformRun;
import java.net.URI;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The settings that HCP Terraform does not have, and the variables of the workspace beside them. */
class AzureOwnSettingsTest {
    private static final String OWN = "DYNAMIC_CREDENTIALS_AZURE_";
    private static final String SUBSCRIPTION = "eeeeeeee-1111-2222-3333-444444444444";
    private static final String OTHER = "dddddddd-1111-2222-3333-444444444444";

    private final AzureProvider provider = AzureProvider.builder()
            .allowCloud(AzureCloud.US_GOVERNMENT)
            .http(Samples.http())
            .build();

    @TempDir
    private Path directory = Path.of("");

    @ParameterizedTest
    @CsvSource({
        OWN + "TENANT_ID, " + OWN + "SUBSCRIPTION_ID",
        "TFC_AZURE_RUN_TENANT_ID, TFC_AZURE_RUN_SUBSCRIPTION_ID",
        "DYNAMIC_CREDENTIALS_DEFAULT_AZURE_TENANT_ID, DYNAMIC_CREDENTIALS_DEFAULT_AZURE_SUBSCRIPTION_ID"
    })
    void configure_tenantAndSubscriptionInSettings_reachTheRun(String tenant, String subscription) {
        RunEnvironment environment = render(Map.of(tenant, TENANT, subscription, SUBSCRIPTION));

        assertThat(values(environment))
                .containsEntry("ARM_TENANT_ID", TENANT)
                .containsEntry("AZURE_TENANT_ID", TENANT)
                .containsEntry("ARM_SUBSCRIPTION_ID", SUBSCRIPTION)
                .doesNotContainKeys("ARM_ENVIRONMENT", "AZURE_AUTHORITY_HOST");
        assertThat(input(environment))
                .contains("\"tenant_id\":\"" + TENANT + "\",\"subscription_id\":\"" + SUBSCRIPTION + "\"")
                .doesNotContain("environment");
    }

    @Test
    void configure_workspaceSaysTheSame_leavesTheVariablesToIt() {
        RunEnvironment environment = render(Map.of(
                OWN + "TENANT_ID",
                TENANT,
                "ARM_TENANT_ID",
                TENANT.toUpperCase(Locale.ROOT),
                OWN + "SUBSCRIPTION_ID",
                SUBSCRIPTION,
                "ARM_SUBSCRIPTION_ID",
                SUBSCRIPTION));

        assertThat(values(environment)).doesNotContainKeys("ARM_TENANT_ID", "ARM_SUBSCRIPTION_ID");
    }

    @ParameterizedTest
    @CsvSource({
        OWN + "TENANT_ID, ARM_TENANT_ID",
        OWN + "TENANT_ID, TFC_AZURE_RUN_TENANT_ID",
        "TFC_AZURE_RUN_TENANT_ID, ARM_TENANT_ID",
        OWN + "SUBSCRIPTION_ID, ARM_SUBSCRIPTION_ID",
        OWN + "SUBSCRIPTION_ID, TFC_AZURE_RUN_SUBSCRIPTION_ID",
        "TFC_AZURE_RUN_SUBSCRIPTION_ID, ARM_SUBSCRIPTION_ID"
    })
    void configure_twoVariablesDiffer_isRefused(String one, String other) {
        Map<String, String> variables = new HashMap<>(Map.of(one, TENANT, other, OTHER));
        variables.putIfAbsent("TFC_AZURE_RUN_TENANT_ID", variables.getOrDefault(OWN + "TENANT_ID", TENANT));

        assertRefused(variables, other + " must be absent or \"" + TENANT + "\"", one + " is", OTHER);
    }

    @Test
    void configure_defaultAndWorkspaceDiffer_workspaceWins() {
        Map<String, String> variables = Map.of(
                "DYNAMIC_CREDENTIALS_DEFAULT_AZURE_TENANT_ID",
                OTHER,
                "ARM_TENANT_ID",
                TENANT,
                "DYNAMIC_CREDENTIALS_DEFAULT_AZURE_SUBSCRIPTION_ID",
                OTHER,
                "ARM_SUBSCRIPTION_ID",
                SUBSCRIPTION);

        assertThat(endpoint(variables)).contains(TENANT);
        assertThat(input(render(variables))).contains(TENANT, SUBSCRIPTION).doesNotContain(OTHER);
    }

    @Test
    void configure_taggedTenant_isNotTheWorkspaces() {
        Map<String, String> variables = Map.of(
                "TFC_AZURE_PROVIDER_AUTH_B",
                "true",
                "TFC_AZURE_RUN_CLIENT_ID_B",
                CLIENT,
                OWN + "TENANT_ID_B",
                OTHER,
                OWN + "CLOUD_B",
                "usgovernment",
                "ARM_TENANT_ID",
                TENANT,
                "AZURE_TENANT_ID",
                TENANT,
                "ARM_ENVIRONMENT",
                "public");

        List<Configuration<?>> configurations = read(variables);

        assertThat(configurations).hasSize(2);
        assertThat(endpoint(configurations.get(0))).contains("login.microsoftonline.com", TENANT);
        assertThat(endpoint(configurations.get(1))).contains("login.microsoftonline.us", OTHER);
    }

    @Test
    void configure_taggedWithoutATenant_usesTheWorkspaces() {
        Map<String, String> variables = Map.of(
                "TFC_AZURE_PROVIDER_AUTH_B", "true", "TFC_AZURE_RUN_CLIENT_ID_B", CLIENT, "ARM_TENANT_ID", TENANT);

        assertThat(endpoint(read(variables).get(1))).contains(TENANT);
    }

    @Test
    void render_amongOthers_sharesOnlyWhatIsTheSameForAll() {
        try (ScriptedServer server = ScriptedServer.https(Samples.granted(ACCESS_TOKEN));
                RunDirectory run = RunDirectory.create(directory)) {
            AzureProvider here = at(server);
            Map<String, String> variables = Map.of(
                    "TFC_AZURE_PROVIDER_AUTH_B",
                    "true",
                    "TFC_AZURE_RUN_CLIENT_ID_B",
                    CLIENT,
                    OWN + "TENANT_ID_B",
                    TENANT,
                    OWN + "SUBSCRIPTION_ID_B",
                    SUBSCRIPTION);
            Configuration<?> tagged =
                    TerraformVariables.read(variables, run(), List.of(here)).get(0);

            RunEnvironment environment = Rendering.amongOthers(tagged, Samples.token(), run);

            assertThat(values(environment))
                    .isEqualTo(Map.of(
                            "ARM_USE_OIDC",
                            "true",
                            "ARM_USE_CLI",
                            "false",
                            "ARM_USE_MSI",
                            "false",
                            "AZURE_AUTHORITY_HOST",
                            server.address() + "/"));
            assertThat(input(environment))
                    .isEqualTo("{\"default\":null,\"aliases\":{\"B\":{\"client_id_file_path\":\""
                            + run.path().resolve("azure-client-id_B") + "\",\"oidc_token_file_path\":\""
                            + run.path().resolve("azure-token_B") + "\",\"tenant_id\":\"" + TENANT
                            + "\",\"subscription_id\":\"" + SUBSCRIPTION + "\"}}}");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {OWN + "TENANT_ID", "TFC_AZURE_RUN_TENANT_ID"})
    void configure_malformedTenant_isRefused(String variable) {
        assertRefused(Map.of(variable, "common"), variable + " must be a tenant's id or domain", "\"common\"");
    }

    @ParameterizedTest
    @ValueSource(strings = {OWN + "SUBSCRIPTION_ID", "TFC_AZURE_RUN_SUBSCRIPTION_ID", OWN + "EXPECTED_TENANT_ID"})
    void configure_malformedId_isRefused(String variable) {
        assertRefused(
                Map.of(OWN + "TENANT_ID", TENANT, variable, "shop"), variable + " must be an id such as", "\"shop\"");
    }

    @Test
    void configure_allowedCloud_isAskedAndReachesTheRun() {
        Map<String, String> variables = Map.of(OWN + "TENANT_ID", TENANT, OWN + "CLOUD", "usgovernment");

        Configuration<?> configuration = configure(variables);

        assertThat(endpoint(configuration))
                .isEqualTo("https://login.microsoftonline.us/" + TENANT + "/oauth2/v2.0/token");
        assertThat(configuration.platform().exchanger().audience()).isEqualTo("api://AzureADTokenExchangeUSGov");
        RunEnvironment environment = render(variables);
        assertThat(values(environment))
                .containsEntry("ARM_ENVIRONMENT", "usgovernment")
                .containsEntry("AZURE_AUTHORITY_HOST", "https://login.microsoftonline.us/");
        assertThat(input(environment)).contains("\"environment\":\"usgovernment\"");
    }

    @Test
    void configure_workspaceNamesTheCloudToo_leavesTheVariableToIt() {
        assertThat(values(render(Map.of(
                        OWN + "TENANT_ID", TENANT, OWN + "CLOUD", "usgovernment", "ARM_ENVIRONMENT", "usgovernment"))))
                .doesNotContainKey("ARM_ENVIRONMENT");
    }

    @Test
    void configure_cloudThatTheHostDoesNotAllow_isRefused() {
        assertRefused(
                Map.of(OWN + "TENANT_ID", TENANT, OWN + "CLOUD", "china"),
                OWN + "CLOUD must be one of the clouds that this host allows, [public, usgovernment]",
                "\"china\"");
    }

    @Test
    void configure_unknownCloud_isRefused() {
        assertRefused(
                Map.of(OWN + "TENANT_ID", TENANT, OWN + "CLOUD", "login.evil.example"),
                OWN + "CLOUD must be \"public\", \"usgovernment\" or \"china\"");
    }

    @Test
    void configure_cloudWhereTheHostHasAnAddress_isRefused() {
        AzureProvider own = AzureProvider.builder()
                .authorityHost(URI.create("https://entra.example"))
                .build();

        assertThatThrownBy(() -> configure(own, Map.of(OWN + "TENANT_ID", TENANT, OWN + "CLOUD", "public")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll(OWN + "CLOUD must be removed", "\"public\"");
        assertThatThrownBy(() -> AzureProvider.builder()
                        .authorityHost(URI.create("https://entra.example"))
                        .allowCloud(AzureCloud.CHINA)
                        .build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll("entra.example", "CHINA");
    }

    @Test
    void configure_workspaceIsInAnotherCloud_isRefused() {
        assertRefused(
                Map.of(OWN + "TENANT_ID", TENANT, "ARM_ENVIRONMENT", "usgovernment"),
                "ARM_ENVIRONMENT must be absent or \"public\"",
                "\"usgovernment\"");
    }

    @ParameterizedTest
    @ValueSource(strings = {"ARM_METADATA_HOSTNAME", "ARM_METADATA_HOST"})
    void configure_workspaceSendsTokensElsewhere_isRefused(String variable) {
        assertRefused(
                Map.of(OWN + "TENANT_ID", TENANT, variable, "evil.example"),
                variable + " must be removed",
                "evil.example");
    }

    @Test
    void configure_scope_isTheRunsThenTheCloudsThenTheHosts() {
        AzureProvider host = AzureProvider.builder()
                .allowCloud(AzureCloud.CHINA)
                .scope("https://vault.azure.net/.default")
                .build();
        Map<String, String> china = Map.of("ARM_TENANT_ID", TENANT, OWN + "CLOUD", "china");
        assertThat(((AzureFederatedExchanger) configure(host, china).platform().exchanger()).scope())
                .isEqualTo("https://management.chinacloudapi.cn/.default");

        assertThat(scope(Map.of())).contains("https://vault.azure.net/.default");
        assertThat(scope(Map.of(OWN + "SCOPE", "https://graph.microsoft.com/.default")))
                .contains("https://graph.microsoft.com/.default");
    }

    @Test
    void configure_malformedScope_isRefused() {
        assertRefused(
                Map.of(OWN + "TENANT_ID", TENANT, OWN + "SCOPE", "https://graph.microsoft.com"),
                OWN + "SCOPE must be a resource and \"/.default\"");
    }

    @Test
    void configure_expectedTenantIsAnother_isRefusedBeforeTheNetwork() {
        assertRefused(
                Map.of(OWN + "TENANT_ID", TENANT, OWN + "EXPECTED_TENANT_ID", OTHER),
                OWN + "EXPECTED_TENANT_ID must be the tenant of the run, which is \"" + TENANT + "\"",
                OTHER);
        assertRefused(
                Map.of("ARM_TENANT_ID", TENANT, "DYNAMIC_CREDENTIALS_DEFAULT_AZURE_EXPECTED_TENANT_ID", OTHER),
                "DYNAMIC_CREDENTIALS_DEFAULT_AZURE_EXPECTED_TENANT_ID must be");
    }

    @Test
    void configure_expectedTenantOfADomain_isHeldAgainstTheAnswer() {
        try (ScriptedServer server = ScriptedServer.https(Samples.granted(ACCESS_TOKEN))) {
            Configuration<?> configuration = configure(
                    at(server), Map.of("ARM_TENANT_ID", "contoso.example", OWN + "EXPECTED_TENANT_ID", TENANT));

            assertThatThrownBy(() -> configuration.platform().exchanger().exchange(Samples.token()))
                    .isInstanceOf(CredentialExchangeException.class)
                    .hasMessageContaining(TENANT);
        }
    }

    private static String scope(Map<String, String> more) {
        try (ScriptedServer server = ScriptedServer.https(Samples.granted(ACCESS_TOKEN))) {
            Map<String, String> variables = new HashMap<>(more);
            variables.put("ARM_TENANT_ID", TENANT);
            configure(at(server), variables).platform().exchanger().exchange(Samples.token());
            return String.valueOf(Samples.form(server.requests().get(0)).get("scope"));
        }
    }

    private static AzureProvider at(ScriptedServer server) {
        return AzureProvider.builder()
                .authorityHost(server.address())
                .scope("https://vault.azure.net/.default")
                .http(Samples.http())
                .build();
    }

    private void assertRefused(Map<String, String> variables, String... pieces) {
        assertThatThrownBy(() -> configure(variables))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll(pieces);
    }

    private String endpoint(Map<String, String> variables) {
        return endpoint(configure(variables));
    }

    private static String endpoint(Configuration<?> configuration) {
        return ((AzureFederatedExchanger) configuration.platform().exchanger())
                .tokenEndpoint()
                .toString();
    }

    private Configuration<?> configure(Map<String, String> variables) {
        return configure(provider, variables);
    }

    private static Configuration<?> configure(AzureProvider provider, Map<String, String> variables) {
        return read(provider, variables).get(0);
    }

    private List<Configuration<?>> read(Map<String, String> variables) {
        return read(provider, variables);
    }

    private static List<Configuration<?>> read(AzureProvider provider, Map<String, String> more) {
        Map<String, String> variables = new HashMap<>(more);
        variables.put("TFC_AZURE_PROVIDER_AUTH", "true");
        variables.put("TFC_AZURE_RUN_CLIENT_ID", CLIENT);
        return TerraformVariables.read(variables, run(), List.of(provider));
    }

    private static TerraformRun run() {
        return TerraformRun.builder("acme", "shop", "prod", "run-1").build();
    }

    /** Renders without an exchange: clouds have addresses that no test may ask. */
    private RunEnvironment render(Map<String, String> variables) {
        Configuration<AzureAccessCredentials> configuration = azure(configure(variables));
        String tenant = endpoint(configuration).contains(TENANT) ? TENANT : OTHER;
        AzureAccessCredentials credentials =
                new AzureAccessCredentials(Secret.of(ACCESS_TOKEN), tenant, CLIENT, Samples.NOW.plusSeconds(3600));
        try (RunDirectory run = RunDirectory.create(directory)) {
            return Rendering.only(configuration, credentials, Samples.token(), run);
        }
    }

    @SuppressWarnings("unchecked")
    private static Configuration<AzureAccessCredentials> azure(Configuration<?> configuration) {
        return (Configuration<AzureAccessCredentials>) configuration;
    }

    private static String input(RunEnvironment environment) {
        return Objects.requireNonNull(environment.terraformInputs().get("tfc_azure_dynamic_credentials"))
                .reveal();
    }

    private static Map<String, String> values(RunEnvironment environment) {
        Map<String, String> values = new TreeMap<>();
        environment.variables().forEach((name, value) -> values.put(name, value.reveal()));
        return values;
    }
}
