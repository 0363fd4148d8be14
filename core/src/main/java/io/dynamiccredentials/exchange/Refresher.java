package io.dynamiccredentials.exchange;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Keeps credentials fresh, however many: one thread waits for all, and a bounded number asks the platforms.
 *
 * <p>Make one and share it. Its threads are daemons and end by themselves after 10 idle seconds. Safe for use by many
 * threads.
 */
public final class Refresher implements AutoCloseable {
    private static final int THREADS = 64;
    private static final int IDLE_SECONDS = 10;

    private final ScheduledExecutorService timer;
    private final Executor workers;
    private final int laneWidth;
    private final Clock clock;
    private final LongSupplier nanoTime;
    private final DoubleSupplier random;
    private final Duration attemptDeadline;
    private final ConcurrentHashMap<String, PlatformLane> lanes = new ConcurrentHashMap<>();

    private Refresher(Builder builder) {
        this.timer = builder.timer == null ? ownTimer() : builder.timer;
        this.workers = builder.workers == null ? ownWorkers() : builder.workers;
        this.laneWidth = builder.laneWidth;
        this.clock = builder.clock;
        this.nanoTime = builder.nanoTime;
        this.random = builder.random;
        this.attemptDeadline = builder.attemptDeadline;
    }

    /** Starts a refresher of {@value #THREADS} threads at most, half of them for one platform. */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Keeps what {@code source} gives fresh, until the returned object is closed.
     *
     * @param first what is there already; without it, the first reader waits for the first attempt
     */
    public <C extends Credentials> RefreshingCredentials<C> keep(CredentialSource<C> source, Optional<C> first) {
        RefreshingCredentials<C> kept = new RefreshingCredentials<>(source, this, lane(source.platform()));
        first.ifPresent(kept::start);
        return kept;
    }

    /**
     * Runs {@code task} after {@code pause}, on a thread of those that ask platforms. If it throws, it is logged and
     * run again, after pauses as those of a refresh that fails, until it succeeds.
     *
     * @param life how long what the task is about lives: pauses are in proportion to it
     * @return its end; whoever cancels it keeps the task from running again
     * @throws java.util.concurrent.RejectedExecutionException if the refresher is closed
     */
    public Future<?> after(Duration pause, Duration life, Runnable task) {
        Postponed postponed = new Postponed(this, workers, life, task);
        postponed.schedule(pause);
        return postponed.end();
    }

    /**
     * Returns how long from now what ends at {@code end} is used: until a tenth of that time before its end, at most a
     * minute. Not positive if that moment is over.
     */
    public Duration safeLife(Instant end) {
        Duration life = Duration.between(clock.instant(), end);
        return life.minus(RefreshTimes.margin(life));
    }

    /** Ends the threads. What was kept is not refreshed any more. Threads of the host's own are left alone. */
    @Override
    public void close() {
        if (workers instanceof OwnWorkers own) {
            own.shutdownNow();
        }
        if (timer instanceof OwnTimer own) {
            own.shutdownNow();
        }
    }

    /** Returns the clock that the ends of credentials are held against. */
    public Clock clock() {
        return clock;
    }

    /** Returns the reading of the clock that only runs, in nanoseconds. */
    public long nanoTime() {
        return nanoTime.getAsLong();
    }

    double random() {
        return random.getAsDouble();
    }

    Duration attemptDeadline() {
        return attemptDeadline;
    }

    Future<?> schedule(Runnable task, Duration pause) {
        return timer.schedule(task, pause.toNanos(), TimeUnit.NANOSECONDS);
    }

    private PlatformLane lane(String platform) {
        return lanes.computeIfAbsent(platform, name -> new PlatformLane(workers, laneWidth));
    }

    private static ScheduledExecutorService ownTimer() {
        OwnTimer timer = new OwnTimer(daemons("dynamic-credentials-timer"));
        timer.setRemoveOnCancelPolicy(true);
        timer.setKeepAliveTime(IDLE_SECONDS, TimeUnit.SECONDS);
        timer.allowCoreThreadTimeOut(true);
        return timer;
    }

    private static ExecutorService ownWorkers() {
        OwnWorkers workers = new OwnWorkers(daemons("dynamic-credentials-refresh"));
        workers.allowCoreThreadTimeOut(true);
        return workers;
    }

    private static ThreadFactory daemons(String name) {
        return task -> {
            Thread thread = new Thread(task, name);
            thread.setDaemon(true);
            return thread;
        };
    }

    /** The thread that waits. A type of its own, so that the host's are told from ours. */
    private static final class OwnTimer extends ScheduledThreadPoolExecutor {
        OwnTimer(ThreadFactory threads) {
            super(1, threads);
        }
    }

    /** The threads that ask. */
    private static final class OwnWorkers extends ThreadPoolExecutor {
        OwnWorkers(ThreadFactory threads) {
            super(THREADS, THREADS, IDLE_SECONDS, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), threads);
        }
    }

    /** Collects the settings of a refresher. Not safe for use by several threads. */
    public static final class Builder {
        private @Nullable ScheduledExecutorService timer;
        private @Nullable Executor workers;
        private int laneWidth = THREADS / 2;
        private Clock clock = Clock.systemUTC();
        private LongSupplier nanoTime = System::nanoTime;
        private DoubleSupplier random = () -> ThreadLocalRandom.current().nextDouble();
        private Duration attemptDeadline = Duration.ofMinutes(1);

        private Builder() {}

        /**
         * Sets the host's own threads, for example virtual ones. By default the refresher has its own.
         *
         * @param timer waits; its tasks are short
         * @param workers ask the platforms; their tasks block
         */
        public Builder executors(ScheduledExecutorService timer, Executor workers) {
            this.timer = timer;
            this.workers = workers;
            return this;
        }

        /**
         * Sets how many attempts at one platform may be under way at a time. Default {@code 32}.
         *
         * @throws IllegalArgumentException if it is less than 1
         */
        public Builder attemptsPerPlatform(int attempts) {
            if (attempts < 1) {
                throw new IllegalArgumentException(
                        "At least one attempt at a platform must be possible at a time; it was " + attempts);
            }
            this.laneWidth = attempts;
            return this;
        }

        /**
         * Sets after which time an attempt is interrupted, 1 second to 10 minutes. Default 60 seconds.
         *
         * @throws IllegalArgumentException if it is outside these limits
         */
        public Builder attemptDeadline(Duration attemptDeadline) {
            if (attemptDeadline.compareTo(Duration.ofSeconds(1)) < 0
                    || attemptDeadline.compareTo(Duration.ofMinutes(10)) > 0) {
                throw new IllegalArgumentException(
                        "An attempt may take 1 second to 10 minutes; it was " + attemptDeadline);
            }
            this.attemptDeadline = attemptDeadline;
            return this;
        }

        /**
         * Sets the clocks. Default: the system's.
         *
         * @param clock the clock of the day, which can be set
         * @param nanoTime the clock that only runs, as {@link System#nanoTime}
         */
        public Builder clocks(Clock clock, LongSupplier nanoTime) {
            this.clock = clock;
            this.nanoTime = nanoTime;
            return this;
        }

        /** Sets where jitter comes from: numbers from 0 to 1. */
        Builder random(DoubleSupplier random) {
            this.random = random;
            return this;
        }

        /** Returns the refresher. */
        public Refresher build() {
            return new Refresher(this);
        }
    }
}
