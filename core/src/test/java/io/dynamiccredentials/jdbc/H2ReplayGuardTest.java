package io.dynamiccredentials.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dynamiccredentials.TokenRejectedException;
import io.dynamiccredentials.TokenRejectedException.Reason;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
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

    @Test
    void firstUse_poolThatFailsInItsOwnWay_isUnknownAndShowsNothingOfIt() {
        DataSource broken = (DataSource) Proxy.newProxyInstance(
                getClass().getClassLoader(),
                new Class<?>[] {DataSource.class},
                (pool, method, nothing) -> failing(database.getConnection()));

        assertThatThrownBy(() -> guard(broken).firstUse(ISSUER, "a", NOW.plusSeconds(600)))
                .isInstanceOfSatisfying(
                        TokenRejectedException.class,
                        e -> assertThat(e.reason()).isEqualTo(Reason.REPLAY_UNKNOWN))
                .hasMessageContaining("the data source failed (IllegalStateException)")
                .hasMessageNotContaining("secret");
    }

    private static Connection failing(Connection real) {
        return (Connection) Proxy.newProxyInstance(
                H2ReplayGuardTest.class.getClassLoader(),
                new Class<?>[] {Connection.class},
                (proxy, method, arguments) -> {
                    if (method.getName().equals("prepareStatement")) {
                        throw new IllegalStateException("pool: SELECT 'secret' broken");
                    }
                    return method.invoke(real, arguments);
                });
    }

    @Test
    void firstUse_afterALeapOfTheClock_endedRowsAreRemovedAgain() throws Exception {
        JdbcReplayGuard guard = guard(database);
        clock.moveTo(NOW.plus(Duration.ofDays(3650)));
        guard.firstUse(ISSUER, "in ten years", clock.instant().plusSeconds(600));
        clock.moveTo(NOW);
        execute(
                "INSERT INTO dynamic_credentials_used_tokens (token_key, ends_at) VALUES ('old', TIMESTAMP '2020-01-01 00:00:00+00')");

        guard.firstUse(ISSUER, "a", NOW.plusSeconds(600));

        assertThat(guard.firstUse(ISSUER, "a", NOW.plusSeconds(600))).isFalse();
        try (Connection connection = database.getConnection();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(
                        "SELECT COUNT(*) FROM dynamic_credentials_used_tokens WHERE token_key = 'old'")) {
            assertThat(rows.next()).isTrue();
            assertThat(rows.getInt(1)).isZero();
        }
    }
}
