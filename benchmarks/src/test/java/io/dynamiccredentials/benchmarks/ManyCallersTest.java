package io.dynamiccredentials.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class ManyCallersTest {

    @Test
    void run_shortForm_asksOnceAndServesToTheLastSafeMoment() throws Exception {
        Report report = new ManyCallers(ManyCallers.Sizes.SHORT).run();

        // How fast it is, is nothing that a test of a busy machine can tell.
        assertThat(report.broken()).allMatch(limit -> limit.startsWith("read during a refresh, p99.9"));
        assertThat(text(report))
                .contains("| 1000 callers, platform takes 500 ms: calls of the platform | 1 | 1 |")
                .contains("| platform down, credential of 2000 ms: errors until the last safe moment | 0 | 0 |")
                .contains("| timing of nothing, p50 |");
    }

    private static String text(Report report) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        report.print(new PrintStream(out, true, StandardCharsets.UTF_8));
        return out.toString(StandardCharsets.UTF_8);
    }
}
