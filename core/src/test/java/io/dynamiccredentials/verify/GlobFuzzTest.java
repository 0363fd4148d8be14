package io.dynamiccredentials.verify;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/** Patterns of any characters, compared with a matcher that is slow and can't be wrong. */
class GlobFuzzTest {
    private static final int MAX_FOR_REFERENCE = 12;

    @MethodSource("pairs")
    @FuzzTest(maxDuration = "10m")
    void matches(byte[] both) {
        String text = new String(both, UTF_8);
        int slash = text.indexOf('\n');
        String pattern = text.substring(0, Math.max(slash, 0));
        String subject = text.substring(slash + 1);
        Glob glob;
        try {
            glob = Glob.of(pattern);
        } catch (IllegalArgumentException e) {
            FuzzChecks.requireFit(String.valueOf(e.getMessage()));
            return;
        }
        boolean matches = glob.matches(subject);
        if (pattern.length() <= MAX_FOR_REFERENCE && subject.length() <= MAX_FOR_REFERENCE) {
            assertThat(matches).isEqualTo(reference(codePoints(pattern), codePoints(subject)));
        }
    }

    static Stream<byte[]> pairs() {
        return Stream.of(
                        "*\n",
                        "*\nabc",
                        "a*\nabc",
                        "*c\nabc",
                        "a*c\nac",
                        "a**c\nabbc",
                        "?\na",
                        "?\n",
                        "a?c\nabc",
                        "*?\na",
                        "?*?\na",
                        "*ab\nabab",
                        "*ab*ab\nabxab",
                        "a*b*c\nabcabc",
                        "*a*a*a\naaa",
                        "abc\nabd",
                        "\nabc",
                        "a.c\nabc")
                .map(text -> text.getBytes(UTF_8));
    }

    /** Tries every run of characters for every star. */
    private static boolean reference(List<Integer> pattern, List<Integer> text) {
        if (pattern.isEmpty()) {
            return text.isEmpty();
        }
        List<Integer> rest = pattern.subList(1, pattern.size());
        if (pattern.get(0) == '*') {
            return reference(rest, text) || (!text.isEmpty() && reference(pattern, text.subList(1, text.size())));
        }
        return !text.isEmpty()
                && (pattern.get(0) == '?' || pattern.get(0).equals(text.get(0)))
                && reference(rest, text.subList(1, text.size()));
    }

    private static List<Integer> codePoints(String text) {
        return text.codePoints().boxed().toList();
    }
}
