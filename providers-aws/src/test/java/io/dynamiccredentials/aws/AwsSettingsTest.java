package io.dynamiccredentials.aws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dynamiccredentials.Secret;
import io.dynamiccredentials.config.Configuration;
import io.dynamiccredentials.config.TerraformVariables;
import io.dynamiccredentials.environment.RunDirectory;
import io.dynamiccredentials.environment.RunEnvironment;
import io.dynamiccredentials.exchange.CredentialExchanger;
import io.dynamiccredentials.exchange.Credentials;
import io.dynamiccredentials.fixtures.Rendering;
import io.dynamiccredentials.fixtures.ScriptedServer;
import io.dynamiccredentials.workload.Claims;
import io.dynamiccredentials.workload.Phase;
import io.dynamiccredentials.workload.TerraformRun;
import io.dynamiccredentials.workload.Workload;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The settings that HCP Terraform does not have. */
class AwsSettingsTest {
    private static final String OWN = "DYNAMIC_CREDENTIALS_AWS_";
    private static final String CHAINED = "arn:aws:iam::210987654321:role/target";
    private static final String POLICY = "{\"Version\":\"2012-10-17\",\"Statement\":[]}";

    private static final Claims PROJECT_AND_TEAM = Claims.builder()
            .texts("terraform_project_name", List.of("shop"))
            .texts("team", List.of("blue"))
            .build();

    private final ScriptedServer server = ScriptedServer.http(Sts.success());
    private final AwsProvider provider = AwsProvider.builder("eu-central-1").build();
    private final AwsProvider atServer = AwsProvider.builder("eu-central-1")
            .endpoint(server.address())
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
    void sessionSeconds_ofAPhase_areAskedForAndTheRunGetsKeysAndNoToken() {
        Configuration<?> configuration =
                configure(atServer, Map.of("RUN_SESSION_SECONDS", "43200", "PLAN_SESSION_SECONDS", "900"));

        RunEnvironment environment = Rendering.only(configuration, Sts.token(), runDirectory);

        assertThat(sent()).contains("DurationSeconds=900").doesNotContain("Policy=");
        assertThat(environment.variables()).containsKey("AWS_SESSION_TOKEN").doesNotContainKeys("AWS_ROLE_ARN");
        assertThat(environment.files()).containsExactly(runDirectory.path().resolve("aws-config"));
    }

    @Test
    void sessionPolicy_isSentAndTheRunGetsKeysAndNoToken() {
        Configuration<?> configuration = configure(atServer, Map.of("RUN_SESSION_POLICY", POLICY));

        RunEnvironment environment = Rendering.only(configuration, Sts.token(), runDirectory);

        assertThat(sent())
                .contains("&Policy=" + URLEncoder.encode(POLICY, StandardCharsets.UTF_8))
                .contains("DurationSeconds=3600");
        assertThat(environment.variables())
                .containsKey("AWS_SESSION_TOKEN")
                .doesNotContainKey("AWS_WEB_IDENTITY_TOKEN_FILE");
        assertThat(environment.files()).containsExactly(runDirectory.path().resolve("aws-config"));
    }

    @Test
    void sessionPolicy_ofAnotherPhase_leavesTheTokenToThisOne() {
        Configuration<?> configuration = configure(atServer, Map.of("APPLY_SESSION_POLICY", POLICY));

        assertThat(Rendering.only(configuration, Sts.token(), runDirectory).variables())
                .containsKey("AWS_WEB_IDENTITY_TOKEN_FILE");
        assertThat(sent()).doesNotContain("Policy=");
    }

    @Test
    void sessionName_replacesTheRunsId() {
        // STS answers with the run's id: the name that was asked for is held against it.
        Configuration<?> configuration = configure(atServer, Map.of("SESSION_NAME", "ci@acme"));

        assertThatThrownBy(() -> exchange(configuration)).hasMessageContaining("not a session of the role asked for");
        assertThat(sent()).contains("RoleSessionName=ci%40acme");
    }

