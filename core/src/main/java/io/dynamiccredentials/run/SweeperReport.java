package io.dynamiccredentials.run;

import java.util.List;

/**
 * What a sweep found of processes that died, and what became of it. Holds no secret. Immutable.
 *
 * @param leases the leases that were taken over
 * @param unreadable for each lease in the journal that can't be read what it is, why, and what to do; each sweep says
 *     it again
 */
public record SweeperReport(List<SweptLease> leases, List<String> unreadable) {

    /** Copies the lists. */
    public SweeperReport {
        leases = List.copyOf(leases);
        unreadable = List.copyOf(unreadable);
    }
}
