package io.dynamiccredentials.verify;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MissedKeyIdsTest {
    private static final Moment NOW = new Moment(5, 0);
    private static final Duration INTERVAL = Duration.ofSeconds(4);

    private final MissedKeyIds missed = new MissedKeyIds();

    @Test
    void mayAskFor_newKeyId_may() {
        missed.add("other", NOW, INTERVAL);

        assertThat(missed.mayAskFor("new", NOW)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(longs = {0, -3, Long.MAX_VALUE - 10, Long.MIN_VALUE})
    void mayAskFor_missedKeyId_mayFromTheIntervalOn(long nanos) {
        Moment added = new Moment(nanos, 0);
        missed.add("gone", added, INTERVAL);

        assertThat(missed.mayAskFor("gone", added)).isFalse();
        assertThat(missed.mayAskFor("gone", later(added, INTERVAL.minusNanos(1))))
                .isFalse();
        assertThat(missed.mayAskFor("gone", later(added, INTERVAL))).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "4, 1, 4",
        "4, 2, 8",
        "4, 3, 16",
        "4, 4, 32",
        "4, 5, 60",
        "4, 6, 60",
        "4, 80, 60",
        "1, 6, 32",
        "1, 7, 60",
        "1, 65, 60",
        "1, 80, 60",
        "60, 1, 60",
        "60, 2, 60"
    })
    void add_missedAgainAndAgain_pauseDoublesToAMinute(long interval, int times, long seconds) {
        for (int i = 0; i < times; i++) {
            missed.add("gone", NOW, Duration.ofSeconds(interval));
        }

        Duration pause = Duration.ofSeconds(seconds);
        assertThat(missed.mayAskFor("gone", later(NOW, pause.minusNanos(1)))).isFalse();
        assertThat(missed.mayAskFor("gone", later(NOW, pause))).isTrue();
    }

    @Test
    void add_the65th_forgetsTheOneThatWasNotUsedForLongest() {
        for (int i = 0; i < 64; i++) {
            missed.add("k" + i, NOW, INTERVAL);
        }
        assertThat(missed.mayAskFor("k0", NOW)).as("64 are kept").isFalse();

        missed.add("k64", NOW, INTERVAL);

        assertThat(missed.mayAskFor("k1", NOW)).as("forgotten").isTrue();
        for (int i : new int[] {0, 2, 3, 63, 64}) {
            assertThat(missed.mayAskFor("k" + i, NOW)).as("k" + i).isFalse();
        }
    }

    private static Moment later(Moment moment, Duration time) {
        return new Moment(moment.nanos() + time.toNanos(), moment.epochMillis());
    }
}
