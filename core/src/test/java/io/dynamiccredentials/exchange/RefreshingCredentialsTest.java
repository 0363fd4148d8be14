package io.dynamiccredentials.exchange;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dynamiccredentials.CredentialExchangeException;
import io.dynamiccredentials.CredentialExchangeException.Kind;
import io.dynamiccredentials.Secret;
import io.dynamiccredentials.fixtures.SimulatedTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class RefreshingCredentialsTest {
    private static final Duration LIFE = Duration.ofMinutes(5);

    private final SimulatedTime time = new SimulatedTime();
    private final Platform platform = new Platform();
    private final Refresher refresher = refresher(0.5);
    private final ExecutorService callers = Executors.newCachedThreadPool();

    @AfterEach
    void stop() {
        callers.shutdownNow();
    }

    @Test
    void current_thousandCallersAtOnce_makeOneCall() throws Exception {
        Refresher real = Refresher.builder().build();
        platform.open = new CountDownLatch(1);
        RefreshingCredentials<Token> credentials = real.keep(platform, Optional.empty());
        List<Future<Token>> answers = new ArrayList<>();
        CountDownLatch waiting = new CountDownLatch(1000);
        Callable<Token> caller = () -> {
            waiting.countDown();
            return credentials.current();
        };
        for (int i = 0; i < 1000; i++) {
            answers.add(callers.submit(caller));
        }
        waiting.await();
        platform.open.countDown();

        for (Future<Token> answer : answers) {
            assertThat(answer.get(30, TimeUnit.SECONDS).number()).isEqualTo(1);
        }
        assertThat(platform.calls).hasValue(1);
        credentials.close();
        real.close();
    }

    @Test
    void current_whileARefreshHangs_servesTheOldOnesAtOnce() throws Exception {
        Refresher slow = Refresher.builder()
                .executors(time, callers)
                .clocks(time.clock(), time::nanoTime)
                .random(() -> 0.5)
                .build();
        RefreshingCredentials<Token> credentials = slow.keep(platform, Optional.of(platform.token()));
        platform.open = new CountDownLatch(1);

        time.pass(Duration.ofSeconds(226));
        assertThat(platform.begun.tryAcquire(30, TimeUnit.SECONDS)).isTrue();

        assertThat(credentials.state()).isEqualTo(RefreshState.REFRESHING);
        assertThat(credentials.current().number()).isEqualTo(1);
        platform.open.countDown();
        credentials.close();
    }

    @Test
    void keep_threeQuartersOfTheLife_refreshes() {
        RefreshingCredentials<Token> credentials = refresher.keep(platform, Optional.of(platform.token()));

        time.pass(Duration.ofSeconds(224));
        assertThat(platform.calls).hasValue(1);
        time.pass(Duration.ofSeconds(2));

        assertThat(platform.calls).hasValue(2);
        assertThat(credentials.current().number()).isEqualTo(2);
        assertThat(credentials.state()).isEqualTo(RefreshState.FRESH);
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, 1})
    void keep_atEitherEndOfTheJitter_refreshesATenthSoonerOrLater(double random) {
        Duration due = Duration.ofMillis((long) (300_000 * 0.75 * (0.9 + 0.2 * random)));
        refresher(random).keep(platform, Optional.of(platform.token()));

        time.pass(due.minusMillis(2));
        assertThat(platform.calls).hasValue(1);
        time.pass(Duration.ofMillis(4));

        assertThat(platform.calls).hasValue(2);
    }

    @Test
    void keep_forTenTimesTheLife_neverLeavesAGap() {
        RefreshingCredentials<Token> credentials = refresher.keep(platform, Optional.of(platform.token()));

        for (int second = 0; second < 3000; second++) {
            time.pass(Duration.ofSeconds(1));
            assertThat(credentials.current().expiresAt())
                    .isAfter(time.clock().instant().plusSeconds(30));
        }
        assertThat(platform.calls.get()).isBetween(13, 15);
    }

    @Test
    void current_platformDown_servesUntilTheLastSafeMomentAndNoLonger() {
        RefreshingCredentials<Token> credentials = refresher.keep(platform, Optional.of(platform.token()));
        platform.failure = failure(Kind.UNREACHABLE);

        for (int second = 0; second < 269; second++) {
            time.pass(Duration.ofSeconds(1));
            assertThat(credentials.current().number()).isEqualTo(1);
        }
        assertThat(credentials.state()).isEqualTo(RefreshState.STALE);
        time.pass(Duration.ofSeconds(1));

        assertThat(credentials.state()).isEqualTo(RefreshState.EXPIRED);
        assertThatThrownBy(credentials::current)
                .isInstanceOf(CredentialExchangeException.class)
                .hasMessageContaining("ONE is down");
    }

    @Test
    void keep_platformDownForTenMinutes_isAskedTenTimesAtMost() {
        platform.life = Duration.ofHours(1);
        RefreshingCredentials<Token> credentials = refresher.keep(platform, Optional.of(platform.token()));
        platform.failure = failure(Kind.UNREACHABLE);

        time.pass(Duration.ofMinutes(55));

        assertThat(platform.calls.get() - 1).isBetween(5, 10);
        assertThat(credentials.current().number()).isEqualTo(1);
    }

    @Test
    void current_expiredAndPlatformDown_callersDoNotAskAgainWithinThePause() {
        RefreshingCredentials<Token> credentials = refresher.keep(platform, Optional.empty());
        platform.failure = failure(Kind.UNREACHABLE);

        for (int i = 0; i < 100; i++) {
            assertThatThrownBy(credentials::current).isSameAs(platform.failure);
        }

        assertThat(platform.calls).hasValue(1);
    }

    @Test
    void current_platformBackAfterThePause_asksAgain() {
        RefreshingCredentials<Token> credentials = refresher.keep(platform, Optional.empty());
        platform.failure = failure(Kind.UNREACHABLE);
        assertThatThrownBy(credentials::current).isSameAs(platform.failure);
        platform.failure = null;
        time.pass(Duration.ofSeconds(1));

        assertThat(credentials.current().number()).isEqualTo(2);
        assertThat(credentials.state()).isEqualTo(RefreshState.FRESH);
    }

    @Test
    void keep_retryAfterOfThePlatform_isObeyed() {
        platform.life = Duration.ofHours(1);
        refresher.keep(platform, Optional.of(platform.token()));
        platform.failure = CredentialExchangeException.builder("ONE", Kind.THROTTLED, "ONE put it off", "Wait")
                .retryAfter(Duration.ofMinutes(4))
                .build();

        time.pass(Duration.ofMinutes(45).plusSeconds(1));
        assertThat(platform.calls).hasValue(2);
        time.pass(Duration.ofMinutes(4));

        assertThat(platform.calls).hasValue(2);
        time.pass(Duration.ofMinutes(1));
        assertThat(platform.calls).hasValue(3);
    }

    @Test
    void keep_refusal_isNotRepeatedSoon() {
        platform.life = Duration.ofHours(1);
        refresher.keep(platform, Optional.of(platform.token()));
        platform.failure = failure(Kind.REFUSED);

        time.pass(Duration.ofMinutes(45).plusSeconds(119));

        assertThat(platform.calls).hasValue(2);
    }

    @Test
    void keep_faultOfTheProgram_isTriedAgainAndDoesNotSpin() {
        refresher.keep(platform, Optional.of(platform.token()));
        platform.error = new StackOverflowError("marker");

        time.pass(Duration.ofMinutes(5));

        assertThat(platform.calls.get()).isBetween(3, 5);
    }

    @Test
    void keep_machineSleeps_refreshesWithinAMinuteOfItsWakingUp() {
        RefreshingCredentials<Token> credentials = refresher.keep(platform, Optional.of(platform.token()));
        time.pass(Duration.ofSeconds(10));

        time.clock().leap(Duration.ofHours(8));

        assertThat(credentials.state()).isEqualTo(RefreshState.EXPIRED);
        time.pass(Duration.ofMinutes(1));
        assertThat(credentials.state()).isEqualTo(RefreshState.FRESH);
        assertThat(platform.calls).hasValue(2);
    }

    @Test
    void current_clockSetBack_doesNotServeDeadCredentials() {
        RefreshingCredentials<Token> credentials = refresher.keep(platform, Optional.of(platform.token()));
        platform.failure = failure(Kind.UNREACHABLE);
        time.clock().leap(Duration.ofHours(-1));

        time.pass(Duration.ofSeconds(271));

        assertThat(credentials.state()).isEqualTo(RefreshState.EXPIRED);
    }

    @Test
    void keep_refusedWhileTheClockWasAhead_sleepsUntilItIsDue() {
        AtomicInteger looks = new AtomicInteger();
        Refresher watched = Refresher.builder()
                .executors(time, time)
                .clocks(time.clock(), () -> {
                    assertThat(looks.incrementAndGet()).as("looks at the clock").isLessThan(1000);
                    return time.nanoTime();
                })
                .random(() -> 0.5)
                .build();
        RefreshingCredentials<Token> credentials = watched.keep(platform, Optional.of(platform.token()));
        platform.failure = failure(Kind.REFUSED);
        time.clock().leap(Duration.ofHours(1));
        time.pass(Duration.ofMinutes(1));
        assertThat(platform.calls).hasValue(2);

        time.clock().leap(Duration.ofHours(-1));
        platform.failure = null;
        time.pass(Duration.ofSeconds(164));

        assertThat(platform.calls).hasValue(2);
        assertThat(credentials.current().number()).isEqualTo(1);
        time.pass(Duration.ofSeconds(2));
        assertThat(platform.calls).hasValue(3);
    }

    @Test
    void keep_workersTakeNothing_pausesAndGoesOnWhenTheyDo() {
        AtomicInteger refused = new AtomicInteger();
        AtomicInteger free = new AtomicInteger();
        Refresher bounded = Refresher.builder()
                .executors(time, task -> {
                    if (free.get() == 0) {
                        refused.incrementAndGet();
                        throw new RejectedExecutionException("marker");
                    }
                    task.run();
                })
                .clocks(time.clock(), time::nanoTime)
                .random(() -> 0.5)
                .build();
        RefreshingCredentials<Token> credentials = bounded.keep(platform, Optional.of(platform.token()));

        time.pass(Duration.ofMinutes(5));

        assertThat(refused.get()).isBetween(3, 8);
        assertThatThrownBy(credentials::current)
                .isInstanceOf(CredentialExchangeException.class)
                .hasMessageContaining("take no work");
        free.set(1);
        time.pass(Duration.ofMinutes(1));
        assertThat(credentials.state()).isEqualTo(RefreshState.FRESH);
    }

    @Test
    void current_workersTakeNothing_isAnsweredFromThePause() {
        AtomicInteger refused = new AtomicInteger();
        Refresher full = Refresher.builder()
                .executors(time, task -> {
                    refused.incrementAndGet();
                    throw new RejectedExecutionException("marker");
                })
                .clocks(time.clock(), time::nanoTime)
                .random(() -> 0.5)
                .build();
        RefreshingCredentials<Token> credentials = full.keep(platform, Optional.empty());

        for (int i = 0; i < 100; i++) {
            assertThatThrownBy(credentials::current).hasMessageContaining("take no work");
        }

        assertThat(refused).hasValue(1);
    }

    @Test
    void run_refusedWhileAnotherWaits_theOtherHasItsTurn() {
        List<String> log = new ArrayList<>();
        List<Runnable> atFirst = new ArrayList<>();
        PlatformLane lane = new PlatformLane(
                task -> {
                    if (atFirst.isEmpty()) {
                        task.run();
                    } else {
                        atFirst.remove(0).run();
                        throw new RejectedExecutionException("marker");
                    }
                },
                1);
        atFirst.add(() -> lane.run(attempt("second", log)));

        lane.run(attempt("first", log));
        lane.run(attempt("third", log));

        assertThat(log).containsExactly("first refused", "second ran", "third ran");
    }

    @Test
    void keep_credentialsThatEndedBeforeTheyCame_areAFailure() {
        RefreshingCredentials<Token> credentials = refresher.keep(platform, Optional.empty());
        platform.life = Duration.ZERO;

        assertThatThrownBy(credentials::current)
                .isInstanceOf(CredentialExchangeException.class)
                .hasMessageContaining("ended before they came");
    }

    @Test
    void attempt_pastTheDeadline_isInterruptedAndTriedAgain() throws Exception {
        Refresher impatient =
                Refresher.builder().attemptDeadline(Duration.ofSeconds(1)).build();
        platform.open = new CountDownLatch(1);
        RefreshingCredentials<Token> credentials = impatient.keep(platform, Optional.empty());

        assertThatThrownBy(() -> credentials.current(Duration.ofSeconds(30)))
                .isInstanceOf(CredentialExchangeException.class)
                .hasMessageContaining("ONE gave no credentials within PT1S");
        assertThat(((CredentialExchangeException) reason(credentials)).retryable())
                .isTrue();
        credentials.close();
        impatient.close();
    }

    @Test
    void current_closed_refuses() {
        RefreshingCredentials<Token> credentials = refresher.keep(platform, Optional.of(platform.token()));

        credentials.close();
        credentials.close();

        assertThatThrownBy(credentials::current).isInstanceOf(IllegalStateException.class);
        time.pass(LIFE);
        assertThat(platform.calls).hasValue(1);
        assertThat(time.waiting()).isZero();
    }

    @Test
    void close_attemptUnderWay_endsItAndWaitsForIt() throws Exception {
        Refresher real = Refresher.builder().build();
        platform.open = new CountDownLatch(1);
        RefreshingCredentials<Token> credentials = real.keep(platform, Optional.empty());
        Future<Token> caller = callers.submit(() -> credentials.current());
        assertThat(platform.begun.tryAcquire(30, TimeUnit.SECONDS)).isTrue();

        credentials.close();

        assertThat(platform.ended).hasValue(1);
        assertThatThrownBy(() -> caller.get(30, TimeUnit.SECONDS)).hasCauseInstanceOf(IllegalStateException.class);
        real.close();
    }

    @Test
    void close_attemptThatOnlyQueues_waitsForNobodyAndNeverBegins() throws Exception {
        Refresher narrow = Refresher.builder().attemptsPerPlatform(1).build();
        platform.open = new CountDownLatch(1);
        RefreshingCredentials<Token> first = narrow.keep(platform, Optional.empty());
        Future<Token> served = callers.submit(() -> first.current());
        assertThat(platform.begun.tryAcquire(30, TimeUnit.SECONDS)).isTrue();
        RefreshingCredentials<Token> queued = narrow.keep(platform, Optional.empty());
        assertThatThrownBy(() -> queued.current(Duration.ofMillis(1))).hasMessageContaining("in time");
        Future<Token> reader = callers.submit(() -> queued.current());

        long before = System.nanoTime();
        queued.close();

        assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(4));
        assertThatThrownBy(() -> reader.get(30, TimeUnit.SECONDS)).hasCauseInstanceOf(IllegalStateException.class);
        platform.open.countDown();
        assertThat(served.get(30, TimeUnit.SECONDS).number()).isEqualTo(1);
        RefreshingCredentials<Token> next = narrow.keep(platform, Optional.empty());
        assertThat(next.current().number()).isEqualTo(2);
        first.close();
        next.close();
        narrow.close();
    }

    @Test
    void keep_onePlatformHangs_theOtherIsRefreshed() throws Exception {
        Refresher narrow = Refresher.builder().attemptsPerPlatform(2).build();
        platform.open = new CountDownLatch(1);
        List<RefreshingCredentials<Token>> hanging = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            RefreshingCredentials<Token> one = narrow.keep(platform, Optional.empty());
            hanging.add(one);
            callers.execute(one::current);
        }
        assertThat(platform.begun.tryAcquire(2, 30, TimeUnit.SECONDS)).isTrue();
        Platform other = new Platform();
        other.name = "OTHER";

        assertThat(narrow.keep(other, Optional.empty()).current().number()).isEqualTo(1);
        assertThat(platform.calls).hasValue(2);
        platform.open.countDown();
        hanging.forEach(RefreshingCredentials::close);
        narrow.close();
    }

    @Test
    void keep_thousandsFailAtOnce_retriesEndWithTheBudget() {
        List<RefreshingCredentials<Token>> all = new ArrayList<>();
        platform.life = Duration.ofHours(1);
        for (int i = 0; i < 1000; i++) {
            all.add(refresher.keep(platform, Optional.of(platform.token())));
        }
        platform.calls.set(0);
        platform.failure = failure(Kind.UNREACHABLE);

        time.pass(Duration.ofMinutes(46).plusSeconds(30));

        // Each has its first attempt, and all together have as many retries as the budget pays for.
        assertThat(platform.calls.get()).isBetween(1000, 1100);
        all.forEach(RefreshingCredentials::close);
    }

    private static PlatformLane.Attempt attempt(String name, List<String> log) {
        return new PlatformLane.Attempt() {
            @Override
            public void run() {
                log.add(name + " ran");
            }

            @Override
            public void refused(Throwable reason) {
                log.add(name + " refused");
            }
        };
    }

    private static Throwable reason(RefreshingCredentials<Token> credentials) {
        try {
            return new AssertionError(credentials.current(Duration.ofMillis(1)).toString());
        } catch (CredentialExchangeException e) {
            return e;
        }
    }

    private Refresher refresher(double random) {
        return Refresher.builder()
                .executors(time, time)
                .clocks(time.clock(), time::nanoTime)
                .random(() -> random)
                .build();
    }

    private static CredentialExchangeException failure(Kind kind) {
        return CredentialExchangeException.builder("ONE", kind, "ONE is down", "Try again")
                .build();
    }

    private record Token(int number, Instant expiresAt) implements Credentials {
        @Override
        public String principal() {
            return "holder";
        }

        @Override
        public List<Secret> secrets() {
            return List.of();
        }
    }

    /** A platform that counts, and fails or hangs on command. */
    private final class Platform implements CredentialSource<Token> {
        private final AtomicInteger calls = new AtomicInteger();
        private final AtomicInteger ended = new AtomicInteger();
        private final Semaphore begun = new Semaphore(0);
        private volatile String name = "ONE";
        private volatile Duration life = LIFE;
        private volatile @Nullable CountDownLatch open;
        private volatile @Nullable RuntimeException failure;
        private volatile @Nullable Error error;

        @Override
        public String platform() {
            return name;
        }

        @Override
        public Token obtain(Optional<Token> previous) {
            int number = calls.incrementAndGet();
            begun.release();
            try {
                if (open != null) {
                    open.await();
                }
                if (error != null) {
                    throw error;
                }
                if (failure != null) {
                    throw failure;
                }
                return new Token(number, now().plus(life));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw ExchangeFailures.of(name, "the token").interrupted();
            } finally {
                ended.incrementAndGet();
            }
        }

        Token token() {
            return obtain(Optional.empty());
        }

        private Instant now() {
            return name.equals("ONE") && open == null ? time.clock().instant() : Instant.now();
        }
    }
}
