package io.dynamiccredentials.gcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.dynamiccredentials.config.Configuration;
import io.dynamiccredentials.config.TerraformVariables;
import io.dynamiccredentials.environment.RunDirectory;
import io.dynamiccredentials.environment.RunEnvironment;
import io.dynamiccredentials.fixtures.Rendering;
import io.dynamiccredentials.fixtures.ScriptedServer;
import io.dynamiccredentials.wire.StrictJson;
import io.dynamiccredentials.wire.Timeouts;
import io.dynamiccredentials.workload.TerraformRun;
import java.io.IOException;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The settings that HCP Terraform does not have. */
class GcpOwnSettingsTest {
    private static final String OWN = "DYNAMIC_CREDENTIALS_GCP_";
    private static final String DEFAULT = "DYNAMIC_CREDENTIALS_DEFAULT_GCP_";
    private static final String UNIVERSE = "cloud.example";
    private static final String FIRST = "first@hub.iam.gserviceaccount.com";
    private static final String SECOND = "second@hub.iam.gserviceaccount.com";
    private static final String READ_ONLY = "https://www.googleapis.com/auth/devstorage.read_only";
    private static final String COMPUTE = "https://www.googleapis.com/auth/compute";
    private static final Map<String, String> POOL = Map.of("TFC_GCP_PRINCIPAL_TYPE", "workload_pool");

    @TempDir
    Path directory;

    @ParameterizedTest
    @ValueSource(strings = {"600", "1800", "43200"})
    void lifetime_inBounds_isAskedForAndStandsInTheFile(String seconds) throws IOException {
        try (ScriptedServer server = server();
                RunDirectory run = RunDirectory.create(directory)) {
            RunEnvironment environment =
                    render(configure(provider(server), Map.of(OWN + "TOKEN_LIFETIME_SECONDS", seconds)), run);

            assertThat(StrictJson.parseObject(server.requests().get(1).body())
                            .path("lifetime")
                            .textValue())
                    .isEqualTo(seconds + "s");
            assertThat(file(environment)
                            .path("service_account_impersonation")
                            .path("token_lifetime_seconds")
                            .longValue())
                    .isEqualTo(Long.parseLong(seconds));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"599", "43201", "3600s", "-900", "0900", "1e4", "99999999999"})
    void lifetime_outOfBounds_isRefused(String seconds) {
        assertRefused(
                Map.of(OWN + "TOKEN_LIFETIME_SECONDS", seconds),
                OWN + "TOKEN_LIFETIME_SECONDS must be 600 to 43200 seconds",
                seconds);
    }

