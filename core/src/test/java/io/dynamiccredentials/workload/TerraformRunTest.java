package io.dynamiccredentials.workload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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

        assertThat(run.claims())
                .containsOnly(
                        java.util.Map.entry("terraform_organization_id", "org-1"),
                        java.util.Map.entry("terraform_organization_name", "acme"),
                        java.util.Map.entry("terraform_project_id", "prj-1"),
                        java.util.Map.entry("terraform_project_name", "shop"),
                        java.util.Map.entry("terraform_workspace_id", "ws-1"),
                        java.util.Map.entry("terraform_workspace_name", "prod"),
                        java.util.Map.entry(
                                "terraform_full_workspace", "organization:acme:project:shop:workspace:prod"),
                        java.util.Map.entry("terraform_run_id", "run-1"),
                        java.util.Map.entry("terraform_run_phase", "plan"));
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
