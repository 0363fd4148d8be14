package io.dynamiccredentials.verify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

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
        assertThat(Glob.of("x".repeat(10_240)).matches("x".repeat(10_240))).isTrue();
        assertThat(Glob.of("x".repeat(10_240)).matches("x".repeat(10_239))).isFalse();
        assertThatThrownBy(() -> Glob.of("x".repeat(10_241)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("10241");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 62, 63, 64, 65, 127, 128, 129, 1000})
    void matches_patternThatFillsWordsOfStates_isTheSame(int length) {
        String text = "ab".repeat(length).substring(0, length);

        for (String pattern : List.of(text, "?".repeat(length), text + "*", "*" + text, "*" + "?".repeat(length))) {
            assertThat(Glob.of(pattern).matches(text)).as(pattern).isTrue();
            assertThat(Glob.of(pattern).matches(text.substring(1))).as(pattern).isFalse();
        }
        assertThat(Glob.of(text).matches(text + "a")).isFalse();
        assertThat(Glob.of("*" + text).matches("b" + text)).isTrue();
        assertThat(Glob.of(text + "c").matches(text)).isFalse();
    }

    @Test
    void matches_beyondTheBasicPlane_countsCodePoints() {
        assertThat(Glob.of("a?c").matches("a\uD83D\uDE00c")).isTrue();
        assertThat(Glob.of("a??c").matches("a\uD83D\uDE00c")).isFalse();
        assertThat(Glob.of("\uD83D\uDE00*").matches("\uD83D\uDE00x")).isTrue();
        assertThat(Glob.of("\uD83D\uDE00").matches("\uD83D\uDE01")).isFalse();
        assertThat(Glob.of("?").matches("\uD83D")).isTrue();
    }

    @Test
    void matches_randomPatternsAndTexts_agreesWithTheDefinition() {
        Random random = new Random(20260301);
        int matched = 0;
        for (int i = 0; i < 100_000; i++) {
            // Each tenth case is longer than a word of states, mostly of letters that match.
            boolean isLong = i % 10 == 0;
            String pattern = isLong
                    ? text(random, "aaaaaaaaaaaaaaa*?b", 60 + random.nextInt(10))
                    : text(random, "ab*?", 1 + random.nextInt(8));
            String text = isLong
                    ? text(random, "aaaaaaaaaaaaaaaaaab", 55 + random.nextInt(20))
                    : text(random, "ab", random.nextInt(10));
            boolean expected = matchesByDefinition(pattern, text);
            assertThat(Glob.of(pattern).matches(text))
                    .as("%s on %s", pattern, text)
                    .isEqualTo(expected);
            matched += expected ? 1 : 0;
        }
        assertThat(matched).isBetween(10_000, 90_000);
    }

    @ParameterizedTest
    @MethodSource("hostile")
    void matches_hostilePatternAndText_takesBoundedWork(String pattern, String text, boolean expected) {
        Glob.Run run = Glob.of(pattern).run(text);

        assertThat(run.matched()).isEqualTo(expected);
        long words = pattern.length() / 64 + 1L;
        assertThat(run.work()).isPositive().isLessThanOrEqualTo(2L * words * text.length());
    }

    /** Patterns of the longest kind; the first of them makes a matcher that goes back to its stars do so each time. */
    static Stream<Arguments> hostile() {
        String text = "a".repeat(10_240);
        StringBuilder distinct = new StringBuilder();
        for (int i = 0; i < 10_239; i++) {
            distinct.append((char) (0x4e00 + i));
        }
        return Stream.of(
                Arguments.of("*a".repeat(5119) + "*b", text, false),
                Arguments.of("*a".repeat(5120), text, true),
                Arguments.of("*" + "a".repeat(5000) + "b*", text, false),
                Arguments.of("?*".repeat(5120), text, true),
                Arguments.of("*" + "a".repeat(10_239), text, true),
                Arguments.of("*" + "ab".repeat(5119), "ab".repeat(5120), true),
                Arguments.of("*" + distinct, text + distinct, true),
                Arguments.of("*" + distinct, text, false));
    }

    @Test
    void run_textThatCanNoLongerMatch_stops() {
        assertThat(Glob.of("abc").run("x".repeat(10_000)).work()).isEqualTo(1);
    }

    /** Matches as the words of the documentation say, by all prefixes of the pattern and of the text. */
    private static boolean matchesByDefinition(String pattern, String text) {
        boolean[] before = new boolean[text.length() + 1];
        before[0] = true;
        for (int i = 0; i < pattern.length(); i++) {
            char symbol = pattern.charAt(i);
            boolean[] after = new boolean[text.length() + 1];
            for (int to = 0; to <= text.length(); to++) {
                for (int from = 0; from <= to; from++) {
                    boolean fits = symbol == '*' || (to - from == 1 && (symbol == '?' || symbol == text.charAt(from)));
                    after[to] |= before[from] && fits;
                }
            }
            before = after;
        }
        return before[text.length()];
    }

    private static String text(Random random, String alphabet, int length) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < length; i++) {
            text.append(alphabet.charAt(random.nextInt(alphabet.length())));
        }
        return text.toString();
    }
}
