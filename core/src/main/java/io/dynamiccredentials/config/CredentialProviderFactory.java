package io.dynamiccredentials.config;

import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Makes the providers of a module from settings of the host, for hosts that take whatever modules are there.
 *
 * <p><b>For implementers:</b> name the class in {@code META-INF/services} under this interface's name, and give it a
 * public constructor without parameters ({@link java.util.ServiceLoader}). Settings come from the host, never from a
 * workspace.
 */
public interface CredentialProviderFactory {

    /** Returns the names of the settings that it reads, in words joined by dots, for example {@code aws.region}. */
    Set<String> settings();

    /**
     * Makes the providers; none if a setting is absent without which the module can't work.
     *
     * @param settings those of {@link #settings()} that the host has
     * @throws IllegalArgumentException if one is malformed
     */
    List<CredentialProvider> create(Map<String, String> settings);
}
