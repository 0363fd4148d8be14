package io.dynamiccredentials.jdbc;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * The two tables of a lease journal. An owner's row is the right to write its leases: whoever knows its version has it,
 * and each taking over gives it another version. Safe for use by many threads and nodes.
 */
final class LeaseTables {
    private static final String DEFAULT_OWNERS = "dynamic_credentials_lease_owners";
    private static final String DEFAULT_FACTS = "dynamic_credentials_lease_facts";
    private static final String LONG_AGO = "TIMESTAMP WITH TIME ZONE '1970-01-01 00:00:00+00:00'";

    private final JdbcTable owners;
    private final JdbcTable facts;
    private final String latestDeadBeat;

    LeaseTables(DataSource dataSource, String prefix, Duration timeout, Duration deadAfter) {
        this.owners = new JdbcTable(dataSource, prefix + "_owners", timeout, "owners of leases");
        this.facts = new JdbcTable(dataSource, prefix + "_facts", timeout, "leases");
        this.latestDeadBeat = "CURRENT_TIMESTAMP - INTERVAL '" + deadAfter.toSeconds() + "' SECOND";
    }

    /** The right to write the leases of an owner, until somebody takes it over. Immutable. */
    record Claim(String owner, long version) {}

    void create() {
        owners.create("lease-owners.sql", DEFAULT_OWNERS);
        facts.create("lease-facts.sql", DEFAULT_FACTS);
    }

    /** Makes a new owner, which lives now. */
    Claim createOwner(String owner) {
        Claim claim = new Claim(owner, 1);
        change("The owner could not be made", transaction -> {
            update(
                    transaction,
                    "INSERT INTO " + owners + " (owner, version, beat_at) VALUES (?, ?, CURRENT_TIMESTAMP)",
                    owner,
                    1L);
            return true;
        });
        return claim;
    }

    /** Says that the owner lives, or is being settled; returns whether the claim still holds. */
    boolean beat(Claim claim) {
        return change("The heartbeat could not be written", transaction -> hold(transaction, claim));
    }

    /** Lets everybody take the owner over at once; returns whether the claim still held. */
    boolean release(Claim claim) {
        return change(
                "The leases could not be released, and are taken over later",
                transaction -> 1
                        == update(
                                transaction,
                                "UPDATE " + owners + " SET beat_at = " + LONG_AGO + " WHERE owner = ? AND version = ?",
                                claim.owner(),
                                claim.version()));
    }

    /** Removes the owner, if nothing of it is left; returns whether it was removed. */
    boolean remove(Claim claim) {
        return change(
                "The owner could not be removed",
                transaction -> hold(transaction, claim)
                        && 1
                                == update(
                                        transaction,
                                        "DELETE FROM " + owners + " WHERE owner = ? AND version = ?"
                                                + " AND NOT EXISTS (SELECT 1 FROM " + facts + " WHERE owner = ?)",
                                        claim.owner(),
                                        claim.version(),
                                        claim.owner()));
    }

    /** Returns the owners that are dead by the clock of the database. */
    List<Claim> deadOwners() {
        String sql = "SELECT owner, version FROM " + owners + " WHERE beat_at < " + latestDeadBeat + " ORDER BY owner";
        return change(owners, "Dead owners can't be found", transaction -> {
            List<Claim> dead = new ArrayList<>();
            try (PreparedStatement select = prepare(transaction, sql)) {
                try (ResultSet rows = select.executeQuery()) {
                    while (rows.next()) {
                        dead.add(new Claim(string(rows, 1), rows.getLong(2)));
                    }
                }
            }
            return dead;
        });
    }

    /** Takes a dead owner over, if nobody did so before. The next claim is {@link #after}. */
    boolean takeOver(Claim dead) {
        return change(
                "The owner could not be taken over",
                transaction -> 1
                        == update(
                                transaction,
                                "UPDATE " + owners + " SET version = version + 1, beat_at = CURRENT_TIMESTAMP"
                                        + " WHERE owner = ? AND version = ? AND beat_at < " + latestDeadBeat,
                                dead.owner(),
                                dead.version()));
    }

    static Claim after(Claim dead) {
        return new Claim(dead.owner(), dead.version() + 1);
    }

