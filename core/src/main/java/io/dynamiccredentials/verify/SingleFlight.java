package io.dynamiccredentials.verify;

import static java.util.concurrent.TimeUnit.NANOSECONDS;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Lets one of many callers do a piece of work while the others wait for its end. Safe for use by many threads. */
final class SingleFlight {
    private final AtomicReference<@Nullable CompletableFuture<Boolean>> underWay = new AtomicReference<>();

    /** A piece of work that tells its result to the next callers by a side effect. */
    @FunctionalInterface
    interface Work {
        void run() throws InterruptedException;
    }

    /**
     * Does {@code work} in this thread, or waits at most {@code longestWait} until the thread that does it is through
     * with it, however it ended.
     */
    void run(Work work, Duration longestWait) throws InterruptedException {
        CompletableFuture<Boolean> mine = new CompletableFuture<>();
        CompletableFuture<Boolean> others = underWay.compareAndExchange(null, mine);
        if (others != null) {
            await(others, longestWait);
            return;
        }
        try {
            work.run();
        } finally {
            underWay.set(null);
            mine.complete(true);
        }
    }

    private static void await(CompletableFuture<Boolean> others, Duration longestWait) throws InterruptedException {
        try {
            others.get(longestWait.toNanos(), NANOSECONDS);
        } catch (ExecutionException e) {
            throw new IllegalStateException("It is completed with a value only", e);
        } catch (TimeoutException e) {
            // The caller looks at what there is, as after any other end.
            return;
        }
    }
}
