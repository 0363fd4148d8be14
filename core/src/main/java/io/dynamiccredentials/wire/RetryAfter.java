package io.dynamiccredentials.wire;

import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Optional;
import java.util.regex.Pattern;

/** Reads the header {@code Retry-After} in both of its forms, within bounds (RFC 9110, section 10.2.3). */
public final class RetryAfter {
    private static final Duration LONGEST = Duration.ofMinutes(5);
    private static final Pattern SECONDS = Pattern.compile("[0-9]{1,9}");

    private RetryAfter() {}

    /**
     * Returns how long the server of {@code reply} wants to be left alone, at most 5 minutes; empty if it does not say.
     */
    public static Optional<Duration> of(HttpReply reply, Instant now) {
        return reply.header("Retry-After").flatMap(text -> parse(text, now));
    }

    /** Returns what a header of that value asks for, at most 5 minutes; empty if it says nothing. */
    public static Optional<Duration> parse(String header, Instant now) {
        String text = header.strip();
        Optional<Duration> pause = SECONDS.matcher(text).matches()
                ? Optional.of(Duration.ofSeconds(Integer.parseInt(text)))
                : untilDate(text, now);
        return pause.filter(wanted -> !wanted.isNegative())
                .map(wanted -> wanted.compareTo(LONGEST) > 0 ? LONGEST : wanted);
    }

    private static Optional<Duration> untilDate(String text, Instant now) {
        try {
            return Optional.of(Duration.between(
                    now,
                    ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME)
                            .toInstant()));
        } catch (DateTimeParseException e) {
            return Optional.empty();
        }
    }
}
