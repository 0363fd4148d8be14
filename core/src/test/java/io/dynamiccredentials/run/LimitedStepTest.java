package io.dynamiccredentials.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class LimitedStepTest {
    private static final Duration LONG = Duration.ofMinutes(1);

    @Test
    void take_step_returnsWhatItReturns() {
        assertThat(LimitedStep.take(LONG, () -> true)).isTrue();
        assertThat(LimitedStep.take(LONG, () -> false)).isFalse();
    }

    @Test
    void take_stepFails_throwsTheVeryFailure() {
        UncheckedIOException failure = new UncheckedIOException(new IOException("left"));
        StackOverflowError error = new StackOverflowError();

        assertThatThrownBy(() -> LimitedStep.take(LONG, () -> {
                    throw failure;
                }))
                .isSameAs(failure);
        assertThatThrownBy(() -> LimitedStep.take(LONG, () -> {
                    throw error;
                }))
                .isSameAs(error);
    }

    @Test
    void take_stepHangs_saysSoAfterTheLimit() {
        CountDownLatch over = new CountDownLatch(1);
        try {
            assertThatThrownBy(() -> LimitedStep.take(Duration.ofMillis(20), () -> await(over)))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("more than 20 ms");
        } finally {
            over.countDown();
        }
    }

    @Test
    void take_threadIsInterrupted_waitsAndStaysInterrupted() {
        Thread.currentThread().interrupt();

        assertThat(LimitedStep.take(LONG, () -> !Thread.currentThread().isInterrupted()))
                .isTrue();
        assertThat(Thread.interrupted()).isTrue();
    }

    private static boolean await(CountDownLatch latch) {
        try {
            latch.await();
            return true;
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
