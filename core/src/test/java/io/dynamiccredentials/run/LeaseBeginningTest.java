package io.dynamiccredentials.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dynamiccredentials.broker.CredentialBroker;
import io.dynamiccredentials.journal.FileLeaseJournal;
import io.dynamiccredentials.journal.LeaseJournal;
import io.dynamiccredentials.workload.TerraformRun;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LeaseBeginningTest {
    private static final TerraformRun RUN =
            TerraformRun.builder("acme", "shop", "prod", "run-1").build();

    @TempDir
    Path parent;

    @TempDir
    Path journals;

    private final CredentialBroker broker = CredentialBroker.of(Clock.systemUTC());

    @Test
    void begin_runIsOpenAlready_leavesNothing() {
        try (FileLeaseJournal journal = FileLeaseJournal.open(journals)) {
            LeaseParts open = beginning(journal).begin(RUN);

            assertThatThrownBy(() -> beginning(journal).begin(RUN)).isInstanceOf(IllegalStateException.class);

            assertThat(broker).hasToString("CredentialBroker[leases=1]");
            assertThat(open.directory().path()).isDirectory();
            open.endpoints().close();
            open.directory().close();
            open.journal().end();
        }
        try (FileLeaseJournal next = FileLeaseJournal.open(journals)) {
            assertThat(next.takeOver().leases()).isEmpty();
        }
    }

    @Test
    void begin_journalFails_leavesNothing() {
        FileLeaseJournal closed = FileLeaseJournal.open(journals);
        closed.close();

        assertThatThrownBy(() -> beginning(closed).begin(RUN)).isInstanceOf(IllegalStateException.class);

        assertThat(broker).hasToString("CredentialBroker[leases=0]");
        assertThat(parent).isEmptyDirectory();
    }

    private LeaseBeginning beginning(LeaseJournal journal) {
        return new LeaseBeginning(
                parent, journal, Optional.empty(), event -> {}, broker, Clock.systemUTC(), "machine/1");
    }
}
