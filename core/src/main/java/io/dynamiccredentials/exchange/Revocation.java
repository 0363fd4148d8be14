package io.dynamiccredentials.exchange;

import java.time.Instant;

/** What ending credentials truly achieved. A failure to end them is an exception instead. */
public sealed interface Revocation {

    /** The platform confirmed that they are dead. */
    record Revoked() implements Revocation {}

    /**
     * The platform has no way to end them sooner.
     *
     * @param until when they end by themselves
     */
    record LivesUntil(Instant until) implements Revocation {}

    /**
     * The platform took the order to end them and has not confirmed that they are dead.
     *
     * @param until when they end at the latest
     */
    record Ordered(Instant until) implements Revocation {}
}
