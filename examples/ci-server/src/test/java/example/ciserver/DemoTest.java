package example.ciserver;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class DemoTest {
    private static final Path WHO_AM_I = Path.of(System.getProperty("who-am-i"));

    @Test
    void run_mainJob_isAsSaid() throws Exception {
        ByteArrayOutputStream printed = new ByteArrayOutputStream();

        assertThat(Demo.run(new PrintStream(printed, true, StandardCharsets.UTF_8), WHO_AM_I))
                .isEmpty();
        assertThat(printed.toString(StandardCharsets.UTF_8))
                .contains("planner@shop-prod", "deployer@shop-prod", "AccessDenied", "All is as expected")
                .contains("tfc_aws LOGS", "assumed-role/LOGS/run-shop-plan", "bank/ci", "assumed-role/backup/vault-")
                .doesNotContain("eyJ", "hvs.");
    }

    @Test
    void classPath_ofTheChild_hasNothingOfThisProject() throws Exception {
        String classPath = new ChildProgram(WHO_AM_I, Path.of("unused")).classPath();

        assertThat(classPath).contains("sts-", "azure-identity-", "google-auth-library-oauth2-http-");
        assertThat(classPath.split(":", -1))
                .extracting(entry -> Path.of(entry).getFileName().toString())
                .noneMatch(name -> name.startsWith("dynamic-credentials"))
                .filteredOn(name -> !name.endsWith(".jar"))
                .containsExactly("classes");
    }
}
