package io.dynamiccredentials.keys;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.LongAdder;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Random schedules against the invariants; a failure names the seed, by which it happens again. */
@Timeout(600)
class RotationSimulationTest {
    private static final long FIRST_SEED = Long.getLong("rotation.seed", 20260301);
    private static final long SCHEDULES = Long.getLong("rotation.schedules", 100_000);

    @Test
    void schedules_ofAllKinds_breakNoTokenAndLeaveNoMomentWithoutAKey() {
        LongAdder tokens = new LongAdder();
        LongAdder verdicts = new LongAdder();
        LongAdder rotations = new LongAdder();
        LongAdder crashes = new LongAdder();
        LongStream.range(FIRST_SEED, FIRST_SEED + SCHEDULES).parallel().forEach(seed -> {
            try {
                SimulatedCluster.Outcome outcome = new SimulatedCluster(seed).run();
                tokens.add(outcome.tokens());
                verdicts.add(outcome.verdicts());
                rotations.add(outcome.rotations());
                crashes.add(outcome.crashes());
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError("Schedule with seed " + seed + ": " + e.getMessage(), e);
            }
        });
        System.out.printf(
                "Rotation: %d schedules, %d rotations, %d tokens, %d verdicts, %d crashes%n",
                SCHEDULES, rotations.sum(), tokens.sum(), verdicts.sum(), crashes.sum());
        assertThat(rotations.sum()).isGreaterThan(SCHEDULES);
        assertThat(crashes.sum()).isGreaterThan(SCHEDULES);
        assertThat(verdicts.sum()).isGreaterThan(10 * SCHEDULES);
    }
}
