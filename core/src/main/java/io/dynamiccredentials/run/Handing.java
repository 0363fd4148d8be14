package io.dynamiccredentials.run;

import io.dynamiccredentials.config.Configuration;
import io.dynamiccredentials.config.ConfiguredPlatform.Renewal;
import io.dynamiccredentials.environment.ConfigurationEnvironment;
import io.dynamiccredentials.exchange.Credentials;
import io.dynamiccredentials.exchange.HandedOnToken;
import io.dynamiccredentials.exchange.Refresher;
import io.dynamiccredentials.token.IdentityToken;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Hands what one configuration gives to the run: rendered when the lease opens, and again after each purchase, when it
 * has settled. What is bought before there is a lease waits for it. Safe for use by many threads; purchases are made by
 * one at a time.
 */
final class Handing<C extends Credentials> {
    private final Configuration<C> configuration;
    private final Refresher refresher;
    private final LeaseEvents events;
    private final ReentrantLock lock = new ReentrantLock();
    private final List<Future<?>> postponed = new CopyOnWriteArrayList<>();
    private volatile @Nullable Bought<C> newest;
    private volatile Instant formerEnd = Instant.MIN;
    private volatile boolean released;
    private long purchases;
    /** What is rendered first, until there is a lease. */
    private @Nullable Bought<C> ready;

    private @Nullable ConfigurationEnvironment latest;
    private @Nullable Consumer<ConfigurationEnvironment> renewed;
    private long handed;

    Handing(Configuration<C> configuration, Refresher refresher, LeaseEvents events) {
        this.configuration = configuration;
        this.refresher = refresher;
        this.events = events;
    }

    /** Returns what was bought last, whether the run has it yet or not. */
    Bought<C> newest() {
        return Objects.requireNonNull(newest, "It is obtained before it is used");
    }

    /** Takes a purchase, which is handed over by a call of its own. */
    void take(C credentials, IdentityToken token) {
        Bought<C> former = newest;
        formerEnd = former == null ? Instant.MIN : former.credentials().expiresAt();
        Bought<C> fresh = new Bought<>(++purchases, credentials, token);
        newest = fresh;
        if (former == null) {
            ready(fresh);
        }
    }

    /** Takes a token that the run gets as it is; it buys nothing here. */
    void take(IdentityToken token) {
        take(newest().credentials(), token);
    }

    /** Takes credentials that were prolonged: the run has the same ones. */
    void prolonged(C later) {
        newest = newest().prolonged(later);
    }

    /** Forgets what was bought after {@code before}, since the attempt failed. */
    void backTo(Bought<C> before) {
        newest = before;
    }

    /** Tells whether the run has the token alone, and the credentials were only the proof that it works. */
    boolean isTokenAlone() {
        return configuration.platform().renewal() == Renewal.IDENTITY_TOKEN
                && !(newest().credentials() instanceof HandedOnToken);
    }

    Settling settling() {
        return new Settling(configuration.platform().settling(), refresher);
    }

    /** Renders what is ready, before there is a lease. */
    void render(ConfigurationEnvironment environment) {
        lock.lock();
        try {
            Bought<C> first = Objects.requireNonNull(ready, "It is obtained before it is rendered");
            render(first, environment);
            latest = environment;
            handed = first.number();
        } finally {
            lock.unlock();
        }
    }

    /** Hands what comes to {@code renewed} from now on, and what has come since it was rendered. */
    void handTo(Consumer<ConfigurationEnvironment> renewed) {
        lock.lock();
        try {
            this.renewed = renewed;
            Bought<C> meanwhile = Objects.requireNonNull(ready, "It is handed to one lease");
            ready = null;
            hand(meanwhile);
        } finally {
            lock.unlock();
        }
    }

    /** Hands over what was bought after {@code before}, if anything was, as soon as the platform knows it. */
    void handOver(Bought<C> before) {
        Bought<C> fresh = newest();
        if (fresh.number() == before.number()) {
            // It was prolonged: the run has the same ones, or will when they have settled.
            return;
        }
        Duration wait = settling().handOverIn(formerEnd);
        if (isTokenAlone() || wait.isZero()) {
            hand(fresh);
        } else {
            postpone(fresh, wait);
        }
    }

    /** Hands over nothing from now on. Waits for nothing. */
    void release() {
        released = true;
        postponed.forEach(each -> each.cancel(false));
    }

    /** Waits until what is being handed over has been, so long at most. */
    void awaitEnd(Duration longestWait) {
        try {
            if (lock.tryLock(longestWait.toNanos(), TimeUnit.NANOSECONDS)) {
                lock.unlock();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void postpone(Bought<C> fresh, Duration wait) {
        Duration life = Duration.between(
                refresher.clock().instant(), fresh.credentials().expiresAt());
        Future<?> later = refresher.after(wait, life, () -> handLate(fresh));
        postponed.removeIf(Future::isDone);
        postponed.add(later);
        if (released) {
            later.cancel(false);
        }
    }

    private void handLate(Bought<C> bought) {
        boolean done = false;
        try {
            hand(bought);
            done = true;
        } finally {
            if (!done && !released) {
                // Not what was thrown: a renderer may be anybody's, and its words may hold anything.
                events.refused(configuration.name(), "newer credentials could not be handed to the run yet");
            }
        }
    }

    private void hand(Bought<C> bought) {
        lock.lock();
        try {
            Consumer<ConfigurationEnvironment> lease = renewed;
            if (lease == null) {
                ready(bought);
            } else if (!released && bought.number() > handed) {
                ConfigurationEnvironment newer = Objects.requireNonNull(latest, "It is rendered before it is renewed")
                        .renewal();
                render(bought, newer);
                lease.accept(newer);
                latest = newer;
                handed = bought.number();
                tell(bought);
            }
        } finally {
            lock.unlock();
        }
    }

    private void ready(Bought<C> bought) {
        lock.lock();
        try {
            Bought<C> before = ready;
            if (before == null || bought.number() > before.number()) {
                ready = bought;
            }
        } finally {
            lock.unlock();
        }
    }

    private void render(Bought<C> bought, ConfigurationEnvironment environment) {
        Bought<C> last = newest();
        // It may have been prolonged while it settled.
        Bought<C> same = last.number() == bought.number() ? last : bought;
        configuration.platform().renderer().render(same.credentials(), same.token(), environment);
    }

    private void tell(Bought<C> bought) {
        if (isTokenAlone()) {
            events.refreshed(configuration.name(), bought.token());
        } else {
            events.refreshed(configuration.name(), bought.token(), bought.credentials());
        }
    }
}
