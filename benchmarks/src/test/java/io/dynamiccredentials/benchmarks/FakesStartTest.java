package io.dynamiccredentials.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import io.dynamiccredentials.testkit.LoopbackTls;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class FakesStartTest {

    @Test
    void measure_twice_startsAllFour() {
        Report report = new FakesStart(LoopbackTls.create()).measure(2);

        // How fast it is, is nothing that a test of a busy machine can tell.
        assertThat(report.broken()).allMatch(limit -> limit.startsWith("start of all four, p90"));
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        report.print(new PrintStream(out, true, StandardCharsets.UTF_8));
        assertThat(out.toString(StandardCharsets.UTF_8)).contains("| start of all four, p90 |");
    }
}
