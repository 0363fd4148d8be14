package io.dynamiccredentials.verify;

import static org.assertj.core.api.Assertions.assertThat;

import io.dynamiccredentials.TokenRejectedException;
import io.dynamiccredentials.fixtures.Jws;
import io.dynamiccredentials.wire.StrictJson;
import java.util.stream.Stream;

/** What must hold whatever a verifier or a parser is given. */
final class FuzzChecks {
    private static final Opinion JOSE4J = Opinion.jose4j();
    private static final Opinion NIMBUS = Opinion.nimbus();
    private static final Opinion OURS = Opinion.ours();
    private static final Trial TRIAL = new Trial();
    private static final int MAX_MESSAGE = 500;

    /** A shorter part could stand in a message by chance. */
    private static final int MIN_PART = 8;

    private FuzzChecks() {}

    /**
     * Checks that {@code token} is either accepted by others too, or refused by the one exception with a fit message.
     */
    static void verifyIsSafe(String token) {
        try {
            TRIAL.verify(token);
        } catch (TokenRejectedException e) {
            requireTellsNothing(String.valueOf(e.getMessage()), token);
        }
        // Others know one of the issuers only; what we accept from that one, they must accept.
        OURS.of(token).ifPresent(said -> {
            assertThat(JOSE4J.of(token)).as("jose4j").contains(said);
            // By this member Nimbus looks for a key, and we don't.
            if (!StrictJson.parseObject(Jws.header(token)).has("x5t#S256")) {
                assertThat(NIMBUS.of(token)).as("Nimbus").contains(said);
            }
        });
    }

    /** Checks that {@code message} is fit and holds no part of {@code token}. */
    static void requireTellsNothing(String message, String token) {
        requireFit(message);
        Stream.concat(Stream.of(token), Stream.of(token.split("\\.", 4)))
                .filter(secret -> secret.length() >= MIN_PART)
                .forEach(secret -> assertThat(message).doesNotContain(secret));
    }

    /** Checks that {@code message} is short and in one line. */
    static void requireFit(String message) {
        if (message.isBlank()
                || message.length() > MAX_MESSAGE
                || message.chars().anyMatch(Character::isISOControl)) {
            throw new AssertionError("Not a fit message: " + message);
        }
    }
}