    @ParameterizedTest
    @CsvSource({"TOKEN_LIFETIME_SECONDS, 900", "DELEGATES, " + FIRST})
    void workloadPool_settingOfAServiceAccount_isRefusedIfExplicit(String setting, String value) {
        assertRefused(with(POOL, OWN + setting, value), OWN + setting + " has no effect", "workload_pool");

        GcpWorkloadIdentityExchanger exchanger = exchanger(configure(host(), with(POOL, DEFAULT + setting, value)));
        assertThat(exchanger.impersonation()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {READ_ONLY + " " + COMPUTE, READ_ONLY + "," + COMPUTE, READ_ONLY + ", " + COMPUTE})
    void scopes_serviceAccount_handTheTokenOverAndNoFile(String scopes) throws IOException {
        try (ScriptedServer server = server();
                RunDirectory run = RunDirectory.create(directory)) {
            RunEnvironment environment = render(configure(provider(server), Map.of(OWN + "SCOPES", scopes)), run);

            Path file = run.path().resolve("gcp-access-token");
            JsonNode asked = StrictJson.parseObject(server.requests().get(1).body());
            assertThat(asked.path("scope")).extracting(JsonNode::textValue).containsExactly(READ_ONLY, COMPUTE);
            assertThat(values(environment))
                    .isEqualTo(Map.of(
                            "GOOGLE_OAUTH_ACCESS_TOKEN",
                            Google.IMPERSONATED,
                            "CLOUDSDK_AUTH_ACCESS_TOKEN_FILE",
                            file.toString(),
                            "GOOGLE_APPLICATION_CREDENTIALS",
                            "/dev/null",
                            "CLOUDSDK_CORE_CHECK_GCE_METADATA",
                            "false"));
            assertThat(environment.files()).containsExactly(file);
            assertThat(file).hasContent(Google.IMPERSONATED);
            assertThat(input(environment))
                    .isEqualTo("{\"default\":{\"credentials\":\"\",\"access_token\":\"" + Google.IMPERSONATED
                            + "\"},\"aliases\":{}}");
        }
    }

    @Test
    void scopes_workloadPool_areThoseOfTheFederatedToken() {
        try (ScriptedServer server = server();
                RunDirectory run = RunDirectory.create(directory)) {
            RunEnvironment environment =
                    render(configure(provider(server), with(POOL, OWN + "SCOPES", READ_ONLY)), run);

            assertThat(URLDecoder.decode(server.requests().get(0).body(), StandardCharsets.UTF_8))
                    .contains("scope=" + READ_ONLY);
            assertThat(values(environment)).containsEntry("GOOGLE_OAUTH_ACCESS_TOKEN", Google.FEDERATED);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"cloud-platform", "http://www.googleapis.com/auth/compute", ",", READ_ONLY + "; rm"})
    void scopes_malformed_areRefused(String scopes) {
        assertRefused(Map.of(OWN + "SCOPES", scopes), OWN + "SCOPES must be scopes");
    }

    @Test
    void delegates_chain_isAskedForInOrderAndHandsTheTokenOver() {
        try (ScriptedServer server = server();
                RunDirectory run = RunDirectory.create(directory)) {
            RunEnvironment environment =
                    render(configure(provider(server), Map.of(OWN + "DELEGATES", FIRST + "," + SECOND)), run);

            JsonNode asked = StrictJson.parseObject(server.requests().get(1).body());
            assertThat(server.requests().get(1).path()).contains(Google.ACCOUNT);
            assertThat(asked.path("delegates"))
                    .extracting(JsonNode::textValue)
                    .containsExactly("projects/-/serviceAccounts/" + FIRST, "projects/-/serviceAccounts/" + SECOND);
            assertThat(values(environment))
                    .containsEntry("GOOGLE_OAUTH_ACCESS_TOKEN", Google.IMPERSONATED)
                    .containsEntry("GOOGLE_APPLICATION_CREDENTIALS", "/dev/null")
                    .doesNotContainKey("CLOUDSDK_AUTH_CREDENTIAL_FILE_OVERRIDE");
            assertThat(environment.files())
                    .allSatisfy(file -> assertThat(file).content().doesNotContain(Google.JWT));
        }
    }

    @Test
    void delegates_none_leaveTheRequestWithoutAChain() {
        try (ScriptedServer server = server();
                RunDirectory run = RunDirectory.create(directory)) {
            render(configure(provider(server), Map.of()), run);

            assertThat(StrictJson.parseObject(server.requests().get(1).body()).path("delegates"))
                    .isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"me@example.com", FIRST + ",me@example.com", ","})
    void delegates_malformed_areRefused(String delegates) {
        assertRefused(Map.of(OWN + "DELEGATES", delegates), OWN + "DELEGATES must be e-mail addresses");
    }

    @ParameterizedTest
    @ValueSource(strings = {FIRST + "," + FIRST, FIRST + "," + Google.ACCOUNT})
    void delegates_circle_isRefused(String delegates) {
        assertRefused(
                Map.of(OWN + "DELEGATES", delegates), OWN + "DELEGATES must be service accounts that lead to", "once");
    }

    @ParameterizedTest
    @ValueSource(strings = {OWN + "SCOPES_B", OWN + "TOKEN_LIFETIME_SECONDS_B"})
    void render_tagged_shutsTheWaysToTheMachine(String setting) {
        try (ScriptedServer server = server();
                RunDirectory run = RunDirectory.create(directory)) {
            Map<String, String> variables = Map.of(
                    "TFC_GCP_PROVIDER_AUTH_B",
                    "true",
                    "TFC_GCP_WORKLOAD_PROVIDER_NAME_B",
                    Google.PROVIDER,
                    "TFC_GCP_RUN_SERVICE_ACCOUNT_EMAIL_B",
                    Google.ACCOUNT,
                    setting,
                    setting.contains("SCOPES") ? READ_ONLY : "900");
            Configuration<?> tagged = TerraformVariables.read(variables, run(), List.of(provider(server)))
                    .get(0);

            RunEnvironment environment = Rendering.amongOthers(tagged, Google.token(), run);

            assertThat(values(environment))
                    .isEqualTo(Map.of(
                            "GOOGLE_APPLICATION_CREDENTIALS",
                            "/dev/null",
                            "CLOUDSDK_CORE_CHECK_GCE_METADATA",
                            "false"));
            assertThat(input(environment))
                    .isEqualTo("{\"default\":null,\"aliases\":{\"B\":{\"credentials\":\""
                            + (setting.contains("SCOPES")
                                    ? "\",\"access_token\":\"" + Google.IMPERSONATED
                                    : run.path().resolve("gcp-credentials.json_B"))
                            + "\"}}}");
        }
    }

    @Test
    void name_defaultOfTheWhole_doesNotWinOverTheConfigurationsOwnParts() {
        Map<String, String> variables = Map.of(
                "TFC_GCP_PROVIDER_AUTH_B", "true",
                "TFC_DEFAULT_GCP_WORKLOAD_PROVIDER_NAME", Google.PROVIDER,
                "TFC_GCP_PROJECT_NUMBER_B", "42",
                "TFC_GCP_WORKLOAD_POOL_ID_B", "own-pool",
                "TFC_GCP_WORKLOAD_PROVIDER_ID_B", "own-provider",
                "TFC_GCP_RUN_SERVICE_ACCOUNT_EMAIL_B", Google.ACCOUNT);

        assertThat(TerraformVariables.read(variables, run(), List.of(host()))
                        .get(0)
                        .platform()
                        .exchanger()
                        .audience())
                .isEqualTo("//iam.googleapis.com/projects/42/locations/global/workloadIdentityPools/own-pool/providers/"
                        + "own-provider");
    }

    @Test
    void universe_allowed_givesTheAddresses() {
        GcpWorkloadIdentityExchanger exchanger = exchanger(configure(host(), Map.of(OWN + "UNIVERSE", UNIVERSE)));

        assertThat(exchanger.tokenUrl()).hasToString("https://sts.cloud.example/v1/token");
        assertThat(exchanger.impersonationUrl().orElseThrow()).startsWith("https://iamcredentials.cloud.example/v1/");
        assertThat(exchanger.audience()).isEqualTo(Google.RESOURCE);
    }

    @Test
    void universe_addressesOfTheHost_stay() throws IOException {
        try (ScriptedServer server = server();
                RunDirectory run = RunDirectory.create(directory)) {
            RunEnvironment environment = render(configure(provider(server), Map.of(OWN + "UNIVERSE", UNIVERSE)), run);

            assertThat(file(environment).path("universe_domain").textValue()).isEqualTo(UNIVERSE);
            assertThat(file(environment).path("token_url").textValue()).isEqualTo(server.address() + "/v1/token");
            assertThat(values(environment))
                    .containsEntry("GOOGLE_CLOUD_UNIVERSE_DOMAIN", UNIVERSE)
                    .containsEntry("CLOUDSDK_CORE_UNIVERSE_DOMAIN", UNIVERSE);
        }
    }

    @Test
    void universe_workspaceSaysTheSame_leavesTheVariableToIt() {
        try (ScriptedServer server = server();
                RunDirectory run = RunDirectory.create(directory)) {
            Map<String, String> variables =
                    Map.of(OWN + "UNIVERSE", UNIVERSE, "GOOGLE_CLOUD_UNIVERSE_DOMAIN", UNIVERSE);

            assertThat(values(render(configure(provider(server), variables), run)))
                    .doesNotContainKey("GOOGLE_CLOUD_UNIVERSE_DOMAIN")
                    .containsKey("CLOUDSDK_CORE_UNIVERSE_DOMAIN");
        }
    }

    @Test
    void universe_public_setsNothing() throws IOException {
        try (ScriptedServer server = server();
                RunDirectory run = RunDirectory.create(directory)) {
            RunEnvironment environment =
                    render(configure(provider(server), Map.of(OWN + "UNIVERSE", "googleapis.com")), run);

            assertThat(file(environment).has("universe_domain")).isFalse();
            assertThat(values(environment))
                    .doesNotContainKeys("GOOGLE_CLOUD_UNIVERSE_DOMAIN", "CLOUDSDK_CORE_UNIVERSE_DOMAIN");
        }
    }

    @Test
    void universe_notAllowed_isRefused() {
        assertRefused(
                Map.of(OWN + "UNIVERSE", "evil.example"),
                OWN + "UNIVERSE must be one of the universes that this host allows, [cloud.example, googleapis.com]",
                "evil.example");
    }

    @ParameterizedTest
    @ValueSource(strings = {"localhost", "https://cloud.example", "cloud.example/x", "Cloud.example", "a..b", "a.b:8"})
    void universe_malformed_isRefused(String universe) {
        assertRefused(Map.of(OWN + "UNIVERSE", universe), OWN + "UNIVERSE must be a domain");
        assertThatThrownBy(() -> GcpProvider.builder().allowUniverse(universe))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll("domain", universe);
    }

    @ParameterizedTest
    @ValueSource(strings = {"GOOGLE_CLOUD_UNIVERSE_DOMAIN", "CLOUDSDK_CORE_UNIVERSE_DOMAIN"})
    void universe_workspaceNamesAnother_isRefused(String variable) {
        assertRefused(
                Map.of(variable, "evil.example"), variable + " must be absent or \"googleapis.com\"", "evil.example");
    }

    @Test
    void universe_ofATag_isNotTheWorkspaces() {
        Map<String, String> variables = Map.of(
                "TFC_GCP_PROVIDER_AUTH_B",
                "true",
                "TFC_GCP_WORKLOAD_PROVIDER_NAME_B",
                Google.PROVIDER,
                "TFC_GCP_PRINCIPAL_TYPE_B",
                "workload_pool",
                OWN + "UNIVERSE_B",
                UNIVERSE,
                "GOOGLE_CLOUD_UNIVERSE_DOMAIN",
                "googleapis.com");

        assertThat(exchanger(TerraformVariables.read(variables, run(), List.of(host()))
                                .get(0))
                        .tokenUrl())
                .hasHost("sts.cloud.example");
    }

    @ParameterizedTest
    @CsvSource({
        "deploy@shop-prod.iam.gserviceaccount.com, shop-prod",
        "deploy@shop.example.com.iam.gserviceaccount.com, example.com:shop",
        "shop-prod@appspot.gserviceaccount.com, shop-prod",
        "123-compute@developer.gserviceaccount.com, 123",
        "odd@gserviceaccount.com, ''"
    })
    void projectOf_address_isItsProject(String email, String project) {
        assertThat(GcpPrincipal.projectOf(email)).isEqualTo(project);
    }

    @Test
    void expectedProject_ofTheAccount_passes() {
        assertThat(configure(host(), Map.of(OWN + "EXPECTED_PROJECT", "shop-prod")))
                .isNotNull();
        assertThat(configure(host(), with(POOL, OWN + "EXPECTED_PROJECT", "123456789")))
                .isNotNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"shop-test", "123456789", "example.com:shop-prod"})
    void expectedProject_otherThanTheAccounts_isRefused(String project) {
        assertRefused(
                Map.of(OWN + "EXPECTED_PROJECT", project),
                OWN + "EXPECTED_PROJECT must be the project of service account \"" + Google.ACCOUNT + "\", shop-prod",
                project);
        assertRefused(Map.of(DEFAULT + "EXPECTED_PROJECT", project), DEFAULT + "EXPECTED_PROJECT must be");
    }

