package example.ciserver;

import io.dynamiccredentials.journal.FileLeaseJournal;
import io.dynamiccredentials.journal.LeaseJournal;
import io.dynamiccredentials.run.DynamicCredentials;
import io.dynamiccredentials.run.Slf4jLeaseListener;
import io.dynamiccredentials.vault.VaultProvider;
import io.dynamiccredentials.workload.PipelineJob;
import java.net.URI;
import java.nio.file.Path;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The example of the README, word for word; a test compares them. */
final class HostThatMayDie {
    private static final Logger LOG = LoggerFactory.getLogger(HostThatMayDie.class);

    private HostThatMayDie() {}

    // README: begin
    static DynamicCredentials remembering(DynamicCredentials.Builder builder) {
        LeaseJournal journal = FileLeaseJournal.open(Path.of("/var/lib/ci/leases")); // of many nodes: JdbcLeaseJournal
        return builder.journal(journal)
                .provider(VaultProvider.builder(URI.create("https://vault.example:8200"))
                        .sweeperRole("ci-sweeper") // may revoke by accessor
                        .build())
                .sweepAs(PipelineJob.builder("acme", "ci", "sweeper", "1").build()) // whom that role trusts
                .listener(Slf4jLeaseListener.of(LOG))
                .build();
    }

    /** At the start, and from time to time: each lease of a host that died is swept once, whoever comes first. */
    static Future<?> sweepOften(DynamicCredentials dynamicCredentials, ScheduledExecutorService timer) {
        return timer.scheduleWithFixedDelay(() -> sweep(dynamicCredentials), 0, 10, TimeUnit.MINUTES);
    }

    private static void sweep(DynamicCredentials dynamicCredentials) {
        try {
            LOG.info("{}", dynamicCredentials.sweep()); // what was ended, and what lives until when
        } catch (RuntimeException e) { // what a timer's task throws would end its timer
            LOG.error("The sweep failed", e);
        }
    }
    // README: end
}
