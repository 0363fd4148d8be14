package io.dynamiccredentials.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

@Timeout(120)
@Isolated("It counts the threads of the whole process")
class OpenLeasesTest {
    @TempDir
    Path directory;

    @Test
    void run_fewLeases_missesNoRefreshAndLeavesNothing() throws Exception {
        Report report = new OpenLeases(3, Duration.ofSeconds(2), Duration.ofMinutes(1)).run(directory);

        assertThat(report.broken()).isEmpty();
        assertThat(left("leases")).isEmpty();
        assertThat(left("journal")).isEmpty();
    }

    private List<Path> left(String name) throws IOException {
        try (Stream<Path> entries = Files.list(directory.resolve(name))) {
            return entries.toList();
        }
    }
}
