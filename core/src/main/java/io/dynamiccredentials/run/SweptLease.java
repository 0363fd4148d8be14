package io.dynamiccredentials.run;

import io.dynamiccredentials.journal.LeaseRecord;
import java.util.stream.Collectors;

/**
 * A lease of a process that died, and what became of everything that it had held. Holds no secret. Immutable.
 *
 * @param lease the lease
 * @param report what became of its things; what had ended by itself long before is not in it
 * @param settled whether the lease is forgotten; otherwise something could not be ended yet, and a later sweep tries
 *     that again
 */
public record SweptLease(LeaseRecord lease, CloseReport report, boolean settled) {

    /** Says it in lines: one of the lease, then one of each thing. */
    @Override
    public String toString() {
        String head = "Lease " + lease.leaseId() + " of run " + lease.runId() + ", opened at " + lease.openedAt()
                + (settled ? ": settled" : ": a later sweep tries again");
        return report.items().stream().map(item -> "\n  " + item).collect(Collectors.joining("", head, ""));
    }
}
