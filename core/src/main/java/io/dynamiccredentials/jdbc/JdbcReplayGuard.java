package io.dynamiccredentials.jdbc;

import static io.dynamiccredentials.TokenRejectedException.Reason.EXPIRED;

import io.dynamiccredentials.TokenRejectedException;
import io.dynamiccredentials.verify.ReplayGuard;
import java.io.IOException;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.concurrent.atomic.AtomicReference;
import javax.sql.DataSource;

/**
 * Remembers used tokens in the host's database: each is taken once, whichever of many nodes it reaches.
 *
 * <p>The primary key decides: of any number of {@code INSERT}s of one token one succeeds. Tested on PostgreSQL and H2.
 * The table is {@code used-tokens.sql} beside this class; run it with the host's migrations or call
 * {@link #createSchema()}. It holds hashes, neither tokens nor their ids.
 *
 * <p>Rows of tokens that ended more than an hour ago by this node's clock, and ended by that of the database, are
 * removed after a token was asked for, once a minute and at most 100 at a time (then also by the next token); the
 * clocks of the nodes may differ by that hour. Each call takes a connection of the data source for an {@code INSERT},
 * and may take another for a {@code SELECT} and for a {@code DELETE}, one after the other; none must be part of a
 * transaction of the caller, and each is committed and given back as it came. With a database that confirms a commit
 * before it is on the disk (asynchronous commit or replication) a token may be taken twice after all. Safe for use by
 * many threads and nodes.
 */
public final class JdbcReplayGuard implements ReplayGuard {
    private static final String DEFAULT_TABLE = "dynamic_credentials_used_tokens";
    private static final Duration KEPT_LONGER = Duration.ofHours(1);
    private static final Duration REMOVAL_INTERVAL = Duration.ofMinutes(1);
    private static final int MOST_REMOVED = 100;
    private static final String OPEN = "Whether the token was used before is open";

    private final JdbcTable table;
    private final Clock clock;
    private final AtomicReference<Instant> nextRemoval = new AtomicReference<>(Instant.MIN);

    private JdbcReplayGuard(Builder builder) {
        this.table = new JdbcTable(builder.dataSource, builder.table, builder.timeout, "used tokens");
        this.clock = builder.clock;
    }

    /** Starts a guard in this database. All issuers may share it. */
    public static Builder builder(DataSource dataSource) {
        return new Builder(dataSource);
    }

    /**
     * Creates the table and its index if there is none. Needs the right to create tables, which {@link #firstUse} does
     * not.
     *
     * @throws java.io.UncheckedIOException if it can't be created
     */
    public void createSchema() {
        table.create("used-tokens.sql", DEFAULT_TABLE);
    }

    @Override
    public boolean firstUse(String issuer, String tokenId, Instant presentableUntil) {
        Instant now = clock.instant();
        if (!presentableUntil.isAfter(now)) {
            throw TokenRejectedException.ofClaim(
                    EXPIRED,
                    "exp",
                    "The token ended at " + presentableUntil + " with the skew that is allowed; now is " + now
                            + ". Ask the issuer for a new one");
        }
        try {
            boolean first = insert(ReplayGuard.key(issuer, tokenId), presentableUntil);
            removeNowAndThen(now);
            return first;
        } catch (SQLException e) {
            throw unknown(table.describe(OPEN, e));
        } catch (RuntimeException e) {
            // Pools and drivers throw such too, with texts of their own; nothing of them is kept but the kind.
            throw unknown(OPEN + ": the data source failed (" + e.getClass().getSimpleName() + "). Check its pool");
        }
    }

    private static TokenRejectedException unknown(String message) {
        return TokenRejectedException.replayUnknown(message, new IOException(message));
    }

    /** Shows the table. */
    @Override
    public String toString() {
        return "JdbcReplayGuard[table " + table + "]";
    }

    private boolean insert(String key, Instant end) throws SQLException {
        String sql = "INSERT INTO " + table + " (token_key, ends_at) VALUES (?, ?)";
        try (JdbcTransaction transaction = table.begin()) {
            try (PreparedStatement insert = transaction.prepare(sql)) {
                transaction.limit(insert);
                insert.setString(1, key);
                insert.setObject(2, end.atOffset(ZoneOffset.UTC));
                insert.executeUpdate();
            }
            transaction.commit();
            return true;
        } catch (SQLException e) {
            // Class 23 says only that some constraint was broken; it was the key if the row is there.
            if (JdbcTable.breaksConstraint(e) && contains(key)) {
                return false;
            }
            throw e;
        }
    }

    private boolean contains(String key) throws SQLException {
        String sql = "SELECT 1 FROM " + table + " WHERE token_key = ?";
        try (JdbcTransaction transaction = table.begin()) {
            boolean found;
            try (PreparedStatement select = transaction.prepare(sql)) {
                transaction.limit(select);
                select.setString(1, key);
                try (ResultSet rows = select.executeQuery()) {
                    found = rows.next();
                }
            }
            transaction.commit();
            return found;
        }
    }

    private void removeNowAndThen(Instant now) {
        Instant due = nextRemoval.get();
        // One thread removes; the others have tokens to answer.
        // A time far ahead is one of a clock that has been set back since.
        boolean early = now.isBefore(due) && !now.plus(REMOVAL_INTERVAL).isBefore(due);
        if (early || !nextRemoval.compareAndSet(due, now.plus(REMOVAL_INTERVAL))) {
            return;
        }
        try {
            if (remove(now.minus(KEPT_LONGER)) == MOST_REMOVED) {
                nextRemoval.set(now);
            }
        } catch (SQLException e) {
            // The token has its answer already; what could not be removed is a matter of the next minute.
        }
    }

    private int remove(Instant before) throws SQLException {
        // The clock of the database counts too: one node whose clock leaps must not forget for all the others.
        String sql = "DELETE FROM " + table + " WHERE token_key IN (SELECT token_key FROM " + table
                + " WHERE ends_at < ? AND ends_at < CURRENT_TIMESTAMP ORDER BY ends_at FETCH FIRST " + MOST_REMOVED
                + " ROWS ONLY)";
        try (JdbcTransaction transaction = table.begin()) {
            int removed;
            try (PreparedStatement delete = transaction.prepare(sql)) {
                transaction.limit(delete);
                delete.setObject(1, before.atOffset(ZoneOffset.UTC));
                removed = delete.executeUpdate();
            }
            transaction.commit();
            return removed;
        }
    }

    /** Collects what may differ from the defaults. Not safe for use by several threads. */
    public static final class Builder {
        private final DataSource dataSource;
        private String table = DEFAULT_TABLE;
        private Duration timeout = Duration.ofSeconds(10);
        private Clock clock = Clock.systemUTC();

        private Builder(DataSource dataSource) {
            this.dataSource = dataSource;
        }

        /**
         * Sets the table; {@code dynamic_credentials_used_tokens} if unset.
         *
         * @param table lower-case letters, digits and underscores, starting with a letter, at most 63 characters; with
         *     such a schema and a dot before it, if the default schema is not meant
         */
        public Builder table(String table) {
            this.table = table;
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

        /** Sets the clock, which should be the verifier's. Default: the system's. */
        public Builder clock(Clock clock) {
            this.clock = clock;
            return this;
        }

        /**
         * Builds the guard. Touches no database.
         *
         * @throws IllegalArgumentException if the table or the time-out is out of its bounds
         */
        public JdbcReplayGuard build() {
            return new JdbcReplayGuard(this);
        }
    }
}
