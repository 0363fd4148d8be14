package io.dynamiccredentials.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dynamiccredentials.journal.LeaseJournal;
import io.dynamiccredentials.journal.LeaseJournal.AbandonedLease;
import io.dynamiccredentials.journal.LeaseJournal.Entry;
import io.dynamiccredentials.journal.LeaseJournal.TakenOver;
import io.dynamiccredentials.journal.LeaseRecord;
import io.dynamiccredentials.testkit.contract.LeaseJournalContract;
import java.io.UncheckedIOException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import javax.sql.DataSource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What {@link JdbcLeaseJournal} does on each database. */
abstract class JdbcLeaseJournalContract extends LeaseJournalContract {
    private static final String OWNERS = "dynamic_credentials_lease_owners";
    private static final String FACTS_TABLE = "dynamic_credentials_lease_facts";

    /** Returns the database of this test, which had no table when the test began. */
    abstract DataSource database();

    @BeforeEach
    void createTables() {
        JdbcLeaseJournal.builder(database()).build().createSchema();
    }

    @Override
    protected LeaseJournal open() {
        return JdbcLeaseJournal.builder(database()).build();
    }

    @Test
    void takeOver_silentForLongerThanAMinute_givesTheLease() throws Exception {
        journal().begin(lease("one")).add(FACTS.get(0));
        fallSilent(59);
        assertThat(journal().takeOver().leases()).isEmpty();
        fallSilent(2);

        assertThat(only(journal().takeOver()).facts()).containsExactly(FACTS.get(0));
    }

    @Test
    void add_ownerWasTakenOver_isRefusedAndNothingIsAdded() throws Exception {
        LeaseJournal owner = journal();
        Entry entry = owner.begin(lease("one"));
        entry.add(FACTS.get(0));
        fallSilent(61);
        AbandonedLease left = only(journal().takeOver());

        assertThatThrownBy(() -> entry.add(FACTS.get(1)))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("taken over by another node");
        assertThatThrownBy(() -> entry.add(FACTS.get(1))).isInstanceOf(UncheckedIOException.class);
        assertThatThrownBy(entry::end).isInstanceOf(UncheckedIOException.class);
        left.putBack(left.facts());
        assertThatThrownBy(() -> entry.add(FACTS.get(1))).isInstanceOf(UncheckedIOException.class);
        assertThat(only(journal().takeOver()).facts()).containsExactly(FACTS.get(0));
    }

    @Test
    void add_ownerTookItsOwnOldLeasesOver_isRefusedForTheOldOnes() throws Exception {
        LeaseJournal owner = journal();
        Entry entry = owner.begin(lease("one"));
        fallSilent(61);
        only(journal().takeOver()).putBack(List.of());
        assertThatThrownBy(() -> entry.add(FACTS.get(1))).isInstanceOf(UncheckedIOException.class);

        assertThat(only(owner.takeOver()).lease()).isEqualTo(lease("one"));
        assertThatThrownBy(() -> entry.add(FACTS.get(1))).isInstanceOf(UncheckedIOException.class);
    }

    @Test
    void add_silentAndNotTakenOver_isASignOfLife() throws Exception {
        LeaseJournal owner = journal();
        Entry entry = owner.begin(lease("one"));
        fallSilent(61);
        assertThat(owner.takeOver().leases()).isEmpty();
        entry.add(FACTS.get(0));

        assertThat(journal().takeOver().leases()).isEmpty();
    }

    @Test
    void begin_ownerWasTakenOver_beginsAnew() throws Exception {
        LeaseJournal owner = journal();
        owner.begin(lease("one"));
        fallSilent(61);
        only(journal().takeOver()).settle();

        owner.begin(lease("two")).add(FACTS.get(0));

        LeaseJournal other = journal();
        assertThat(other.takeOver().leases()).isEmpty();
        owner.close();
        assertThat(only(other.takeOver()).lease()).isEqualTo(lease("two"));
    }

    @Test
    void settle_sweeperWasTakenOver_isRefusedAndTheLeaseIsTheOthers() throws Exception {
        leave("one", FACTS);
        AbandonedLease slow = only(journal().takeOver());
        fallSilent(61);
        AbandonedLease fast = only(journal().takeOver());

        assertThatThrownBy(slow::settle)
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("taken over by another node");
        assertThat(fast.facts()).isEqualTo(FACTS);
        fast.settle();
        assertThat(count(FACTS_TABLE)).isZero();
    }