    /** Writes one row of a lease; returns false, and writes nothing, if the claim does not hold any more. */
    boolean add(Claim claim, String lease, long place, String content) {
        return changeFacts(claim, transaction -> insert(transaction, claim, lease, place, content));
    }

    /** Replaces all rows of a lease; returns false, and changes nothing, if the claim does not hold any more. */
    boolean replace(Claim claim, String lease, List<String> contents) {
        return changeFacts(claim, transaction -> {
            delete(transaction, claim, lease);
            for (int place = 0; place < contents.size(); place++) {
                insert(transaction, claim, lease, place, contents.get(place));
            }
        });
    }

    /** Returns the rows of each lease of an owner, in their order. */
    Map<String, List<String>> leases(Claim claim) {
        String sql = "SELECT lease, content FROM " + facts + " WHERE owner = ? ORDER BY lease, place";
        return change(facts, "They can't be read", transaction -> {
            Map<String, List<String>> leases = new LinkedHashMap<>();
            try (PreparedStatement select = prepare(transaction, sql, claim.owner())) {
                try (ResultSet rows = select.executeQuery()) {
                    while (rows.next()) {
                        leases.computeIfAbsent(string(rows, 1), lease -> new ArrayList<>())
                                .add(string(rows, 2));
                    }
                }
            }
            return leases;
        });
    }

    @Override
    public String toString() {
        return owners + ", " + facts;
    }

    /** The row stays locked until the transaction ends: nobody takes over in between. */
    private boolean hold(JdbcTransaction transaction, Claim claim) throws SQLException {
        return 1
                == update(
                        transaction,
                        "UPDATE " + owners + " SET beat_at = CURRENT_TIMESTAMP WHERE owner = ? AND version = ?",
                        claim.owner(),
                        claim.version());
    }

    private void insert(JdbcTransaction transaction, Claim claim, String lease, long place, String content)
            throws SQLException {
        update(
                transaction,
                "INSERT INTO " + facts + " (owner, lease, place, content) VALUES (?, ?, ?, ?)",
                claim.owner(),
                lease,
                place,
                content);
    }

    private void delete(JdbcTransaction transaction, Claim claim, String lease) throws SQLException {
        update(transaction, "DELETE FROM " + facts + " WHERE owner = ? AND lease = ?", claim.owner(), lease);
    }

    /** What is to be done in a transaction. */
    private interface Work<T> {
        T run(JdbcTransaction transaction) throws SQLException;
    }

    /** A change of rows that belong to a claim. */
    private interface Change {
        void run(JdbcTransaction transaction) throws SQLException;
    }

    private boolean changeFacts(Claim claim, Change work) {
        return change(facts, "Whether they were changed is open", transaction -> {
            boolean holds = hold(transaction, claim);
            if (holds) {
                work.run(transaction);
            }
            return holds;
        });
    }

    private boolean change(String consequence, Work<Boolean> work) {
        return change(owners, consequence, work);
    }

    private static <T> T change(JdbcTable table, String consequence, Work<T> work) {
        try (JdbcTransaction transaction = table.begin()) {
            T result = work.run(transaction);
            transaction.commit();
            return result;
        } catch (SQLException e) {
            throw table.unreachable(consequence, e);
        }
    }

    private static int update(JdbcTransaction transaction, String sql, Object... values) throws SQLException {
        try (PreparedStatement update = prepare(transaction, sql, values)) {
            return update.executeUpdate();
        }
    }

    private static PreparedStatement prepare(JdbcTransaction transaction, String sql, Object... values)
            throws SQLException {
        PreparedStatement statement = transaction.prepare(sql);
        try {
            transaction.limit(statement);
            for (int i = 0; i < values.length; i++) {
                statement.setObject(i + 1, values[i]);
            }
            return statement;
        } catch (SQLException e) {
            statement.close();
            throw e;
        }
    }

    private String string(ResultSet rows, int column) throws SQLException {
        @Nullable String text = rows.getString(column);
        if (text == null) {
            String message = "A column of table " + facts + " or " + owners
                    + " is null, which this library never writes. Look for who else writes there";
            throw new UncheckedIOException(message, new IOException(message));
        }
        return text;
    }
}
