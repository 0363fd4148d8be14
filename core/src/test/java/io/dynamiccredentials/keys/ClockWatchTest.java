package io.dynamiccredentials.keys;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ClockWatchTest {
    private static final Instant START = Instant.parse("2026-03-01T12:00:00Z");
    private static final Duration MARGIN = Duration.ofHours(2).plusMinutes(10);
    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final Duration MINUTE = Duration.ofMinutes(1);
    private static final Duration HOUR = Duration.ofHours(1);

    /** What the process counts does not begin at zero. */
    private static final Duration BOOTED = Duration.ofDays(3);

    private final ClockWatch watch = new ClockWatch(MARGIN);

    @BeforeEach
    void begin() {
        watch.begin(START, BOOTED);
    }

    @Test
    void trusts_timePassesForBothAndAMarkIsLeftEachTime_always() {
        for (int minutes = 1; minutes < 300; minutes++) {
            assertThat(trusts(MINUTE.multipliedBy(minutes))).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, -1})
    void trusts_leapOfTheMargin_stillDoes(int sign) {
        Instant leapt = START.plus(MINUTE).plus(MARGIN.multipliedBy(sign));

        assertThat(watch.trusts(leapt, BOOTED.plus(MINUTE), leapt)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, -1})
    void trusts_leapOfASecondMore_doesNot(int sign) {
        Instant leapt = START.plus(MINUTE).plus(MARGIN.plus(SECOND).multipliedBy(sign));

        assertThat(watch.trusts(leapt, BOOTED.plus(MINUTE), leapt)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, -1})
    void trusts_twoLeapsOfTheMargin_eachIsMeasuredFromTheOneBefore(int sign) {
        Instant once = START.plus(MARGIN.multipliedBy(sign));
        Instant twice = once.plus(MARGIN.multipliedBy(sign));

        assertThat(watch.trusts(once, BOOTED, once)).isTrue();
        assertThat(watch.trusts(twice, BOOTED, twice)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, -1})
    void trusts_markOfAnotherNodeAtTheMargin_onTheFirstLookOfAProcess(int sign) {
        Instant atMargin = START.plus(MARGIN.multipliedBy(sign));
        Instant beyond = START.plus(MARGIN.plus(SECOND).multipliedBy(sign));

        assertThat(new ClockWatch(MARGIN).trusts(START, BOOTED, atMargin)).isTrue();
        assertThat(new ClockWatch(MARGIN).trusts(START, BOOTED, beyond)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, -1})
    void trusts_markThatIsOlderByTheTimeThatPassed_stillDoes(int sign) {
        Duration passed = Duration.ofMinutes(10);
        Instant now = START.plus(passed);

        assertThat(watch.trusts(
                        now, BOOTED.plus(passed), now.plus(MARGIN.plus(passed).multipliedBy(sign))))
                .isTrue();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, -1})
    void trusts_markThatIsOlderByASecondMore_doesNot(int sign) {
        Duration passed = Duration.ofMinutes(10);
        Instant now = START.plus(passed);
        Duration more = MARGIN.plus(passed).plus(SECOND);

        assertThat(watch.trusts(now, BOOTED.plus(passed), now.plus(more.multipliedBy(sign))))
                .isFalse();
    }

    @Test
    void trusts_markStaysBehindWhileLooksAreClose_doesNotAddUpTheirTime() {
        assertThat(watch.trusts(START.plus(MARGIN), BOOTED.plus(MARGIN), START.plus(MARGIN)))
                .isTrue();

        // A second has passed since the look before, and not the whole time since the mark.
        Instant now = START.plus(MARGIN).plus(SECOND);
        Instant mark = now.minus(MARGIN).minus(SECOND).minus(SECOND);
        assertThat(watch.trusts(now, BOOTED.plus(MARGIN).plus(SECOND), mark)).isFalse();
    }

    @Test
    void trusts_afterADifference_holdsStillForAnHourOfTheProcess() {
        Duration seen = MINUTE;
        assertThat(differs(seen)).isFalse();

        assertThat(trusts(seen.plus(SECOND))).isFalse();
        assertThat(trusts(seen.plus(HOUR).minus(SECOND))).isFalse();
        assertThat(trusts(seen.plus(HOUR))).isTrue();
        assertThat(trusts(seen.plus(HOUR).plus(SECOND))).isTrue();
    }

    @Test
    void trusts_theClockLeapsAnHourWithinTheHour_settlesByWhatPassedInTheProcess() {
        assertThat(differs(MINUTE)).isFalse();

        // By the clock the hour is over; a leap within the margin begins no other.
        Instant leapt = START.plus(MINUTE).plus(HOUR);
        assertThat(watch.trusts(leapt, BOOTED.plus(MINUTE).plus(SECOND), leapt)).isFalse();
    }

    @Test
    void trusts_differenceAgainWithinTheHour_beginsAnother() {
        Duration again = MINUTE.plus(HOUR).minus(SECOND);
        assertThat(differs(MINUTE)).isFalse();
        assertThat(differs(again)).isFalse();

        assertThat(trusts(MINUTE.plus(HOUR))).isFalse();
        assertThat(trusts(again.plus(HOUR).minus(SECOND))).isFalse();
        assertThat(trusts(again.plus(HOUR))).isTrue();
    }

    /** Looks {@code passed} after the begin, when the clock and the mark agree. */
    private boolean trusts(Duration passed) {
        Instant now = START.plus(passed);
        return watch.trusts(now, BOOTED.plus(passed), now);
    }

    /** Looks {@code passed} after the begin, when the mark is a day off and the clock did not leap. */
    private boolean differs(Duration passed) {
        Instant now = START.plus(passed);
        return watch.trusts(now, BOOTED.plus(passed), now.plus(Duration.ofDays(1)));
    }
}
