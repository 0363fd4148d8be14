package io.dynamiccredentials.aws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dynamiccredentials.config.Configuration;
import io.dynamiccredentials.config.Delivery;
import io.dynamiccredentials.environment.RunDirectory;
import io.dynamiccredentials.environment.RunEnvironment;
import io.dynamiccredentials.exchange.CredentialExchanger;
import io.dynamiccredentials.exchange.Credentials;
import io.dynamiccredentials.fixtures.Rendering;
import io.dynamiccredentials.fixtures.ScriptedServer;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The settings that HCP Terraform does not have. */
class AwsSettingsTest {
    private static final String POLICY = "{\"Version\":\"2012-10-17\",\"Statement\":[]}";

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
    void sessionSeconds_ofAPhase_areAskedForAndTheRunAsksForKeys() {
        Configuration<?> configuration =
                AwsRuns.configure(atServer, Map.of("RUN_SESSION_SECONDS", "43200", "PLAN_SESSION_SECONDS", "900"));

        RunEnvironment environment = Rendering.only(configuration, Sts.token(), runDirectory);

        assertThat(sent()).contains("DurationSeconds=900").doesNotContain("Policy=");
        assertAsksForKeys(environment);
    }

    @Test
    void sessionPolicy_isSentAndTheRunAsksForKeys() {
        Configuration<?> configuration = AwsRuns.configure(atServer, Map.of("RUN_SESSION_POLICY", POLICY));

        RunEnvironment environment = Rendering.only(configuration, Sts.token(), runDirectory);

        assertThat(sent())
                .contains("&Policy=" + URLEncoder.encode(POLICY, StandardCharsets.UTF_8))
                .contains("DurationSeconds=3600");
        assertAsksForKeys(environment);
    }

    @Test
    void sessionPolicy_whereTheHostChoseVariables_givesTheKeysThemselves() {
        AwsProvider variables = AwsProvider.builder("eu-central-1")
                .endpoint(server.address())
                .clock(Sts.CLOCK)
                .delivery(Delivery.VARIABLES)
                .build();
        Configuration<?> configuration = AwsRuns.configure(variables, Map.of("RUN_SESSION_POLICY", POLICY));

        assertThat(Rendering.only(configuration, Sts.token(), runDirectory).variables())
                .containsKey("AWS_SESSION_TOKEN")
                .doesNotContainKeys("AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_WEB_IDENTITY_TOKEN_FILE");
    }

    private void assertAsksForKeys(RunEnvironment environment) {
        assertThat(environment.variables())
                .containsKey("AWS_CONTAINER_CREDENTIALS_FULL_URI")
                .doesNotContainKeys("AWS_ROLE_ARN", "AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_SESSION_TOKEN");
        assertThat(environment.files())
                .extracting(file -> file.getFileName().toString())
                .containsExactly("aws-process.curl", "aws-process.sh", "aws-config");
    }

    @Test
    void sessionPolicy_ofAnotherPhase_leavesTheTokenToThisOne() {
        Configuration<?> configuration = AwsRuns.configure(atServer, Map.of("APPLY_SESSION_POLICY", POLICY));

        assertThat(Rendering.only(configuration, Sts.token(), runDirectory).variables())
                .containsKey("AWS_WEB_IDENTITY_TOKEN_FILE");
        assertThat(sent()).doesNotContain("Policy=");
    }

