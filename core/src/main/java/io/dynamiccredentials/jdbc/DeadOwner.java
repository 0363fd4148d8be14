package io.dynamiccredentials.jdbc;

import io.dynamiccredentials.jdbc.LeaseTables.Claim;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** An owner whose leases this node settles. Safe for use by many threads. */
final class DeadOwner {
    private static final Logger LOG = LoggerFactory.getLogger(DeadOwner.class);

    private final LeaseTables tables;
    private final LeaseHeartbeats beats;
    private final Claim taken;
    private final AtomicInteger pending;
    private final AtomicBoolean keepsRows;

    /**
     * Takes charge of an owner that was taken over.
     *
     * @param pending how many leases are to be settled
     * @param keepsRows whether there are rows that can't be settled
     */
    DeadOwner(LeaseTables tables, LeaseHeartbeats beats, Claim taken, int pending, boolean keepsRows) {
        this.tables = tables;
        this.beats = beats;
        this.taken = taken;
        this.pending = new AtomicInteger(pending);
        this.keepsRows = new AtomicBoolean(keepsRows);
    }

    /** Replaces a lease by what is left to do, once for each; leaves it to others as it is if that fails. */
    void replace(String name, List<String> rows) {
        boolean stays = true;
        try {
            beats.require(tables.replace(taken, name, rows), taken);
            stays = !rows.isEmpty();
        } finally {
            // Whoever failed does not come back to it: held on, nobody else could try again.
            if (stays) {
                keepsRows.set(true);
            }
            if (pending.decrementAndGet() == 0) {
                release();
            }
        }
    }

    /** Lets others go on. */
    void release() {
        if (keepsRows.get()) {
            beats.leave(taken);
            return;
        }
        // Before the row goes: a beat that then found none would take it for lost.
        beats.release(taken);
        if (!tables.remove(taken)) {
            LOG.warn("Another node went on with owner {}, whose leases this one has settled", taken.owner());
        }
    }
}
