package io.dynamiccredentials.jdbc;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HexFormat;
import java.util.Random;
import org.postgresql.ds.PGSimpleDataSource;

/** A schema of a test's own in the PostgreSQL that the environment names; dropped when it is closed. */
final class PostgresSchema implements AutoCloseable {
    static final String VARIABLE = "DYNAMIC_CREDENTIALS_POSTGRES";

    private final String name;

    private PostgresSchema(String name) {
        this.name = name;
    }

    /** Creates a schema, or skips the test and says so if there is no database. */
    static PostgresSchema create() {
        assumeTrue(
                System.getenv(VARIABLE) != null,
                "SKIPPED: " + VARIABLE + " names no PostgreSQL, .ci/postgres starts one");
        PostgresSchema schema = new PostgresSchema("test_" + HexFormat.of().toHexDigits(new Random().nextLong()));
        schema.execute("CREATE SCHEMA " + schema.name);
        return schema;
    }

    String name() {
        return name;
    }

    PGSimpleDataSource dataSource() {
        PGSimpleDataSource dataSource = new PGSimpleDataSource();
        dataSource.setURL(System.getenv(VARIABLE));
        dataSource.setCurrentSchema(name);
        return dataSource;
    }

    @Override
    public void close() {
        execute("DROP SCHEMA " + name + " CASCADE");
    }

    private void execute(String sql) {
        try (Connection connection = dataSource().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }
}
