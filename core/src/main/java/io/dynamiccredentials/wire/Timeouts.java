package io.dynamiccredentials.wire;

import java.time.Duration;

/**
 * The three limits of one HTTP exchange. Immutable.
 *
 * @param connect until the connection stands; default 2 seconds
 * @param read until the answer's headers are there; default 5 seconds
 * @param total until the last byte of the answer, whatever the server does; default 10 seconds
 */
public record Timeouts(Duration connect, Duration read, Duration total) {
    private static final Timeouts STANDARD =
            new Timeouts(Duration.ofSeconds(2), Duration.ofSeconds(5), Duration.ofSeconds(10));

    /**
     * Checks the limits.
     *
     * @throws IllegalArgumentException if one is not positive, or {@code total} is shorter than one of the others
     */
    public Timeouts {
        if (connect.isNegative() || connect.isZero() || read.isNegative() || read.isZero()) {
            throw new IllegalArgumentException(
                    "Time-outs must be longer than zero; connect was " + connect + ", read was " + read);
        }
        if (total.compareTo(connect) < 0 || total.compareTo(read) < 0) {
            throw new IllegalArgumentException(
                    "The total time-out must not be shorter than connect or read; connect was " + connect
                            + ", read was " + read + ", total was " + total);
        }
    }

    /** Returns 2 seconds to connect, 5 seconds to be answered, 10 seconds in all. */
    public static Timeouts standard() {
        return STANDARD;
    }
}
