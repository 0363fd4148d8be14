package io.dynamiccredentials.environment;

import io.dynamiccredentials.Secret;
import java.time.Instant;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What a lease's endpoint on loopback answers, until it is replaced. Immutable.
 *
 * @param mediaType the media type of the body, for example {@code application/json}
 * @param body the body
 * @param expiresAt when what it holds ends; from then on the endpoint says that there is nothing
 * @param audience the only value that a query parameter {@code audience} may have; empty if the endpoint takes none
 */
public record LoopbackAnswer(String mediaType, Secret body, Instant expiresAt, Optional<String> audience) {
    private static final Pattern MEDIA_TYPE =
            Pattern.compile("[A-Za-z0-9.+-]+/[A-Za-z0-9.+-]+(; charset=[A-Za-z0-9-]+)?");

    /**
     * Checks the media type, which becomes a header.
     *
     * @throws IllegalArgumentException if it is none
     */
    public LoopbackAnswer {
        if (!MEDIA_TYPE.matcher(mediaType).matches()) {
            throw new IllegalArgumentException(
                    "The media type of an answer must be one such as \"application/json\"; it " + "was \"" + mediaType
                            + "\"");
        }
    }

    /** Makes an answer in JSON for any asker. */
    public static LoopbackAnswer json(Secret body, Instant expiresAt) {
        return new LoopbackAnswer("application/json", body, expiresAt, Optional.empty());
    }

    /** Returns the same answer for askers that name this audience, or none. */
    public LoopbackAnswer forAudience(String audience) {
        return new LoopbackAnswer(mediaType, body, expiresAt, Optional.of(audience));
    }
}
