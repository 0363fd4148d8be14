package io.dynamiccredentials.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dynamiccredentials.keys.SigningKeyStore;
import io.dynamiccredentials.testkit.contract.SigningKeyStoreContract;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import javax.sql.DataSource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What {@link JdbcSigningKeyStore} does on each database. */
abstract class JdbcSigningKeyStoreContract extends SigningKeyStoreContract {
    private static final String NAME = "https://ci.example/a";

    /** Returns the database of this test, which had no table when the test began. */
    abstract DataSource database();

    @BeforeEach
    void createTable() {
        store(database()).createSchema();
    }

    @Override
    protected SigningKeyStore open() {
        return store(database());
    }

    static JdbcSigningKeyStore store(DataSource dataSource) {
        return JdbcSigningKeyStore.builder(dataSource, NAME).build();
    }

    @Test
    void read_otherName_isAnotherStore() {
        JdbcSigningKeyStore other =
                JdbcSigningKeyStore.builder(database(), "https://ci.example/A").build();
        assertThat(open().replace(version(1, "a"))).isTrue();

        assertThat(other.read()).isEmpty();
        assertThat(other.replace(version(1, "b"))).isTrue();
        assertThat(open().read()).contains(version(1, "a"));
        assertThat(other.read()).contains(version(1, "b"));
    }

    @Test
    void read_hostileName_isOnlyAName() {
        JdbcSigningKeyStore hostile =
                JdbcSigningKeyStore.builder(database(), "'or'1'='1';--%_").build();
        assertThat(open().replace(version(1, "a"))).isTrue();

        assertThat(hostile.read()).isEmpty();
        assertThat(hostile.replace(version(2, "b"))).isFalse();
        assertThat(hostile.replace(version(1, "b"))).isTrue();
        assertThat(hostile.replace(version(2, "b"))).isTrue();
        assertThat(open().read()).contains(version(1, "a"));
    }

    @Test
    void createSchema_secondCall_keepsWhatIsStored() {
        assertThat(open().replace(version(1, "a"))).isTrue();

        store(database()).createSchema();

        assertThat(open().read()).contains(version(1, "a"));
    }

    @Test
    void createSchema_manyNodesAtOnce_allSucceed() throws Exception {
        CyclicBarrier start = new CyclicBarrier(6);
        ExecutorService executor = Executors.newFixedThreadPool(6);
        try {
            for (int round = 0; round < 5; round++) {
                String table = "keys_of_round_" + round;
                List<Callable<Boolean>> nodes = new ArrayList<>();
                for (int node = 0; node < 6; node++) {
                    nodes.add(() -> {
                        JdbcSigningKeyStore store = JdbcSigningKeyStore.builder(database(), NAME)
                                .table(table)
                                .build();
                        start.await();
                        store.createSchema();
                        return store.replace(version(1, "a"));
                    });
                }
                int winners = 0;
                for (Future<Boolean> node : executor.invokeAll(nodes)) {
                    winners += node.get() ? 1 : 0;
                }
                assertThat(winners).isEqualTo(1);
            }
        } finally {
            executor.shutdownNow();
        }
    }

    @Test
    void table_ownName_isUsedAlone() {
        JdbcSigningKeyStore own =
                JdbcSigningKeyStore.builder(database(), NAME).table("own_keys").build();
        assertThatThrownBy(own::read)
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("in table own_keys")
                .hasMessageContaining("SQLState 42")
                .hasMessageContaining("createSchema()");

        own.createSchema();

        assertThat(own.replace(version(1, "a"))).isTrue();
        assertThat(open().read()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"true,2", "false,2", "true,8", "false,8", "true,4", "false,1"})
    void connection_anySettings_comesBackAsItWas(boolean autoCommit, int isolation) throws Exception {
        ObservedDataSource observed = new ObservedDataSource(database(), autoCommit, isolation);
        JdbcSigningKeyStore store = store(observed.dataSource());

        assertThat(store.read()).isEmpty();
        assertThat(store.replace(version(1, "a"))).isTrue();
        assertThat(store.replace(version(1, "b"))).isFalse();
        assertThat(store.replace(version(2, "c"))).isTrue();
        assertThat(store.replace(version(2, "d"))).isFalse();

        assertThat(open().read()).contains(version(2, "c"));
        assertThat(observed.notClosed()).isEmpty();
        assertThat(observed.settingsAtClose())
                .hasSizeGreaterThanOrEqualTo(5)
                .containsOnly(autoCommit + " " + settled(isolation) + " 0");
    }

