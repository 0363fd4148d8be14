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
    private final SingleFlight flight = new SingleFlight();
    private final AtomicInteger runs = new AtomicInteger();

    /** What is to be done, when the test says so. */
    private final Queue<Runnable> later = new ArrayDeque<>();

    @Test
    void begin_oneAfterTheOther_eachWorks() {
        assertThat(flight.begin(runs::incrementAndGet, Runnable::run)).isCompleted();
        assertThat(flight.begin(runs::incrementAndGet, Runnable::run)).isCompleted();

        assertThat(runs).hasValue(2);
    }

    @Test
    void begin_whileOtherWorkIsUnderWay_endsWithThatAndDoesNotWork() {
        CompletableFuture<Boolean> first = flight.begin(runs::incrementAndGet, later::add);
        CompletableFuture<Boolean> second = flight.begin(runs::incrementAndGet, later::add);

        assertThat(second).isSameAs(first).isNotDone();
        assertThat(later).hasSize(1);
        later.remove().run();

        assertThat(second).isCompleted();
        assertThat(runs).hasValue(1);
    }

    @Test
    void begin_workThatThrows_endsAndFreesThePlace() {
        CompletableFuture<Boolean> first = flight.begin(
                () -> {
                    throw new IllegalArgumentException("broken");
                },
                later::add);

        assertThatThrownBy(() -> later.remove().run()).hasMessage("broken");

        assertThat(first).isCompleted();
        assertThat(flight.runHere(runs::incrementAndGet)).isTrue();
        assertThat(runs).hasValue(1);
    }

    @Test
    void begin_noThreadToBeHad_freesThePlace() {
        assertThatThrownBy(() -> flight.begin(runs::incrementAndGet, work -> {
                    throw new OutOfMemoryError("unable to create native thread");
                }))
                .isInstanceOf(OutOfMemoryError.class);
        assertThatThrownBy(() -> flight.begin(runs::incrementAndGet, work -> {
                    throw new RejectedExecutionException("busy");
                }))
                .isInstanceOf(RejectedExecutionException.class);

        assertThat(flight.runHere(runs::incrementAndGet)).isTrue();
        assertThat(runs).hasValue(1);
    }

    @Test
    void runHere_whileOtherWorkIsUnderWay_doesNothing() {
        flight.begin(runs::incrementAndGet, later::add).isDone();

        assertThat(flight.runHere(runs::incrementAndGet)).isFalse();
        assertThat(runs).hasValue(0);
    }

    @Test
    void await_endThatDoesNotCome_goesOn() throws Exception {
        CompletableFuture<Boolean> never = new CompletableFuture<>();

        SingleFlight.await(never, Duration.ofMillis(1));

        assertThat(never).isNotDone();
    }

    @Test
    void await_interruptedThread_throws() {
        Thread.currentThread().interrupt();

        assertThatThrownBy(() -> SingleFlight.await(new CompletableFuture<>(), Duration.ofMinutes(1)))
                .isInstanceOf(InterruptedException.class);
        assertThat(Thread.interrupted()).isFalse();
    }
}
