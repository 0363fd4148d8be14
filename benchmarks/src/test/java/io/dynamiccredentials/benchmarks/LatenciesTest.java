package io.dynamiccredentials.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;

class LatenciesTest {

    @Test
    void micros_ofEvenlySpreadDurations_isWithinAStep() {
        Latencies latencies = new Latencies();
        for (int micros = 1; micros <= 1000; micros++) {
            latencies.add(micros * 1000L);
        }

        assertThat(latencies.count()).isEqualTo(1000);
        assertThat(latencies.micros(0.5)).isCloseTo(500, Percentage.withPercentage(7));
        assertThat(latencies.micros(0.999)).isCloseTo(999, Percentage.withPercentage(7));
        assertThat(latencies.micros(1)).isEqualTo(1000);
    }

    @Test
    void addAll_ofOthers_countsTheirs() {
        Latencies one = new Latencies();
        Latencies other = new Latencies();
        one.add(0);
        other.add(Long.MAX_VALUE);
        one.addAll(other);

        assertThat(one.count()).isEqualTo(2);
        assertThat(one.micros(0.5)).isZero();
        assertThat(one.micros(1)).isEqualTo(Long.MAX_VALUE / 1000.0);
    }
}