    /** Returns the isolation that the database makes of the one that was asked for. */
    private int settled(int isolation) throws SQLException {
        try (Connection connection = database().getConnection()) {
            connection.setTransactionIsolation(isolation);
            return connection.getTransactionIsolation();
        }
    }

    @Test
    void read_uncommittedChange_isNotShown() throws Exception {
        assertThat(open().replace(version(1, "a"))).isTrue();
        ObservedDataSource dirty = new ObservedDataSource(database(), true, Connection.TRANSACTION_READ_UNCOMMITTED);
        try (Connection other = database().getConnection();
                Statement statement = other.createStatement()) {
            other.setAutoCommit(false);
            statement.executeUpdate("UPDATE dynamic_credentials_signing_keys SET version = 2");

            assertThat(store(dirty.dataSource()).read()).contains(version(1, "a"));
            other.rollback();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "getConnection",
                "getNetworkTimeout",
                "getAutoCommit",
                "setAutoCommit",
                "prepareStatement",
                "setQueryTimeout",
                "setString",
                "executeQuery",
                "next",
                "getString",
                "commit"
            })
    void read_driverFails_closesAllAndSaysNothingOfTheDriver(String method) {
        assertThat(open().replace(version(1, "a"))).isTrue();
        ObservedDataSource observed = new ObservedDataSource(database()).failing(leaky(), method);

        assertThatThrownBy(() -> store(observed.dataSource()).read())
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("SQLState 08006, vendor code 4711. They can't be read")
                .hasMessageContaining("\"" + NAME + "\"")
                .satisfies(JdbcSigningKeyStoreContract::saysNothingOfTheDriver);

        assertThat(observed.notClosed()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2})
    void replace_driverFails_closesAllAndSaysNothingOfTheDriver(long version) {
        if (version == 2) {
            assertThat(open().replace(version(1, "a"))).isTrue();
        }
        for (String method : List.of(
                "getConnection", "prepareStatement", "setQueryTimeout", "setString", "executeUpdate", "commit")) {
            ObservedDataSource observed = new ObservedDataSource(database()).failing(leaky(), method);

            assertThatThrownBy(() -> store(observed.dataSource()).replace(version(version, "b")))
                    .as(method)
                    .isInstanceOf(UncheckedIOException.class)
                    .hasMessageContaining("SQLState 08006, vendor code 4711")
                    .hasMessageContaining("Whether version " + version + " was stored is open")
                    .satisfies(JdbcSigningKeyStoreContract::saysNothingOfTheDriver);

            assertThat(observed.notClosed()).as(method).isEmpty();
            assertThat(open().read()).isEqualTo(version == 2 ? Optional.of(version(1, "a")) : Optional.empty());
        }
    }

    @Test
    void read_poolRefuses_saysNothingOfIt() {
        ObservedDataSource observed =
                new ObservedDataSource(database()).refusing(new IllegalArgumentException("hunter2", leaky()));

        assertThatThrownBy(() -> store(observed.dataSource()).read())
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("SQLState none, vendor code 0")
                .satisfies(JdbcSigningKeyStoreContract::saysNothingOfTheDriver);
    }

    @Test
    void failure_oddSqlState_isNotRepeated() {
        ObservedDataSource observed = new ObservedDataSource(database())
                .failing(new SQLException("hunter2", "password=hunter2"), "executeQuery");

        assertThatThrownBy(() -> store(observed.dataSource()).read())
                .hasMessageContaining("SQLState none")
                .satisfies(JdbcSigningKeyStoreContract::saysNothingOfTheDriver);
    }

    @Test
    void replace_constraintOtherThanTheKeyIsBroken_isNoLostRace() {
        ObservedDataSource observed =
                new ObservedDataSource(database()).failing(new SQLException("hunter2", "23514", 1), "executeUpdate");

        assertThatThrownBy(() -> store(observed.dataSource()).replace(version(1, "a")))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("SQLState 23514");
    }

