package io.dynamiccredentials.aws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dynamiccredentials.Secret;
import io.dynamiccredentials.config.Configuration;
import io.dynamiccredentials.config.Delivery;
import io.dynamiccredentials.config.TerraformVariables;
import io.dynamiccredentials.environment.RunDirectory;
import io.dynamiccredentials.environment.RunEnvironment;
import io.dynamiccredentials.exchange.Credentials;
import io.dynamiccredentials.fixtures.Rendering;
import io.dynamiccredentials.fixtures.ScriptedServer;
import io.dynamiccredentials.wire.Timeouts;
import io.dynamiccredentials.wire.UntrustedText;
import io.dynamiccredentials.workload.Phase;
import io.dynamiccredentials.workload.TerraformRun;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AwsProviderTest {
    private static final Map<String, String> ON =
            Map.of("TFC_AWS_PROVIDER_AUTH", "true", "TFC_AWS_RUN_ROLE_ARN", Sts.ROLE);

    private final ScriptedServer server = ScriptedServer.http(Sts.success());
    private final AwsProvider provider = AwsProvider.builder("eu-central-1").build();
    private final AwsProvider atServer = AwsProvider.builder("eu-central-1")
            .endpoint(server.address())
            .http(Sts.http(Timeouts.standard()))
            .sessionDuration(Duration.ofMinutes(30))
            .clock(Sts.CLOCK)
            .build();

    @TempDir
    private Path directory;

    private RunDirectory runDirectory;

    @BeforeEach
    void createRunDirectory() {
        runDirectory = RunDirectory.create(directory);
    }

    @AfterEach
    void stop() {
        runDirectory.close();
        server.close();
    }

    @Test
    void render_default_handsOverTheIdentityToken() throws Exception {
        RunEnvironment environment = render(provider, ON);

        Path file = runDirectory.path().resolve("aws-token");
        assertThat(revealed(environment))
                .isEqualTo(Map.of(
                        "AWS_ROLE_ARN",
                        Sts.ROLE,
                        "AWS_ROLE_SESSION_NAME",
                        "run-1",
                        "AWS_WEB_IDENTITY_TOKEN_FILE",
                        file.toString(),
                        "AWS_REGION",
                        "eu-central-1"));
        Path config = runDirectory.path().resolve("aws-config");
        assertThat(environment.files()).containsExactly(file, config);
        assertThat(config)
                .hasContent(
                        "[default]\nrole_arn = " + Sts.ROLE + "\nrole_session_name = run-1\nweb_identity_token_file = "
                                + file + "\nregion = eu-central-1\n");
        assertThat(environment.terraformInputs())
                .containsEntry(
                        "tfc_aws_dynamic_credentials",
                        Secret.of("{\"default\":{\"shared_config_file\":\"" + config + "\"},\"aliases\":{}}"));
        assertThat(file).hasContent(Sts.JWT);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
    }

    @Test
    void render_variables_handsOverTheSession() {
        AwsProvider sessions =
                AwsProvider.builder("eu-central-1").delivery(Delivery.VARIABLES).build();
        RunEnvironment environment = render(sessions, ON);

        assertThat(revealed(environment))
                .isEqualTo(Map.of(
                        "AWS_ACCESS_KEY_ID",
                        Sts.ACCESS_KEY_ID,
                        "AWS_SECRET_ACCESS_KEY",
                        Sts.SECRET_KEY,
                        "AWS_SESSION_TOKEN",
                        Sts.SESSION_TOKEN,
                        "AWS_CREDENTIAL_EXPIRATION",
                        "2026-03-01T12:00:00Z",
                        "AWS_REGION",
                        "eu-central-1"));
        assertThat(environment.files())
                .singleElement()
                .satisfies(config -> assertThat(config)
                        .hasContent("[default]\naws_access_key_id = " + Sts.ACCESS_KEY_ID + "\naws_secret_access_key = "
                                + Sts.SECRET_KEY + "\naws_session_token = " + Sts.SESSION_TOKEN
                                + "\nregion = eu-central-1\n"));
    }

    @Test
    void render_endpointOfTheHost_reachesTheTools() {
        assertThat(revealed(render(atServer, ON)))
                .containsEntry("AWS_ENDPOINT_URL_STS", server.address().toString());
    }

    @Test
    void render_workspaceHasRegion_leavesItToTheWorkspace() {
        assertThat(revealed(render(provider, with("AWS_REGION", "eu-west-1")))).doesNotContainKey("AWS_REGION");
    }

    @Test
    void render_workspaceHasDefaultRegion_keepsItsMeaning() {
        assertThat(revealed(render(provider, with("AWS_DEFAULT_REGION", "eu-west-1"))))
                .containsEntry("AWS_REGION", "eu-west-1");
    }

    @Test
    void configure_workspaceSetsAnotherEndpointThanTheHost_isRefused() {
        assertThatThrownBy(() -> configure(atServer, with("AWS_ENDPOINT_URL_STS", "https://evil.example"), Phase.PLAN))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("AWS_ENDPOINT_URL_STS must be absent or \"" + server.address());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "AWS_ENDPOINT_URL",
                "AWS_ENDPOINT_URL_STS",
                "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
                "AWS_EC2_METADATA_SERVICE_ENDPOINT"
            })
    void configure_workspaceSendsTokensElsewhere_isRefused(String variable) {
        assertThatThrownBy(() -> configure(provider, with(variable, "https://evil.example"), Phase.PLAN))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(variable + " must be removed from the workspace")
                .hasMessageContaining("it was \"https://evil.example\"");
        assertThatThrownBy(() -> configure(atServer, with(variable, "https://evil.example"), Phase.PLAN))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(variable + " must be ")
                .hasMessageContaining("it was \"https://evil.example\"");
        assertThat(server.requests()).isEmpty();
    }

    @Test
    void render_workspaceSetsTheHostsEndpointToo_isNotSetTwice() {
        assertThat(revealed(render(
                        atServer, with("AWS_ENDPOINT_URL_STS", server.address().toString()))))
                .doesNotContainKey("AWS_ENDPOINT_URL_STS");
    }

    @ParameterizedTest
    @ValueSource(strings = {"AWS_REGION", "AWS_DEFAULT_REGION"})
    void configure_workspaceHasNoRegion_isRefused(String variable) {
        for (String region : List.of("x@evil.example/#", "eu-central-1.evil.example", "aws-global", "eu-central-1\n")) {
            assertThatThrownBy(() -> configure(provider, with(variable, region), Phase.PLAN))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(
                            variable + " must be one such as \"eu-central-1\"; it was " + UntrustedText.quote(region));
        }
    }

    @Test
    void configure_bothRegions_areBothChecked() {
        Map<String, String> variables = with("AWS_REGION", "eu-west-1");
        variables.put("AWS_DEFAULT_REGION", "x@evil.example/#");

        assertThatThrownBy(() -> configure(provider, variables, Phase.PLAN))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("AWS_DEFAULT_REGION must be");
    }

    @Test
    void exchange_configured_usesTheHostsEndpointAndTheRunsName() {
        exchange(configure(atServer, with("AWS_REGION", "eu-west-1"), Phase.PLAN));

        assertThat(server.requests())
                .singleElement()
                .satisfies(request ->
                        assertThat(request.body()).contains("RoleSessionName=run-1", "DurationSeconds=1800"));
    }

    @ParameterizedTest
    @CsvSource({"PLAN,plan", "APPLY,deploy"})
    void configure_roleOfAPhase_winsInItsPhase(Phase phase, String role) {
        configureAndCheckRole(with("TFC_AWS_PLAN_ROLE_ARN", "arn:aws:iam::123456789012:role/plan"), phase, role);
    }

    @ParameterizedTest
    @CsvSource({"PLAN,deploy", "APPLY,apply"})
    void configure_roleOfApply_isNotUsedInPlan(Phase phase, String role) {
        configureAndCheckRole(with("TFC_AWS_APPLY_ROLE_ARN", "arn:aws:iam::123456789012:role/apply"), phase, role);
    }

    @Test
    void configure_audience_isTheWorkspacesOrTheStandard() {
        assertThat(configure(provider, ON, Phase.PLAN).platform().exchanger().audience())
                .isEqualTo("aws.workload.identity");
        assertThat(configure(provider, with("TFC_AWS_WORKLOAD_IDENTITY_AUDIENCE", "sts.amazonaws.com"), Phase.PLAN)
                        .platform()
                        .exchanger()
                        .audience())
                .isEqualTo("sts.amazonaws.com");
    }

    @ParameterizedTest
    @CsvSource({
        "TFC_AWS_RUN_ROLE_ARN,deploy,the ARN of an IAM role",
        "TFC_AWS_RUN_ROLE_ARN,arn:aws-cn:iam::123456789012:role/deploy,a role in partition aws",
        "TFC_AWS_WORKLOAD_IDENTITY_AUDIENCE,x\u00e4y,a client id",
        "TFC_AWS_WORKLOAD_IDENTITY_AUDIENCE,' ',is set and empty",
        "TFC_AWS_ROLE_ARN,arn:aws:iam::123456789012:role/deploy,not a variable that AWS knows"
    })
    void configure_malformedSetting_isRefusedBeforeTheNetwork(String variable, String value, String rule) {
        assertThatThrownBy(() -> configure(atServer, with(variable, value), Phase.PLAN))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(variable)
                .hasMessageContaining(rule);
        assertThat(server.requests()).isEmpty();
    }

    @Test
    void configure_noRole_isRefused() {
        assertThatThrownBy(() -> configure(provider, Map.of("TFC_AWS_PROVIDER_AUTH", "true"), Phase.APPLY))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("TFC_AWS_RUN_ROLE_ARN or TFC_AWS_APPLY_ROLE_ARN is required");
    }

    @ParameterizedTest
    @ValueSource(strings = {"r", "run-8hBQ", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"})
    void sessionName_shortRunId_isKept(String runId) {
        assertThat(AwsProvider.sessionName(runId)).endsWith(runId).matches("[\\w+=,.@-]{2,64}");
    }

    @Test
    void sessionName_longRunIds_stayDifferentAndFit() {
        String start = "a".repeat(89);

        assertThat(AwsProvider.sessionName(start + "b"))
                .startsWith("a".repeat(55) + "-")
                .hasSize(64)
                .isNotEqualTo(AwsProvider.sessionName(start + "c"));
    }

    @Test
    void builder_badValues_areRefusedAtOnce() {
        AwsProvider.Builder builder = AwsProvider.builder("eu-central-1");

        assertThatThrownBy(() -> AwsProvider.builder("nowhere")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> builder.endpoint(URI.create("http://sts.example")))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> builder.sessionDuration(Duration.ofHours(13)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private void configureAndCheckRole(Map<String, String> variables, Phase phase, String role) {
        AwsWebIdentityExchanger exchanger = (AwsWebIdentityExchanger)
                configure(provider, variables, phase).platform().exchanger();
        assertThat(exchanger.roleArn()).isEqualTo("arn:aws:iam::123456789012:role/" + role);
    }

    private RunEnvironment render(AwsProvider provider, Map<String, String> variables) {
        return render(configure(provider, variables, Phase.PLAN));
    }

    private <C extends Credentials> RunEnvironment render(Configuration<C> configuration) {
        @SuppressWarnings("unchecked") // The platform is AWS, as every one in this class.
        C session = (C) new AwsSessionCredentials(
                Sts.ACCESS_KEY_ID, Secret.of(Sts.SECRET_KEY), Secret.of(Sts.SESSION_TOKEN), Sts.ASSUMED, Sts.NOW);
        return Rendering.only(configuration, session, Sts.token(), runDirectory);
    }

    private static Configuration<?> configure(AwsProvider provider, Map<String, String> variables, Phase phase) {
        TerraformRun run = TerraformRun.builder("acme", "shop", "prod", "run-1")
                .phase(phase)
                .build();
        return TerraformVariables.read(variables, run, List.of(provider)).get(0);
    }

    private static <C extends Credentials> C exchange(Configuration<C> configuration) {
        return configuration.platform().exchanger().exchange(Sts.token());
    }

    private static Map<String, String> with(String name, String value) {
        Map<String, String> variables = new TreeMap<>(ON);
        variables.put(name, value);
        return variables;
    }

    private static Map<String, String> revealed(RunEnvironment environment) {
        Map<String, String> values = new TreeMap<>();
        environment.variables().forEach((name, value) -> values.put(name, value.reveal()));
        return values;
    }
}
