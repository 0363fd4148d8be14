package io.dynamiccredentials.exchange;

import static java.util.concurrent.TimeUnit.NANOSECONDS;

import io.dynamiccredentials.CredentialExchangeException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Credentials that are obtained anew before they end.
 *
 * <p>They are refreshed at about three quarters of their life. However many need them, one attempt is under way at a
 * time. While it is, and while the platform fails, the old ones are served, up to their last safe moment: a tenth of
 * their life before their end, at most a minute. A failed attempt is followed by the next one after a pause that
 * doubles, whoever asks in between. Made by {@link Refresher#keep}. Safe for use by many threads; a reader of usable
 * credentials waits for nobody.
 */
public final class RefreshingCredentials<C extends Credentials> implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RefreshingCredentials.class);

    /** A machine that slept, or a clock that was set, is noticed after that time. */
    private static final Duration LONGEST_SLEEP = Duration.ofMinutes(1);

    /** Whatever the clocks say, nobody spins. */
    private static final Duration SHORTEST_SLEEP = Duration.ofMillis(20);

    private static final Duration LONGEST_END = Duration.ofSeconds(5);

    private final CredentialSource<C> source;
    private final Refresher refresher;
    private final PlatformLane lane;
    private final AtomicReference<@Nullable CompletableFuture<Boolean>> flight = new AtomicReference<>();
    private final ReentrantLock lock = new ReentrantLock();
    private volatile @Nullable Served<C> served;
    private volatile @Nullable RefreshFailure failure;
    private volatile boolean closed;
    private @Nullable Future<?> wakeUp;
    private @Nullable Future<?> attempt;

    RefreshingCredentials(CredentialSource<C> source, Refresher refresher, PlatformLane lane) {
        this.source = source;
        this.refresher = refresher;
        this.lane = lane;
    }

    /**
     * Returns usable credentials, at once if there are any. Otherwise waits for an attempt, for a minute at most.
     *
     * @throws CredentialExchangeException if there are none and the platform gave none; to all who ask within the pause
     *     after an attempt, the same one
     * @throws IllegalStateException if they are closed
     */
    public C current() {
        return current(refresher.attemptDeadline());
    }

    /** Returns usable credentials as {@link #current()} does, but waits for an attempt no longer than that. */
    public C current(Duration longestWait) {
        requireOpen();
        Served<C> now = served;
        if (now != null && now.isUsable(refresher)) {
            return now.credentials();
        }
        await(begin(), longestWait);
        requireOpen();
        return usable().orElseThrow(this::reason);
    }

    /** Returns where they stand at this moment. */
    public RefreshState state() {
        if (usable().isEmpty()) {
            return RefreshState.EXPIRED;
        }
        if (flight.get() != null) {
            return RefreshState.REFRESHING;
        }
        return failure == null ? RefreshState.FRESH : RefreshState.STALE;
    }

    /**
     * Serves nobody from now on, begins no further attempt, and ends one that is under way, for which it waits up to 5
     * seconds. Does not revoke anything. A second call does nothing.
     */
    @Override
    public void close() {
        stop();
        awaitEnd(LONGEST_END);
    }

    /** Does what {@link #close()} does, but waits for nothing: whoever closes many stops all of them first. */
    public void stop() {
        Future<?> underWay;
        Future<?> sleeping;
        lock.lock();
        try {
            closed = true;
            underWay = attempt;
            sleeping = wakeUp;
        } finally {
            lock.unlock();
        }
        if (underWay != null) {
            underWay.cancel(true);
        } else {
            // One that waits for its turn does nothing when it has it: nobody has to wait for that.
            Optional.ofNullable(flight.get()).ifPresent(this::end);
        }
        if (sleeping != null) {
            sleeping.cancel(false);
        }
    }

    /**
     * Waits until an attempt that was under way when it was {@linkplain #stop stopped} has ended, so long at most.
     * Returns at once, with the flag set, when interrupted.
     */
    public void awaitEnd(Duration longestWait) {
        CompletableFuture<Boolean> end = flight.get();
        if (end == null) {
            return;
        }
        try {
            await(end, longestWait);
        } catch (CredentialExchangeException e) {
            // Whoever closes has more to close, and the flag is set again.
            LOG.debug("Interrupted while an attempt at {} ends", source.platform());
        }
    }

    /** Serves {@code first} from now on, and what follows it. */
    void start(C first) {
        accept(first);
        sleep();
    }

    private void accept(C fresh) {
        Duration life = Duration.between(refresher.clock().instant(), fresh.expiresAt());
        if (life.isNegative() || life.isZero()) {
            throw ExchangeFailures.of(source.platform(), "the credentials")
                    .unintelligible("they ended before they came", "Check this machine's clock")
                    .build();
        }
        Duration due = source.refreshDueIn(fresh)
                .map(hint -> RefreshTimes.around(hint, refresher.random()))
                .orElseGet(() -> RefreshTimes.dueAfter(life, refresher.random()));
        served = Served.of(fresh, life, due, refresher);
        failure = null;
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("These credentials are closed; nobody may use them any more");
        }
    }

    private Optional<C> usable() {
        Served<C> now = served;
        return now != null && !closed && now.isUsable(refresher) ? Optional.of(now.credentials()) : Optional.empty();
    }

    /** Has the source asked, unless it is being asked or was asked in vain too short a time ago. */
    private CompletableFuture<Boolean> begin() {
        CompletableFuture<Boolean> mine = new CompletableFuture<>();
        CompletableFuture<Boolean> others = flight.compareAndExchange(null, mine);
        if (others != null) {
            return others;
        }
        // Whoever was just before us may have succeeded, or failed.
        if (closed || isPausing() || isFresh()) {
            end(mine);
            return mine;
        }
        lane.run(new Flight(mine));
        return mine;
    }

    private void fly(CompletableFuture<Boolean> mine) {
        FutureTask<@Nullable Void> task = new FutureTask<>(this::obtain, null);
        Future<?> alarm = null;
        try {
            if (take(task)) {
                alarm = refresher.schedule(() -> task.cancel(true), refresher.attemptDeadline());
                task.run();
            }
        } catch (RejectedExecutionException e) {
            // An attempt that nobody would end must not begin.
            failed(RefreshFailure.unbegun(source.platform(), e), lifeServed());
        } finally {
            if (alarm != null) {
                alarm.cancel(false);
            }
            // The interrupt of the alarm was for the attempt, and the thread is somebody else's.
            Thread.interrupted();
            take(null);
            end(mine);
        }
        sleep();
    }

    private boolean take(@Nullable Future<?> task) {
        lock.lock();
        try {
            attempt = closed ? null : task;
            return !closed;
        } finally {
            lock.unlock();
        }
    }

    private void obtain() {
        Served<C> before = served;
        try {
            accept(source.obtain(Optional.ofNullable(before).map(Served::credentials)));
            lane.succeeded();
        } catch (RuntimeException | Error e) {
            failed(isLate() ? RefreshFailure.late(source.platform(), refresher.attemptDeadline(), e) : e, lifeServed());
        }
    }

    private Duration lifeServed() {
        Served<C> now = served;
        return now == null ? Duration.ZERO : now.life();
    }

    private boolean isLate() {
        lock.lock();
        try {
            return attempt != null && attempt.isCancelled();
        } finally {
            lock.unlock();
        }
    }

    private void failed(Throwable e, Duration life) {
        RefreshFailure last = failure;
        int inARow = last == null ? 1 : last.inARow() + 1;
        Optional<CredentialExchangeException> ofPlatform =
                e instanceof CredentialExchangeException exchange ? Optional.of(exchange) : Optional.empty();
        boolean worthRetrying =
                ofPlatform.filter(CredentialExchangeException::retryable).isPresent();
        Duration pause = RefreshTimes.pause(
                life,
                inARow,
                !worthRetrying || !lane.mayRetrySoon(),
                ofPlatform.flatMap(CredentialExchangeException::retryAfter),
                refresher.random());
        failure = new RefreshFailure(e, inARow, refresher.clock().instant(), refresher.nanoTime() + pause.toNanos());
        if (closed) {
            return;
        }
        if (ofPlatform.isPresent()) {
            LOG.warn("Credentials are not refreshed ({}), next attempt in {}: {}", inARow, pause, e.getMessage());
        } else {
            // A source may be anybody's; a fault of the program that is told in one line is never found.
            LOG.error("{} credentials are not refreshed, next attempt in {}", source.platform(), pause, e);
        }
    }

    private boolean isFresh() {
        Served<C> now = served;
        return now != null && now.isUsable(refresher) && !now.isDue(refresher);
    }

    private boolean isPausing() {
        RefreshFailure last = failure;
        return last != null && last.pauseLeft(refresher).compareTo(Duration.ZERO) > 0;
    }

    private CredentialExchangeException reason() {
        RefreshFailure last = failure;
        return last == null ? RefreshFailure.notInTime(source.platform()) : last.reason(source.platform());
    }

    /** Sleeps until the next attempt is due, or until the clocks should be looked at. */
    private void sleep() {
        Served<C> now = served;
        if (now == null) {
            return;
        }
        lock.lock();
        try {
            if (!closed) {
                if (wakeUp != null) {
                    wakeUp.cancel(false);
                }
                wakeUp = refresher.schedule(this::wake, untilNext(now));
            }
        } catch (RejectedExecutionException e) {
            LOG.debug("{} credentials are not refreshed any more", source.platform());
        } finally {
            lock.unlock();
        }
    }

    /** The longer of both waits: a clock that was set back may put off what failed when it was ahead. */
    private Duration untilNext(Served<C> now) {
        if (flight.get() != null) {
            // Its end decides; this only looks whether it came.
            return LONGEST_SLEEP;
        }
        RefreshFailure last = failure;
        Duration paused = last == null ? Duration.ZERO : last.pauseLeft(refresher);
        return RefreshTimes.clamp(longer(now.dueIn(refresher), paused), SHORTEST_SLEEP, LONGEST_SLEEP);
    }

    private static Duration longer(Duration one, Duration other) {
        return one.compareTo(other) > 0 ? one : other;
    }

    private void wake() {
        Served<C> now = served;
        if (now != null && now.isDue(refresher) && !isPausing()) {
            CompletableFuture<Boolean> unused = begin();
        }
        sleep();
    }

    private void end(CompletableFuture<Boolean> mine) {
        flight.compareAndSet(mine, null);
        mine.complete(true);
    }

    private void await(CompletableFuture<Boolean> end, Duration longestWait) {
        try {
            end.get(longestWait.toNanos(), NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw ExchangeFailures.of(source.platform(), "the credentials").interrupted();
        } catch (ExecutionException e) {
            throw new IllegalStateException("It is completed with a value only", e);
        } catch (TimeoutException e) {
            // The caller looks at what there is, as after any other end.
            LOG.debug("{} credentials did not come within {}", source.platform(), longestWait);
        }
    }

    /** An attempt that waits for its turn, and those who wait for its end. */
    private final class Flight implements PlatformLane.Attempt {
        private final CompletableFuture<Boolean> end;

        Flight(CompletableFuture<Boolean> end) {
            this.end = end;
        }

        @Override
        public void run() {
            fly(end);
        }

        @Override
        public void refused(Throwable reason) {
            failed(RefreshFailure.unbegun(source.platform(), reason), lifeServed());
            end(end);
            sleep();
        }
    }
}
