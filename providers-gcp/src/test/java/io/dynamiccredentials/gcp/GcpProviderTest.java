package io.dynamiccredentials.gcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.dynamiccredentials.Secret;
import io.dynamiccredentials.config.Configuration;
import io.dynamiccredentials.config.TerraformVariables;
import io.dynamiccredentials.environment.RunDirectory;
import io.dynamiccredentials.environment.RunEnvironment;
import io.dynamiccredentials.fixtures.Rendering;
import io.dynamiccredentials.fixtures.ScriptedServer;
import io.dynamiccredentials.wire.StrictJson;
import io.dynamiccredentials.wire.Timeouts;
import io.dynamiccredentials.workload.Phase;
import io.dynamiccredentials.workload.TerraformRun;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GcpProviderTest {
    private static final String NAME = "TFC_GCP_WORKLOAD_PROVIDER_NAME";
    private static final String TYPE = "TFC_GCP_PRINCIPAL_TYPE";
    private static final String EMAIL = "TFC_GCP_RUN_SERVICE_ACCOUNT_EMAIL";

    @TempDir
    Path directory;

    @Test
    void render_serviceAccount_writesAFileForTheToolsOwnExchange() throws IOException {
        try (ScriptedServer server = ScriptedServer.https(Google.script(Google.federated(), Google.impersonated()));
                RunDirectory run = RunDirectory.create(directory)) {
            RunEnvironment environment = render(
                    configure(provider(server), Phase.PLAN, Map.of(NAME, Google.PROVIDER, EMAIL, Google.ACCOUNT)), run);

            Path file = Path.of(reveal(environment, "GOOGLE_APPLICATION_CREDENTIALS"));
            assertThat(reveal(environment, "CLOUDSDK_AUTH_CREDENTIAL_FILE_OVERRIDE"))
                    .isEqualTo(file.toString());
            assertThat(environment.variables())
                    .hasSize(3)
                    .containsEntry("CLOUDSDK_CORE_CHECK_GCE_METADATA", Secret.of("false"));
            assertThat(environment.files()).containsExactly(run.path().resolve("gcp-token"), file);
            assertThat(run.path().resolve("gcp-token")).hasContent(Google.JWT);
            for (Path each : environment.files()) {
                assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(each)))
                        .isEqualTo("rw-------");
            }
            assertThat(file).hasFileName("gcp-credentials.json");
            assertThat(file).hasContent("""
                    {"type":"external_account","audience":"%s",\
                    "subject_token_type":"urn:ietf:params:oauth:token-type:jwt","token_url":"%s/v1/token",\
                    "service_account_impersonation_url":"%s/v1/projects/-/serviceAccounts/%s:generateAccessToken",\
                    "service_account_impersonation":{"token_lifetime_seconds":900},\
                    "credential_source":{"file":"%s/gcp-token","format":{"type":"text"}}}""".formatted(
                            Google.RESOURCE, server.address(), server.address(), Google.ACCOUNT, run.path()));
        }
    }

    @Test
    void render_workloadPool_impersonatesNobody() throws IOException {
        try (ScriptedServer server = ScriptedServer.https(Google.federated());
                RunDirectory run = RunDirectory.create(directory)) {
            RunEnvironment environment = render(
                    configure(provider(server), Phase.PLAN, Map.of(NAME, Google.PROVIDER, TYPE, "workload_pool")), run);

            JsonNode json = json(environment);
            assertThat(json.has("service_account_impersonation_url")).isFalse();
            assertThat(json.has("service_account_impersonation")).isFalse();
        }
    }

    @Test
    void render_always_keepsTheAccessTokenToItself() throws IOException {
        try (ScriptedServer server = ScriptedServer.https(Google.script(Google.federated(), Google.impersonated()));
                RunDirectory run = RunDirectory.create(directory)) {
            RunEnvironment environment = render(
                    configure(provider(server), Phase.PLAN, Map.of(NAME, Google.PROVIDER, EMAIL, Google.ACCOUNT)), run);

            environment
                    .variables()
                    .values()
                    .forEach(value -> assertThat(value.reveal()).doesNotContain("ya29"));
            for (Path file : environment.files()) {
                assertThat(Files.readString(file)).doesNotContain("ya29");
            }
        }
    }

    @Test
    void render_customAudience_staysOutOfTheFile() throws IOException {
        try (ScriptedServer server = ScriptedServer.https(Google.federated());
                RunDirectory run = RunDirectory.create(directory)) {
            Configuration<?> platform = configure(
                    provider(server),
                    Phase.PLAN,
                    Map.of(
                            NAME,
                            Google.PROVIDER,
                            TYPE,
                            "workload_pool",
                            "TFC_GCP_WORKLOAD_IDENTITY_AUDIENCE",
                            "https://ci.example"));

            assertThat(platform.platform().exchanger().audience()).isEqualTo("https://ci.example");
            assertThat(json(render(platform, run)).path("audience").textValue()).isEqualTo(Google.RESOURCE);
        }
    }

    @Test
    void configure_unlessSet_takesGooglesOwnAddresses() {
        GcpWorkloadIdentityExchanger exchanger =
                exchanger(Phase.PLAN, Map.of(NAME, Google.PROVIDER, EMAIL, Google.ACCOUNT));

        assertThat(exchanger.tokenUrl()).hasToString("https://sts.googleapis.com/v1/token");
        assertThat(exchanger.impersonationUrl().orElseThrow()).startsWith("https://iamcredentials.googleapis.com/v1/");
        assertThat(exchanger.impersonation().orElseThrow().lifetime()).isEqualTo(Duration.ofHours(1));
        assertThat(exchanger.audience()).isEqualTo(Google.RESOURCE);
    }

    @ParameterizedTest
    @CsvSource({"PLAN, look@p.iam.gserviceaccount.com", "APPLY, change@p.iam.gserviceaccount.com"})
    void configure_accountPerPhase_takesThatOfThePhase(Phase phase, String expected) {
        GcpWorkloadIdentityExchanger exchanger = exchanger(
                phase,
                Map.of(
                        NAME,
                        Google.PROVIDER,
                        "TFC_GCP_PLAN_SERVICE_ACCOUNT_EMAIL",
                        "look@p.iam.gserviceaccount.com",
                        "TFC_GCP_APPLY_SERVICE_ACCOUNT_EMAIL",
                        "change@p.iam.gserviceaccount.com"));

        assertThat(exchanger.impersonationUrl().orElseThrow()).endsWith("/" + expected + ":generateAccessToken");
    }

    @Test
    void configure_threeParts_makeTheName() {
        GcpWorkloadIdentityExchanger exchanger = exchanger(
                Phase.PLAN,
                Map.of(
                        "TFC_GCP_PROJECT_NUMBER",
                        "123456789",
                        "TFC_GCP_WORKLOAD_POOL_ID",
                        "ci-pool",
                        "TFC_DEFAULT_GCP_WORKLOAD_PROVIDER_ID",
                        "ci-issuer",
                        EMAIL,
                        Google.ACCOUNT));

        assertThat(exchanger.audience()).isEqualTo(Google.RESOURCE);
    }

    @Test
    void configure_nameAndParts_takesTheName() {
        GcpWorkloadIdentityExchanger exchanger = exchanger(
                Phase.PLAN,
                Map.of(
                        NAME,
                        Google.PROVIDER,
                        "TFC_GCP_PROJECT_NUMBER",
                        "987",
                        "TFC_GCP_WORKLOAD_POOL_ID",
                        "other-pool",
                        "TFC_GCP_WORKLOAD_PROVIDER_ID",
                        "other-issuer",
                        EMAIL,
                        Google.ACCOUNT));

        assertThat(exchanger.audience()).isEqualTo(Google.RESOURCE);
    }

    @Test
    void configure_noName_saysWhichVariables() {
        assertRefused(Map.of(EMAIL, Google.ACCOUNT), NAME + " is required");
    }

    @Test
    void configure_onePartMissing_saysWhich() {
        assertRefused(
                Map.of("TFC_GCP_PROJECT_NUMBER", "1", "TFC_GCP_WORKLOAD_POOL_ID", "ci-pool", EMAIL, Google.ACCOUNT),
                "TFC_GCP_WORKLOAD_PROVIDER_ID is required");
    }

    @ParameterizedTest
    @CsvSource({
        "TFC_GCP_PROJECT_NUMBER, my-project, the project's number",
        "TFC_GCP_WORKLOAD_POOL_ID, abc, 4 to 32",
        "TFC_GCP_WORKLOAD_PROVIDER_ID, A/../b, 4 to 32"
    })
    void configure_malformedPart_isRefused(String variable, String value, String rule) {
        Map<String, String> variables = new HashMap<>(Map.of(
                "TFC_GCP_PROJECT_NUMBER",
                "1",
                "TFC_GCP_WORKLOAD_POOL_ID",
                "ci-pool",
                "TFC_GCP_WORKLOAD_PROVIDER_ID",
                "ci-issuer",
                EMAIL,
                Google.ACCOUNT));
        variables.put(variable, value);

        assertRefused(variables, variable + " must be " + rule, "it was \"" + value + '"');
    }

    @ParameterizedTest
    @CsvSource({
        NAME + ", projects/x/providers/y, project number",
        TYPE + ", pool, \"service_account\" or \"workload_pool\"",
        EMAIL + ", me@example.com, the e-mail address of a service account",
        "TFC_GCP_WORKLOAD_IDENTITY_AUDIENCE, a b, 1 to 256"
    })
    void configure_malformedSetting_isRefused(String variable, String value, String rule) {
        Map<String, String> variables = new HashMap<>(Map.of(NAME, Google.PROVIDER, EMAIL, Google.ACCOUNT));
        variables.put(variable, value);

        assertRefused(variables, variable + " must be", rule.replace("'", ""), "it was \"" + value + '"');
    }

    @Test
    void configure_serviceAccountWithoutEmail_isRefused() {
        assertRefused(
                Map.of(NAME, Google.PROVIDER),
                "TFC_GCP_RUN_SERVICE_ACCOUNT_EMAIL or TFC_GCP_PLAN_SERVICE_ACCOUNT_EMAIL");
    }

    @ParameterizedTest
    @CsvSource({"RUN", "PLAN", "APPLY"})
    void configure_workloadPoolWithEmailOfAnyPhase_isRefused(String phase) {
        String email = "TFC_GCP_" + phase + "_SERVICE_ACCOUNT_EMAIL";

        assertRefused(
                Map.of(NAME, Google.PROVIDER, TYPE, "workload_pool", email, Google.ACCOUNT),
                email + " has no effect while the principal type is",
                "workload_pool");
    }

    @Test
    void configure_addressInAVariable_isRefused() {
        assertRefused(
                Map.of(NAME, Google.PROVIDER, EMAIL, Google.ACCOUNT, "TFC_GCP_TOKEN_URL", "https://evil.example"),
                "TFC_GCP_TOKEN_URL is not a variable that GCP knows");
    }

    @Test
    void builder_malformedSetting_isRefused() {
        GcpProvider.Builder builder = GcpProvider.builder();

        assertThatThrownBy(() -> builder.tokenUrl(URI.create("http://localhost/v1/token")))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> builder.iamCredentialsUrl(URI.create("http://localhost")))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> builder.tokenLifetime(Duration.ofMinutes(5)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private static GcpProvider provider(ScriptedServer server) {
        return GcpProvider.builder()
                .http(Google.http(Timeouts.standard()))
                .tokenUrl(URI.create(server.address() + "/v1/token"))
                .iamCredentialsUrl(server.address())
                .tokenLifetime(Duration.ofMinutes(15))
                .clock(Google.CLOCK)
                .build();
    }

    private static Configuration<?> configure(GcpProvider provider, Phase phase, Map<String, String> variables) {
        Map<String, String> all = new HashMap<>(variables);
        all.put("TFC_GCP_PROVIDER_AUTH", "true");
        TerraformRun run = TerraformRun.builder("acme", "shop", "prod", "run-1")
                .phase(phase)
                .build();
        List<Configuration<?>> platforms = TerraformVariables.read(all, run, List.of(provider));
        assertThat(platforms).hasSize(1);
        return platforms.get(0);
    }

    private static GcpWorkloadIdentityExchanger exchanger(Phase phase, Map<String, String> variables) {
        return (GcpWorkloadIdentityExchanger) configure(GcpProvider.builder().build(), phase, variables)
                .platform()
                .exchanger();
    }

    private static void assertRefused(Map<String, String> variables, String... pieces) {
        assertThatThrownBy(() -> exchanger(Phase.PLAN, variables))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll(pieces);
    }

    private static RunEnvironment render(Configuration<?> configuration, RunDirectory run) {
        return Rendering.only(configuration, Google.token(), run);
    }

    private static JsonNode json(RunEnvironment environment) throws IOException {
        return StrictJson.parseObject(Files.readString(Path.of(reveal(environment, "GOOGLE_APPLICATION_CREDENTIALS"))));
    }

    private static String reveal(RunEnvironment environment, String variable) {
        return Objects.requireNonNull(environment.variables().get(variable), variable)
                .reveal();
    }
}
