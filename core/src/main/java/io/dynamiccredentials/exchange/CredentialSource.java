package io.dynamiccredentials.exchange;

import java.time.Duration;
import java.util.Optional;

/**
 * Where credentials come from, again and again.
 *
 * <p><b>For implementers:</b> never called by two threads at once for the same {@link RefreshingCredentials}. One call
 * is one attempt; whether and when there is another is decided by who calls. An interrupt ends an attempt.
 */
public interface CredentialSource<C extends Credentials> {

    /** Returns the platform's name: attempts at one platform don't take all threads from the others. */
    String platform();

    /**
     * Obtains credentials, or prolongs {@code previous}. Blocks on the network.
     *
     * @param previous what was obtained last, whether it still lives or not; empty at the first time
     * @throws io.dynamiccredentials.CredentialExchangeException if the platform gave none
     */
    C obtain(Optional<C> previous);

    /**
     * Returns how long from now {@code credentials} should be refreshed. Unless overridden, empty: at about three
     * quarters of their life.
     */
    default Optional<Duration> refreshDueIn(C credentials) {
        return Optional.empty();
    }
}
