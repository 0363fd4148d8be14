package example.ciserver;

import static io.dynamiccredentials.testkit.assertions.FakeAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import io.dynamiccredentials.run.DynamicCredentials;
import io.dynamiccredentials.testkit.SettableClock;
import io.dynamiccredentials.testkit.TestIssuer;
import io.dynamiccredentials.testkit.junit.FakePlatforms;
import io.dynamiccredentials.testkit.junit.LeakDetection;
import io.dynamiccredentials.testkit.vault.FakeVault;
import io.dynamiccredentials.vault.VaultJwtRole;
import io.dynamiccredentials.vault.VaultProvider;
import io.dynamiccredentials.workload.PipelineJob;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

// README: begin
@ExtendWith({FakePlatforms.class, LeakDetection.class}) // starts what a test asks for; fails tests that leak
class JobRunnerTest {
    private final PipelineJob job =
            PipelineJob.builder("acme", "shop", "release", "7").build();
    private final ByteArrayOutputStream log = new ByteArrayOutputStream();
    private final FakeVault vault;
    private final JobRunner runner;

    JobRunnerTest(TestIssuer issuer, FakeVault vault, SettableClock clock) {
        this.vault = vault.trust(issuer.url());
        this.runner = new JobRunner(DynamicCredentials.builder(issuer)
                .provider(VaultProvider.builder(vault.address()).clock(clock).build())
                .clock(clock)
                .build());
    }

    @Test
    void run_job_hasATokenThatIsDeadAfterwards() throws Exception {
        run("org:acme:project:shop:*", "echo it is $VAULT_TOKEN");
        assertThat(vault).granted("ci").to(job.subject()).hasNothingLive();
        assertThat(log).hasToString("it is ***\n");
    }

    @Test
    void run_roleTrustsAnotherProject_isNotStarted() throws Exception {
        assertThat(run("org:acme:project:bank:*", "exit 1").exitCode()).isEmpty();
    }

    private JobRunner.Outcome run(String trusted, String command) throws Exception {
        vault.role(VaultJwtRole.of("ci", Set.of("vault.workload.identity"), trusted, Duration.ofMinutes(20)));
        String address = vault.address().toString();
        Map<String, String> variables =
                Map.of("TFC_VAULT_PROVIDER_AUTH", "true", "TFC_VAULT_ADDR", address, "TFC_VAULT_RUN_ROLE", "ci");
        return runner.run(job, variables, new ProcessBuilder("sh", "-c", command), log);
    }
}
// README: end
