package io.dynamiccredentials.vault;

import com.fasterxml.jackson.databind.JsonNode;
import io.dynamiccredentials.wire.StrictJson;
import io.dynamiccredentials.wire.UntrustedText;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/** Reads members of what a secrets engine answers. Messages repeat no value, which may be a secret. */
final class EngineMembers {
    /** As long as a lease may be; what goes beyond is no time but an error. */
    static final long MAX_SECONDS = Duration.ofDays(3650).toSeconds();

    private EngineMembers() {}

    /**
     * Returns a member that must be there.
     *
     * @throws IllegalArgumentException if it is absent, or not of the form
     */
    static String text(JsonNode data, String member, Predicate<String> form) {
        return optionalText(data, member, form)
                .orElseThrow(() -> new IllegalArgumentException("data." + member + " is absent or empty"));
    }

    /**
     * Returns a member that may be absent or null.
     *
     * @throws IllegalArgumentException if it is there and not of the form
     */
    static Optional<String> optionalText(JsonNode data, String member, Predicate<String> form) {
        JsonNode value = data.path(member);
        if (!value.isMissingNode() && !value.isNull() && !value.isTextual()) {
            throw new IllegalArgumentException("data." + member + " is no text");
        }
        Optional<String> text = StrictJson.text(data, member);
        if (!text.filter(form.negate()).isEmpty()) {
            throw new IllegalArgumentException("data." + member + " has a form that none has");
        }
        return text;
    }

    /**
     * Returns a member in seconds; empty if it is absent or null.
     *
     * @throws IllegalArgumentException if it is not a whole number from 1 to {@code most}
     */
    static OptionalLong seconds(JsonNode data, String member, long most) {
        JsonNode value = data.path(member);
        if (value.isMissingNode() || value.isNull()) {
            return OptionalLong.empty();
        }
        if (!value.isIntegralNumber()
                || !value.canConvertToLong()
                || value.longValue() < 1
                || value.longValue() > most) {
            throw new IllegalArgumentException(
                    member + " is " + UntrustedText.clean(value.toString()) + ", expected a whole number of 1 or more");
        }
        return OptionalLong.of(value.longValue());
    }

    static Predicate<String> matching(Pattern pattern) {
        return text -> pattern.matcher(text).matches();
    }

    static Predicate<String> visible(int maxLength) {
        return text -> text.length() <= maxLength && UntrustedText.isVisibleAscii(text);
    }
}