    @ParameterizedTest
    @CsvSource({
        "RUN_SESSION_SECONDS,899,seconds from 900 to 43200",
        "RUN_SESSION_SECONDS,43201,seconds from 900 to 43200",
        "RUN_SESSION_SECONDS,1e3,seconds from 900 to 43200",
        "RUN_SESSION_SECONDS,0900,seconds from 900 to 43200",
        "RUN_SESSION_SECONDS,99999999999,seconds from 900 to 43200",
        "SESSION_NAME,x,2 to 64",
        "SESSION_NAME,two words,2 to 64",
        "RUN_SESSION_POLICY,'[]',JSON object",
        "RUN_SESSION_POLICY,'{',JSON object",
        "RUN_SESSION_POLICY,'{\"a\":1,\"a\":2}',JSON object",
        "RUN_SESSION_POLICY,'{\"a\":\"\u0142\"}',up to U+00FF",
        "RUN_CHAINED_ROLE_ARN,target,the ARN of an IAM role",
        "RUN_CHAINED_ROLE_ARN,arn:aws-cn:iam::123456789012:role/target,a role in partition aws",
        "EXPECTED_ACCOUNT,12345678901,12 digits",
        "EXPECTED_ACCOUNT,210987654321,a role of account 210987654321",
        "SESSION_TAGS,'a,,b',names of claims",
        "SESSION_TAGS,'a,A',different names of claims",
        "SESSION_TAGS,aws:x,names of claims",
        "SESSION_TAGS,terraform_colour,claims of the run",
        "REGION,aws-global,one such as",
        "REGION,eu-nowhere-1,another region of partition aws",
        "REGION,cn-north-1,another region of partition aws",
        "SESSION_SECONDS,900,not a variable that AWS knows"
    })
    void configure_badValue_isRefused(String name, String value, String rule) {
        assertThatThrownBy(() -> configure(provider, Map.of(name, value)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(rule);
    }

    @Test
    void sessionPolicy_ofItsGreatestLength_isAcceptedAndOneMoreRefused() {
        String most = "{\"a\":\"" + "x".repeat(2040) + "\"}";
        assertThat(most).hasSize(2048);

        assertThat(configure(provider, Map.of("RUN_SESSION_POLICY", most))).isNotNull();
        assertThatThrownBy(() -> configure(provider, Map.of("RUN_SESSION_POLICY", most + " ")))
                .hasMessageContaining("at most 2048 characters");
    }

    @Test
    void externalId_withoutChainedRole_isRefusedIfItIsTheConfigurationsOwn() {
        assertThatThrownBy(() -> configure(provider, Map.of("RUN_EXTERNAL_ID", "acme")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(OWN + "RUN_EXTERNAL_ID is for a chained role");
        assertThat(configure(provider, Map.of("APPLY_CHAINED_ROLE_ARN", CHAINED, "RUN_EXTERNAL_ID", "acme")))
                .isNotNull();

        Map<String, String> variables = variables(Map.of());
        variables.put("DYNAMIC_CREDENTIALS_DEFAULT_AWS_RUN_EXTERNAL_ID", "acme");
        assertThat(read(provider, variables)).isNotNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"x", "two words", "a\nb = c"})
    void externalId_malformed_isRefused(String externalId) {
        assertThatThrownBy(() ->
                        configure(provider, Map.of("RUN_CHAINED_ROLE_ARN", CHAINED, "RUN_EXTERNAL_ID", externalId)))
                .hasMessageContaining("RUN_EXTERNAL_ID must be 2 to 1224");
    }

    @Test
    void sessionSeconds_ofAChainedRole_areAnHourAtMost() {
        assertThat(configure(provider, Map.of("RUN_CHAINED_ROLE_ARN", CHAINED, "RUN_SESSION_SECONDS", "3600")))
                .isNotNull();
        assertThatThrownBy(() ->
                        configure(provider, Map.of("RUN_CHAINED_ROLE_ARN", CHAINED, "RUN_SESSION_SECONDS", "3601")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("900 to 3600 with a chained role");
    }

    @Test
    void expectedAccount_isThatOfTheRoleThatTheRunWorksAs() {
        assertThat(configure(provider, Map.of("EXPECTED_ACCOUNT", "123456789012")))
                .isNotNull();
        assertThat(configure(provider, Map.of("RUN_CHAINED_ROLE_ARN", CHAINED, "EXPECTED_ACCOUNT", "210987654321")))
                .isNotNull();
        assertThatThrownBy(() -> configure(
                        provider, Map.of("RUN_CHAINED_ROLE_ARN", CHAINED, "EXPECTED_ACCOUNT", "123456789012")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("RUN_CHAINED_ROLE_ARN must be a role of account 123456789012");
    }

    @Test
    void expectedAccount_ofADefault_bindsToo() {
        Map<String, String> variables = variables(Map.of());
        variables.put("DYNAMIC_CREDENTIALS_DEFAULT_AWS_EXPECTED_ACCOUNT", "210987654321");

        assertThatThrownBy(() -> read(provider, variables)).hasMessageContaining("a role of account 210987654321");
    }

    @Test
    void expectedAccount_answerOfAnotherAccount_isRefused() {
        try (ScriptedServer other =
                ScriptedServer.http(Sts.success(Sts.ASSUMED.replace("123456789012", "210987654321")))) {
            AwsProvider there = AwsProvider.builder("eu-central-1")
                    .endpoint(other.address())
                    .clock(Sts.CLOCK)
                    .build();
            Configuration<?> configuration = configure(there, Map.of("EXPECTED_ACCOUNT", "123456789012"));

            assertThatThrownBy(() -> exchange(configuration)).hasMessageContaining("not a session of the role");
        }
    }

    @Test
    void sessionTags_areClaimsOfTheWorkload() {
        Workload workload = configure(provider, Map.of("SESSION_TAGS", "terraform_project_name, team"))
                .platform()
                .workload();

        Claims tags =
                Claims.builder().object("principal_tags", PROJECT_AND_TEAM).build();
        TerraformRun run = run(Claims.builder().text("team", "blue").build());
        assertThat(workload.claims())
                .isEqualTo(Claims.builder()
                        .all(run.claims())
                        .object("https://aws.amazon.com/tags", tags)
                        .build());
        assertThat(workload.subject()).isEqualTo(run.subject());
        assertThat(workload.runId()).isEqualTo(run.runId());
        assertThat(workload.phase()).isEqualTo(run.phase());
        assertThat(workload.commonName()).isEqualTo(run.commonName());
    }

    @Test
    void sessionTags_ofAChainedRole_areTransitive() {
        Workload workload = configure(
                        provider,
                        Map.of("SESSION_TAGS", "terraform_project_name,team", "RUN_CHAINED_ROLE_ARN", CHAINED))
                .platform()
                .workload();

        Claims tags = Claims.builder()
                .object("principal_tags", PROJECT_AND_TEAM)
                .texts("transitive_tag_keys", List.of("terraform_project_name", "team"))
                .build();
        assertThat(workload.claims().members()).containsEntry("https://aws.amazon.com/tags", tags.members());
    }

    @ParameterizedTest
    @ValueSource(strings = {"r\u00e9d & blue", "a;b", "a\tb"})
    void sessionTags_valueUnfitForATag_isRefused(String team) {
        assertThatThrownBy(() -> tagWithTeam(Claims.builder().text("team", team)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("SESSION_TAGS must name claims that are a text of 1 to 256");
    }

    @Test
    void sessionTags_claimThatIsNoShortText_isRefused() {
        assertThat(tagWithTeam(Claims.builder().text("team", "x".repeat(256)))).isNotNull();
        assertThatThrownBy(() -> tagWithTeam(Claims.builder().text("team", "x".repeat(257))))
                .hasMessageContaining("1 to 256");
        assertThatThrownBy(() -> tagWithTeam(Claims.builder().text("team", ""))).hasMessageContaining("1 to 256");
        assertThatThrownBy(() -> tagWithTeam(Claims.builder().integer("team", 7)))
                .hasMessageContaining("\"team\" is no text in this run");
    }

    @Test
    void sessionTags_hostSetsTagsItself_isRefused() {
        assertThatThrownBy(() -> tagWithTeam(Claims.builder()
                        .text("team", "blue")
                        .text("https://aws.amazon.com/tags/principal_tags/Team", "red")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("the host sets session tags");
    }

    @Test
    void sessionTags_moreThanFifty_areRefused() {
        String names = IntStream.range(0, 51).mapToObj(i -> "claim_" + i).collect(Collectors.joining(","));

        assertThatThrownBy(() -> configure(provider, Map.of("SESSION_TAGS", names)))
                .hasMessageContaining("1 to 50 different names");
    }

    @Test
    void region_ofThePartition_isThatOfStsAndOfTheTools() {
        Configuration<?> configuration = configure(provider, Map.of("REGION", "eu-west-1"));

        RunEnvironment environment = render(configuration);

        assertThat(stsOf(configuration).endpoint()).isEqualTo(URI.create("https://sts.eu-west-1.amazonaws.com"));
        assertThat(environment.variables()).containsEntry("AWS_REGION", Secret.of("eu-west-1"));
        assertThat(runDirectory.path().resolve("aws-config")).content().contains("region = eu-west-1\n");
    }

    @Test
    void region_ofAnotherPartition_needsTheHostsWord() {
        AwsProvider china =
                AwsProvider.builder("eu-central-1").allowRegion("cn-north-1").build();
        Map<String, String> variables = variables(Map.of("REGION", "cn-north-1"));
        variables.put("TFC_AWS_RUN_ROLE_ARN", "arn:aws-cn:iam::123456789012:role/deploy");

        assertThat(stsOf(read(china, variables)).endpoint())
                .isEqualTo(URI.create("https://sts.cn-north-1.amazonaws.com.cn"));
        assertThatThrownBy(() -> configure(china, Map.of("REGION", "cn-north-1")))
                .hasMessageContaining("a role in partition aws-cn, as region cn-north-1 is");
    }

    @Test
    void region_hostSetAnEndpoint_isItsOwnAlone() {
        assertThat(stsOf(configure(atServer, Map.of("REGION", "eu-central-1"))).endpoint())
                .isEqualTo(server.address());
        assertThatThrownBy(() -> configure(atServer, Map.of("REGION", "eu-west-1")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("REGION must be \"eu-central-1\", since the host set an endpoint");
    }

    @ParameterizedTest
    @ValueSource(strings = {"AWS_REGION", "AWS_DEFAULT_REGION"})
    void region_variableThatWouldWinOverIt_isRefused(String variable) {
        Map<String, String> variables = variables(Map.of("REGION", "eu-west-1"));
        variables.put(variable, "eu-west-1");
        assertThat(read(provider, variables)).isNotNull();

        variables.put(variable, "us-east-1");
        assertThatThrownBy(() -> read(provider, variables))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(variable + " must be absent or \"eu-west-1\", as " + OWN + "REGION is");
    }

    @Test
    void render_amongOthers_hasTheRegionInItsFileAlone() {
        Configuration<?> configuration = configure(atServer, Map.of("REGION", "eu-central-1"));

        RunEnvironment environment = Rendering.amongOthers(configuration, Sts.token(), runDirectory);

        assertThat(environment.variables()).containsOnlyKeys("AWS_ENDPOINT_URL_STS");
        assertThat(runDirectory.path().resolve("aws-config")).content().contains("region = eu-central-1\n");
    }

    @Test
    void builder_endpointAndRegions_conflict() {
        AwsProvider.Builder builder =
                AwsProvider.builder("eu-central-1").endpoint(server.address()).allowRegion("cn-north-1");

        assertThatThrownBy(builder::build)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("Set endpoint or allowRegion, not both");
        assertThatThrownBy(() -> builder.allowRegion("evil.example"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("evil.example");
    }

    private Workload tagWithTeam(Claims.Builder claims) {
        return TerraformVariables.read(
                        variables(Map.of("SESSION_TAGS", "team")), run(claims.build()), List.of(provider))
                .get(0)
                .platform()
                .workload();
    }

    private String sent() {
        assertThat(server.requests()).hasSize(1);
        return server.requests().get(0).body();
    }

    private static AwsSts stsOf(Configuration<?> configuration) {
        return ((AwsWebIdentityExchanger) configuration.platform().exchanger()).sts();
    }

    private <C extends Credentials> RunEnvironment render(Configuration<C> configuration) {
        @SuppressWarnings("unchecked") // The platform is AWS, as every one in this class.
        C session = (C) new AwsSessionCredentials(
                Sts.ACCESS_KEY_ID, Secret.of(Sts.SECRET_KEY), Secret.of(Sts.SESSION_TOKEN), Sts.ASSUMED, Sts.NOW);
        return Rendering.only(configuration, session, Sts.token(), runDirectory);
    }

    private static <C extends Credentials> C exchange(Configuration<C> configuration) {
        CredentialExchanger<C> exchanger = configuration.platform().exchanger();
        return exchanger.exchange(Sts.token());
    }

    private static Configuration<?> configure(AwsProvider provider, Map<String, String> own) {
        return read(provider, variables(own));
    }

    private static Configuration<?> read(AwsProvider provider, Map<String, String> variables) {
        TerraformRun run = run(Claims.builder().text("team", "blue").build());
        return TerraformVariables.read(variables, run, List.of(provider)).get(0);
    }

    private static TerraformRun run(Claims claims) {
        return TerraformRun.builder("acme", "shop", "prod", "run-1")
                .phase(Phase.PLAN)
                .claims(claims)
                .build();
    }

    private static Map<String, String> variables(Map<String, String> own) {
        Map<String, String> variables = new TreeMap<>();
        variables.put("TFC_AWS_PROVIDER_AUTH", "true");
        variables.put("TFC_AWS_RUN_ROLE_ARN", Sts.ROLE);
        own.forEach((name, value) -> variables.put(OWN + name, value));
        return variables;
    }
}
