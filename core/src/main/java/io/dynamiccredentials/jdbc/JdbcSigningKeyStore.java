package io.dynamiccredentials.jdbc;

import io.dynamiccredentials.keys.SigningKeyStore;
import io.dynamiccredentials.keys.StoredKeys;
import java.io.UncheckedIOException;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Pattern;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the signing keys of one issuer in a row of the host's database: for many nodes.
 *
 * <p>Nodes agree by compare-and-swap: an {@code INSERT} for the first version, an {@code UPDATE} of the version before
 * for each other. Tested on PostgreSQL and H2. The table is {@code signing-keys.sql} beside this class; run it with the
 * host's migrations or call {@link #createSchema()}.
 *
 * <p>Each call takes a connection of the data source, which must not be part of a transaction of the caller, commits
 * and gives it back as it came. With a database that confirms a commit before it is on the disk (asynchronous commit or
 * replication) a version may vanish after all. Blocks on the network. Safe for use by many threads and nodes.
 */
public final class JdbcSigningKeyStore implements SigningKeyStore {
    private static final String DEFAULT_TABLE = "dynamic_credentials_signing_keys";
    private static final Pattern NAME = Pattern.compile("[\\x21-\\x7e]{1,255}");

    private final String name;
    private final JdbcTable table;

    private JdbcSigningKeyStore(Builder builder) {
        this.name = builder.name;
        this.table = new JdbcTable(
                builder.dataSource, builder.table, builder.timeout, "signing keys \"" + builder.name + "\"");
    }

    /**
     * Starts a store for the keys called {@code name}; each issuer that shares the table has a name of its own.
     *
     * @param name 1 to 255 visible ASCII characters, for example the issuer's URL
     */
    public static Builder builder(DataSource dataSource, String name) {
        return new Builder(dataSource, name);
    }

    /**
     * Creates the table if there is none. Needs the right to create tables, which {@link #read} and {@link #replace} do
     * not.
     *
     * @throws UncheckedIOException if it can't be created
     */
    public void createSchema() {
        table.create("signing-keys.sql", DEFAULT_TABLE);
    }

    @Override
    public Optional<StoredKeys> read() {
        String sql = "SELECT version, sealed FROM " + table + " WHERE name = ?";
        try (JdbcTransaction transaction = table.begin()) {
            Optional<StoredKeys> stored;
            try (PreparedStatement select = transaction.prepare(sql)) {
                transaction.limit(select);
                select.setString(1, name);
                try (ResultSet rows = select.executeQuery()) {
                    stored = rows.next() ? Optional.of(stored(rows)) : Optional.empty();
                }
            }
            transaction.commit();
            return stored;
        } catch (SQLException e) {
            throw table.unreachable("They can't be read", e);
        }
    }

    @Override
    public boolean replace(StoredKeys next) {
        try {
            return next.version() == 1 ? insert(next) : update(next);
        } catch (SQLException e) {
            throw table.unreachable("Whether version " + next.version() + " was stored is open", e);
        }
    }

    /** Shows the name and the table. */
    @Override
    public String toString() {
        return "JdbcSigningKeyStore[\"" + name + "\" in table " + table + "]";
    }

    private boolean insert(StoredKeys first) throws SQLException {
        String sql = "INSERT INTO " + table + " (version, sealed, name) VALUES (?, ?, ?)";
        try (JdbcTransaction transaction = table.begin()) {
            try (PreparedStatement insert = prepare(transaction, sql, first)) {
                insert.executeUpdate();
            }
            transaction.commit();
            return true;
        } catch (SQLException e) {
            // Class 23 says only that some constraint was broken; who finds a row has lost the race for it.
            if (JdbcTable.breaksConstraint(e) && read().isPresent()) {
                return false;
            }
            throw e;
        }
    }

    private boolean update(StoredKeys next) throws SQLException {
        String sql = "UPDATE " + table
                + " SET version = ?, sealed = ?, updated_at = CURRENT_TIMESTAMP WHERE name = ? AND version = ?";
        try (JdbcTransaction transaction = table.begin()) {
            int rows;
            try (PreparedStatement update = prepare(transaction, sql, next)) {
                update.setLong(4, next.version() - 1);
                rows = update.executeUpdate();
            }
            if (rows > 1) {
                throw damaged(rows + " rows have its name, where 1 was expected");
            }
            transaction.commit();
            return rows == 1;
        }
    }

    private PreparedStatement prepare(JdbcTransaction transaction, String sql, StoredKeys keys) throws SQLException {
        PreparedStatement statement = transaction.prepare(sql);
        try {
            transaction.limit(statement);
            statement.setLong(1, keys.version());
            statement.setString(2, keys.sealed());
            statement.setString(3, name);
            return statement;
        } catch (SQLException e) {
            statement.close();
            throw e;
        }
    }

    private StoredKeys stored(ResultSet rows) throws SQLException {
        long version = rows.getLong(1);
        @Nullable String sealed = rows.getString(2);
        if (rows.next()) {
            throw damaged("several rows have its name, where 1 was expected");
        }
        if (sealed == null) {
            throw damaged("the column sealed is null");
        }
        try {
            return new StoredKeys(version, sealed);
        } catch (IllegalArgumentException e) {
            throw damaged("version " + version + " of " + sealed.length() + " characters is none that was stored here");
        }
    }

    private IllegalStateException damaged(String how) {
        return new IllegalStateException("The signing keys \"" + name + "\" in table " + table + " are damaged: " + how
                + ". Restore the row from a backup; deleting it gives up all keys in it");
    }

    /** Collects what may differ from the defaults. Not safe for use by several threads. */
    public static final class Builder {
        private final DataSource dataSource;
        private final String name;
        private String table = DEFAULT_TABLE;
        private Duration timeout = Duration.ofSeconds(10);

        private Builder(DataSource dataSource, String name) {
            this.dataSource = dataSource;
            this.name = name;
        }

        /**
         * Sets the table; {@code dynamic_credentials_signing_keys} if unset.
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

        /**
         * Builds the store. Touches no database.
         *
         * @throws IllegalArgumentException if the name, the table or the time-out is out of its bounds
         */
        public JdbcSigningKeyStore build() {
            if (!NAME.matcher(name).matches()) {
                throw new IllegalArgumentException(
                        "Signing keys are named by 1 to 255 visible ASCII characters; the name was \"" + name + "\"");
            }
            return new JdbcSigningKeyStore(this);
        }
    }
}
