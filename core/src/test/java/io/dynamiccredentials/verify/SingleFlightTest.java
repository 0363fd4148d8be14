package io.dynamiccredentials.verify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SingleFlightTest {
    private static final Duration LONG = Duration.ofMinutes(1);

    private final SingleFlight flight = new SingleFlight();
    private final AtomicInteger runs = new AtomicInteger();
    private final CountDownLatch begun = new CountDownLatch(1);
    private final CountDownLatch end = new CountDownLatch(1);

    @AfterEach
    void stop() {
        end.countDown();
    }

    @Test
    void run_oneAfterTheOther_eachWorks() throws Exception {
        flight.run(runs::incrementAndGet, LONG);
        flight.run(runs::incrementAndGet, LONG);

        assertThat(runs).hasValue(2);
    }

    @Test
    void run_whileAnotherWorks_waitsForItsEndAndDoesNotWork() throws Exception {
        FutureTask<Boolean> leader = new FutureTask<>(this::lead);
        FutureTask<Boolean> follower = new FutureTask<>(this::follow);
        start(leader);
        begun.await();
        awaitWaiting(start(follower));
        assertThat(follower.isDone()).isFalse();

        end.countDown();

        assertThat(follower.get(20, TimeUnit.SECONDS)).isTrue();
        assertThat(leader.get(20, TimeUnit.SECONDS)).isTrue();
        assertThat(runs).hasValue(0);
    }

    @Test
    void run_otherTakesTooLong_goesOnWithoutIt() throws Exception {
        FutureTask<Boolean> leader = new FutureTask<>(this::lead);
        start(leader);
        begun.await();

        flight.run(runs::incrementAndGet, Duration.ofMillis(1));

        assertThat(leader.isDone()).isFalse();
        assertThat(runs).hasValue(0);
    }

    @Test
    void run_workThatThrows_freesThePlace() throws Exception {
        assertThatThrownBy(() -> flight.run(
                        () -> {
                            throw new IllegalArgumentException("broken");
                        },
                        LONG))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("broken");

        flight.run(runs::incrementAndGet, LONG);
        assertThat(runs).hasValue(1);
    }

    @Test
    void run_workThatIsInterrupted_freesThePlaceAndThoseWhoWait() throws Exception {
        FutureTask<Boolean> leader = new FutureTask<>(this::lead);
        FutureTask<Boolean> follower = new FutureTask<>(this::follow);
        Thread leading = start(leader);
        begun.await();
        awaitWaiting(start(follower));

        leading.interrupt();

        assertThatThrownBy(() -> leader.get(20, TimeUnit.SECONDS)).hasCauseInstanceOf(InterruptedException.class);
        assertThat(follower.get(20, TimeUnit.SECONDS)).isTrue();
        assertThat(runs).hasValue(0);
        flight.run(runs::incrementAndGet, LONG);
        assertThat(runs).hasValue(1);
    }

    @Test
    void run_interruptedWhileWaiting_throws() throws Exception {
        FutureTask<Boolean> leader = new FutureTask<>(this::lead);
        FutureTask<Boolean> follower = new FutureTask<>(this::follow);
        start(leader);
        begun.await();
        start(follower).interrupt();

        assertThatThrownBy(() -> follower.get(20, TimeUnit.SECONDS)).hasCauseInstanceOf(InterruptedException.class);
        assertThat(leader.isDone()).isFalse();
        assertThat(runs).hasValue(0);
    }

    private boolean lead() throws InterruptedException {
        flight.run(
                () -> {
                    begun.countDown();
                    end.await();
                },
                LONG);
        return true;
    }

    private boolean follow() throws InterruptedException {
        flight.run(runs::incrementAndGet, LONG);
        return true;
    }

    private static Thread start(Runnable task) {
        Thread thread = new Thread(task);
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    private static void awaitWaiting(Thread thread) {
        long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (thread.getState() != Thread.State.TIMED_WAITING) {
            assertThat(System.nanoTime()).as("the end of the wait").isLessThan(end);
            Thread.onSpinWait();
        }
    }
}
