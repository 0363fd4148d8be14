package io.dynamiccredentials.verify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class SingleFlightTest {
    private static final Duration LONG = Duration.ofMinutes(1);

    private final SingleFlight flight = new SingleFlight();
    private final AtomicInteger runs = new AtomicInteger();

    /** What was begun and not yet done. */
    private final Queue<Runnable> begun = new ArrayDeque<>();

    @Test
    void begin_whileOtherWorkIsUnderWay_returnsItsEndAndDoesNotWork() {
        CompletableFuture<Boolean> first = flight.begin(runs::incrementAndGet, begun::add);
        CompletableFuture<Boolean> second = flight.begin(runs::incrementAndGet, begun::add);

        assertThat(second).isSameAs(first).isNotDone();
        assertThat(begun).hasSize(1);
        begun.remove().run();
        assertThat(first).isCompletedWithValue(true);
        assertThat(runs).hasValue(1);
    }

    @Test
    void begin_afterTheEnd_worksAgain() {
        CompletableFuture<Boolean> first = flight.begin(runs::incrementAndGet, Runnable::run);
        CompletableFuture<Boolean> second = flight.begin(runs::incrementAndGet, Runnable::run);

        assertThat(second).isNotSameAs(first).isDone();
        assertThat(runs).hasValue(2);
    }

    @Test
    void begin_whoeverHearsOfTheEnd_mayWorkAgain() {
        CompletableFuture<Boolean> next = flight.begin(() -> {}, begun::add)
                .thenCompose(end -> flight.begin(runs::incrementAndGet, Runnable::run));

        begun.remove().run();

        assertThat(next).isCompletedWithValue(true);
        assertThat(runs).hasValue(1);
    }

    @Test
    void begin_workThatThrows_endsAndFreesThePlace() {
        CompletableFuture<Boolean> broken = flight.begin(SingleFlightTest::fail, begun::add);
        assertThatThrownBy(() -> begun.remove().run())
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("broken");

        assertThat(broken).isCompletedWithValue(true);
        assertThat(flight.runHere(runs::incrementAndGet)).isTrue();
        assertThat(runs).hasValue(1);
    }

    @Test
    void begin_executorThatRefuses_freesThePlace() {
        assertThatThrownBy(() -> flight.begin(runs::incrementAndGet, work -> {
                    throw new RejectedExecutionException("closed");
                }))
                .isInstanceOf(RejectedExecutionException.class);

        assertThat(runs).hasValue(0);
        assertThat(flight.runHere(runs::incrementAndGet)).isTrue();
        assertThat(runs).hasValue(1);
    }

    @Test
    void runHere_whileOtherWorkIsUnderWay_isFalseAndDoesNotWait() {
        CompletableFuture<Boolean> other = flight.begin(() -> {}, begun::add);

        assertThat(flight.runHere(runs::incrementAndGet)).isFalse();
        assertThat(other).isNotDone();
        assertThat(runs).hasValue(0);
    }

    @Test
    void runHere_workThatThrows_throwsAndFreesThePlace() {
        assertThatThrownBy(() -> flight.runHere(SingleFlightTest::fail)).hasMessage("broken");

        assertThat(flight.runHere(runs::incrementAndGet)).isTrue();
    }

    @Test
    void await_end_returns() throws Exception {
        SingleFlight.await(CompletableFuture.completedFuture(true), LONG);
    }

    @Test
    void await_tooLong_returnsAllTheSame() throws Exception {
        CompletableFuture<Boolean> never = new CompletableFuture<>();

        SingleFlight.await(never, Duration.ofMillis(1));

        assertThat(never).isNotDone();
    }

    @Test
    void await_interrupted_throws() {
        Thread.currentThread().interrupt();

        assertThatThrownBy(() -> SingleFlight.await(new CompletableFuture<>(), LONG))
                .isInstanceOf(InterruptedException.class);
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
    }

    private static void fail() {
        throw new IllegalStateException("broken");
    }
}
