package io.dynamiccredentials.workload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TerraformModuleTestTest {

    @Test
    void subjectAndClaims_areThoseOfHcpTerraform() {
        TerraformModuleTest test = TerraformModuleTest.builder("acme", "vpc", "trun-1")
                .organizationId("org-1")
                .build();

        assertThat(test.subject()).isEqualTo("organization:acme:module:vpc:operation:test_run");
        assertThat(test.claims().members())
                .containsExactly(
                        entry("terraform_organization_id", "org-1"),
                        entry("terraform_organization_name", "acme"),
                        entry("terraform_run_id", "trun-1"),
                        entry("terraform_run_phase", "plan"));
        assertThat(test.phase()).isEqualTo(Phase.TEST);
        assertThat(test.runId()).isEqualTo("trun-1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a:b", "vpc:operation:test_run", "*", "a?", "a/b", "a\nb", " a", "ä", "a\u0000"})
    void builder_nameThatCouldForge_isRefusedEverywhere(String name) {
        assertRefused(() -> TerraformModuleTest.builder(name, "m", "r"), name);
        assertRefused(() -> TerraformModuleTest.builder("o", name, "r"), name);
        assertRefused(() -> TerraformModuleTest.builder("o", "m", name), name);
        assertRefused(() -> TerraformModuleTest.builder("o", "m", "r").organizationId(name), name);
    }

    @Test
    void builder_moduleAtTheLimit_isAcceptedAndAboveItRefused() {
        assertThat(TerraformModuleTest.builder("o", "x".repeat(64), "r").build().subject())
                .contains("x".repeat(64));
        assertRefused(() -> TerraformModuleTest.builder("o", "x".repeat(65), "r"), "1 to 64");
    }

    private static void assertRefused(org.assertj.core.api.ThrowableAssert.ThrowingCallable call, String piece) {
        assertThatThrownBy(call).isInstanceOf(IllegalArgumentException.class).hasMessageContaining(piece);
    }
}
