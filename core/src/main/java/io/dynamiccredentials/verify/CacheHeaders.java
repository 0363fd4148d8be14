package io.dynamiccredentials.verify;

import io.dynamiccredentials.wire.HttpReply;
import io.dynamiccredentials.wire.RetryAfter;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/** Reads what an answer says about time, within bounds that no answer can move (RFC 9111; RFC 9110, section 10.2.3). */
final class CacheHeaders {
    private static final Duration UNSAID = Duration.ofMinutes(5);
    private static final Duration SHORTEST = Duration.ofMinutes(1);

    /** A withdrawn key is refused after this, whatever its issuer's {@code max-age} says. */
    private static final Duration LONGEST = Duration.ofMinutes(15);

    private static final Pattern SECONDS = Pattern.compile("[0-9]{1,9}");

    private CacheHeaders() {}

    /** Returns for how long the body may be used without a look at its origin: 1 to 15 minutes. */
    static Duration softAge(HttpReply reply) {
        Duration said = UNSAID;
        for (String part : reply.header("Cache-Control").orElse("").split(",", -1)) {
            String directive = part.strip().toLowerCase(Locale.ROOT);
            if (directive.equals("no-store") || directive.equals("no-cache")) {
                return SHORTEST;
            }
            if (directive.startsWith("max-age=")) {
                said = seconds(directive.substring("max-age=".length())).orElse(SHORTEST);
            }
        }
        Duration spent = reply.header("Age").flatMap(CacheHeaders::seconds).orElse(Duration.ZERO);
        return clamp(said.minus(spent), SHORTEST, LONGEST);
    }

    /** Returns how long the server wants to be left alone, at most 5 minutes; zero if it does not say. */
    static Duration retryAfter(HttpReply reply, Instant now) {
        return RetryAfter.of(reply, now).orElse(Duration.ZERO);
    }

    private static Optional<Duration> seconds(String text) {
        return SECONDS.matcher(text).matches()
                ? Optional.of(Duration.ofSeconds(Integer.parseInt(text)))
                : Optional.empty();
    }

    private static Duration clamp(Duration value, Duration least, Duration most) {
        if (value.compareTo(least) < 0) {
            return least;
        }
        return value.compareTo(most) > 0 ? most : value;
    }
}
