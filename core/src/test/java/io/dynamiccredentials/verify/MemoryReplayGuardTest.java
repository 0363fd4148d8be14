package io.dynamiccredentials.verify;

import static io.dynamiccredentials.TokenRejectedException.Reason.EXPIRED;
import static io.dynamiccredentials.TokenRejectedException.Reason.REPLAY_UNKNOWN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dynamiccredentials.TokenRejectedException;
import io.dynamiccredentials.TokenRejectedException.Reason;
import io.dynamiccredentials.testkit.contract.ReplayGuardContract;
import java.time.Clock;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MemoryReplayGuardTest extends ReplayGuardContract {
    private final MemoryReplayGuard guard =
            MemoryReplayGuard.builder(1000).clock(clock).build();

    @Override
    protected ReplayGuard open(Clock clock) {
        return guard;
    }

    @Test
    void firstUse_full_refusesNewTokensAndForgetsNone() {
        MemoryReplayGuard small = MemoryReplayGuard.builder(2).clock(clock).build();
        assertThat(small.firstUse(ISSUER, "later", NOW.plusSeconds(20))).isTrue();
        assertThat(small.firstUse(ISSUER, "sooner", NOW.plusSeconds(10))).isTrue();

        assertRefused(() -> small.firstUse(ISSUER, "new", NOW.plusSeconds(30)), REPLAY_UNKNOWN, "holds 2 tokens");
        assertThat(small.firstUse(ISSUER, "later", NOW.plusSeconds(20))).isFalse();
        assertThat(small.firstUse(ISSUER, "sooner", NOW.plusSeconds(10))).isFalse();

        clock.moveTo(NOW.plusSeconds(10).minusMillis(1));
        assertRefused(() -> small.firstUse(ISSUER, "new", NOW.plusSeconds(30)), REPLAY_UNKNOWN, "is full");
        clock.moveTo(NOW.plusSeconds(10));
        assertThat(small.firstUse(ISSUER, "new", NOW.plusSeconds(30))).isTrue();
        assertThat(small.firstUse(ISSUER, "later", NOW.plusSeconds(20))).isFalse();
        assertRefused(() -> small.firstUse(ISSUER, "another", NOW.plusSeconds(30)), REPLAY_UNKNOWN, "is full");
    }

    @Test
    void firstUse_refusedWhenFull_isFirstUseLater() {
        MemoryReplayGuard small = MemoryReplayGuard.builder(1).clock(clock).build();
        assertThat(small.firstUse(ISSUER, "a", NOW.plusSeconds(10))).isTrue();
        assertRefused(() -> small.firstUse(ISSUER, "b", NOW.plusSeconds(30)), REPLAY_UNKNOWN, "is full");

        clock.moveTo(NOW.plusSeconds(10));

        assertThat(small.firstUse(ISSUER, "b", NOW.plusSeconds(30))).isTrue();
    }

    @Test
    void firstUse_clockWasSetBack_takesNoForgottenTokenAgain() throws Exception {
        assertThat(firstUse("a")).isTrue();
        clock.moveTo(NOW.plusSeconds(600));
        assertThat(guard.firstUse(ISSUER, "b", NOW.plusSeconds(1200))).isTrue();

        clock.moveTo(NOW);

        assertRefused(() -> guard.firstUse(ISSUER, "a", NOW.plusSeconds(600)), EXPIRED, "Check that clock");
        assertThat(guard.firstUse(ISSUER, "b", NOW.plusSeconds(1200))).isFalse();
        assertThat(guard.firstUse(ISSUER, "c", NOW.plusSeconds(601))).isTrue();
    }

    @Test
    void firstUse_manyTokensOneAfterTheOther_staysWithinItsBounds() {
        MemoryReplayGuard small = MemoryReplayGuard.builder(10).clock(clock).build();
        for (int i = 0; i < 10_000; i++) {
            clock.moveTo(NOW.plusSeconds(i));
            assertThat(small.firstUse(ISSUER, "token " + i, NOW.plusSeconds(i + 10L)))
                    .isTrue();
            assertThat(small.firstUse(ISSUER, "token " + i, NOW.plusSeconds(i + 10L)))
                    .isFalse();
        }
    }

    /** Each token comes twice, one right after the other, so that two threads have it at the same moment. */
    @Test
    void firstUse_manyThreadsWithTokensThatComeTwice_isOneFirstUseOfEach() throws Exception {
        MemoryReplayGuard large = MemoryReplayGuard.builder(20_000).clock(clock).build();
        AtomicInteger next = new AtomicInteger();

        int first = onManyThreads(() -> {
            int mine = 0;
            for (int i = next.getAndIncrement(); i < 40_000; i = next.getAndIncrement()) {
                mine += large.firstUse(ISSUER, "token " + i / 2, NOW.plusSeconds(600)) ? 1 : 0;
            }
            return mine;
        });

        assertThat(first).isEqualTo(20_000);
    }

    @ParameterizedTest
    @ValueSource(ints = {Integer.MIN_VALUE, -1, 0, 10_000_001})
    void build_badBound_isRefused(int maxEntries) {
        assertThatThrownBy(() -> MemoryReplayGuard.builder(maxEntries).build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("the number was " + maxEntries);
        assertThat(MemoryReplayGuard.builder(10_000_000).build()).hasToString("MemoryReplayGuard[of 10000000]");
    }

    private static void assertRefused(Runnable use, Reason reason, String piece) {
        assertThatThrownBy(use::run)
                .isInstanceOfSatisfying(
                        TokenRejectedException.class,
                        refused -> assertThat(refused.reason()).isEqualTo(reason))
                .hasMessageContaining(piece);
    }
}
