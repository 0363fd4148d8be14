package io.dynamiccredentials.run;

/**
 * Hears what happens to leases, for audit logs and metrics.
 *
 * <p><b>For implementers:</b> safe for use by many threads, quick and without I/O of its own: it is called by the
 * thread that works for the lease. What it throws is logged and changes nothing.
 */
@FunctionalInterface
public interface LeaseListener {

    /** Hears of one event. */
    void on(LeaseEvent event);
}
