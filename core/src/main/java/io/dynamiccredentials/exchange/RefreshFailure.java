package io.dynamiccredentials.exchange;

import io.dynamiccredentials.CredentialExchangeException;
import io.dynamiccredentials.CredentialExchangeException.Kind;
import java.time.Duration;
import java.time.Instant;

/** An attempt that failed, and how long the next one has to wait. Immutable. */
record RefreshFailure(Throwable cause, int inARow, Instant at, long pausedUntilNanos) {

    /** Returns how long the next attempt still has to wait; not positive if it may begin. */
    Duration pauseLeft(Refresher refresher) {
        return Duration.ofNanos(pausedUntilNanos - refresher.nanoTime());
    }

    /** Returns what those hear who ask meanwhile and can't be served. */
    CredentialExchangeException reason(String platform) {
        return cause instanceof CredentialExchangeException exchange
                ? exchange
                : unreachable(platform, "Credentials of " + platform + " could not be refreshed at " + at)
                        .cause(cause)
                        .build();
    }

    /** Returns what those hear who can't be served though nothing failed. */
    static CredentialExchangeException notInTime(String platform) {
        return unreachable(platform, platform + " gave no credentials in time").build();
    }

    /** Makes the failure of an attempt that was interrupted at its deadline. */
    static CredentialExchangeException late(String platform, Duration deadline, Throwable e) {
        return unreachable(platform, platform + " gave no credentials within " + deadline)
                .cause(e)
                .build();
    }

    /** Makes the failure of an attempt that no thread takes. */
    static CredentialExchangeException unbegun(String platform, Throwable e) {
        return CredentialExchangeException.builder(
                        platform,
                        Kind.UNREACHABLE,
                        platform + " is not asked for credentials: the refresher's threads take no work",
                        "Give the refresher threads that take all attempts, and close it after the last lease")
                .cause(e)
                .build();
    }

    private static CredentialExchangeException.Builder unreachable(String platform, String message) {
        return CredentialExchangeException.builder(platform, Kind.UNREACHABLE, message, "Try again");
    }
}
