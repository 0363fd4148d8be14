package io.dynamiccredentials.run;

import java.time.Duration;
import java.util.concurrent.Future;

/** Runs tasks later, on threads of its own. */
@FunctionalInterface
interface Scheduler {

    /** Runs {@code task} after {@code pause}, unless the returned future is cancelled before. */
    Future<?> schedule(Runnable task, Duration pause);
}
