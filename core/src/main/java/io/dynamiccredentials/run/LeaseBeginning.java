package io.dynamiccredentials.run;

import io.dynamiccredentials.broker.CredentialBroker;
import io.dynamiccredentials.broker.CredentialBroker.LeaseEndpoints;
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

    /** Begins a lease for one run. */
    LeaseParts begin(Workload workload) {
        String runId = workload.runId();
        LeaseEvents events = new LeaseEvents(runId, listener, clock);
        LeaseEndpoints endpoints = broker.open(events::asked);
        String leaseId = leaseId();
        LeaseJournal.Entry entry = journal.begin(new LeaseRecord(leaseId, runId, clock.instant()));
        boolean begun = false;
        try {
            RunDirectory own = RunDirectory.create(
                    directory,
                    workload.commonName(),
                    leaseId,
                    path -> entry.add(new LeaseFact.Directory(machine, path.toString())));
            begun = true;
            return new LeaseParts(
                    own, endpoints, new Ledger(runId, entry, sink, events, clock), events, entry, machine);
        } finally {
            if (!begun) {
                entry.end();
            }
        }
    }

    private static String leaseId() {
        byte[] bytes = new byte[ID_BYTES];
        new SecureRandom().nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }
}
