package io.dynamiccredentials.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dynamiccredentials.Secret;
import io.dynamiccredentials.environment.MaskingOutputStream;
import io.dynamiccredentials.journal.LeaseFact;
import io.dynamiccredentials.journal.LeaseJournal;
import io.dynamiccredentials.token.IdentityToken;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class LedgerTest {
    private static final Clock CLOCK = Clock.fixed(Instant.EPOCH, ZoneOffset.UTC);
    private static final Instant NOW = Instant.EPOCH;
    private static final IdentityToken TOKEN = new IdentityToken(
            Secret.of("opaque-token"), "https://ci.example", "sub", "one", "jti-1", NOW, NOW.plusSeconds(600));

    @Test
    void issued_masksAreAskedForWhileTheJournalIsWritten_knowTheToken() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        AskingJournal journal = new AskingJournal();
        Ledger ledger = ledger(journal);
        journal.meanwhile = () -> ledger.masks();

        ledger.issued("ONE", TOKEN);

        try (MaskingOutputStream masking = ledger.masks().mask(out)) {
            masking.write(TOKEN.compact().reveal().getBytes(StandardCharsets.UTF_8));
        }
        assertThat(out.toString(StandardCharsets.UTF_8)).isEqualTo("***");
    }

    @Test
    void issued_leaseIsClosed_isRefusedBeforeAnybodyHearsOfIt() {
        AskingJournal journal = new AskingJournal();
        journal.meanwhile = () -> {
            throw new AssertionError("The journal heard of it");
        };
        Ledger ledger = ledger(journal);
        ledger.seal();

        assertThatThrownBy(() -> ledger.issued("ONE", TOKEN)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    @Timeout(value = 5, unit = TimeUnit.MINUTES)
    void issued_moreTokensThanMasksHaveRoomFor_bearersStayMasked() throws IOException {
        Ledger ledger = ledger(new AskingJournal());
        ledger.masks();
        ledger.takeBearer(Secret.of("bearer-of-the-endpoint"));
        for (int i = 0; i < 10; i++) {
            String compact = ("token-" + i + "-").repeat(25_000);
            ledger.issued(
                    "ONE",
                    new IdentityToken(
                            Secret.of(compact),
                            "https://ci.example",
                            "sub",
                            "one",
                            "jti-" + i,
                            NOW.minusSeconds(9),
                            NOW.minusSeconds(1)));
        }

        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (MaskingOutputStream masking = ledger.masks().mask(out)) {
            masking.write(("bearer-of-the-endpoint " + "token-0-".repeat(25_000)).getBytes(StandardCharsets.UTF_8));
        }
        assertThat(out.toString(StandardCharsets.UTF_8)).isEqualTo("*** " + "token-0-".repeat(25_000));
    }

    private static Ledger ledger(LeaseJournal.Entry journal) {
        LeaseEvents events = new LeaseEvents("run-1", event -> {}, CLOCK);
        return new Ledger("run-1", journal, Optional.empty(), events, CLOCK);
    }

    /** Does something whenever it is written. */
    private static final class AskingJournal implements LeaseJournal.Entry {
        private Runnable meanwhile = () -> {};

        @Override
        public void add(LeaseFact fact) {
            meanwhile.run();
        }

        @Override
        public void end() {}
    }
}
