package io.dynamiccredentials.aws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dynamiccredentials.config.TerraformVariables;
import io.dynamiccredentials.workload.Claims;
import io.dynamiccredentials.workload.TerraformRun;
import io.dynamiccredentials.workload.Workload;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SessionTagsTest {
    private static final Claims PROJECT_AND_TEAM = Claims.builder()
            .texts("terraform_project_name", List.of("shop"))
            .texts("team", List.of("blue"))
            .build();

    private final AwsProvider provider = AwsProvider.builder("eu-central-1").build();

    @Test
    void sessionTags_areClaimsOfTheWorkload() {
        Workload workload = AwsRuns.configure(provider, Map.of("SESSION_TAGS", "terraform_project_name, team"))
                .platform()
                .workload();

        Claims tags =
                Claims.builder().object("principal_tags", PROJECT_AND_TEAM).build();
        TerraformRun run = AwsRuns.run(Claims.builder().text("team", "blue").build());
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
        Workload workload = AwsRuns.configure(
                        provider,
                        Map.of("SESSION_TAGS", "terraform_project_name,team", "RUN_CHAINED_ROLE_ARN", AwsRuns.CHAINED))
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

        assertThatThrownBy(() -> AwsRuns.configure(provider, Map.of("SESSION_TAGS", names)))
                .hasMessageContaining("1 to 50 different names");
    }

    private Workload tagWithTeam(Claims.Builder claims) {
        return TerraformVariables.read(
                        AwsRuns.variables(Map.of("SESSION_TAGS", "team")),
                        AwsRuns.run(claims.build()),
                        List.of(provider))
                .get(0)
                .platform()
                .workload();
    }
}
