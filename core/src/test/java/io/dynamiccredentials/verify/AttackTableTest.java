package io.dynamiccredentials.verify;

import static io.dynamiccredentials.TokenRejectedException.Reason.WRONG_ISSUER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.dynamiccredentials.TokenRejectedException;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Shows the verifier every known way to fool one, each token made by name. */
class AttackTableTest {
    private final Trial trial = new Trial();

    static List<Attack> rows() {
        return Stream.of(
                        HeaderAttacks.rows(),
                        KeyIdAttacks.rows(),
                        EncodingAttacks.rows(),
                        JsonAttacks.rows(),
                        TimeAttacks.rows(),
                        ClaimAttacks.rows(),
                        KeyAttacks.rows(),
                        SignatureAttacks.rows())
                .flatMap(List::stream)
                .toList();
    }

    static Stream<Attack> attacks() {
        return rows().stream().filter(row -> !row.isControl());
    }

    static Stream<Attack> strangers() {
        return attacks().filter(attack -> attack.reason().equals(Optional.of(WRONG_ISSUER)));
    }

    static Stream<Attack> controls() {
        return rows().stream().filter(Attack::isControl);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("attacks")
    void verify_attack_isRejectedForItsReason(Attack attack) {
        String token = attack.token().get();

        Throwable thrown = catchThrowable(() -> trial.verify(token));

        assertThat(thrown).as(attack.name()).isExactlyInstanceOf(TokenRejectedException.class);
        TokenRejectedException rejection = (TokenRejectedException) thrown;
        assertThat(Optional.of(rejection.reason()))
                .as(attack + ": " + rejection.getMessage())
                .isEqualTo(attack.reason());
        assertThat(rejection.claim()).as(attack + ": " + rejection.getMessage()).isEqualTo(attack.claim());
        FuzzChecks.requireTellsNothing(String.valueOf(rejection.getMessage()), token);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("strangers")
    void verify_attackFromNoTrustedIssuer_asksForNoKey(Attack stranger) {
        assertThat(catchThrowable(() -> trial.verify(stranger.token().get())))
                .isInstanceOf(TokenRejectedException.class);
        assertThat(trial.lookups()).isZero();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("controls")
    void verify_control_isAccepted(Attack control) {
        assertThat(trial.verify(control.token().get()).subject())
                .as(control.name())
                .isNotEmpty();
    }

    @Test
    void rows_haveNamesOfTheirOwn_andAreMany() {
        assertThat(rows()).extracting(Attack::name).doesNotHaveDuplicates();
        assertThat(attacks().count()).isGreaterThanOrEqualTo(400);
        assertThat(controls().count()).isGreaterThanOrEqualTo(20);
    }

    @ParameterizedTest
    @MethodSource("defects")
    void rows_nameEachDefectOfOtherLibraries(String defect) {
        assertThat(attacks()).anyMatch(attack -> attack.name().startsWith(defect + " "));
    }

    static Stream<String> defects() {
        return Stream.of(
                "CVE-2015-9235",
                "CVE-2016-10555",
                "CVE-2018-0114",
                "CVE-2022-21449",
                "CVE-2023-51774",
                "CVE-2022-39227",
                "CVE-2022-29217",
                "CVE-2024-33663",
                "GHSA-75c5-xw7c-p5pm",
                "GHSA-752w-5fwx-jx9f",
                "CVE-2020-26160",
                "CVE-2025-30204",
                "CVE-2025-27144",
                "CVE-2024-33664",
                "CVE-2024-28180",
                "CVE-2024-29371",
                "CVE-2023-51775",
                "CVE-2023-52428",
                "CVE-2023-31582",
                "CVE-2025-53864",
                "CVE-2019-17195",
                "CVE-2017-12973",
                "CVE-2017-12974",
                "CVE-2021-22573",
                "CVE-2022-23539",
                "CVE-2022-23540",
                "CVE-2022-23541");
    }
}
