package io.dynamiccredentials.jdbc;

import javax.sql.DataSource;

class PostgresLeaseJournalTest extends JdbcLeaseJournalContract {
    private final PostgresSchema schema = PostgresSchema.create();

    @Override
    DataSource database() {
        return schema.dataSource();
    }

    @Override
    protected void drop() {
        schema.close();
    }
}
