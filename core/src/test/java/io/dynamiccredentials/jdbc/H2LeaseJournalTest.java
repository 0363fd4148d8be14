package io.dynamiccredentials.jdbc;

import java.sql.Connection;
import java.sql.Statement;
import java.util.UUID;
import javax.sql.DataSource;
import org.h2.jdbcx.JdbcDataSource;

class H2LeaseJournalTest extends JdbcLeaseJournalContract {
    private final JdbcDataSource database = new JdbcDataSource();

    H2LeaseJournalTest() {
        database.setURL("jdbc:h2:mem:" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1");
    }

    @Override
    DataSource database() {
        return database;
    }

    @Override
    protected void drop() throws Exception {
        try (Connection connection = database.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("SHUTDOWN");
        }
    }
}
