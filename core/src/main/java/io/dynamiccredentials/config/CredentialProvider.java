package io.dynamiccredentials.config;

import io.dynamiccredentials.workload.Workload;

/**
 * Plugs a platform into {@code DynamicCredentials}.
 *
 * <p><b>For implementers:</b> safe for use by many threads. All that can be checked without the network is checked in
 * {@link #configure}. An address that a workspace variable may set is held against a list that the host gave.
 */
public interface CredentialProvider {

    /**
     * Returns the word that stands for the platform in variables, for example {@code AWS} in
     * {@code TFC_AWS_PROVIDER_AUTH}.
     */
    String platform();

    /**
     * Reads the settings of one run.
     *
     * @throws IllegalArgumentException if one is missing or malformed; the message names the variable, its value and
     *     the rule
     */
    ConfiguredPlatform<?> configure(PlatformSettings settings, Workload workload);
}
