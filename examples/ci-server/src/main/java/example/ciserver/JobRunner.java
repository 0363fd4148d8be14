package example.ciserver;

import io.dynamiccredentials.DynamicCredentialsException;
import io.dynamiccredentials.run.CloseReport;
import io.dynamiccredentials.run.DynamicCredentials;
import io.dynamiccredentials.run.RunLease;
import io.dynamiccredentials.workload.Workload;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Map;
import java.util.Optional;

/** The heart of a small CI server: a job gets its credentials, does its work, and leaves nothing behind. */
final class JobRunner {
    private final DynamicCredentials dynamicCredentials;

    JobRunner(DynamicCredentials dynamicCredentials) {
        this.dynamicCredentials = dynamicCredentials;
    }

    /** How a job ended: what its command returned if it was started, and what outlives it. */
    record Outcome(Optional<Integer> exitCode, String problem, Optional<CloseReport> report) {}

    /** Runs a job's command; its output goes to {@code log}, without secrets. */
    Outcome run(Workload job, Map<String, String> variables, ProcessBuilder command, OutputStream log)
            throws IOException, InterruptedException {
        RunLease lease;
        try {
            lease = dynamicCredentials.open(job, variables);
        } catch (DynamicCredentialsException | IllegalArgumentException e) {
            return new Outcome(Optional.empty(), String.valueOf(e.getMessage()), Optional.empty());
        }
        int exitCode;
        try (lease;
                OutputStream masked = lease.mask(log)) {
            Process process = lease.start(command.redirectErrorStream(true));
            process.getInputStream().transferTo(masked);
            exitCode = process.waitFor();
        }
        return new Outcome(Optional.of(exitCode), "", Optional.of(lease.report()));
    }
}
