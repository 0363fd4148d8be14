package io.dynamiccredentials.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.postgresql.ds.PGSimpleDataSource;

class PostgresReplayGuardTest extends JdbcReplayGuardContract {
    private final PostgresSchema schema = PostgresSchema.create();

    @Override
    DataSource database() {
        return schema.dataSource();
    }

    @Override
    String numbersUpTo(int count) {
        return "FROM generate_series(1, " + count + ") AS numbers (x)";
    }

    @AfterEach
    void dropSchema() {
        schema.close();
    }

    @Test
    void table_inASchema_isMadeAndFoundThere() throws Exception {
        PGSimpleDataSource elsewhere = schema.dataSource();
        elsewhere.setCurrentSchema("public");
        JdbcReplayGuard guard = JdbcReplayGuard.builder(elsewhere)
                .table(schema.name() + ".own_tokens")
                .clock(clock)
                .build();

        guard.createSchema();

        assertThat(guard.firstUse(ISSUER, "a", NOW.plusSeconds(600))).isTrue();
        assertThat(guard.firstUse(ISSUER, "a", NOW.plusSeconds(600))).isFalse();
        assertThat(firstUse("a")).isTrue();
    }
}