    @Test
    void expectedProject_addressHidesIt_isRefused() {
        assertRefused(
                Map.of(
                        OWN + "EXPECTED_PROJECT",
                        "shop-prod",
                        "TFC_GCP_RUN_SERVICE_ACCOUNT_EMAIL",
                        "odd@gserviceaccount.com"),
                "which its name hides");
    }

    @Test
    void expectedProject_otherThanThePools_isRefused() {
        assertRefused(
                with(POOL, OWN + "EXPECTED_PROJECT", "shop-prod"),
                OWN + "EXPECTED_PROJECT must be the number of the provider's project, 123456789");
    }

    @Test
    void expectedProject_malformed_isRefused() {
        assertRefused(
                Map.of(OWN + "EXPECTED_PROJECT", "projects/shop"),
                OWN + "EXPECTED_PROJECT must be a project's id or number");
    }

    private static Map<String, String> with(Map<String, String> variables, String name, String value) {
        Map<String, String> all = new HashMap<>(variables);
        all.put(name, value);
        return all;
    }

    private static ScriptedServer server() {
        return ScriptedServer.https(Google.script(Google.federated(), Google.impersonated()));
    }

    private static GcpProvider host() {
        return GcpProvider.builder()
                .allowUniverse(UNIVERSE)
                .tokenLifetime(Duration.ofMinutes(15))
                .build();
    }

