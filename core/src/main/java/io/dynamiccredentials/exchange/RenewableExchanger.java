package io.dynamiccredentials.exchange;

import java.time.Duration;
import java.util.Optional;

/**
 * Trades tokens for credentials that it can prolong: what the run was given stays the same and lives longer.
 *
 * <p><b>For implementers:</b> as for {@link CredentialExchanger}. Renewal comes from a thread of the library's own
 * while the run goes on, and may be under way while another thread revokes.
 */
public interface RenewableExchanger<C extends Credentials> extends CredentialExchanger<C> {

    /** Returns how long from now {@code credentials} should be renewed; empty if they can't be. */
    Optional<Duration> renewalDueIn(C credentials);

    /**
     * Prolongs {@code credentials} and returns them with their new end. Blocks on the network.
     *
     * @throws io.dynamiccredentials.CredentialExchangeException if the platform did not prolong them; they live on
     *     until their old end
     */
    C renew(C credentials);
}
