package io.dynamiccredentials.exchange;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The attempts at one platform: so many at a time and no more, so that a platform that lets everybody wait takes no
 * threads from the others; and a budget of retries, so that a platform that fails is not asked more than it would be if
 * it worked. Safe for use by many threads.
 */
final class PlatformLane {
    private static final int FULL_BUDGET = 1000;
    private static final int PER_RETRY = 10;

    private final Executor workers;
    private final int width;
    private final ReentrantLock lock = new ReentrantLock();
    private final Queue<Attempt> waiting = new ArrayDeque<>();
    private int running;
    private int budget = FULL_BUDGET;

    /** One attempt: either of its methods is called, once. */
    interface Attempt {
        /** Asks the platform. */
        void run();

        /** Hears that no thread takes it. */
        void refused(Throwable reason);
    }

    PlatformLane(Executor workers, int width) {
        this.workers = workers;
        this.width = width;
    }

    /** Runs {@code attempt} as soon as fewer than the width of the lane are under way. */
    void run(Attempt attempt) {
        if (!enter(attempt)) {
            return;
        }
        // Who came while this one was being refused waits for a turn that nobody else would give.
        for (Attempt next = attempt; next != null; ) {
            next = begin(next) ? null : next();
        }
    }

    private boolean enter(Attempt attempt) {
        lock.lock();
        try {
            if (running >= width) {
                waiting.add(attempt);
                return false;
            }
            running++;
            return true;
        } finally {
            lock.unlock();
        }
    }

    private boolean begin(Attempt attempt) {
        try {
            workers.execute(() -> runAll(attempt));
            return true;
        } catch (RejectedExecutionException | OutOfMemoryError e) {
            // The latter is what a machine says that has no more threads.
            attempt.refused(e);
            return false;
        }
    }

    /** Counts a success, ten of which pay for one retry. */
    void succeeded() {
        lock.lock();
        try {
            budget = Math.min(FULL_BUDGET, budget + 1);
        } finally {
            lock.unlock();
        }
    }

    /** Pays for a retry, if the budget has as much. */
    boolean mayRetrySoon() {
        lock.lock();
        try {
            if (budget < PER_RETRY) {
                return false;
            }
            budget -= PER_RETRY;
            return true;
        } finally {
            lock.unlock();
        }
    }

    private void runAll(Attempt first) {
        for (Attempt attempt = first; attempt != null; attempt = next()) {
            attempt.run();
        }
    }

    /** Returns the attempt that has waited longest, or leaves the lane. */
    private @Nullable Attempt next() {
        lock.lock();
        try {
            Attempt next = waiting.poll();
            if (next == null) {
                running--;
            }
            return next;
        } finally {
            lock.unlock();
        }
    }
}