    @Test
    void statements_all_arePreparedAndHoldNoValues() {
        ObservedDataSource observed = new ObservedDataSource(database());
        JdbcSigningKeyStore store = store(observed.dataSource());
        assertThat(store.replace(version(1, "a"))).isTrue();
        assertThat(store.replace(version(2, "a"))).isTrue();
        assertThat(store.read()).contains(version(2, "a"));

        assertThat(observed.statements())
                .hasSize(3)
                .allSatisfy(sql ->
                        assertThat(sql).contains("?").doesNotContain("e30").doesNotContain("ci.example"));
    }

    @ParameterizedTest
    @CsvSource({"0,e30....", "5,not sealed", "5,''", "-1,e30...."})
    void read_damagedRow_isRefused(long version, String sealed) throws Exception {
        try (Connection connection = database().getConnection()) {
            try (Statement statement = connection.createStatement()) {
                statement.execute("DROP TABLE dynamic_credentials_signing_keys");
                statement.execute("CREATE TABLE dynamic_credentials_signing_keys (name VARCHAR(255), version BIGINT, "
                        + "sealed TEXT, updated_at TIMESTAMP WITH TIME ZONE)");
            }
            insert(connection, version, sealed);
        }

        assertThatThrownBy(() -> open().read())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("are damaged")
                .hasMessageContaining("Restore the row");
    }

    @Test
    void open_tableWithoutKeyAndTwoRows_isRefused() throws Exception {
        try (Connection connection = database().getConnection()) {
            try (Statement statement = connection.createStatement()) {
                statement.execute("DROP TABLE dynamic_credentials_signing_keys");
                statement.execute("CREATE TABLE dynamic_credentials_signing_keys (name VARCHAR(255), version BIGINT, "
                        + "sealed TEXT, updated_at TIMESTAMP WITH TIME ZONE)");
            }
            insert(connection, 1, "e30....");
            insert(connection, 1, "e30....");
        }

        assertThatThrownBy(() -> open().read())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("rows");
        assertThatThrownBy(() -> open().replace(version(2, "a")))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("2 rows");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "Keys", "1keys", "keys;drop table x", "a.b.c", "\"keys\"", "keys ", ".keys", "ключи"})
    void build_badTable_isRefused(String table) {
        assertThatThrownBy(() -> JdbcSigningKeyStore.builder(database(), NAME)
                        .table(table)
                        .build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("\"" + table + "\"");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a b", "ü", "a\u0000"})
    void build_badName_isRefused(String name) {
        assertThatThrownBy(() -> JdbcSigningKeyStore.builder(database(), name).build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("\"" + name + "\"");
    }

    @Test
    void build_longestName_isStoredAndOneLongerIsRefused() {
        JdbcSigningKeyStore longest =
                JdbcSigningKeyStore.builder(database(), "x".repeat(255)).build();

        assertThat(longest.replace(version(1, "a"))).isTrue();
        assertThatThrownBy(() ->
                        JdbcSigningKeyStore.builder(database(), "x".repeat(256)).build())
                .isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"PT0.999S", "PT0S", "-PT1S", "PT10M0.001S"})
    void build_badTimeout_isRefused(String timeout) {
        assertThatThrownBy(() -> JdbcSigningKeyStore.builder(database(), NAME)
                        .timeout(Duration.parse(timeout))
                        .build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("between PT1S and PT10M");
    }

    private static void insert(Connection connection, long version, String sealed) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement(
                "INSERT INTO dynamic_credentials_signing_keys (name, version, sealed) VALUES (?, ?, ?)")) {
            insert.setString(1, NAME);
            insert.setLong(2, version);
            insert.setString(3, sealed);
            insert.executeUpdate();
        }
    }

    private static SQLException leaky() {
        return new SQLException("FATAL: jdbc:x://db?user=u&password=hunter2 refused", "08006", 4711);
    }

    private static void saysNothingOfTheDriver(Throwable failure) {
        StringWriter trace = new StringWriter();
        failure.printStackTrace(new PrintWriter(trace));
        assertThat(trace.toString())
                .doesNotContain("hunter2")
                .doesNotContain("jdbc:")
                .doesNotContain("SELECT");
    }
}
