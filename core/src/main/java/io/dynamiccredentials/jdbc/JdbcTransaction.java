package io.dynamiccredentials.jdbc;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.sql.SQLNonTransientConnectionException;
import java.sql.Statement;
import java.time.Duration;
import javax.sql.DataSource;

/**
 * One transaction on a connection of its own, read committed and bounded in time; what was not committed is rolled back
 * when it is closed.
 *
 * <p>The connection may come from a pool: it goes back with the settings that it came with. Not safe for use by several
 * threads.
 */
final class JdbcTransaction implements AutoCloseable {
    private static final Duration LONGER = Duration.ofSeconds(1);
    private static final int NOT_SUPPORTED = -1;

    private final Connection connection;
    private final Duration longest;
    private final Settings before;
    private boolean committed;

    private JdbcTransaction(Connection connection, Duration longest, Settings before) {
        this.connection = connection;
        this.longest = longest;
        this.before = before;
    }

    /** Begins a transaction whose statements take at most {@code longest} each. */
    static JdbcTransaction begin(DataSource dataSource, Duration longest) throws SQLException {
        Connection connection = connect(dataSource);
        try {
            Settings before = Settings.of(connection, limit(connection, longest));
            // A pool may hand out dirty reads or snapshots: the ones show what may vanish, the others hide who won.
            if (before.isolation != Connection.TRANSACTION_READ_COMMITTED) {
                connection.setTransactionIsolation(Connection.TRANSACTION_READ_COMMITTED);
            }
            if (before.autoCommit) {
                connection.setAutoCommit(false);
            }
            return new JdbcTransaction(connection, longest, before);
        } catch (SQLException | RuntimeException e) {
            try {
                connection.close();
            } catch (SQLException closing) {
                e.addSuppressed(closing);
            }
            throw e;
        }
    }

    /** Prepares a statement; {@link #limit(Statement)} bounds it. */
    PreparedStatement prepare(String sql) throws SQLException {
        return connection.prepareStatement(sql);
    }

    void limit(Statement statement) throws SQLException {
        statement.setQueryTimeout(Math.toIntExact(longest.toSeconds()));
    }

    void commit() throws SQLException {
        connection.commit();
        committed = true;
    }

    /** Rolls back what was not committed, and gives the connection back. */
    @Override
    public void close() throws SQLException {
        try (connection) {
            if (!committed) {
                connection.rollback();
            }
            before.restore(connection);
        }
    }

    private static Connection connect(DataSource dataSource) throws SQLException {
        try {
            return dataSource.getConnection();
        } catch (RuntimeException e) {
            // Pools wrap the driver's words into exceptions of their own.
            throw new SQLNonTransientConnectionException(e);
        }
    }

    /** Bounds the wait for a server that falls silent, and returns the bound that was there. */
    private static int limit(Connection connection, Duration longest) throws SQLException {
        try {
            int before = connection.getNetworkTimeout();
            int millis = Math.toIntExact(longest.plus(LONGER).toMillis());
            connection.setNetworkTimeout(Runnable::run, millis);
            return before;
        } catch (SQLFeatureNotSupportedException e) {
            return NOT_SUPPORTED;
        }
    }

    /** What the connection came with. */
    private record Settings(boolean autoCommit, int isolation, int networkTimeoutMillis) {

        static Settings of(Connection connection, int networkTimeoutMillis) throws SQLException {
            return new Settings(connection.getAutoCommit(), connection.getTransactionIsolation(), networkTimeoutMillis);
        }

        void restore(Connection connection) throws SQLException {
            if (autoCommit) {
                connection.setAutoCommit(true);
            }
            if (isolation != Connection.TRANSACTION_READ_COMMITTED) {
                connection.setTransactionIsolation(isolation);
            }
            if (networkTimeoutMillis != NOT_SUPPORTED) {
                connection.setNetworkTimeout(Runnable::run, networkTimeoutMillis);
            }
        }
    }
}
