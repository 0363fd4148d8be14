package io.dynamiccredentials.verify;

import static org.assertj.core.api.Assertions.assertThat;

import io.dynamiccredentials.fixtures.ManualClock;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MomentTest {
    private static final Moment EARLIER = new Moment(1_000_000, 5000);

    @ParameterizedTest
    @CsvSource({
        "0, 0, PT0S",
        "3000000, 3, PT0.003S",
        "3000001, 3, PT0.003000001S",
        "2999999, 3, PT0.003S",
        "3000000, -3600000, PT0.003S",
        "3000000, 3600000, PT1H",
        "0, 8, PT0.008S",
        "8, 0, PT0.000000008S",
        "-5, -2000, PT-0.000000005S"
    })
    void since_isTheGreaterAgeOfBothClocks(long ranNanos, long passedMillis, Duration age) {
        Moment now = new Moment(EARLIER.nanos() + ranNanos, EARLIER.epochMillis() + passedMillis);

        assertThat(now.since(EARLIER)).isEqualTo(age);
    }

    @Test
    void since_nanosThatOverflow_goOn() {
        assertThat(new Moment(Long.MIN_VALUE + 1, 0).since(new Moment(Long.MAX_VALUE, 0)))
                .isEqualTo(Duration.ofNanos(2));
    }

    @Test
    void now_readsBothClocks() {
        assertThat(new Moment.Clocks(new ManualClock(), () -> 42).now())
                .isEqualTo(new Moment(42, ManualClock.START.toEpochMilli()));
    }
}
