package io.dynamiccredentials.run;

import io.dynamiccredentials.CredentialExchangeException;
import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Renews the credentials of all leases of a door, on a few threads that end when there is nothing to renew. Safe for
 * use by many threads.
 */
final class Renewals {
    private static final Logger LOG = LoggerFactory.getLogger(Renewals.class);
    private static final int THREADS = 4;
    private static final Duration SHORTEST_PAUSE = Duration.ofSeconds(1);
    private static final Duration FIRST_RETRY = Duration.ofSeconds(5);
    private static final Duration LONGEST_RETRY = Duration.ofMinutes(1);

    private final ScheduledThreadPoolExecutor executor;

    Renewals() {
        this.executor = new ScheduledThreadPoolExecutor(THREADS, task -> {
            Thread thread = new Thread(task, "dynamic-credentials-renewal");
            thread.setDaemon(true);
            return thread;
        });
        executor.setKeepAliveTime(10, TimeUnit.SECONDS);
        executor.allowCoreThreadTimeOut(true);
        executor.setRemoveOnCancelPolicy(true);
    }

    /** Keeps {@code held} alive from now on, until it is released. */
    void keep(HeldCredentials<?> held) {
        held.renewalDueIn().ifPresent(due -> schedule(held, longer(due, SHORTEST_PAUSE), FIRST_RETRY));
    }

    private void schedule(HeldCredentials<?> held, Duration pause, Duration retry) {
        try {
            held.onRelease(executor.schedule(() -> renew(held, retry), pause.toMillis(), TimeUnit.MILLISECONDS));
        } catch (RejectedExecutionException e) {
            throw new IllegalStateException("Nothing shuts the executor of renewals down", e);
        }
    }

    private void renew(HeldCredentials<?> held, Duration retry) {
        try {
            held.renew();
            keep(held);
        } catch (CredentialExchangeException e) {
            if (held.isReleased()) {
                return;
            }
            LOG.warn("The {} credentials of a run are not renewed: {}", held.name(), e.getMessage());
            if (e.retryable()) {
                Duration next = retry.multipliedBy(2);
                schedule(held, retry, next.compareTo(LONGEST_RETRY) < 0 ? next : LONGEST_RETRY);
            }
        } catch (RuntimeException e) {
            LOG.error("The {} credentials of a run are not renewed any more", held.name(), e);
        }
    }

    private static Duration longer(Duration one, Duration other) {
        return one.compareTo(other) > 0 ? one : other;
    }
}
