package io.dynamiccredentials.exchange;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A task that is done later, and after each failure again. Once it has ended or is cancelled, nothing remembers it. */
final class Postponed {
    private static final Logger LOG = LoggerFactory.getLogger(Postponed.class);

    private final Refresher refresher;
    private final Executor workers;
    private final Duration life;
    private final CompletableFuture<Boolean> end = new CompletableFuture<>();
    private volatile @Nullable Runnable task;
    private volatile @Nullable Future<?> timer;
    private int failures;

    Postponed(Refresher refresher, Executor workers, Duration life, Runnable task) {
        this.refresher = refresher;
        this.workers = workers;
        this.life = life;
        this.task = task;
        CompletableFuture<Boolean> unused = end.whenComplete((done, failure) -> forget());
    }

    Future<?> end() {
        return end;
    }

    void schedule(Duration pause) {
        timer = refresher.schedule(this::begin, pause);
        if (end.isDone()) {
            forget();
        }
    }

    private void begin() {
        try {
            workers.execute(this::run);
        } catch (RejectedExecutionException e) {
            again(e);
        }
    }

    private void run() {
        Runnable now = task;
        if (now == null) {
            return;
        }
        try {
            now.run();
            end.complete(true);
        } catch (RuntimeException | Error e) {
            again(e);
        }
    }

    private void again(Throwable e) {
        if (end.isDone()) {
            return;
        }
        failures++;
        Duration pause = RefreshTimes.pause(life, failures, false, Optional.empty(), refresher.random());
        LOG.error("What was to be done later failed ({}), next attempt in {}", failures, pause, e);
        try {
            schedule(pause);
        } catch (RejectedExecutionException closed) {
            LOG.debug("What was to be done later is not done any more");
            end.cancel(false);
        }
    }

    /** A timer of the host's may remember a cancelled task until its time comes. */
    private void forget() {
        task = null;
        Future<?> waiting = timer;
        if (waiting != null) {
            waiting.cancel(false);
        }
    }
}
