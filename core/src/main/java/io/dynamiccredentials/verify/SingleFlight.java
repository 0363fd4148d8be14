package io.dynamiccredentials.verify;

import static java.util.concurrent.TimeUnit.NANOSECONDS;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Has a piece of work done once, however many need its result. Safe for use by many threads. */
final class SingleFlight {
    private final AtomicReference<@Nullable CompletableFuture<Boolean>> underWay = new AtomicReference<>();

    /**
     * Has {@code executor} do {@code work}, unless such work is under way, and returns what ends with it, however it
     * ends.
     *
     * @throws java.util.concurrent.RejectedExecutionException if {@code executor} takes no more work
     */
    CompletableFuture<Boolean> begin(Runnable work, Executor executor) {
        CompletableFuture<Boolean> mine = new CompletableFuture<>();
        CompletableFuture<Boolean> others = underWay.compareAndExchange(null, mine);
        if (others != null) {
            return others;
        }
        boolean begun = false;
        try {
            executor.execute(() -> {
                try {
                    work.run();
                } finally {
                    end(mine);
                }
            });
            begun = true;
        } finally {
            // Whatever keeps the work from being begun, the next caller may try again.
            if (!begun) {
                end(mine);
            }
        }
        return mine;
    }

    /**
     * Does {@code work} in this thread, unless such work is under way in another, which is not waited for. Returns
     * whether none is under way any more.
     */
    boolean runHere(Runnable work) {
        return begin(work, Runnable::run).isDone();
    }

    /** Waits for the end, for at most {@code longestWait}. */
    static void await(CompletableFuture<Boolean> end, Duration longestWait) throws InterruptedException {
        try {
            end.get(longestWait.toNanos(), NANOSECONDS);
        } catch (ExecutionException e) {
            throw new IllegalStateException("It is completed with a value only", e);
        } catch (TimeoutException e) {
            // The caller looks at what there is, as after any other end.
            return;
        }
    }

    private void end(CompletableFuture<Boolean> mine) {
        underWay.compareAndSet(mine, null);
        mine.complete(true);
    }
}
