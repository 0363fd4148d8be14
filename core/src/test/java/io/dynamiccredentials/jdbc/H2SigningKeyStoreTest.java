package io.dynamiccredentials.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.util.UUID;
import javax.sql.DataSource;
import org.h2.jdbcx.JdbcDataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class H2SigningKeyStoreTest extends JdbcSigningKeyStoreContract {
    private final JdbcDataSource database = database("mem:" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1");

    @Override
    DataSource database() {
        return database;
    }

    @AfterEach
    void shutDown() throws Exception {
        shutDown(database);
    }

    @Test
    void replace_databaseMayOnlyBeRead_isRefusedAndReadingWorks(@TempDir Path temporary) throws Exception {
        JdbcDataSource writable = database("file:" + temporary.resolve("keys"));
        store(writable).createSchema();
        assertThat(store(writable).replace(version(1, "a"))).isTrue();
        shutDown(writable);
        JdbcDataSource readOnly = database("file:" + temporary.resolve("keys") + ";ACCESS_MODE_DATA=r");

        assertThat(store(readOnly).read()).contains(version(1, "a"));
        assertThatThrownBy(() -> store(readOnly).replace(version(2, "b")))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("SQLState 90097")
                .hasMessageContaining("may be written");
        assertThat(store(readOnly).read()).contains(version(1, "a"));
    }

    @Test
    void replace_databaseIsOpenedAgain_showsWhatWasStored(@TempDir Path temporary) throws Exception {
        JdbcDataSource file = database("file:" + temporary.resolve("keys"));
        store(file).createSchema();
        assertThat(store(file).replace(version(1, "a"))).isTrue();
        shutDown(file);

        assertThat(store(file).read()).contains(version(1, "a"));
        assertThat(store(file).replace(version(2, "b"))).isTrue();
    }

    private static JdbcDataSource database(String url) {
        JdbcDataSource dataSource = new JdbcDataSource();
        dataSource.setURL("jdbc:h2:" + url);
        return dataSource;
    }

    private static void shutDown(DataSource dataSource) throws Exception {
        try (Connection connection = dataSource.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("SHUTDOWN");
        }
    }
}
