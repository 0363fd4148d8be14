package io.dynamiccredentials.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;

/** What would be measured in vain if it counted nothing. */
class DeadlinesTest {
    private final SetClock clock = new SetClock();
    private final Deadlines deadlines = new Deadlines(clock);
    private final Deadlines.Watch watch = deadlines.watch(0.8);

    @Test
    void renewed_inTime_isNeitherMissedNorLate() {
        watch.renewed(clock.after(100));
        clock.now = clock.after(80);
        watch.renewed(clock.after(100));
        deadlines.sample();

        assertThat(deadlines.refreshes()).isEqualTo(1);
        assertThat(deadlines.missed()).isZero();
        assertThat(deadlines.worstLatenessSeconds()).isZero();
    }

    @Test
    void renewed_afterItIsDue_isLateBySoMuch() {
        watch.renewed(clock.after(100));
        clock.now = clock.after(85);
        watch.renewed(clock.after(100));

        assertThat(deadlines.missed()).isZero();
        assertThat(deadlines.worstLatenessSeconds()).isEqualTo(5);
    }

    @Test
    void renewed_afterTheLastSafeMoment_isMissed() {
        watch.renewed(clock.after(100));
        clock.now = clock.after(91);
        watch.renewed(clock.after(100));

        assertThat(deadlines.missed()).isEqualTo(1);
    }

    @Test
    void sample_pastTheLastSafeMoment_isMissed() {
        watch.renewed(clock.after(100));
        clock.now = clock.after(90);
        deadlines.sample();
        assertThat(deadlines.missed()).isZero();

        clock.now = clock.after(1);
        deadlines.sample();
        assertThat(deadlines.missed()).isEqualTo(1);
    }

    /** A clock that a test sets. */
    private static final class SetClock extends Clock {
        private Instant now = Instant.ofEpochSecond(1_800_000_000);

        Instant after(long seconds) {
            return now.plusSeconds(seconds);
        }

        @Override
        public Instant instant() {
            return now;
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            throw new UnsupportedOperationException("Nobody asks for a zone");
        }
    }
}
