package io.dynamiccredentials.aws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dynamiccredentials.CredentialExchangeException;
import io.dynamiccredentials.CredentialExchangeException.Kind;
import io.dynamiccredentials.Secret;
import io.dynamiccredentials.config.Configuration;
import io.dynamiccredentials.config.TerraformVariables;
import io.dynamiccredentials.environment.RunDirectory;
import io.dynamiccredentials.environment.RunEnvironment;
import io.dynamiccredentials.exchange.Credentials;
import io.dynamiccredentials.fixtures.Answer;
import io.dynamiccredentials.fixtures.RecordedEndpoints;
import io.dynamiccredentials.fixtures.Rendering;
import io.dynamiccredentials.fixtures.ScriptedServer;
import io.dynamiccredentials.fixtures.ScriptedServer.Request;
import io.dynamiccredentials.workload.TerraformRun;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AwsChainedExchangerTest {
    private static final String TARGET = "arn:aws:iam::210987654321:role/teams/target";
    private static final String ASSUMED = "arn:aws:sts::210987654321:assumed-role/target/run-1";

    private Answer second = Sts.chained(ASSUMED, "2026-03-01T12:15:00Z");
    private final ScriptedServer server = ScriptedServer.http(this::answer);

    @TempDir
    private Path directory;

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void exchange_bothRolesAgree_givesTheSecondSession() {
        AwsSessionCredentials session = (AwsSessionCredentials) exchange(Map.of());

        assertThat(session.assumedRoleArn()).isEqualTo(ASSUMED);
        assertThat(session.accessKeyId()).isEqualTo(Sts.CHAINED_ACCESS_KEY_ID);
        assertThat(server.requests()).hasSize(2);
    }

    @Test
    void exchange_secondRequest_isSignedByTheFirstSession() {
        exchange(Map.of("RUN_EXTERNAL_ID", "acme:1"));

        assertThat(first().body()).contains("DurationSeconds=900").doesNotContain("ExternalId");
        Request chained = server.requests().get(1);
        assertThat(chained.body())
                .contains("Action=AssumeRole&", "RoleSessionName=run-1", "ExternalId=acme%3A1", "DurationSeconds=3600")
                .doesNotContain("Policy", "WebIdentityToken");
        assertThat(chained.headers().get("Authorization"))
                .startsWith("AWS4-HMAC-SHA256 Credential=" + Sts.ACCESS_KEY_ID + "/")
                .contains("/eu-central-1/sts/aws4_request")
                .contains("x-amz-security-token");
        assertThat(chained.headers()).containsEntry("X-Amz-Security-Token", Sts.SESSION_TOKEN);
    }

    @Test
    void exchange_policyAndSeconds_areForTheSecondSession() {
        exchange(Map.of("RUN_SESSION_POLICY", "{}", "RUN_SESSION_SECONDS", "1200"));

        assertThat(first().body()).contains("DurationSeconds=900").doesNotContain("Policy=");
        assertThat(server.requests().get(1).body()).contains("DurationSeconds=1200", "Policy=%7B%7D");
    }

    @ParameterizedTest
    @CsvSource({
        "arn:aws:sts::210987654321:assumed-role/other/run-1,2026-03-01T12:15:00Z,not a session of the role asked for",
        "arn:aws:sts::123456789012:assumed-role/target/run-1,2026-03-01T12:15:00Z,not a session of the role asked for",
        "arn:aws:sts::210987654321:assumed-role/target/run-2,2026-03-01T12:15:00Z,not a session of the role asked for",
        "arn:aws:sts::210987654321:assumed-role/target/run-1,2026-03-01T13:06:00Z,within 1 hour from now",
        "arn:aws:sts::210987654321:assumed-role/target/run-1,2026-03-01T12:00:00Z,within 1 hour from now"
    })
    void exchange_secondAnswerIsWrong_isUnintelligible(String assumed, String end, String why) {
        second = Sts.chained(assumed, end);

        assertFailure(Kind.UNINTELLIGIBLE, why);
    }

    @ParameterizedTest
    @CsvSource({
        "403,AccessDenied,REFUSED,'allows sts:AssumeRole to \"arn:aws:iam::123456789012:role/deploy\" with the external id'",
        "403,ExpiredToken,REFUSED,Check this machine's clock",
        "403,SignatureDoesNotMatch,REFUSED,Check this machine's clock",
        "400,ValidationError,MISCONFIGURED,maximum session duration",
        "400,PackedPolicyTooLarge,MISCONFIGURED,session policy",
        "403,RegionDisabledException,MISCONFIGURED,Activate STS for this region in account 210987654321",
        "403,NewCode,REFUSED,Check that the chained role exists and trusts",
        "400,Throttling,THROTTLED,Try again later",
        "503,ServiceUnavailable,UNREACHABLE,Try again later"
    })
    void exchange_secondRequestFails_saysWhatToCheck(int status, String code, Kind kind, String remedy) {
        second = Sts.error(status, code, "No");

        assertFailure(kind, remedy);
    }

    @Test
    void exchange_secondAnswerIsNoXml_isUnintelligible() {
        second = Answer.text(200, "hello");

        assertFailure(Kind.UNINTELLIGIBLE, "no answer of STS in XML");
    }

    @Test
    void exchange_firstRequestFails_sendsNoSecond() {
        try (ScriptedServer refusing = ScriptedServer.http(Sts.error(403, "AccessDenied", "No"))) {
            Configuration<?> configuration = configure(refusing, Map.of());

            assertThatThrownBy(() -> configuration.platform().exchanger().exchange(Sts.token()))
                    .hasMessageContaining("sts:AssumeRoleWithWebIdentity");
            assertThat(refusing.requests()).hasSize(1);
        }
    }

    @Test
    void render_only_givesAConfigFileWithBothRoles() {
        try (RunDirectory runDirectory = RunDirectory.create(directory)) {
            Configuration<?> configuration = configure(server, Map.of("RUN_EXTERNAL_ID", "acme"));

            RunEnvironment environment = Rendering.only(configuration, Sts.token(), runDirectory);

            Path config = runDirectory.path().resolve("aws-config");
            assertThat(environment.variables())
                    .containsOnlyKeys("AWS_CONFIG_FILE", "AWS_SDK_LOAD_CONFIG", "AWS_REGION", "AWS_ENDPOINT_URL_STS")
                    .containsEntry("AWS_CONFIG_FILE", Secret.of(config.toString()));
            assertThat(config)
                    .hasContent("[default]\nrole_arn = " + TARGET + "\nrole_session_name = run-1\n"
                            + "source_profile = web-identity\nexternal_id = acme\nregion = eu-central-1\n"
                            + "[profile web-identity]\nrole_arn = " + Sts.ROLE
                            + "\nrole_session_name = run-1\nweb_identity_token_file = "
                            + runDirectory.path().resolve("aws-token") + "\nregion = eu-central-1\n");
            assertThat(runDirectory.path().resolve("aws-token")).hasContent(Sts.JWT);
        }
    }

    @Test
    void render_sessionPolicy_givesTheSecondSessionsKeysAlone() {
        try (RunDirectory runDirectory = RunDirectory.create(directory)) {
            Configuration<?> configuration = configure(server, Map.of("RUN_SESSION_POLICY", "{}"));

            RecordedEndpoints endpoints = new RecordedEndpoints();
            RunEnvironment environment = Rendering.only(configuration, Sts.token(), runDirectory, endpoints);

            assertThat(environment.variables())
                    .containsKey("AWS_CONTAINER_CREDENTIALS_FULL_URI")
                    .doesNotContainKey("AWS_CONFIG_FILE");
            assertThat(endpoints.body("aws-container"))
                    .contains("\"AccessKeyId\":\"" + Sts.CHAINED_ACCESS_KEY_ID + "\"");
        }
    }

    private void assertFailure(Kind kind, String words) {
        assertThatThrownBy(() -> exchange(Map.of()))
                .isInstanceOfSatisfying(
                        CredentialExchangeException.class,
                        e -> assertThat(e.kind()).isEqualTo(kind))
                .hasMessageContaining(words)
                .hasMessageContaining("role \"" + TARGET + "\"");
        assertThat(server.requests()).hasSize(2);
    }

    private Answer answer(Request request) {
        return request.body().contains("Action=AssumeRoleWithWebIdentity") ? Sts.success() : second;
    }

    private Request first() {
        return server.requests().get(0);
    }

    private Credentials exchange(Map<String, String> own) {
        return configure(server, own).platform().exchanger().exchange(Sts.token());
    }

    private static Configuration<?> configure(ScriptedServer server, Map<String, String> own) {
        Map<String, String> variables = new TreeMap<>(Map.of(
                "TFC_AWS_PROVIDER_AUTH",
                "true",
                "TFC_AWS_RUN_ROLE_ARN",
                Sts.ROLE,
                "DYNAMIC_CREDENTIALS_AWS_RUN_CHAINED_ROLE_ARN",
                TARGET));
        own.forEach((name, value) -> variables.put("DYNAMIC_CREDENTIALS_AWS_" + name, value));
        AwsProvider provider = AwsProvider.builder("eu-central-1")
                .endpoint(server.address())
                .sessionDuration(Duration.ofHours(2))
                .clock(Sts.CLOCK)
                .build();
        TerraformRun run = TerraformRun.builder("acme", "shop", "prod", "run-1").build();
        return TerraformVariables.read(variables, run, List.of(provider)).get(0);
    }
}