    @Test
    void beat_ownerLives_keepsItAlive() throws Exception {
        Beats beats = new Beats();
        LeaseJournal owner = journal(beats);
        owner.begin(lease("one"));
        fallSilent(61);

        beats.beat();

        assertThat(journal().takeOver().leases()).isEmpty();
        assertThat(beats.pauseMillis).isEqualTo(10_000);
    }

    @Test
    void beat_leasesAreBeingSettled_keepsThemFromOthers() throws Exception {
        leave("one", FACTS);
        Beats beats = new Beats();
        AbandonedLease left = only(journal(beats).takeOver());
        fallSilent(61);

        beats.beat();

        assertThat(journal().takeOver().leases()).isEmpty();
        left.settle();
    }

    @Test
    void beat_ownerWasTakenOver_isNoticedByTheOwner() throws Exception {
        Beats beats = new Beats();
        LeaseJournal owner = journal(beats);
        Entry entry = owner.begin(lease("one"));
        fallSilent(61);
        AbandonedLease left = only(journal().takeOver());
        beats.beat();
        left.settle();

        assertThatThrownBy(() -> entry.add(FACTS.get(0))).isInstanceOf(UncheckedIOException.class);
        assertThat(count(FACTS_TABLE)).isZero();
    }

    @Test
    void beat_databaseFails_isTriedAgain() throws Exception {
        Beats beats = new Beats();
        AtomicReference<DataSource> source = new AtomicReference<>(database());
        LeaseJournal owner =
                JdbcLeaseJournal.builder(switching(source)).scheduler(beats).build();
        owner.begin(lease("one"));
        fallSilent(61);
        source.set(failing());
        beats.beat();
        source.set(database());
        beats.beat();

        assertThat(journal().takeOver().leases()).isEmpty();
        owner.close();
    }

    @Test
    void takeOver_databaseFailsForOneOwner_givesTheOthersAndLeavesThatOne() throws Exception {
        leave("one", FACTS);
        leave("two", FACTS);
        // Dead owners are asked for first; then the first one is taken over, and then it is read.
        LeaseJournal journal =
                closedLater(JdbcLeaseJournal.builder(failingOnce(3)).build());

        TakenOver over = journal.takeOver();

        assertThat(over.unreadable()).singleElement().asString().contains("can't be taken over now", "tries again");
        assertThat(over.leases()).hasSize(1);
        LeaseRecord other = lease(over.leases().get(0).lease().equals(lease("one")) ? "two" : "one");
        AbandonedLease left = only(journal().takeOver());
        assertThat(left.lease()).isEqualTo(other);
        left.settle();
    }

    @Test
    void takeOver_whetherItWasTakenIsOpen_isReportedAndNotHeld() throws Exception {
        leave("one", FACTS);
        LeaseJournal journal =
                closedLater(JdbcLeaseJournal.builder(failingOnce(2)).build());

        assertThat(journal.takeOver().unreadable()).hasSize(1);

        assertThat(only(journal().takeOver()).facts()).isEqualTo(FACTS);
    }

    @Test
    void putBack_databaseFails_leavesTheLeaseAsItWasToALaterCaller() throws Exception {
        leave("one", FACTS);
        LeaseJournal journal =
                closedLater(JdbcLeaseJournal.builder(failingOnce(4)).build());
        AbandonedLease left = only(journal.takeOver());

        assertThatThrownBy(() -> left.putBack(List.of())).isInstanceOf(UncheckedIOException.class);

        assertThatThrownBy(left::settle).isInstanceOf(IllegalStateException.class);
        assertThat(only(journal.takeOver()).facts()).isEqualTo(FACTS);
    }

    @Test
    void close_nothingOpen_leavesNoRow() throws Exception {
        LeaseJournal owner = journal();
        Entry entry = owner.begin(lease("one"));
        entry.add(FACTS.get(0));
        entry.end();
        owner.close();

        assertThat(count(OWNERS)).isZero();
        assertThat(count(FACTS_TABLE)).isZero();
    }

