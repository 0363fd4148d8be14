package io.dynamiccredentials.verify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GlobTest {

    @ParameterizedTest
    @CsvSource({
        "abc, abc, true",
        "abc, abcd, false",
        "abc, ABC, false",
        "*, '', true",
        "*, anything/at:all, true",
        "a*, a, true",
        "a*c, abc, true",
        "a*c, abcd, false",
        "a*b*c, aXbYbZc, true",
        "*b, aab, true",
        "**, x, true",
        "?, x, true",
        "?, '', false",
        "a?c, abc, true",
        "a?c, ac, false",
        "?*, '', false",
        "*?, ab, true",
        "a.c, abc, false",
        "run_phase:*, run_phase:apply, true"
    })
    void matches_wholeText(String pattern, String text, boolean expected) {
        assertThat(Glob.of(pattern).matches(text)).isEqualTo(expected);
    }

    @Test
    void of_emptyOrOverlong_isRefused() {
        assertThatThrownBy(() -> Glob.of("")).isInstanceOf(IllegalArgumentException.class);
        assertThat(Glob.of("x".repeat(2048)).matches("x")).isFalse();
        assertThatThrownBy(() -> Glob.of("x".repeat(2049))).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void matches_hostilePattern_ends() {
        // A backtracking matcher would take 2^1000 steps here; the timeout of the test run is the assertion.
        assertThat(Glob.of("*a".repeat(1000) + "b").matches("a".repeat(10_000))).isFalse();
    }
}
