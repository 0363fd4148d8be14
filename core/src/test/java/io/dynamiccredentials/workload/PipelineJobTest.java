package io.dynamiccredentials.workload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;

import io.dynamiccredentials.workload.PipelineJob.RefType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class PipelineJobTest {

    @Test
    void subject_everything_hasAllSegments() {
        PipelineJob job = PipelineJob.builder("acme", "team/shop", "release", "run-1")
                .organizationId("17")
                .projectId("4711")
                .pipelineId("p-9")
                .job("deploy")
                .environment("prod")
                .ref(RefType.BRANCH, "main")
                .phase(Phase.APPLY)
                .build();

        assertThat(job.subject())
                .isEqualTo("org:acme@17:project:team/shop@4711:pipeline:release@p-9:job:deploy:env:prod"
                        + ":ref:branch/main:phase:apply");
    }

    @Test
    void subject_nothingOptional_hasTheSameSegments() {
        PipelineJob job =
                PipelineJob.builder("acme", "shop", "release", "run-1").build();

        assertThat(job.subject()).isEqualTo("org:acme:project:shop:pipeline:release:job:~:env:~:ref:~:phase:plan");
        assertThat(job.phase()).isEqualTo(Phase.PLAN);
        assertThat(job.runId()).isEqualTo("run-1");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\0',
            value = {
                "prod:phase:apply|prod%3Aphase%3Aapply",
                "~|%7E",
                "a@b|a%40b",
                "%3A|%253A",
                "*|%2A",
                "a?|a%3F",
                "a b|a%20b",
                "é|%C3%A9",
                "e\u0301|e%CC%81",
                "😀|%F0%9F%98%80",
                "a\u0007b|a%07b",
                "\"|%22",
                "A-z._/09|A-z._/09"
            })
    void subject_valuesOutsideTheAlphabet_areEscaped(String value, String escaped) {
        PipelineJob job = PipelineJob.builder(value, value, value, "run-1")
                .organizationId(value)
                .projectId(value)
                .pipelineId(value)
                .job(value)
                .environment(value)
                .ref(RefType.TAG, value)
                .build();

        String both = escaped + "@" + escaped;
        assertThat(job.subject())
                .isEqualTo("org:" + both + ":project:" + both + ":pipeline:" + both + ":job:" + escaped + ":env:"
                        + escaped + ":ref:tag/" + escaped + ":phase:plan");
        assertThat(job.claims().members())
                .containsEntry("ci_organization_name", value)
                .containsEntry("ci_organization_id", value)
                .containsEntry("ci_ref_name", value);
    }

    @Test
    void claims_repeatTheValuesAndNothingElse() {
        PipelineJob job = PipelineJob.builder("acme", "team/shop", "release", "run-1")
                .projectId("4711")
                .environment("prod eu")
                .ref(RefType.PULL_REQUEST, "17")
                .build();

        assertThat(job.claims().members())
                .containsOnly(
                        entry("ci_organization_name", "acme"),
                        entry("ci_project_name", "team/shop"),
                        entry("ci_project_id", "4711"),
                        entry("ci_pipeline_name", "release"),
                        entry("ci_environment_name", "prod eu"),
                        entry("ci_ref_type", "pull_request"),
                        entry("ci_ref_name", "17"),
                        entry("ci_run_id", "run-1"),
                        entry("ci_phase", "plan"));
    }

    @ParameterizedTest
    @EnumSource(RefType.class)
    void ref_ofEachType_isAnotherSubject(RefType type) {
        assertThat(PipelineJob.builder("o", "p", "l", "r")
                        .ref(type, "main")
                        .build()
                        .subject())
                .contains(":ref:" + type.id() + "/main:phase");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a\u0000", "\uD83D", "\uDE00a"})
    void builder_valueWithoutOneSpelling_isRefusedEverywhere(String value) {
        assertRefused(() -> PipelineJob.builder(value, "p", "l", "r"), "organization name");
        assertRefused(() -> PipelineJob.builder("o", value, "l", "r"), "project name");
        assertRefused(() -> PipelineJob.builder("o", "p", value, "r"), "pipeline name");
        PipelineJob.Builder builder = PipelineJob.builder("o", "p", "l", "r");
        assertRefused(() -> builder.organizationId(value), "organization id");
        assertRefused(() -> builder.projectId(value), "project id");
        assertRefused(() -> builder.pipelineId(value), "pipeline id");
        assertRefused(() -> builder.job(value), "job name");
        assertRefused(() -> builder.environment(value), "environment name");
        assertRefused(() -> builder.ref(RefType.TAG, value), "ref name");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a:b", "a b", "a/b", "ä"})
    void builder_runIdOfAnotherForm_isRefused(String runId) {
        assertRefused(() -> PipelineJob.builder("o", "p", "l", runId), "run id");
    }

    @Test
    void build_subjectAtTheLimit_isAcceptedAndAboveItRefused() {
        // The other text has 54 characters.
        assertThat(job("e".repeat(201)).subject()).hasSize(255);
        assertRefused(() -> job("e".repeat(202)), "at most 255 characters when its values are escaped; it had 256");
        assertThat(job("e".repeat(198) + ":").subject()).hasSize(255);
        assertRefused(() -> job("é".repeat(34)), "it had 258");
        assertRefused(() -> job("e".repeat(256)), "255");
    }

    private static PipelineJob job(String environment) {
        return PipelineJob.builder("o", "p", "l", "r").environment(environment).build();
    }

    private static void assertRefused(org.assertj.core.api.ThrowableAssert.ThrowingCallable call, String piece) {
        assertThatThrownBy(call).isInstanceOf(IllegalArgumentException.class).hasMessageContaining(piece);
    }
}
