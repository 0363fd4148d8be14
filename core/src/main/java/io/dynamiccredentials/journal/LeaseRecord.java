package io.dynamiccredentials.journal;

import java.time.Instant;

/**
 * A lease as its journal knows it from the beginning. Immutable.
 *
 * @param leaseId what tells it from all other leases, unguessable
 * @param runId the run's id
 * @param openedAt when it was opened
 */
public record LeaseRecord(String leaseId, String runId, Instant openedAt) {

    /**
     * Checks the ids.
     *
     * @throws IllegalArgumentException if one is empty
     */
    public LeaseRecord {
        FactText.require("lease's id", leaseId);
        FactText.require("run's id", runId);
    }
}
