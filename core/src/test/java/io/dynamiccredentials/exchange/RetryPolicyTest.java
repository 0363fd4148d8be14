package io.dynamiccredentials.exchange;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dynamiccredentials.CredentialExchangeException;
import io.dynamiccredentials.CredentialExchangeException.Kind;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RetryPolicyTest {
    private final RetryPolicy policy = RetryPolicy.STANDARD;

    @ParameterizedTest
    @CsvSource({"1, 200", "2, 400", "3, 800"})
    void pauseAfter_failure_isAtMostTwiceTheOneBefore(int made, long millis) {
        assertThat(policy.pauseAfter(failure(Kind.UNREACHABLE), made, Duration.ZERO, 1))
                .contains(Duration.ofMillis(millis));
        assertThat(policy.pauseAfter(failure(Kind.UNREACHABLE), made, Duration.ZERO, 0))
                .contains(Duration.ZERO);
    }

    @Test
    void pauseAfter_fourAttempts_thereIsNoFifth() {
        assertThat(policy.pauseAfter(failure(Kind.UNREACHABLE), 4, Duration.ZERO, 0))
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"REFUSED", "UNINTELLIGIBLE", "MISCONFIGURED"})
    void pauseAfter_noRetryHelps_isNone(Kind kind) {
        assertThat(policy.pauseAfter(failure(kind), 1, Duration.ZERO, 0)).isEmpty();
    }

    @Test
    void pauseAfter_platformNamesAPause_isAtLeastThat() {
        CredentialExchangeException throttled = CredentialExchangeException.builder("ONE", Kind.THROTTLED, "No", "Wait")
                .retryAfter(Duration.ofSeconds(30))
                .build();

        assertThat(policy.pauseAfter(throttled, 1, Duration.ZERO, 1)).contains(Duration.ofSeconds(30));
        assertThat(policy.pauseAfter(throttled, 1, Duration.ofSeconds(30), 1)).contains(Duration.ofSeconds(30));
        assertThat(policy.pauseAfter(throttled, 1, Duration.ofSeconds(31), 1)).isEmpty();
    }

    @Test
    void of_noAttempt_isRefused() {
        assertThatThrownBy(() -> new RetryPolicy(0, Duration.ZERO, Duration.ZERO, Duration.ZERO))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("it was 0");
    }

    @Test
    void of_pausesThatShrink_areRefused() {
        assertThatThrownBy(() -> new RetryPolicy(2, Duration.ofSeconds(2), Duration.ofSeconds(1), Duration.ZERO))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("PT2S, PT1S");
    }

    private static CredentialExchangeException failure(Kind kind) {
        return CredentialExchangeException.builder("ONE", kind, "ONE failed", "Wait")
                .build();
    }
}
