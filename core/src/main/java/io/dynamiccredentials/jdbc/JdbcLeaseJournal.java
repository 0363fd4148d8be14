package io.dynamiccredentials.jdbc;

import io.dynamiccredentials.jdbc.LeaseTables.Claim;
import io.dynamiccredentials.journal.LeaseFact;
import io.dynamiccredentials.journal.LeaseJournal;
import io.dynamiccredentials.journal.LeaseRecord;
import io.dynamiccredentials.journal.LeaseText;
import java.io.UncheckedIOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Supplier;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Remembers leases in the host's database: for many nodes, whichever of them dies.
 *
 * <p>A node lives for as long as its heartbeats reach the database, whose clock alone counts. One that was silent for a
 * minute, unless set otherwise, is dead: one of those that call {@link #takeOver()} gets its leases, by
 * compare-and-swap on the node's row, and holds them by heartbeats of its own until it has settled or put them back, or
 * is dead too. A node that was taken for dead and lives can't add to its leases any more: the transaction that adds a
 * fact fails unless the node's row is still its own, and {@link Entry#add} throws. So nothing that a sweeper has not
 * seen is used, and leases that are begun after that are the node's again. Heartbeats that fail are logged and tried
 * again at the next one; every fact counts as one, too.
 *
 * <p>Tested on PostgreSQL and H2. The tables are {@code lease-owners.sql} and {@code lease-facts.sql} beside this
 * class; run them with the host's migrations or call {@link #createSchema()}. Each call takes connections of the data
 * source, one after the other; none must be part of a transaction of the caller, and each is committed and given back
 * as it came. With a database that confirms a commit before it is on the disk (asynchronous commit or replication) a
 * fact may vanish after all. Blocks on the network. Safe for use by many threads and nodes.
 */
public final class JdbcLeaseJournal implements LeaseJournal {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final String DEFAULT_TABLES = "dynamic_credentials_lease";
    private static final Duration SHORTEST = Duration.ofSeconds(10);
    private static final Duration LONGEST = Duration.ofDays(1);
    private static final int BEATS_OF_A_LIFE = 6;

    private final LeaseTables tables;
    private final LeaseHeartbeats beats;
    private final ReentrantLock starting = new ReentrantLock();
    // Whoever writes shares it; closing waits for all of them, since afterwards the leases are somebody else's.
    private final ReentrantReadWriteLock use = new ReentrantReadWriteLock();
    private @Nullable Claim claim;
    private boolean closed;

    private JdbcLeaseJournal(Builder builder) {
        this.tables = new LeaseTables(builder.dataSource, builder.tables, builder.timeout, builder.deadAfter);
        this.beats = new LeaseHeartbeats(tables, builder.deadAfter.dividedBy(BEATS_OF_A_LIFE), builder.scheduler);
    }

    /** Starts a journal in this database. All nodes share it. */
    public static Builder builder(DataSource dataSource) {
        return new Builder(dataSource);
    }

    /**
     * Creates the tables if there are none. Needs the right to create tables, which nothing else does.
     *
     * @throws UncheckedIOException if they can't be created
     */
    public void createSchema() {
        tables.create();
    }

    @Override
    public Entry begin(LeaseRecord lease) {
        String text = LeaseText.write(lease);
        return using(() -> {
            String name = randomName();
            Claim mine = ownClaim();
            if (!tables.add(mine, name, 0, text)) {
                // This node was taken for dead. It lives, so what begins now is its own again.
                beats.lose(mine);
                mine = ownClaim();
                beats.require(tables.add(mine, name, 0, text), mine);
            }
            return new OpenRow(mine, name);
        });
    }

    @Override
    public TakenOver takeOver() {
        return using(() -> {
            List<AbandonedLease> leases = new ArrayList<>();
            List<String> unreadable = new ArrayList<>();
            List<Claim> taken = new ArrayList<>();
            boolean complete = false;
            try {
                for (Claim dead : tables.deadOwners()) {
                    // This node's own heartbeats may be late.
                    if (!beats.holdsOwner(dead.owner())) {
                        takeOver(dead, taken, leases, unreadable);
                    }
                }
                complete = true;
                return new TakenOver(leases, unreadable);
            } finally {
                if (!complete) {
                    // The caller never hears of them: without a sign of life others take them over.
                    taken.forEach(beats::release);
                }
            }
        });
    }

    @Override
    public void close() {
        use.writeLock().lock();
        try {
            if (!closed) {
                closed = true;
                beats.stop();
                letGo();
            }
        } finally {
            use.writeLock().unlock();
        }
    }

    /** Shows the tables. */
    @Override
    public String toString() {
        return "JdbcLeaseJournal[" + tables + "]";
    }

    private void letGo() {
        List<UncheckedIOException> failures = new ArrayList<>();
        for (Claim each : beats.held()) {
            try {
                if (!tables.remove(each)) {
                    tables.release(each);
                }
            } catch (UncheckedIOException e) {
                failures.add(e);
            }
        }
        if (!failures.isEmpty()) {
            failures.subList(1, failures.size()).forEach(failures.get(0)::addSuppressed);
            throw failures.get(0);
        }
    }

    private void takeOver(Claim dead, List<Claim> taken, List<AbandonedLease> leases, List<String> unreadable) {
        Claim claim = LeaseTables.after(dead);
        boolean mine = false;
        try {
            mine = tables.takeOver(dead);
            if (mine) {
                taken.add(claim);
                beats.hold(claim);
                read(claim, leases, unreadable);
            }
        } catch (RuntimeException e) {
            unreadable.add("The leases of owner " + dead.owner() + " in tables " + tables + " can't be taken over now: "
                    + e.getMessage() + ". They stay there, and a later sweep tries again");
            if (mine) {
                // Otherwise the very same claim may be another node's.
                beats.leave(claim);
            }
        }
    }

    private void read(Claim taken, List<AbandonedLease> leases, List<String> unreadable) {
        List<FoundLease> found = new ArrayList<>();
        boolean keepsRows = false;
        for (Map.Entry<String, List<String>> rows : tables.leases(taken).entrySet()) {
            try {
                found.add(FoundLease.parse(rows.getKey(), rows.getValue()));
            } catch (IllegalArgumentException e) {
                keepsRows = true;
                unreadable.add("Lease " + rows.getKey() + " of owner " + taken.owner() + " in tables " + tables
                        + " can't be read: " + e.getMessage()
                        + ". It stays there: end by hand what it tells of, then delete its rows");
            }
        }
        DeadOwner owner = new DeadOwner(tables, beats, taken, found.size(), keepsRows);
        found.forEach(lease -> leases.add(new AbandonedRow(owner, lease)));
        if (found.isEmpty()) {
            owner.release();
        }
    }

    private Claim ownClaim() {
        starting.lock();
        try {
            Claim mine = claim;
            if (mine == null || !beats.holds(mine)) {
                mine = tables.createOwner(randomName());
                beats.hold(mine);
                claim = mine;
            }
            return mine;
        } finally {
            starting.unlock();
        }
    }

    private static String randomName() {
        byte[] random = new byte[16];
        RANDOM.nextBytes(random);
        return HexFormat.of().formatHex(random);
    }

    private <T> T using(Supplier<T> step) {
        Lock shared = use.readLock();
        shared.lock();
        try {
            if (closed) {
                throw new IllegalStateException("This journal is closed; open another one");
            }
            return step.get();
        } finally {
            shared.unlock();
        }
    }

    /** The journal of an open lease. */
    private final class OpenRow implements Entry {
        private final Claim mine;
        private final String name;
        private final ReentrantLock lock = new ReentrantLock();
        private long lastPlace;
        private boolean ended;

        OpenRow(Claim mine, String name) {
            this.mine = mine;
            this.name = name;
        }

        @Override
        public void add(LeaseFact fact) {
            String text = LeaseText.write(fact);
            change(() -> {
                if (ended) {
                    throw new IllegalStateException("This lease has ended; nothing can be remembered of it any more");
                }
                // A place is never used twice: whether a row that failed is there after all is open.
                lastPlace++;
                beats.require(tables.add(mine, name, lastPlace, text), mine);
            });
        }

        @Override
        public void end() {
            change(() -> {
                if (!ended) {
                    beats.require(tables.replace(mine, name, List.of()), mine);
                    ended = true;
                }
            });
        }

        private void change(Runnable step) {
            lock.lock();
            try {
                using(() -> {
                    step.run();
                    return name;
                });
            } finally {
                lock.unlock();
            }
        }
    }

    /** A lease of a dead owner. */
    private final class AbandonedRow implements AbandonedLease {
        private final DeadOwner owner;
        private final FoundLease found;
        private boolean done;

        AbandonedRow(DeadOwner owner, FoundLease found) {
            this.owner = owner;
            this.found = found;
        }

        @Override
        public LeaseRecord lease() {
            return found.lease();
        }

        @Override
        public List<LeaseFact> facts() {
            return found.facts();
        }

        @Override
        public void settle() {
            replace(List.of());
        }

        @Override
        public void putBack(List<LeaseFact> remaining) {
            List<String> rows = new ArrayList<>(List.of(LeaseText.write(found.lease())));
            remaining.forEach(fact -> rows.add(LeaseText.write(fact)));
            replace(rows);
        }

        private void replace(List<String> rows) {
            using(() -> {
                if (done) {
                    throw new IllegalStateException("This lease was settled or put back before; take it over anew");
                }
                done = true;
                owner.replace(found.name(), rows);
                return rows;
            });
        }
    }

    /** Collects what may differ from the defaults. Not safe for use by several threads. */
    public static final class Builder {
        private final DataSource dataSource;
        private String tables = DEFAULT_TABLES;
        private Duration timeout = Duration.ofSeconds(10);
        private Duration deadAfter = Duration.ofSeconds(60);
        private @Nullable ScheduledExecutorService scheduler;

        private Builder(DataSource dataSource) {
            this.dataSource = dataSource;
        }

        /**
         * Sets how the names of the two tables begin; {@code dynamic_credentials_lease} if unset, which gives
         * {@code dynamic_credentials_lease_owners} and {@code dynamic_credentials_lease_facts}.
         *
         * @param prefix lower-case letters, digits and underscores, starting with a letter, at most 56 characters; with
         *     a schema and a dot before it, if the default schema is not meant
         */
        public Builder tables(String prefix) {
            this.tables = prefix;
            return this;
        }

        /**
         * Sets how long the database may take for one statement, 1 second to 10 minutes; 10 seconds if unset. How long
         * one waits for a connection is the data source's own setting.
         */
        public Builder timeout(Duration timeout) {
            this.timeout = timeout;
            return this;
        }

        /**
         * Sets after how long without a heartbeat a node is dead, in whole seconds, 10 seconds to 1 day; 60 seconds if
         * unset. It must be longer than twice the time-out. A node beats six times in that time. All nodes should have
         * the same.
         */
        public Builder deadAfter(Duration deadAfter) {
            this.deadAfter = deadAfter;
            return this;
        }

        /** Sets on what heartbeats run. Default: a daemon thread of the journal's own. */
        public Builder scheduler(ScheduledExecutorService scheduler) {
            this.scheduler = scheduler;
            return this;
        }

        /**
         * Builds the journal. Touches no database.
         *
         * @throws IllegalArgumentException if a setting is out of its bounds, or the time-out does not fit the time
         *     after which a node is dead
         */
        public JdbcLeaseJournal build() {
            if (deadAfter.compareTo(SHORTEST) < 0
                    || deadAfter.compareTo(LONGEST) > 0
                    || !deadAfter.equals(Duration.ofSeconds(deadAfter.toSeconds()))) {
                throw new IllegalArgumentException("A node is dead after whole seconds between " + SHORTEST + " and "
                        + LONGEST + " without a heartbeat; it was " + deadAfter);
            }
            if (deadAfter.compareTo(timeout.multipliedBy(2)) <= 0) {
                throw new IllegalArgumentException("The time after which a node is dead, " + deadAfter
                        + ", must be longer than twice the time-out of a statement, " + timeout
                        + ": one that hangs must not make a node dead");
            }
            return new JdbcLeaseJournal(this);
        }
    }
}
