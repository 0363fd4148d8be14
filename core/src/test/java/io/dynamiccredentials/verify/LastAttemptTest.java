package io.dynamiccredentials.verify;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LastAttemptTest {
    private static final Moment NOW = new Moment(7_000_000_000L, 0);

    @Test
    void good_isNoPause() {
        LastAttempt good = LastAttempt.good(NOW);

        assertThat(good).isEqualTo(new LastAttempt(NOW.nanos(), 0, Duration.ZERO, null));
        assertThat(good.isPausing(NOW)).isFalse();
    }

    @Test
    void failed_againAndAgain_pauseDoublesFrom1SecondTo60() {
        assertThat(pausesInMillis(0, 80)).startsWith(1000L, 2000L, 4000L, 8000L, 16_000L, 32_000L, 60_000L);
        assertThat(pausesInMillis(0, 80).subList(6, 80)).containsOnly(60_000L);
    }

    @Test
    void failed_greatestRandomPart_takesHalfOff() {
        assertThat(pausesInMillis(1, 9))
                .containsExactly(500L, 1000L, 2000L, 4000L, 8000L, 16_000L, 30_000L, 30_000L, 30_000L);
    }

    @Test
    void failed_halfTheRandomPart_takesAQuarterOff() {
        assertThat(pausesInMillis(0.5, 2)).containsExactly(750L, 1500L);
    }

    @Test
    void failed_remembersWhenHowOftenAndWhy() {
        LastAttempt second = LastAttempt.failed(fail(null, Duration.ZERO), NOW, "gone", Duration.ZERO, 0);

        assertThat(second).isEqualTo(new LastAttempt(NOW.nanos(), 2, Duration.ofSeconds(2), "gone"));
    }

    @Test
    void failed_afterAGoodOne_beginsAnew() {
        assertThat(fail(LastAttempt.good(NOW), Duration.ZERO).pause()).isEqualTo(Duration.ofSeconds(1));
    }

    @Test
    void failed_issuerAsksForMore_getsMore() {
        assertThat(fail(null, Duration.ofMillis(999)).pause()).isEqualTo(Duration.ofSeconds(1));
        assertThat(fail(null, Duration.ofMillis(1001)).pause()).isEqualTo(Duration.ofMillis(1001));
        assertThat(fail(null, Duration.ofMinutes(5)).pause()).isEqualTo(Duration.ofMinutes(5));
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 7_000_000_000L, -1, Long.MAX_VALUE - 10, Long.MIN_VALUE})
    void isPausing_untilThePauseIsOver(long nanos) {
        Moment ended = new Moment(nanos, 0);
        LastAttempt failed = LastAttempt.failed(null, ended, "gone", Duration.ZERO, 0);

        assertThat(failed.isPausing(ended)).isTrue();
        assertThat(failed.isPausing(new Moment(nanos + 999_999_999, 0))).isTrue();
        assertThat(failed.isPausing(new Moment(nanos + 1_000_000_000, 0))).isFalse();
    }

    @Test
    void endedWithin_isMeasuredByTheClockThatOnlyRuns() {
        LastAttempt good = LastAttempt.good(NOW);

        assertThat(good.endedWithin(Duration.ofNanos(2), new Moment(NOW.nanos() + 1, 9_999_999)))
                .isTrue();
        assertThat(good.endedWithin(Duration.ofNanos(2), new Moment(NOW.nanos() + 2, -9_999_999)))
                .isFalse();
    }

    private static List<Long> pausesInMillis(double randomPart, int count) {
        List<Long> pauses = new ArrayList<>();
        LastAttempt last = null;
        for (int i = 0; i < count; i++) {
            last = LastAttempt.failed(last, NOW, "gone", Duration.ZERO, randomPart);
            pauses.add(last.pause().toMillis());
        }
        return pauses;
    }

    private static LastAttempt fail(@Nullable LastAttempt before, Duration retryAfter) {
        return LastAttempt.failed(before, NOW, "gone", retryAfter, 0);
    }
}
