package io.dynamiccredentials.testkit;

import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What goes wrong with one request to a fake platform. {@link Faults} says with which. Immutable.
 *
 * <p>Delays and stalls take real time, since it is the client's real time-outs that they are for.
 */
public final class Fault {
    private final Kind kind;
    private final @Nullable Duration time;
    private final int number;
    private final @Nullable FakeAnswer answer;

    private Fault(Kind kind, @Nullable Duration time, int number, @Nullable FakeAnswer answer) {
        this.kind = kind;
        this.time = time;
        this.number = number;
        this.answer = answer;
    }

    /** How a server does it. */
    enum Kind {
        THROTTLED,
        FAILED,
        ANSWERED,
        DELAYED,
        STALLED,
        RESET,
        LOST,
        TRUNCATED,
        OVERSIZED,
        MALFORMED
    }

    /** Refuses the request as the platform throttles, without saying for how long. */
    public static Fault throttled() {
        return new Fault(Kind.THROTTLED, null, 0, null);
    }

    /**
     * Refuses the request as the platform throttles, with a {@code Retry-After} where the platform has one.
     *
     * @throws IllegalArgumentException if {@code retryAfter} is negative or has a fraction of a second
     */
    public static Fault throttled(Duration retryAfter) {
        if (retryAfter.isNegative() || !retryAfter.equals(Duration.ofSeconds(retryAfter.toSeconds()))) {
            throw new IllegalArgumentException(
                    "Retry-After has whole seconds (RFC 9110, section 10.2.3); it was " + retryAfter);
        }
        return new Fault(Kind.THROTTLED, retryAfter, 0, null);
    }

    /**
     * Answers with this status of a server's failure, 500 to 599, in the platform's own form; nothing was done.
     *
     * @throws IllegalArgumentException if {@code status} is another one
     */
    public static Fault failed(int status) {
        if (status < 500 || status > 599) {
            throw new IllegalArgumentException(
                    "A failure of the server has a status from 500 to 599; it was " + status + ". Use answered(…)");
        }
        return new Fault(Kind.FAILED, null, status, null);
    }

    /** Answers with {@code answer}, whatever was asked; nothing was done. */
    public static Fault answered(FakeAnswer answer) {
        return new Fault(Kind.ANSWERED, null, 0, answer);
    }

    /**
     * Does as asked, and begins to after {@code delay}.
     *
     * @throws IllegalArgumentException if {@code delay} is negative
     */
    public static Fault delayed(Duration delay) {
        if (delay.isNegative()) {
            throw new IllegalArgumentException("A delay can't be negative; it was " + delay);
        }
        return new Fault(Kind.DELAYED, delay, 0, null);
    }

    /** Does as asked and sends one half of the answer, then nothing until the fake is closed. */
    public static Fault stalled() {
        return new Fault(Kind.STALLED, null, 0, null);
    }

    /** Ends the connection at once, without a byte of an answer; nothing was done. */
    public static Fault reset() {
        return new Fault(Kind.RESET, null, 0, null);
    }

    /** Does as asked and ends the connection without a byte of the answer: what was handed out lives, unknown. */
    public static Fault lost() {
        return new Fault(Kind.LOST, null, 0, null);
    }

    /** Does as asked, sends one half of the answer and ends the connection. */
    public static Fault truncated() {
        return new Fault(Kind.TRUNCATED, null, 0, null);
    }

    /**
     * Does as asked, and sends so many blanks after the answer's body.
     *
     * @param bytes how many, 1 to 100,000,000
     * @throws IllegalArgumentException if there are more or none
     */
    public static Fault oversized(int bytes) {
        if (bytes < 1 || bytes > 100_000_000) {
            throw new IllegalArgumentException("An oversized body has 1 to 100,000,000 more bytes; it was " + bytes);
        }
        return new Fault(Kind.OVERSIZED, null, bytes, null);
    }

    /** Does as asked, and sends a body that breaks off in the middle though the answer is complete by its length. */
    public static Fault malformed() {
        return new Fault(Kind.MALFORMED, null, 0, null);
    }

    Kind kind() {
        return kind;
    }

    Optional<Duration> time() {
        return Optional.ofNullable(time);
    }

    /** Returns a status or a number of bytes; 0 if there is none. */
    int number() {
        return number;
    }

    Optional<FakeAnswer> answer() {
        return Optional.ofNullable(answer);
    }

    /** Returns the kind, and the status, time or size. */
    @Override
    public String toString() {
        String detail = time != null ? time.toString() : number != 0 ? String.valueOf(number) : "";
        return "Fault[" + kind + (detail.isEmpty() ? "" : " " + detail) + "]";
    }
}
