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
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TencentCloudProviderTest {
    private static final String ON = "TFC_TENCENTCLOUD_PROVIDER_AUTH";
    private static final String ROLE = "TFC_TENCENTCLOUD_RUN_ROLE_ARN";
    private static final String ARN = "qcs::cam::uin/100000000001:roleName/deploy";
    private static final String INPUT = "tfc_tencentcloud_dynamic_credentials";

    private final TencentCloudProvider provider = TencentCloudProvider.create();

    @TempDir
    private Path directory = Path.of("");

    @Test
    void render_soleConfiguration_setsWhatTencentsProviderReads() {
        try (RunDirectory run = RunDirectory.create(directory)) {
            RunEnvironment environment = Handovers.render(provider, with(Map.of()), run);

            Path file = run.path().resolve("tencentcloud-token.json");
            assertThat(Handovers.values(environment))
                    .isEqualTo(Map.of(
                            "TENCENTCLOUD_ASSUME_ROLE_ARN",
                            ARN,
                            "TENCENTCLOUD_ASSUME_ROLE_SESSION_NAME",
                            "run-1",
                            "TENCENTCLOUD_ASSUME_ROLE_WEB_IDENTITY_TOKEN",
                            JWT));
            assertThat(environment.files()).containsExactly(file);
            assertThat(file).hasContent("{\"web_identity_token\":\"" + JWT + "\"}");
            assertThat(Handovers.input(environment, INPUT))
                    .isEqualTo("{\"default\":{\"role_arn\":\"" + ARN + "\",\"token_file\":\"" + file
                            + "\",\"web_identity_token\":\"" + JWT + "\"},\"aliases\":{}}");
        }
    }

    @Test
    void render_tagged_setsNoVariable() {
        try (RunDirectory run = RunDirectory.create(directory)) {
            RunEnvironment environment = Handovers.render(provider, Map.of(ON + "_A", "true", ROLE + "_A", ARN), run);

            assertThat(environment.variables()).isEmpty();
            assertThat(Handovers.input(environment, INPUT))
                    .startsWith("{\"default\":null,\"aliases\":{\"A\":{\"role_arn\":\"" + ARN)
                    .contains(run.path().resolve("tencentcloud-token.json_A").toString());
        }
    }

    @Test
    void render_workspaceNamesItsSession_leavesTheVariableToIt() {
        try (RunDirectory run = RunDirectory.create(directory)) {
            Map<String, String> variables =
                    with(Map.of("TENCENTCLOUD_ASSUME_ROLE_SESSION_NAME", "own", "TENCENTCLOUD_ASSUME_ROLE_ARN", ARN));

            assertThat(Handovers.values(Handovers.render(provider, variables, run)))
                    .containsEntry("TENCENTCLOUD_ASSUME_ROLE_ARN", ARN)
                    .doesNotContainKey("TENCENTCLOUD_ASSUME_ROLE_SESSION_NAME");
        }
    }

    @Test
    void configure_audience_hasADefault() {
        assertThat(Handovers.audience(provider, Phase.PLAN, with(Map.of())))
                .isEqualTo("tencentcloud.workload.identity");
        assertThat(Handovers.audience(
                        provider, Phase.PLAN, with(Map.of("TFC_TENCENTCLOUD_WORKLOAD_IDENTITY_AUDIENCE", "own"))))
                .isEqualTo("own");
    }

    @Test
    void configure_malformedAudience_isRefused() {
        Handovers.assertRefused(
                provider,
                with(Map.of("TFC_TENCENTCLOUD_WORKLOAD_IDENTITY_AUDIENCE", "two words")),
                "TFC_TENCENTCLOUD_WORKLOAD_IDENTITY_AUDIENCE must be");
    }

    @ParameterizedTest
    @CsvSource({"PLAN, plan", "APPLY, apply"})
    void configure_rolesOfPhases_areTaken(Phase phase, String role) {
        try (RunDirectory run = RunDirectory.create(directory)) {
            Map<String, String> variables = Map.of(
                    ON,
                    "true",
                    "TFC_TENCENTCLOUD_PLAN_ROLE_ARN",
                    "qcs::cam::uin/1:roleName/plan",
                    "TFC_TENCENTCLOUD_APPLY_ROLE_ARN",
                    "qcs::cam::uin/1:roleName/apply");

            assertThat(Handovers.values(Handovers.rendered(
                            Handovers.read(provider, phase, variables).get(0), run)))
                    .containsEntry("TENCENTCLOUD_ASSUME_ROLE_ARN", "qcs::cam::uin/1:roleName/" + role);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "arn:aws:iam::123456789012:role/deploy",
                "qcs::cam::uin/acme:roleName/deploy",
                "qcs::cam::uin/1:roleName/",
                "qcs::cam::uin/1:uin/2",
                "qcs::cam::uin/1:roleName/a b"
            })
    void configure_malformedRole_isRefused(String arn) {
        Handovers.assertRefused(provider, Map.of(ON, "true", ROLE, arn), ROLE + " must be the ARN of a CAM role");
    }

    @Test
    void configure_noRole_isRefused() {
        Handovers.assertRefused(provider, Map.of(ON, "true"), ROLE, "is required");
    }

    @Test
    void configure_workspaceNamesAnotherRole_isRefused() {
        Handovers.assertRefused(
                provider,
                with(Map.of("TENCENTCLOUD_ASSUME_ROLE_ARN", ARN + "2")),
                "TENCENTCLOUD_ASSUME_ROLE_ARN must be removed",
                ARN);
    }

    @ParameterizedTest
    @CsvSource({"TENCENTCLOUD_DOMAIN, attacker.example", "TENCENTCLOUD_PROTOCOL, HTTP"})
    void configure_workspaceSendsTheTokenElsewhere_isRefused(String variable, String value) {
        Handovers.assertRefused(provider, with(Map.of(variable, value)), variable + " must be absent or \"", value);
    }

    @ParameterizedTest
    @CsvSource({
        "TENCENTCLOUD_DOMAIN, tencentcloudapi.com",
        "TENCENTCLOUD_DOMAIN, intl.tencentcloudapi.com",
        "TENCENTCLOUD_PROTOCOL, HTTPS"
    })
    void configure_workspaceNamesTencentsOwnAddress_isTaken(String variable, String value) {
        assertThat(Handovers.read(provider, Phase.PLAN, with(Map.of(variable, value))))
                .hasSize(1);
    }

    private static Map<String, String> with(Map<String, String> more) {
        Map<String, String> variables = new HashMap<>(more);
        variables.put(ON, "true");
        variables.put(ROLE, ARN);
        return variables;
    }
}
