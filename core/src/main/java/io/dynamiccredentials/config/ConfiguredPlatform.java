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
 * @param settling how long the run must wait after the exchange until the platform knows the credentials everywhere;
 *     mostly zero
 */
public record ConfiguredPlatform<C extends Credentials>(
        Workload workload, CredentialExchanger<C> exchanger, EnvironmentRenderer<C> renderer, Duration settling) {
    private static final Duration LONGEST_SETTLING = Duration.ofMinutes(25);

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

    /** Makes a platform whose credentials work at once. */
    public ConfiguredPlatform(Workload workload, CredentialExchanger<C> exchanger, EnvironmentRenderer<C> renderer) {
        this(workload, exchanger, renderer, Duration.ZERO);
    }
}
