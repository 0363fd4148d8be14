package io.dynamiccredentials.jdbc;

import static io.dynamiccredentials.TokenRejectedException.Reason.REPLAY_UNKNOWN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dynamiccredentials.TokenRejectedException;
import io.dynamiccredentials.testkit.contract.ReplayGuardContract;
import io.dynamiccredentials.verify.ReplayGuard;
import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import javax.sql.DataSource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What {@link JdbcReplayGuard} does on each database. */
abstract class JdbcReplayGuardContract extends ReplayGuardContract {

    /** Returns the database of this test, which had no table when the test began. */
    abstract DataSource database();

    /** Returns the FROM clause of a table with the column x that has that many rows. */
    abstract String numbersUpTo(int count);

    @BeforeEach
    void createTable() {
        guard(database()).createSchema();
    }

    @Override
    protected ReplayGuard open(Clock clock) {
        return JdbcReplayGuard.builder(database()).clock(clock).build();
    }

    final JdbcReplayGuard guard(DataSource dataSource) {
        return JdbcReplayGuard.builder(dataSource).clock(clock).build();
    }

    @Test
    void createSchema_secondCall_keepsWhatIsStored() throws Exception {
        assertThat(firstUse("a")).isTrue();

        guard(database()).createSchema();

        assertThat(firstUse("a")).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"own_tokens", "x23456789_123456789_123456789_123456789_123456789_123456789_123"})
    void table_ownName_isUsedAloneAndHasItsIndex(String table) throws Exception {
        JdbcReplayGuard own =
                JdbcReplayGuard.builder(database()).table(table).clock(clock).build();
        assertThatThrownBy(() -> own.firstUse(ISSUER, "a", NOW.plusSeconds(600)))
                .isInstanceOf(TokenRejectedException.class)
                .hasMessageContaining("createSchema()")
                .hasMessageContaining("in table " + table);

        own.createSchema();
        own.createSchema();

        assertThat(own.firstUse(ISSUER, "a", NOW.plusSeconds(600))).isTrue();
        assertThat(own.firstUse(ISSUER, "a", NOW.plusSeconds(600))).isFalse();
        assertThat(firstUse("a")).isTrue();
        assertThat(indexedColumns(table)).containsExactlyInAnyOrder("token_key", "ends_at");
    }

    private List<String> indexedColumns(String table) throws SQLException {
        try (Connection connection = database().getConnection()) {
            boolean upper = connection.getMetaData().storesUpperCaseIdentifiers();
            String stored = upper ? table.toUpperCase(Locale.ROOT) : table;
            try (ResultSet columns = connection.getMetaData().getIndexInfo(null, null, stored, false, false)) {
                List<String> names = new ArrayList<>();
                while (columns.next()) {
                    names.add(columns.getString("COLUMN_NAME").toLowerCase(Locale.ROOT));
                }
                return names;
            }
        }
    }

    @Test
    void firstUse_rowsThatEndedAnHourAgo_areRemovedAndNoOthers() throws Exception {
        insert("long ended", NOW.minus(Duration.ofHours(1)).minusMillis(1));
        insert("not quite", NOW.minus(Duration.ofHours(1)));
        insert("just ended", NOW);

        assertThat(firstUse("a")).isTrue();

        assertThat(keys()).containsExactlyInAnyOrder("not quite", "just ended", ReplayGuard.key(ISSUER, "a"));
    }

    @Test
    void firstUse_withinAMinuteOfARemoval_removesNothingMore() throws Exception {
        JdbcReplayGuard guard = guard(database());
        assertThat(guard.firstUse(ISSUER, "a", NOW.plusSeconds(600))).isTrue();
        insert("long ended", NOW.minus(Duration.ofHours(2)));

        clock.moveTo(NOW.plusSeconds(60).minusMillis(1));
        assertThat(guard.firstUse(ISSUER, "b", NOW.plusSeconds(600))).isTrue();
        assertThat(keys()).contains("long ended");

        clock.moveTo(NOW.plusSeconds(60));
        assertThat(guard.firstUse(ISSUER, "b", NOW.plusSeconds(600))).isFalse();
        assertThat(keys()).doesNotContain("long ended");
    }

    @Test
    void firstUse_manyRowsToRemove_removesAHundredAtATimeAndGoesOn() throws Exception {
        try (Connection connection = database().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("INSERT INTO dynamic_credentials_used_tokens (token_key, ends_at) "
                    + "SELECT 'long ended ' || x, TIMESTAMP WITH TIME ZONE '2020-03-01 10:00:00+00' "
                    + numbersUpTo(150));
        }
        JdbcReplayGuard guard = guard(database());

        assertThat(guard.firstUse(ISSUER, "a", NOW.plusSeconds(600))).isTrue();
        assertThat(keys()).hasSize(51);

        assertThat(guard.firstUse(ISSUER, "a", NOW.plusSeconds(600))).isFalse();
        assertThat(keys()).hasSize(1);
    }

    @Test
    void firstUse_clockOfThisNodeLeaps_forgetsNothingThatTheDatabaseHoldsToBeAlive() throws Exception {
        Instant end = Instant.parse("2100-01-01T00:00:00Z");
        assertThat(open(clock).firstUse(ISSUER, "a", end)).isTrue();

        clock.moveTo(end.plus(Duration.ofDays(1)));
        assertThat(open(clock).firstUse(ISSUER, "b", end.plus(Duration.ofDays(2))))
                .isTrue();
        clock.moveTo(NOW);

        assertThat(open(clock).firstUse(ISSUER, "a", end)).isFalse();
    }

    @Test
    void firstUse_removalFails_isAnsweredAllTheSame() throws Exception {
        ObservedDataSource observed = new ObservedDataSource(database());
        JdbcReplayGuard guard = guard(observed.dataSource());
        observed.onStatement(() -> {
            if (!observed.statements().isEmpty()) {
                observed.failing(leaky(), "executeUpdate");
            }
        });

        assertThat(guard.firstUse(ISSUER, "a", NOW.plusSeconds(600))).isTrue();

        assertThat(observed.statements()).hasSize(2).last().asString().startsWith("DELETE");
        assertThat(observed.notClosed()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "getConnection",
                "prepareStatement",
                "setQueryTimeout",
                "setString",
                "setObject",
                "executeUpdate",
                "commit"
            })
    void firstUse_driverFails_refusesClosesAllAndSaysNothingOfTheDriver(String method) {
        ObservedDataSource observed = new ObservedDataSource(database()).failing(leaky(), method);

        assertThatThrownBy(() -> guard(observed.dataSource()).firstUse(ISSUER, "a", NOW.plusSeconds(600)))
                .isInstanceOfSatisfying(
                        TokenRejectedException.class,
                        refused -> assertThat(refused.reason()).isEqualTo(REPLAY_UNKNOWN))
                .hasMessageContaining("SQLState 08006, vendor code 4711")
                .hasMessageContaining("is open")
                .hasMessageNotContaining("hunter2")
                .hasStackTraceContaining("used tokens")
                .satisfies(failure -> assertThat(failure.getCause()).hasMessageNotContaining("hunter2"));

        assertThat(observed.notClosed()).isEmpty();
    }

    @Test
    void firstUse_constraintOtherThanTheKeyIsBroken_isNoReplay() {
        ObservedDataSource observed =
                new ObservedDataSource(database()).failing(new SQLException("hunter2", "23514", 1), "executeUpdate");

        assertThatThrownBy(() -> guard(observed.dataSource()).firstUse(ISSUER, "a", NOW.plusSeconds(600)))
                .isInstanceOf(TokenRejectedException.class)
                .hasMessageContaining("SQLState 23514");
    }

    @Test
    void statements_all_arePreparedAndHoldNoValues() {
        ObservedDataSource observed = new ObservedDataSource(database());
        JdbcReplayGuard guard = guard(observed.dataSource());

        assertThat(guard.firstUse(ISSUER, "secret-id", NOW.plusSeconds(600))).isTrue();
        assertThat(guard.firstUse(ISSUER, "secret-id", NOW.plusSeconds(600))).isFalse();

        assertThat(observed.statements())
                .hasSize(4)
                .allSatisfy(sql -> assertThat(sql).contains("?").doesNotContain("secret-id"));
        assertThat(observed.notClosed()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "Tokens", "tokens;drop table x", "a.b.c", "tokens "})
    void build_badTable_isRefused(String table) {
        assertThatThrownBy(
                        () -> JdbcReplayGuard.builder(database()).table(table).build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("\"" + table + "\"");
    }

    @ParameterizedTest
    @ValueSource(strings = {"PT0.999S", "PT10M0.001S"})
    void build_badTimeout_isRefused(String timeout) {
        assertThatThrownBy(() -> JdbcReplayGuard.builder(database())
                        .timeout(Duration.parse(timeout))
                        .build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("between PT1S and PT10M");
    }

    @Test
    void createSchema_driverFails_saysNothingOfTheDriver() {
        ObservedDataSource observed = new ObservedDataSource(database()).failing(leaky(), "execute");

        assertThatThrownBy(() -> guard(observed.dataSource()).createSchema())
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("The table can't be created")
                .hasMessageNotContaining("hunter2");
    }

    private void insert(String key, Instant end) throws SQLException {
        try (Connection connection = database().getConnection();
                PreparedStatement insert = connection.prepareStatement(
                        "INSERT INTO dynamic_credentials_used_tokens (token_key, ends_at) VALUES (?, ?)")) {
            insert.setString(1, key);
            insert.setObject(2, end.atOffset(ZoneOffset.UTC));
            insert.executeUpdate();
        }
    }

    private List<String> keys() throws SQLException {
        try (Connection connection = database().getConnection();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT token_key FROM dynamic_credentials_used_tokens")) {
            List<String> keys = new ArrayList<>();
            while (rows.next()) {
                keys.add(rows.getString(1));
            }
            return keys;
        }
    }

    private static SQLException leaky() {
        return new SQLException("FATAL: jdbc:x://db?user=u&password=hunter2 refused", "08006", 4711);
    }
}
