package io.dynamiccredentials.testkit;

import java.time.Duration;
import java.time.Instant;

/**
 * Credentials that a fake platform handed out, without their secret part. Immutable.
 *
 * @param role what they were asked for, as the operator named it: the ARN of a role, a service account, an
 *     application's client id, a role of Vault
 * @param principal who the platform says their holder is
 * @param subject the {@code sub} of the identity token that bought them
 * @param tokenId the {@code jti} of that token; empty if it had none
 * @param expiresAt when they end by themselves
 */
public record HandedOut(String role, String principal, String subject, String tokenId, Instant expiresAt) {
    /**
     * Returns how long something of a fake may live at most, if it can.
     *
     * @throws IllegalArgumentException if {@code life} is shorter than 1 s
     */
    public static Duration requireLife(Duration life) {
        if (life.compareTo(Duration.ofSeconds(1)) < 0) {
            throw new IllegalArgumentException("What a fake hands out must live 1 s or longer; it was " + life);
        }
        return life;
    }
}
