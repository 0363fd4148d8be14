package io.dynamiccredentials.vault;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Long values of a workspace must not take the stack. */
class BoundedFormTest {

    static Stream<Named<Predicate<String>>> forms() {
        return Stream.of(
                Named.of("role", VaultJwtExchanger::isRole),
                Named.of("path", VaultJwtExchanger::isPath),
                Named.of("engine's name", VaultBackedSettings.engineName()),
                Named.of("tenant", VaultBackedAzure::isTenant));
    }

    @ParameterizedTest
    @MethodSource("forms")
    void matches_overlong_isRefusedAndTakesNoStack(Predicate<String> form) {
        assertThat(form.test("a" + ".a".repeat(50_000))).isFalse();
        assertThat(form.test("a" + ".a".repeat(50_000) + "!")).isFalse();
    }

    @ParameterizedTest
    @MethodSource("forms")
    void matches_longerThanAnyName_isRefused(Predicate<String> form) {
        String label = "a".repeat(63);
        String longest = String.join(".", label, label, label, label, label, label, label, label);

        assertThat(form.test(longest)).isTrue();
        assertThat(form.test(longest + ".a")).isFalse();
    }

    @ParameterizedTest
    @MethodSource("forms")
    void matches_dotsAtAnEndOrTwice_isRefused(Predicate<String> form) {
        assertThat(Stream.of("", ".", "a.", ".a", "a..b", "a.b\n")).noneMatch(form);
    }
}
