package io.dynamiccredentials.journal;

import java.util.List;

/**
 * Remembers the leases that are open, so that somebody can end them if their process dies.
 *
 * <p><b>For implementers:</b> safe for use by many threads. What a method has returned from survives the death of the
 * process and of the machine. Failures are {@link java.io.UncheckedIOException}: then no fact may be relied on to be
 * remembered, and nothing that it tells of may be used.
 */
public interface LeaseJournal extends AutoCloseable {

    /** Begins to remember a lease of this process. */
    Entry begin(LeaseRecord lease);

    /**
     * Takes over the leases whose owners are dead. Each goes to one caller only, whoever calls, until that one has
     * settled it or is dead too.
     */
    List<AbandonedLease> takeOver();

    /** Lets go of the journal. Leases that are still open count as abandoned from then on. */
    @Override
    void close();

    /** The journal of one open lease. Safe for use by many threads. */
    interface Entry {
        /** Remembers a fact. Call it before what the fact tells of is used. */
        void add(LeaseFact fact);

        /** Forgets the lease, of which nothing is left. */
        void end();
    }

    /** What a dead owner left. Not safe for use by several threads. */
    interface AbandonedLease {
        /** Returns the lease. */
        LeaseRecord lease();

        /** Returns what is known of it, in the order in which it was told. */
        List<LeaseFact> facts();

        /** Forgets the lease, of which nothing is left that could be ended. */
        void settle();

        /**
         * Leaves the lease to a later caller, since some of it could not be ended.
         *
         * @param remaining the facts that are still to be settled
         */
        void putBack(List<LeaseFact> remaining);
    }
}