    @Test
    void sessionName_replacesTheRunsId() {
        // STS answers with the run's id: the name that was asked for is held against it.
        Configuration<?> configuration = AwsRuns.configure(atServer, Map.of("SESSION_NAME", "ci@acme"));

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
        assertThatThrownBy(() -> AwsRuns.configure(provider, Map.of(name, value)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(rule);
    }

    @Test
    void sessionPolicy_ofItsGreatestLength_isAcceptedAndOneMoreRefused() {
        String most = "{\"a\":\"" + "x".repeat(2040) + "\"}";
        assertThat(most).hasSize(2048);

        assertThat(AwsRuns.configure(provider, Map.of("RUN_SESSION_POLICY", most)))
                .isNotNull();
        assertThatThrownBy(() -> AwsRuns.configure(provider, Map.of("RUN_SESSION_POLICY", most + " ")))
                .hasMessageContaining("at most 2048 characters");
    }

    @Test
    void externalId_withoutChainedRole_isRefusedIfItIsTheConfigurationsOwn() {
        assertThatThrownBy(() -> AwsRuns.configure(provider, Map.of("RUN_EXTERNAL_ID", "acme")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(AwsRuns.OWN + "RUN_EXTERNAL_ID is for a chained role");
        assertThat(AwsRuns.configure(
                        provider, Map.of("APPLY_CHAINED_ROLE_ARN", AwsRuns.CHAINED, "RUN_EXTERNAL_ID", "acme")))
                .isNotNull();

        Map<String, String> variables = AwsRuns.variables(Map.of());
        variables.put("DYNAMIC_CREDENTIALS_DEFAULT_AWS_RUN_EXTERNAL_ID", "acme");
        assertThat(AwsRuns.read(provider, variables)).isNotNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"x", "two words", "a\nb = c"})
    void externalId_malformed_isRefused(String externalId) {
        assertThatThrownBy(() -> AwsRuns.configure(
                        provider, Map.of("RUN_CHAINED_ROLE_ARN", AwsRuns.CHAINED, "RUN_EXTERNAL_ID", externalId)))
                .hasMessageContaining("RUN_EXTERNAL_ID must be 2 to 1224");
    }

    @Test
    void sessionSeconds_ofAChainedRole_areAnHourAtMost() {
        assertThat(AwsRuns.configure(
                        provider, Map.of("RUN_CHAINED_ROLE_ARN", AwsRuns.CHAINED, "RUN_SESSION_SECONDS", "3600")))
                .isNotNull();
        assertThatThrownBy(() -> AwsRuns.configure(
                        provider, Map.of("RUN_CHAINED_ROLE_ARN", AwsRuns.CHAINED, "RUN_SESSION_SECONDS", "3601")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("900 to 3600 with a chained role");
    }

    @Test
    void expectedAccount_isThatOfTheRoleThatTheRunWorksAs() {
        assertThat(AwsRuns.configure(provider, Map.of("EXPECTED_ACCOUNT", "123456789012")))
                .isNotNull();
        assertThat(AwsRuns.configure(
                        provider, Map.of("RUN_CHAINED_ROLE_ARN", AwsRuns.CHAINED, "EXPECTED_ACCOUNT", "210987654321")))
                .isNotNull();
        assertThatThrownBy(() -> AwsRuns.configure(
                        provider, Map.of("RUN_CHAINED_ROLE_ARN", AwsRuns.CHAINED, "EXPECTED_ACCOUNT", "123456789012")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("RUN_CHAINED_ROLE_ARN must be a role of account 123456789012");
    }

    @Test
    void expectedAccount_ofADefault_bindsToo() {
        Map<String, String> variables = AwsRuns.variables(Map.of());
        variables.put("DYNAMIC_CREDENTIALS_DEFAULT_AWS_EXPECTED_ACCOUNT", "210987654321");

        assertThatThrownBy(() -> AwsRuns.read(provider, variables))
                .hasMessageContaining("a role of account 210987654321");
    }

    @Test
    void expectedAccount_answerOfAnotherAccount_isRefused() {
        try (ScriptedServer other =
                ScriptedServer.http(Sts.success(Sts.ASSUMED.replace("123456789012", "210987654321")))) {
            AwsProvider there = AwsProvider.builder("eu-central-1")
                    .endpoint(other.address())
                    .clock(Sts.CLOCK)
                    .build();
            Configuration<?> configuration = AwsRuns.configure(there, Map.of("EXPECTED_ACCOUNT", "123456789012"));

            assertThatThrownBy(() -> exchange(configuration)).hasMessageContaining("not a session of the role");
        }
    }

    private String sent() {
        assertThat(server.requests()).hasSize(1);
        return server.requests().get(0).body();
    }

    private static <C extends Credentials> C exchange(Configuration<C> configuration) {
        CredentialExchanger<C> exchanger = configuration.platform().exchanger();
        return exchanger.exchange(Sts.token());
    }
}
