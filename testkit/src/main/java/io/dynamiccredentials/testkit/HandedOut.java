package io.dynamiccredentials.testkit;

import java.time.Instant;

/**
 * Credentials that a fake platform handed out, without their secret part. Immutable.
 *
 * @param principal who the platform says their holder is
 * @param subject the {@code sub} of the identity token that bought them
 * @param expiresAt when they end by themselves
 */
public record HandedOut(String principal, String subject, Instant expiresAt) {}
