package io.dynamiccredentials.journal;

import java.util.List;

/**
 * Remembers the leases that are open, so that somebody can end them if their process dies.
 *
 * <p><b>For implementers:</b> safe for use by many threads. What a method has returned from survives the death of the
 * process and of the machine. Failures are {@link java.io.UncheckedIOException}: then no fact may be relied on to be
 * remembered, and nothing that it tells of may be used. Whoever was taken for dead and had its leases taken over can
 * add nothing to them any more. A closed journal throws {@link IllegalStateException}.
 */
public interface LeaseJournal extends AutoCloseable {

    /** Begins to remember a lease of this process. */
    Entry begin(LeaseRecord lease);

    /**
     * Takes over the leases whose owners are dead. Each goes to one caller only, whoever calls, until that one has
     * settled it, has put it back or is dead too. The leases of this journal itself are not among them.
     */
    TakenOver takeOver();

    /** Lets go of the journal. Leases that are still open count as abandoned from then on. */
    @Override
    void close();

    /** The journal of one open lease. Safe for use by many threads. */
    interface Entry {
        /**
         * Remembers a fact. Call it before what the fact tells of is used.
         *
         * @throws IllegalArgumentException if its text is longer than {@link LeaseText#MAX_CHARACTERS}
         */
        void add(LeaseFact fact);

        /** Forgets the lease, of which nothing is left. A second call does nothing. */
        void end();
    }

    /**
     * What was found of dead owners. Immutable.
     *
     * @param leases what the caller has to end
     * @param unreadable for each lease that is there and can't be read a sentence or two of what it is, why it can't be
     *     read and what to do; it stays where it is
     */
    record TakenOver(List<AbandonedLease> leases, List<String> unreadable) {

        /** Copies the lists. */
        public TakenOver {
            leases = List.copyOf(leases);
            unreadable = List.copyOf(unreadable);
        }
    }

    /**
     * What a dead owner left. If {@link #settle} or {@link #putBack} fails, the lease counts as put back: a later
     * caller finds it, as it was if nothing of it was written. Not safe for use by several threads.
     */
    interface AbandonedLease {
        /** Returns the lease. */
        LeaseRecord lease();

        /** Returns what is known of it, in the order in which it was told. */
        List<LeaseFact> facts();

        /**
         * Forgets the lease, of which nothing is left that could be ended.
         *
         * @throws IllegalStateException if it was settled or put back before
         */
        void settle();

        /**
         * Leaves the lease to a later caller, since some of it could not be ended. The journal may hold it back until
         * the other leases of the same owner are settled or put back too.
         *
         * @param remaining the facts that are still to be settled
         * @throws IllegalStateException if it was settled or put back before
         */
        void putBack(List<LeaseFact> remaining);
    }
}
