package io.dynamiccredentials.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.postgresql.ds.PGSimpleDataSource;

class PostgresSigningKeyStoreTest extends JdbcSigningKeyStoreContract {
    private final PostgresSchema schema = PostgresSchema.create();

    @Override
    DataSource database() {
        return schema.dataSource();
    }

    @AfterEach
    void dropSchema() {
        schema.close();
    }

    @Test
    void table_inASchema_isFoundThere() {
        PGSimpleDataSource elsewhere = schema.dataSource();
        elsewhere.setCurrentSchema("public");
        JdbcSigningKeyStore store = JdbcSigningKeyStore.builder(elsewhere, "https://ci.example/a")
                .table(schema.name() + ".dynamic_credentials_signing_keys")
                .build();

        assertThat(store.replace(version(1, "a"))).isTrue();

        assertThat(open().read()).contains(version(1, "a"));
    }

    @Test
    void replace_databaseMayOnlyBeRead_isRefusedAndReadingWorks() {
        assertThat(open().replace(version(1, "a"))).isTrue();
        PGSimpleDataSource readOnly = schema.dataSource();
        readOnly.setOptions("-c default_transaction_read_only=on");

        assertThat(store(readOnly).read()).contains(version(1, "a"));
        for (long version = 1; version <= 2; version++) {
            long next = version;
            assertThatThrownBy(() -> store(readOnly).replace(version(next, "b")))
                    .isInstanceOf(UncheckedIOException.class)
                    .hasMessageContaining("SQLState 25006")
                    .hasMessageContaining("may be written");
        }
        assertThat(store(readOnly).read()).contains(version(1, "a"));
    }

    @Test
    void replace_rowIsLockedTooLong_fails() throws Exception {
        assertThat(open().replace(version(1, "a"))).isTrue();
        JdbcSigningKeyStore impatient = JdbcSigningKeyStore.builder(schema.dataSource(), "https://ci.example/a")
                .timeout(Duration.ofSeconds(1))
                .build();
        try (Connection other = schema.dataSource().getConnection();
                Statement statement = other.createStatement()) {
            other.setAutoCommit(false);
            statement.execute("SELECT 1 FROM dynamic_credentials_signing_keys FOR UPDATE");

            assertThatThrownBy(() -> impatient.replace(version(2, "b")))
                    .isInstanceOf(UncheckedIOException.class)
                    .hasMessageContaining("SQLState 57014");
        }
        assertThat(impatient.replace(version(2, "c"))).isTrue();
    }

    @Test
    void read_serverFallsSilent_fails() throws Exception {
        PGSimpleDataSource behind = schema.dataSource();
        try (SilentProxy proxy = SilentProxy.to(behind.getServerNames()[0], behind.getPortNumbers()[0])) {
            behind.setServerNames(new String[] {"127.0.0.1"});
            behind.setPortNumbers(new int[] {proxy.port()});
            behind.setCancelSignalTimeout(1);
            JdbcSigningKeyStore store = JdbcSigningKeyStore.builder(
                            whenConnected(behind, proxy), "https://ci.example/a")
                    .timeout(Duration.ofSeconds(1))
                    .build();

            assertThatThrownBy(store::read)
                    .isInstanceOf(UncheckedIOException.class)
                    .hasMessageContaining("They can't be read");
        }
    }

    @Test
    void read_wrongPassword_doesNotRepeatIt() {
        PGSimpleDataSource refused = schema.dataSource();
        refused.setUser("nobody-hunter1");
        refused.setPassword("hunter2");

        assertThatThrownBy(() -> store(refused).read())
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("SQLState 28")
                .satisfies(failure ->
                        assertThat(failure + " " + failure.getCause()).doesNotContain("hunter"));
    }

    /** Silences the proxy once the connection stands. */
    private static DataSource whenConnected(DataSource real, SilentProxy proxy) {
        return new ObservedDataSource(real).onStatement(proxy::fallSilent).dataSource();
    }
}
