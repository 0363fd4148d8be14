package io.dynamiccredentials.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class FaultsTest {
    private final Faults faults = new Faults();

    @Test
    void take_nothingSaid_isNothing() {
        assertThat(faults.take("login")).isEmpty();
        assertThat(faults.injected()).isZero();
    }

    @Test
    void next_severalFaults_goToOneRequestEach() {
        faults.next(Fault.reset(), Fault.failed(503)).next(Fault.lost());

        assertThat(kinds(4)).containsExactly("RESET", "FAILED", "LOST", "");
        assertThat(faults.injected()).isEqualTo(3);
    }

    @Test
    void onCall_third_isTheThirdFromNow() {
        faults.take("login");
        faults.onCall(3, Fault.reset());

        assertThat(kinds(4)).containsExactly("", "", "RESET", "");
    }

    @Test
    void onCall_numberOutOfRangeOrTaken_isRefused() {
        faults.onCall(1, Fault.reset());

        assertThatThrownBy(() -> faults.onCall(0, Fault.reset())).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> faults.onCall(1, Fault.lost()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("has a fault already");
    }

    @Test
    void onCall_whileOthersWait_goesFirst() {
        faults.next(Fault.reset(), Fault.reset()).onCall(2, Fault.lost());

        assertThat(kinds(4)).containsExactly("RESET", "LOST", "RESET", "");
    }

    @Test
    void always_untilCleared_isEachRequest() {
        faults.always(Fault.throttled()).next(Fault.reset());
        assertThat(kinds(3)).containsExactly("RESET", "THROTTLED", "THROTTLED");

        faults.clear();
        assertThat(kinds(2)).containsExactly("", "");
    }

    @Test
    void randomly_sameSeed_isTheSame() {
        Faults other = new Faults();
        faults.randomly(7, 30, Fault.reset(), Fault.lost());
        other.randomly(7, 30, Fault.reset(), Fault.lost());
        List<String> these = kinds(200);

        assertThat(these).isEqualTo(kinds(other, 200)).contains("RESET", "LOST", "");
        assertThat(faults.injected()).isBetween(40, 80);
    }

    @Test
    void randomly_allOrNone_isThat() {
        faults.randomly(1, 0, Fault.reset());
        assertThat(kinds(50)).containsOnly("");

        faults.randomly(1, 100, Fault.reset());
        assertThat(kinds(50)).containsOnly("RESET");
    }

    @Test
    void randomly_noFaultOrNoShare_isRefused() {
        assertThatThrownBy(() -> faults.randomly(1, 10)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> faults.randomly(1, 101, Fault.reset())).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> faults.randomly(1, -1, Fault.reset())).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void of_operation_leavesOthersAlone() {
        faults.of("login").next(Fault.reset());

        assertThat(faults.take("renew")).isEmpty();
        assertThat(faults.take("login")).isPresent();
        assertThat(faults.take("login")).isEmpty();
        assertThat(faults.injected()).isEqualTo(1);
    }

    @Test
    void of_operationHasNone_thoseOfAllCount() {
        faults.of("login").onCall(2, Fault.reset());
        faults.onCall(2, Fault.lost());
        faults.take("login");

        assertThat(faults.take("login").map(Fault::kind)).contains(Fault.Kind.RESET);
        assertThat(faults.take("login")).isEmpty();
    }

    @Test
    void clear_ofAll_clearsOperationsToo() {
        faults.of("login").always(Fault.reset());
        faults.clear();

        assertThat(faults.take("login")).isEmpty();
    }

    @Test
    void fault_outOfRange_isRefused() {
        assertThatThrownBy(() -> Fault.failed(499)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Fault.failed(600)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Fault.oversized(0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Fault.oversized(100_000_001)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Fault.delayed(Duration.ofMillis(-1))).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Fault.throttled(Duration.ofMillis(1500)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("whole seconds");
        assertThatThrownBy(() -> Fault.throttled(Duration.ofSeconds(-1))).isInstanceOf(IllegalArgumentException.class);
        assertThat(Fault.failed(500)).hasToString("Fault[FAILED 500]");
        assertThat(Fault.reset()).hasToString("Fault[RESET]");
    }

    private List<String> kinds(int count) {
        return kinds(faults, count);
    }

    private static List<String> kinds(Faults faults, int count) {
        List<String> kinds = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Optional<Fault> fault = faults.take("login");
            kinds.add(fault.map(Fault::kind).map(Enum::name).orElse(""));
        }
        return kinds;
    }
}
