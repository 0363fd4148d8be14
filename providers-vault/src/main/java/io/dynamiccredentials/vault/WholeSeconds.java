package io.dynamiccredentials.vault;

import io.dynamiccredentials.config.Setting;
import java.time.Duration;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/** The form of settings that are a number of seconds. */
final class WholeSeconds {
    private static final Pattern NUMBER = Pattern.compile("0|[1-9][0-9]{0,4}");

    private WholeSeconds() {}

    static Predicate<String> between(int least, int most) {
        return text ->
                NUMBER.matcher(text).matches() && Integer.parseInt(text) >= least && Integer.parseInt(text) <= most;
    }

    static String expected(int least, int most) {
        return "a whole number of seconds from " + least + " to " + most;
    }

    static boolean isWhole(Duration duration) {
        return duration.equals(Duration.ofSeconds(duration.toSeconds()));
    }

    static Duration of(Setting setting) {
        return Duration.ofSeconds(Integer.parseInt(setting.value()));
    }
}
