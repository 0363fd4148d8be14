package io.dynamiccredentials.run;

import io.dynamiccredentials.CredentialExchangeException;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Renews the credentials of all leases of a door, until they are released. Safe for use by many threads. */
final class Renewals {
    private static final Logger LOG = LoggerFactory.getLogger(Renewals.class);
    private static final Duration SHORTEST_PAUSE = Duration.ofSeconds(1);
    private static final Duration FIRST_RETRY = Duration.ofSeconds(5);
    private static final Duration LONGEST_RETRY = Duration.ofMinutes(1);

    private final Scheduler scheduler;

    Renewals(Scheduler scheduler) {
        this.scheduler = scheduler;
    }

    /** Keeps {@code held} alive from now on, as long as its platform prolongs it. */
    void keep(HeldCredentials<?> held) {
        held.renewalDueIn()
                .ifPresent(
                        due -> schedule(held, due.compareTo(SHORTEST_PAUSE) < 0 ? SHORTEST_PAUSE : due, FIRST_RETRY));
    }

    private void schedule(HeldCredentials<?> held, Duration pause, Duration retry) {
        held.onRelease(scheduler.schedule(() -> renew(held, retry), pause));
    }

    private void renew(HeldCredentials<?> held, Duration retry) {
        try {
            held.renew();
            keep(held);
        } catch (CredentialExchangeException e) {
            retry(held, retry, e);
        } catch (RuntimeException e) {
            // An exchanger may be anybody's; a thread that ends in silence would be worse.
            LOG.error("The {} credentials of a run are not renewed any more", held.name(), e);
        }
    }

    private void retry(HeldCredentials<?> held, Duration retry, CredentialExchangeException e) {
        if (held.isReleased()) {
            return;
        }
        LOG.warn("The {} credentials of a run are not renewed: {}", held.name(), e.getMessage());
        if (e.retryable()) {
            Duration next = retry.multipliedBy(2);
            schedule(held, retry, next.compareTo(LONGEST_RETRY) < 0 ? next : LONGEST_RETRY);
        }
    }
}
