package io.dynamiccredentials.workload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TerraformRunTest {

    @Test
    void subject_hasTheFormOfHcpTerraform() {
        TerraformRun run = TerraformRun.builder("acme", "Default Project", "prod-eu", "run-1")
                .phase(Phase.APPLY)
                .build();

        assertThat(run.subject())
                .isEqualTo("organization:acme:project:Default Project:workspace:prod-eu:run_phase:apply");
    }

    @Test
    void claims_haveTheNamesOfHcpTerraform() {
        TerraformRun run = TerraformRun.builder("acme", "shop", "prod", "run-1")
                .organizationId("org-1")
                .projectId("prj-1")
                .workspaceId("ws-1")
                .build();

        assertThat(run.claims().members())
                .containsExactly(
                        entry("terraform_organization_id", "org-1"),
                        entry("terraform_organization_name", "acme"),
                        entry("terraform_project_id", "prj-1"),
                        entry("terraform_project_name", "shop"),
                        entry("terraform_workspace_id", "ws-1"),
                        entry("terraform_workspace_name", "prod"),
                        entry("terraform_full_workspace", "organization:acme:project:shop:workspace:prod"),
                        entry("terraform_run_id", "run-1"),
                        entry("terraform_run_phase", "plan"));
    }

    @Test
    void subjectWithoutProject_leavesItOutOfSubjectAndFullWorkspaceAlone() {
        TerraformRun run = TerraformRun.builder("acme", "shop", "prod", "run-1")
                .projectId("prj-1")
                .subjectWithoutProject()
                .build();

        assertThat(run.subject()).isEqualTo("organization:acme:workspace:prod:run_phase:plan");
        assertThat(run.claims().members())
                .containsEntry("terraform_full_workspace", "organization:acme:workspace:prod")
                .containsEntry("terraform_project_id", "prj-1")
                .containsEntry("terraform_project_name", "shop");
    }

    @Test
    void claims_ofTheHost_followThoseOfTheRun() {
        TerraformRun run = TerraformRun.builder("acme", "shop", "prod", "run-1")
                .claims(Claims.builder().text("team", "blue").build())
                .build();

        assertThat(run.claims().members())
                .containsEntry("team", "blue")
                .containsEntry("terraform_workspace_name", "prod")
                .hasSize(7);
    }

    @Test
    void phase_unsaid_isThePlan() {
        assertThat(TerraformRun.builder("o", "p", "w", "r").build().phase()).isEqualTo(Phase.PLAN);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "a:b", "prod:run_phase:apply", "*", "a?", "a/b", "a\nb", " a", "a ", "ä", "a\u0000", "a.b"})
    void builder_nameThatCouldForge_isRefusedEverywhere(String name) {
        assertRefused(() -> TerraformRun.builder(name, "p", "w", "r"), name);
        assertRefused(() -> TerraformRun.builder("o", name, "w", "r"), name);
        assertRefused(() -> TerraformRun.builder("o", "p", name, "r"), name);
        assertRefused(() -> TerraformRun.builder("o", "p", "w", name), name);
        assertRefused(() -> TerraformRun.builder("o", "p", "w", "r").organizationId(name), name);
        assertRefused(() -> TerraformRun.builder("o", "p", "w", "r").projectId(name), name);
        assertRefused(() -> TerraformRun.builder("o", "p", "w", "r").workspaceId(name), name);
    }

    @Test
    void builder_nameAtTheLimit_isAcceptedAndAboveItRefused() {
        String longest = "x".repeat(90);

        assertThat(TerraformRun.builder(longest, longest, longest, longest)
                        .build()
                        .subject())
                .contains(longest);
        assertRefused(() -> TerraformRun.builder("o", "p", longest + "x", "r"), "xxx");
        assertRefused(() -> TerraformRun.builder("o", longest + "x", "w", "r"), "xxx");
    }

    private static void assertRefused(org.assertj.core.api.ThrowableAssert.ThrowingCallable call, String value) {
        assertThatThrownBy(call)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(value)
                .hasMessageContaining("letters, digits");
    }
}
