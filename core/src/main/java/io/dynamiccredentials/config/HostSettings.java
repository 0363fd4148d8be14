package io.dynamiccredentials.config;

import java.net.URI;
import java.util.Map;
import java.util.Optional;

/** Reads the settings that a host gives to a {@link CredentialProviderFactory}. */
public final class HostSettings {
    private HostSettings() {}

    /**
     * Returns a setting that is an address, if it is there.
     *
     * @throws IllegalArgumentException if it is none; the message names the setting
     */
    public static Optional<URI> address(Map<String, String> settings, String name) {
        return Optional.ofNullable(settings.get(name)).map(text -> address(name, text));
    }

    /**
     * Returns {@code text} as an address.
     *
     * @param name the setting that it is from
     * @throws IllegalArgumentException if it is none
     */
    public static URI address(String name, String text) {
        try {
            return URI.create(text.strip());
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "The setting " + name + " must be an address, such as \"https://host.example\"; it was \"" + text
                            + "\"",
                    e);
        }
    }
}
