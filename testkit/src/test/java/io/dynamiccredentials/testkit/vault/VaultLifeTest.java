package io.dynamiccredentials.testkit.vault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VaultLifeTest {
    private static final Instant ISSUED = Instant.parse("2026-03-01T12:00:00Z");

    @ParameterizedTest
    @CsvSource({
        // ttl, max, explicit, period, increment, age: life, warned
        "60, 0, 0, 0, 0, 0, 60, false",
        "0, 0, 0, 0, 0, 0, 2764800, false",
        "60, 0, 0, 0, 90, 0, 90, false",
        "60, 90, 0, 0, 90, 0, 90, false",
        "60, 90, 0, 0, 91, 0, 90, true",
        "60, 90, 0, 0, 0, 30, 60, false",
        "60, 90, 0, 0, 0, 31, 59, true",
        "60, 90, 0, 0, 0, 89, 1, true",
        "60, 90, 70, 0, 0, 30, 40, true",
        "60, 70, 90, 0, 0, 30, 40, true",
        "60, 0, 0, 300, 0, 99999, 300, false",
        "60, 0, 0, 300, 900, 0, 300, false",
        "60, 300, 0, 300, 0, 0, 300, false",
        "60, 299, 0, 300, 0, 0, 299, true",
        "60, 0, 900, 300, 0, 600, 300, false",
        "60, 0, 900, 300, 0, 601, 299, true",
        "0, 0, 0, 0, 9999999, 0, 2764800, true",
    })
    void reckon_capsByEachLimit(
            long ttl, long max, long explicit, long period, long increment, long age, long life, boolean warned) {
        VaultLife.Reckoned reckoned = new VaultLife(seconds(ttl), seconds(max), seconds(explicit), seconds(period))
                .reckon(seconds(increment), ISSUED, ISSUED.plusSeconds(age));

        assertThat(reckoned.ttl()).hasSeconds(life);
        assertThat(reckoned.warnings()).hasSize(warned ? 1 : 0);
    }

    @ParameterizedTest
    @CsvSource({"90", "91"})
    void reckon_nothingLeft_isRefused(long age) {
        VaultLife life = VaultLife.of(seconds(60), seconds(90));

        assertThatThrownBy(() -> life.reckon(Duration.ZERO, ISSUED, ISSUED.plusSeconds(age)))
                .isInstanceOf(VaultRefusal.class)
                .hasMessageContaining("past the max TTL, cannot renew");
    }

    @Test
    void reckon_periodTooLong_saysByWhat() {
        assertThat(new VaultLife(Duration.ZERO, seconds(5400), Duration.ZERO, Duration.ofDays(1))
                        .reckon(Duration.ZERO, ISSUED, ISSUED)
                        .warnings())
                .containsExactly(
                        "period of \"24h\" exceeded the effective max_ttl of \"1h30m\"; period value is capped "
                                + "accordingly");
    }

    @ParameterizedTest
    @CsvSource({"0, 0s", "59, 59s", "60, 1m", "3600, 1h", "3661, 1h1m1s", "90000, 25h"})
    void human_leavesZerosOut(long seconds, String text) {
        assertThat(VaultDuration.human(seconds(seconds))).isEqualTo(text);
    }

    private static Duration seconds(long seconds) {
        return Duration.ofSeconds(seconds);
    }
}
