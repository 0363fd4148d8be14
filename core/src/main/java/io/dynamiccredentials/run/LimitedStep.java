package io.dynamiccredentials.run;

import static java.util.concurrent.TimeUnit.NANOSECONDS;

import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;

/**
 * A step that may hang, since a file system of somebody else's does: it has a thread of its own, and whoever needs it
 * waits for a limited time. After that the step goes on by itself. Safe for use by many threads.
 */
final class LimitedStep {
    /** How long files may take that are in nobody else's way. */
    static final Duration LIMIT = Duration.ofSeconds(10);

    private final Duration limit;
    private final CompletableFuture<Boolean> result = new CompletableFuture<>();

    private LimitedStep(Duration limit) {
        this.limit = limit;
    }

    /**
     * Takes a step and returns what it returns; throws what it throws.
     *
     * @throws IllegalStateException if it has not ended after {@code limit}
     */
    static boolean take(Duration limit, BooleanSupplier step) {
        LimitedStep limited = new LimitedStep(limit);
        Thread thread = new Thread(() -> limited.run(step), "dynamic-credentials-deletion");
        thread.setDaemon(true);
        thread.start();
        return limited.await();
    }

    private void run(BooleanSupplier step) {
        try {
            result.complete(step.getAsBoolean());
        } catch (Throwable e) {
            result.completeExceptionally(e);
        }
    }

    /** An interrupt must not leave it unknown what became of files. */
    private boolean await() {
        long deadline = System.nanoTime() + limit.toNanos();
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return result.get(deadline - System.nanoTime(), NANOSECONDS);
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        } catch (ExecutionException e) {
            throw unchecked(Objects.requireNonNull(e.getCause(), "A failed step has a failure"));
        } catch (TimeoutException e) {
            throw new IllegalStateException(
                    "It has taken more than " + limit.toMillis() + " ms and may go on. Look whether it is gone; "
                            + "if it is not, whether somebody has put a file system there that does not answer",
                    e);
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static RuntimeException unchecked(Throwable failure) {
        if (failure instanceof Error error) {
            throw error;
        }
        // A step declares no checked exception.
        return (RuntimeException) failure;
    }
}
