package io.dynamiccredentials.run;

import io.dynamiccredentials.journal.LeaseRecord;

/**
 * A lease of a process that died, and what became of everything that it had held. Holds no secret. Immutable.
 *
 * @param lease the lease
 * @param report what became of its things; what had ended by itself long before is not in it
 * @param settled whether the lease is forgotten; otherwise something could not be ended yet, and a later sweep tries
 *     that again
 */
public record SweptLease(LeaseRecord lease, CloseReport report, boolean settled) {}
