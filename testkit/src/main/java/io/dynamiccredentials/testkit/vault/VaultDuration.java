package io.dynamiccredentials.testkit.vault;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Durations as Vault reads and writes them. */
final class VaultDuration {
    private static final Pattern PART = Pattern.compile("([0-9]{1,9})([dhms])");
    private static final Pattern WHOLE = Pattern.compile("(?:[0-9]{1,9}[dhms])+|[0-9]{1,12}");

    private VaultDuration() {}

    /**
     * Reads seconds, or a text such as {@code 1h30m}; absent, it is zero.
     *
     * @throws VaultRefusal if it is anything else
     */
    static Duration read(JsonNode body, String name) {
        JsonNode member = body.path(name);
        if (member.isMissingNode() || member.isNull()) {
            return Duration.ZERO;
        }
        String text = member.asText();
        if (text.isEmpty()) {
            return Duration.ZERO;
        }
        if (!WHOLE.matcher(text).matches()) {
            throw VaultRefusal.invalid("Field validation failed: error converting input for field \"" + name + "\"");
        }
        return Character.isDigit(text.charAt(text.length() - 1))
                ? Duration.ofSeconds(Long.parseLong(text))
                : sum(PART.matcher(text));
    }

    private static Duration sum(Matcher parts) {
        Duration sum = Duration.ZERO;
        while (parts.find()) {
            long number = Long.parseLong(parts.group(1));
            sum = sum.plus(
                    switch (parts.group(2)) {
                        case "d" -> Duration.ofDays(number);
                        case "h" -> Duration.ofHours(number);
                        case "m" -> Duration.ofMinutes(number);
                        default -> Duration.ofSeconds(number);
                    });
        }
        return sum;
    }

    /** Returns it as Vault's warnings have it, such as {@code 1h30m}. */
    static String human(Duration duration) {
        StringBuilder out = new StringBuilder();
        long hours = duration.toHours();
        out.append(hours > 0 ? hours + "h" : "");
        out.append(duration.toMinutesPart() > 0 ? duration.toMinutesPart() + "m" : "");
        out.append(duration.toSecondsPart() > 0 ? duration.toSecondsPart() + "s" : "");
        return out.isEmpty() ? "0s" : out.toString();
    }
}
