package io.dynamiccredentials.run;

import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** A few daemon threads, which end when nothing is left to run later. Safe for use by many threads. */
final class DaemonScheduler implements Scheduler {
    private static final int THREADS = 4;
    private static final int IDLE_SECONDS = 10;

    private final ScheduledThreadPoolExecutor executor;

    DaemonScheduler() {
        this.executor = new ScheduledThreadPoolExecutor(THREADS, task -> {
            Thread thread = new Thread(task, "dynamic-credentials-renewal");
            thread.setDaemon(true);
            return thread;
        });
        executor.setKeepAliveTime(IDLE_SECONDS, TimeUnit.SECONDS);
        executor.allowCoreThreadTimeOut(true);
        executor.setRemoveOnCancelPolicy(true);
    }

    @Override
    public Future<?> schedule(Runnable task, Duration pause) {
        return executor.schedule(task, pause.toMillis(), TimeUnit.MILLISECONDS);
    }
}
