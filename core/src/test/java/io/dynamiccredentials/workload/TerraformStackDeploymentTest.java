package io.dynamiccredentials.workload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TerraformStackDeploymentTest {

    @Test
    void subjectAndClaims_areThoseOfHcpTerraform() {
        TerraformStackDeployment deployment = TerraformStackDeployment.builder(
                        "acme", "Default Project", "net", "eu", "plan-1")
                .organizationId("org-1")
                .projectId("prj-1")
                .stackId("st-1")
                .phase(Phase.APPLY)
                .build();

        assertThat(deployment.subject())
                .isEqualTo("organization:acme:project:Default Project:stack:net:deployment:eu:operation:apply");
        assertThat(deployment.claims().members())
                .containsExactly(
                        entry("terraform_organization_id", "org-1"),
                        entry("terraform_organization_name", "acme"),
                        entry("terraform_project_id", "prj-1"),
                        entry("terraform_project_name", "Default Project"),
                        entry("terraform_stack_id", "st-1"),
                        entry("terraform_stack_name", "net"),
                        entry("terraform_stack_deployment_name", "eu"),
                        entry("terraform_operation", "apply"),
                        entry("terraform_plan_id", "plan-1"));
        assertThat(deployment.runId()).isEqualTo("plan-1");
    }

    @Test
    void phase_unsaid_isThePlan() {
        TerraformStackDeployment deployment =
                TerraformStackDeployment.builder("o", "p", "s", "d", "r").build();

        assertThat(deployment.phase()).isEqualTo(Phase.PLAN);
        assertThat(deployment.subject()).endsWith(":operation:plan");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a:b", "eu:operation:apply", "*", "a?", "a/b", "a\nb", " a", "ä", "a\u0000"})
    void builder_nameThatCouldForge_isRefusedEverywhere(String name) {
        assertRefused(() -> TerraformStackDeployment.builder(name, "p", "s", "d", "r"), name);
        assertRefused(() -> TerraformStackDeployment.builder("o", name, "s", "d", "r"), name);
        assertRefused(() -> TerraformStackDeployment.builder("o", "p", name, "d", "r"), name);
        assertRefused(() -> TerraformStackDeployment.builder("o", "p", "s", name, "r"), name);
        assertRefused(() -> TerraformStackDeployment.builder("o", "p", "s", "d", name), name);
        TerraformStackDeployment.Builder builder = TerraformStackDeployment.builder("o", "p", "s", "d", "r");
        assertRefused(() -> builder.organizationId(name), name);
        assertRefused(() -> builder.projectId(name), name);
        assertRefused(() -> builder.stackId(name), name);
    }

    @Test
    void build_subjectAtTheDocumentedLimit_isAcceptedAndAboveItRefused() {
        // The fixed text and the three short names have 59 characters.
        assertThat(TerraformStackDeployment.builder("o", "p", "s", "d".repeat(68), "r")
                        .build()
                        .subject())
                .hasSize(127);
        assertRefused(
                () -> TerraformStackDeployment.builder("o", "p", "s", "d".repeat(69), "r")
                        .build(),
                "127 characters; it had 128");
    }

    private static void assertRefused(org.assertj.core.api.ThrowableAssert.ThrowingCallable call, String piece) {
        assertThatThrownBy(call).isInstanceOf(IllegalArgumentException.class).hasMessageContaining(piece);
    }
}
