package io.dynamiccredentials.config;

import io.dynamiccredentials.exchange.HandleRevoker;
import io.dynamiccredentials.workload.Workload;
import java.util.Optional;

/**
 * Plugs a kind of credentials into {@code DynamicCredentials}.
 *
 * <p><b>For implementers:</b> safe for use by many threads. All that can be checked without the network is checked in
 * {@link #configure}; the form of each setting is checked before, by its rule. An address that a workspace variable may
 * set is held against a list that the host gave.
 */
public interface CredentialProvider {

    /** Returns the variables that it reads; always the same. */
    VariableFamily family();

    /**
     * Makes a platform of the settings of one run.
     *
     * @throws IllegalArgumentException if they don't fit together, or one is missing that only some need; the message
     *     names the variables, their values and the rule
     */
    ConfiguredPlatform<?> configure(PlatformSettings settings, Workload workload);

    /**
     * Returns who ends credentials of this kind whose owner died. Unless overridden, nobody: either they leave no
     * handle in the journal, or the host gave the provider no identity to end them with.
     */
    default Optional<HandleRevoker> revoker() {
        return Optional.empty();
    }
}