    private static GcpProvider provider(ScriptedServer server) {
        return GcpProvider.builder()
                .allowUniverse(UNIVERSE)
                .http(Google.http(Timeouts.standard()))
                .tokenUrl(URI.create(server.address() + "/v1/token"))
                .iamCredentialsUrl(server.address())
                .clock(Google.CLOCK)
                .build();
    }

    private static Configuration<?> configure(GcpProvider provider, Map<String, String> more) {
        Map<String, String> variables = new HashMap<>(more);
        variables.put("TFC_GCP_PROVIDER_AUTH", "true");
        variables.put("TFC_GCP_WORKLOAD_PROVIDER_NAME", Google.PROVIDER);
        if (!more.containsKey("TFC_GCP_PRINCIPAL_TYPE")) {
            variables.putIfAbsent("TFC_GCP_RUN_SERVICE_ACCOUNT_EMAIL", Google.ACCOUNT);
        }
        return TerraformVariables.read(variables, run(), List.of(provider)).get(0);
    }

    private static TerraformRun run() {
        return TerraformRun.builder("acme", "shop", "prod", "run-1").build();
    }

    private static GcpWorkloadIdentityExchanger exchanger(Configuration<?> configuration) {
        return (GcpWorkloadIdentityExchanger) configuration.platform().exchanger();
    }

    private static void assertRefused(Map<String, String> variables, String... pieces) {
        assertThatThrownBy(() -> configure(host(), variables))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll(pieces);
    }

    private static RunEnvironment render(Configuration<?> configuration, RunDirectory run) {
        return Rendering.only(configuration, Google.token(), run);
    }

    private static JsonNode file(RunEnvironment environment) throws IOException {
        return StrictJson.parseObject(
                Files.readString(Path.of(String.valueOf(values(environment).get("GOOGLE_APPLICATION_CREDENTIALS")))));
    }

    private static String input(RunEnvironment environment) {
        return Objects.requireNonNull(environment.terraformInputs().get("tfc_gcp_dynamic_credentials"))
                .reveal();
    }

    private static Map<String, String> values(RunEnvironment environment) {
        Map<String, String> values = new HashMap<>();
        environment.variables().forEach((name, value) -> values.put(name, value.reveal()));
        return values;
    }
}
