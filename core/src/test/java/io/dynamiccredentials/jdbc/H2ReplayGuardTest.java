package io.dynamiccredentials.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.Statement;
import java.util.UUID;
import javax.sql.DataSource;
import org.h2.jdbcx.JdbcDataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class H2ReplayGuardTest extends JdbcReplayGuardContract {
    private final JdbcDataSource database = new JdbcDataSource();

    H2ReplayGuardTest() {
        database.setURL("jdbc:h2:mem:" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1");
    }

    @Override
    DataSource database() {
        return database;
    }

    @Override
    String numbersUpTo(int count) {
        return "FROM SYSTEM_RANGE(1, " + count + ") AS numbers (x)";
    }

    @AfterEach
    void shutDown() throws Exception {
        execute("SHUTDOWN");
    }

    @Test
    void table_inASchema_isMadeAndFoundThere() throws Exception {
        execute("CREATE SCHEMA own");
        JdbcReplayGuard guard = JdbcReplayGuard.builder(database)
                .table("own.own_tokens")
                .clock(clock)
                .build();

        guard.createSchema();
        guard.createSchema();

        assertThat(guard.firstUse(ISSUER, "a", NOW.plusSeconds(600))).isTrue();
        assertThat(guard.firstUse(ISSUER, "a", NOW.plusSeconds(600))).isFalse();
        assertThat(firstUse("a")).isTrue();
    }

    private void execute(String sql) throws Exception {
        try (Connection connection = database.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