    @Test
    void settle_lastLeaseOfAnOwner_removesItsRow() throws Exception {
        leave("one", FACTS);
        only(journal().takeOver()).settle();

        assertThat(count(OWNERS)).isZero();
        assertThat(count(FACTS_TABLE)).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"no JSON", "{\"format\":2}"})
    void takeOver_aRowIsMalformed_refusesThatLeaseAndGivesTheOthers(String content) throws Exception {
        leave("bad", FACTS);
        execute("UPDATE " + FACTS_TABLE + " SET content = '" + content + "' WHERE place = 0");
        leave("good", FACTS);
        LeaseJournal journal = journal();

        TakenOver over = journal.takeOver();

        assertThat(over.leases()).singleElement().satisfies(left -> {
            assertThat(left.lease()).isEqualTo(lease("good"));
            left.settle();
        });
        assertThat(over.unreadable()).singleElement().asString().contains("can't be read", "delete its rows");
        assertThat(journal.takeOver().unreadable()).hasSize(1);
    }

    @Test
    void table_noTables_saysWhatToDo() throws Exception {
        execute("DROP TABLE " + FACTS_TABLE);

        LeaseJournal journal = journal();
        assertThatThrownBy(() -> journal.begin(lease("one")))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("createSchema()");
        createTables();
    }

    @Test
    void tables_otherPrefix_areOthers() throws Exception {
        JdbcLeaseJournal other =
                JdbcLeaseJournal.builder(database()).tables("other_lease").build();
        other.createSchema();
        leave("one", FACTS);

        assertThat(other.takeOver().leases()).isEmpty();
        assertThat(count("other_lease_owners")).isZero();
        other.close();
    }

    @ParameterizedTest
    @CsvSource({"PT9.999S, PT1S", "PT24H0M1S, PT1S", "PT10.5S, PT1S"})
    void build_deadAfterOutOfBounds_isRefused(Duration deadAfter, Duration timeout) {
        JdbcLeaseJournal.Builder builder =
                JdbcLeaseJournal.builder(database()).deadAfter(deadAfter).timeout(timeout);

        assertThatThrownBy(builder::build)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("whole seconds between");
    }

    @Test
    void build_timeoutMakesNodesDead_isRefused() {
        JdbcLeaseJournal.Builder builder = JdbcLeaseJournal.builder(database()).deadAfter(Duration.ofSeconds(20));

        assertThatThrownBy(builder::build)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("longer than twice the time-out");
        assertThat(builder.deadAfter(Duration.ofSeconds(21)).build()).isNotNull();
    }

    private LeaseJournal journal(Beats beats) {
        return closedLater(JdbcLeaseJournal.builder(database()).scheduler(beats).build());
    }

    private void fallSilent(int seconds) throws SQLException {
        execute("UPDATE " + OWNERS + " SET beat_at = beat_at - INTERVAL '" + seconds + "' SECOND");
    }

    private int count(String table) throws SQLException {
        try (Connection connection = database().getConnection();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT COUNT(*) FROM " + table)) {
            rows.next();
            return rows.getInt(1);
        }
    }

    private void execute(String sql) throws SQLException {
        try (Connection connection = database().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static DataSource switching(AtomicReference<DataSource> source) {
        return dataSource(() -> Objects.requireNonNull(source.get()).getConnection());
    }

    /** Fails to give the connection of this number, from 1. */
    private DataSource failingOnce(int failing) {
        AtomicInteger asked = new AtomicInteger();
        return dataSource(() -> {
            if (asked.incrementAndGet() == failing) {
                throw new SQLException("down", "08001");
            }
            return database().getConnection();
        });
    }

    private static DataSource failing() {
        return dataSource(() -> {
            throw new SQLException("down", "08001");
        });
    }

    /** Where connections come from. */
    private interface Connections {
        Connection get() throws SQLException;
    }

    private static DataSource dataSource(Connections connections) {
        return (DataSource) Proxy.newProxyInstance(
                JdbcLeaseJournalContract.class.getClassLoader(),
                new Class<?>[] {DataSource.class},
                (proxy, method, arguments) -> connections.get());
    }

    /** Runs what is scheduled when it is told to. */
    private static final class Beats extends ScheduledThreadPoolExecutor {
        private Runnable task = () -> {};
        private long pauseMillis;

        Beats() {
            super(0);
        }

        @Override
        public ScheduledFuture<?> scheduleWithFixedDelay(Runnable work, long first, long pause, TimeUnit unit) {
            task = work;
            pauseMillis = unit.toMillis(pause);
            return super.schedule(() -> {}, 1, TimeUnit.DAYS);
        }

        void beat() {
            task.run();
        }
    }
}
