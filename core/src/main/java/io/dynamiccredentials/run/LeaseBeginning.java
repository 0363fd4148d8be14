package io.dynamiccredentials.run;

import io.dynamiccredentials.broker.CredentialBroker;
import io.dynamiccredentials.environment.RunDirectory;
import io.dynamiccredentials.environment.SecretSink;
import io.dynamiccredentials.journal.LeaseFact;
import io.dynamiccredentials.journal.LeaseJournal;
import io.dynamiccredentials.journal.LeaseRecord;
import io.dynamiccredentials.workload.Workload;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.HexFormat;
import java.util.Optional;

/**
 * Begins leases: from there on somebody knows of what they leave. Safe for use by many threads.
 *
 * @param directory where each lease gets a directory of its own
 * @param sink who masks secrets, if somebody does
 * @param machine the machine that files and processes are on
 */
record LeaseBeginning(
        Path directory,
        LeaseJournal journal,
        Optional<SecretSink> sink,
        LeaseListener listener,
        CredentialBroker broker,
        Clock clock,
        String machine) {
    private static final int ID_BYTES = 16;

    /** Begins a lease for one run; if that fails, nothing is left and nobody remembers it. */
    LeaseParts begin(Workload workload) {
        LeaseRecord lease = new LeaseRecord(leaseId(), workload.runId(), clock.instant());
        LeaseJournal.Entry entry = journal.begin(lease);
        try {
            RunDirectory own = RunDirectory.create(
                    directory,
                    workload.commonName(),
                    lease.leaseId(),
                    path -> entry.add(new LeaseFact.Directory(machine, path.toString())));
            LeaseEvents events = new LeaseEvents(lease.runId(), listener, clock);
            Ledger ledger = new Ledger(lease.runId(), entry, sink, events, clock);
            return new LeaseParts(own, broker.open(events::asked), ledger, events, entry, machine);
        } catch (RuntimeException | Error e) {
            try {
                entry.end();
            } catch (RuntimeException again) {
                e.addSuppressed(again);
            }
            throw e;
        }
    }

    private static String leaseId() {
        byte[] bytes = new byte[ID_BYTES];
        new SecureRandom().nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }
}
