package io.dynamiccredentials.testkit;

import java.time.Duration;
import java.time.Instant;

/**
 * Credentials that a fake platform handed out, without their secret part. Immutable.
 *
 * @param principal who the platform says their holder is
 * @param subject the {@code sub} of the identity token that bought them
 * @param expiresAt when they end by themselves
 */
public record HandedOut(String principal, String subject, Instant expiresAt) {
    /** Returns how long something of a fake may live at most, if it can. */
    static Duration requireLife(Duration life) {
        if (life.compareTo(Duration.ofSeconds(1)) < 0) {
            throw new IllegalArgumentException("What a fake hands out must live 1 s or longer; it was " + life);
        }
        return life;
    }
}
