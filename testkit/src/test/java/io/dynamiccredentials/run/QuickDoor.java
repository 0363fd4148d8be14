package io.dynamiccredentials.run;

import io.dynamiccredentials.exchange.Refresher;
import io.dynamiccredentials.fixtures.SimulatedTime;

/** Gives a door a time that passes when a test says so, for tests of other packages. */
public final class QuickDoor {
    private QuickDoor() {}

    /** Sets the time of {@code door}; no pause of its takes any. */
    public static DynamicCredentials.Builder at(SimulatedTime time, DynamicCredentials.Builder door) {
        return door.time(millis -> {})
                .refresher(Refresher.builder()
                        .executors(time, time)
                        .clocks(time.clock(), time::nanoTime)
                        .build());
    }
}
