package io.dynamiccredentials.exchange;

import io.dynamiccredentials.CredentialExchangeException;
import io.dynamiccredentials.CredentialExchangeException.Kind;
import java.io.IOException;

/**
 * Describes how one step at a platform failed, in the same words for every platform. Immutable.
 *
 * <p>A platform's module adds what only it knows: which of its codes mean what, and the remedies.
 */
public final class ExchangeFailures {
    private final String platform;
    private final String object;

    private ExchangeFailures(String platform, String object) {
        this.platform = platform;
        this.object = object;
    }

    /**
     * Returns the failures of one step.
     *
     * @param object what the platform was to handle, for example {@code the token for role
     *     "arn:aws:iam::…:role/deploy"}
     */
    public static ExchangeFailures of(String platform, String object) {
        return new ExchangeFailures(platform, object);
    }

    /** Starts the description of an answer that holds no credentials; {@code remedy} says what to check. */
    public CredentialExchangeException.Builder answered(Kind kind, int status, String remedy) {
        return builder(kind, verb(kind), remedy).status(status);
    }

    /** Describes a redirect, which nobody follows: the token would reach a host that nobody named. */
    public CredentialExchangeException.Builder redirected(int status, String location, String remedy) {
        return answered(
                        Kind.MISCONFIGURED,
                        status,
                        "Redirects are not followed, so that a token reaches no other host. " + remedy)
                .detail("redirect to " + (location.isEmpty() ? "nowhere" : location));
    }

    /** Starts the description of an answer that says success and holds no usable credentials, and why. */
    public CredentialExchangeException.Builder unintelligible(String why, String remedy) {
        return CredentialExchangeException.builder(
                platform, Kind.UNINTELLIGIBLE, step(verb(Kind.UNINTELLIGIBLE)) + ", since " + why, remedy);
    }

    /** Describes a connection that failed; {@code failure} must not quote what a server sent. */
    public CredentialExchangeException noAnswer(IOException failure, String remedy) {
        return builder(Kind.UNREACHABLE, "gave no whole answer about", remedy + ", then try again")
                .detail(String.valueOf(failure.getMessage()))
                .cause(failure)
                .build();
    }

    /** Describes an interrupt; the caller has set the thread's flag again. */
    public CredentialExchangeException interrupted() {
        return CredentialExchangeException.builder(
                        platform,
                        Kind.UNREACHABLE,
                        "The thread was interrupted while " + platform + " handled " + object,
                        "Nothing is known about the outcome. Open another lease if the run is to go on")
                .notWorthRetrying()
                .build();
    }

    private CredentialExchangeException.Builder builder(Kind kind, String verb, String remedy) {
        return CredentialExchangeException.builder(platform, kind, step(verb), remedy);
    }

    private String step(String verb) {
        return platform + " " + verb + " " + object;
    }

    private static String verb(Kind kind) {
        return switch (kind) {
            case REFUSED -> "refused";
            case THROTTLED -> "put off";
            case UNREACHABLE -> "could not handle";
            case UNINTELLIGIBLE -> "gave no usable answer about";
            case MISCONFIGURED -> "could not accept";
        };
    }
}
