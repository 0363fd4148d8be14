package io.dynamiccredentials.jdbc;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.regex.Pattern;
import javax.sql.DataSource;

/** A table of ours in the host's database: how it is named, made and reached, and what is said when it can't be. */
final class JdbcTable {
    private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9_]{0,62}(\\.[a-z][a-z0-9_]{0,62})?");
    private static final Pattern SQL_STATE = Pattern.compile("[0-9A-Z]{5}");
    private static final String INTEGRITY_VIOLATION = "23";
    private static final String SYNTAX_OR_ACCESS = "42";
    private static final Duration SHORTEST = Duration.ofSeconds(1);
    private static final Duration LONGEST = Duration.ofMinutes(10);
    private static final String INDEX_SUFFIX = "_ends_at";
    private static final int MAX_INDEX_NAME = 63;

    private final DataSource dataSource;
    private final String name;
    private final Duration timeout;
    private final String content;

    /**
     * Checks name and time-out. Touches no database.
     *
     * @param content what the table holds, for messages
     */
    JdbcTable(DataSource dataSource, String name, Duration timeout, String content) {
        this.dataSource = dataSource;
        this.name = name;
        this.timeout = timeout;
        this.content = content;
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException("A table is named by at most 63 lower-case letters, digits and "
                    + "underscores, starting with a letter, after such a schema and a dot if need be; the name was \""
                    + name + "\"");
        }
        if (timeout.compareTo(SHORTEST) < 0 || timeout.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException(
                    "The time-out of a statement is between " + SHORTEST + " and " + LONGEST + "; it was " + timeout);
        }
    }

    JdbcTransaction begin() throws SQLException {
        return JdbcTransaction.begin(dataSource, timeout);
    }

    /** Runs the statements of a file beside this class, if there is no table yet. */
    void create(String file, String defaultName) {
        for (String statement : read(file).split(";\n", -1)) {
            String sql =
                    statement.replace(defaultName + INDEX_SUFFIX, indexName()).replace(defaultName, name);
            try {
                execute(sql);
            } catch (SQLException first) {
                // Of nodes that start together PostgreSQL fails all but one: IF NOT EXISTS sees only what is committed.
                if (!breaksConstraint(first) && !sqlState(first).startsWith(SYNTAX_OR_ACCESS)) {
                    throw unreachable("The table can't be created", first);
                }
                try {
                    execute(sql);
                } catch (SQLException e) {
                    throw unreachable("The table can't be created", e);
                }
            }
        }
    }

    UncheckedIOException unreachable(String consequence, SQLException e) {
        String message = describe(consequence, e);
        return new UncheckedIOException(message, new IOException(message));
    }

    /** Says what failed in words of our own: a driver's message may repeat the URL, the statement and its values. */
    String describe(String consequence, SQLException e) {
        String remedy = switch (sqlState(e).substring(0, 2)) {
            case "08" -> "Check that the database can be reached";
            case "28" -> "Check the user and the password of the data source";
            case SYNTAX_OR_ACCESS ->
                "Check that the table is there (createSchema() makes it) and that this user may use it";
            default -> "Check that the database can be reached and may be written";
        };
        return "The database failed on the " + content + " in table " + name + ": "
                + e.getClass().getSimpleName() + ", SQLState " + sqlState(e) + ", vendor code " + e.getErrorCode()
                + ". " + consequence
                + ". " + remedy;
    }

    /** Tells whether a constraint was broken, of whatever kind: which one the state does not say for sure. */
    static boolean breaksConstraint(SQLException e) {
        return sqlState(e).startsWith(INTEGRITY_VIOLATION);
    }

    @Override
    public String toString() {
        return name;
    }

    /** PostgreSQL takes no schema before an index and cuts a longer name, which might then be the table's own. */
    private String indexName() {
        String simple = name.substring(name.indexOf('.') + 1);
        return simple.substring(0, Math.min(simple.length(), MAX_INDEX_NAME - INDEX_SUFFIX.length())) + INDEX_SUFFIX;
    }

    private void execute(String sql) throws SQLException {
        try (JdbcTransaction transaction = begin()) {
            try (PreparedStatement create = transaction.prepare(sql)) {
                transaction.limit(create);
                create.execute();
            }
            transaction.commit();
        }
    }

    private static String read(String file) {
        try (InputStream in = JdbcTable.class.getResourceAsStream(file)) {
            if (in == null) {
                throw new IllegalStateException(file + " is missing beside " + JdbcTable.class.getName()
                        + ". Check how the jar was repackaged");
            }
            return new String(in.readAllBytes(), US_ASCII);
        } catch (IOException e) {
            throw new UncheckedIOException(file + " can't be read from the class path", e);
        }
    }

    private static String sqlState(SQLException e) {
        String state = e.getSQLState();
        return state != null && SQL_STATE.matcher(state).matches() ? state : "none";
    }
}
