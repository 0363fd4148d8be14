package example.ciserver;

import static org.assertj.core.api.Assertions.assertThat;

import io.dynamiccredentials.IssuerUrl;
import io.dynamiccredentials.run.DynamicCredentials;
import io.dynamiccredentials.testkit.FakeCredentialExchanger;
import io.dynamiccredentials.testkit.FakeProvider;
import io.dynamiccredentials.testkit.FakeTokenIssuer;
import io.dynamiccredentials.testkit.SettableClock;
import io.dynamiccredentials.workload.PipelineJob;
import java.io.OutputStream;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;

class JobRunnerWithoutHttpTest {
    private final SettableClock clock = SettableClock.at(Instant.parse("2026-03-01T12:00:00Z"));
    private final FakeTokenIssuer issuer = FakeTokenIssuer.of(IssuerUrl.of("https://ci.example"), clock);
    private final FakeCredentialExchanger platform = FakeCredentialExchanger.of("Acme", "acme.example", clock);
    private final PipelineJob job =
            PipelineJob.builder("acme", "shop", "release", "7").build();

    @Test
    void run_job_findsItsSecretInAFile() throws Exception {
        assertThat(run("test -s \"$FAKE_TOKEN_FILE\"").exitCode()).contains(0);
        assertThat(issuer.issued())
                .singleElement()
                .satisfies(token -> assertThat(token.subject()).isEqualTo(job.subject()));
        assertThat(platform.handedOut()).hasSize(1);
        assertThat(platform.live()).isEmpty();
    }

    @Test
    void run_platformRefuses_isNotStarted() throws Exception {
        platform.refuseNext();

        assertThat(run("true").problem()).contains("Acme refused");
        assertThat(run("true").exitCode()).contains(0);
    }

    @Test
    void run_platformCantRevoke_isSaidInTheReport() throws Exception {
        platform.notRevocable();

        assertThat(run("exit 3").exitCode()).contains(3);
        assertThat(run("true").report().orElseThrow().toString()).contains("lives until");
    }

    private JobRunner.Outcome run(String command) throws Exception {
        DynamicCredentials door = DynamicCredentials.builder(issuer)
                .provider(FakeProvider.of(platform))
                .clock(clock)
                .build();
        Map<String, String> variables = Map.of("TFC_FAKE_PROVIDER_AUTH", "true");
        ProcessBuilder process = new ProcessBuilder("sh", "-c", command);
        return new JobRunner(door).run(job, variables, process, OutputStream.nullOutputStream());
    }
}
