package io.dynamiccredentials.config;

import io.dynamiccredentials.exchange.CredentialExchanger;
import io.dynamiccredentials.exchange.Credentials;
import io.dynamiccredentials.workload.Workload;
import java.time.Duration;

/**
 * A platform that a run asks for, checked and ready: nothing has crossed the network yet. Immutable.
 *
 * @param workload whom the token is issued for: the run, perhaps with more claims
 * @param exchanger trades the run's token for credentials of its role
 * @param renderer hands them to the run
 * @param renewal what is renewed before it ends, for as long as the run lasts
 * @param settling how long the run must wait after the exchange until the platform knows the credentials everywhere;
 *     mostly zero
 */
public record ConfiguredPlatform<C extends Credentials>(
        Workload workload,
        CredentialExchanger<C> exchanger,
        EnvironmentRenderer<C> renderer,
        Renewal renewal,
        Duration settling) {
    private static final Duration LONGEST_SETTLING = Duration.ofMinutes(25);

    /** What of a platform's has to stay fresh, since the run has it. */
    public enum Renewal {
        /** The credentials: they are prolonged, or a new token is traded for new ones. */
        CREDENTIALS,
        /**
         * The identity token, which the run's tools trade themselves. The credentials were only the proof that it
         * works.
         */
        IDENTITY_TOKEN
    }

    /**
     * Checks the wait.
     *
     * @throws IllegalArgumentException if {@code settling} is negative or longer than 1500 seconds
     */
    public ConfiguredPlatform {
        if (settling.isNegative() || settling.compareTo(LONGEST_SETTLING) > 0) {
            throw new IllegalArgumentException(
                    "Credentials may take 0 to 1500 seconds to settle; it was " + settling.toMillis() / 1000.0);
        }
    }

    /** Makes a platform whose credentials work at once, are given to the run and stay fresh. */
    public ConfiguredPlatform(Workload workload, CredentialExchanger<C> exchanger, EnvironmentRenderer<C> renderer) {
        this(workload, exchanger, renderer, Renewal.CREDENTIALS, Duration.ZERO);
    }

    /** Returns the same platform, of which the run gets the identity token and not the credentials. */
    public ConfiguredPlatform<C> handingOnToken() {
        return new ConfiguredPlatform<>(workload, exchanger, renderer, Renewal.IDENTITY_TOKEN, settling);
    }

    /**
     * Returns the same platform, whose credentials work after {@code settling} only.
     *
     * @throws IllegalArgumentException if it is negative or longer than 1500 seconds
     */
    public ConfiguredPlatform<C> settlingFor(Duration settling) {
        return new ConfiguredPlatform<>(workload, exchanger, renderer, renewal, settling);
    }
}
