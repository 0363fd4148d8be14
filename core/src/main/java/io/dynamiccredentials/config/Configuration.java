package io.dynamiccredentials.config;

import io.dynamiccredentials.exchange.Credentials;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Credentials that a run asks for: which, and where each setting came from. Immutable.
 *
 * @param family the kind of credentials
 * @param tag what tells it from other configurations of the family; empty for the untagged one
 * @param provenance by the name of the setting, the variable that gave it or {@code the default}; no values
 * @param platform what was made of the settings
 */
public record Configuration<C extends Credentials>(
        VariableFamily family, Optional<String> tag, Map<String, String> provenance, ConfiguredPlatform<C> platform) {

    /** Copies the map, in its order. */
    public Configuration {
        provenance = Collections.unmodifiableMap(new LinkedHashMap<>(provenance));
    }

    /** Returns the platform's name and the tag, as messages and reports show it, for example {@code AWS (PROD)}. */
    public String name() {
        return platform.exchanger().platform()
                + tag.map(text -> " (" + text + ")").orElse("");
    }

    /** Shows the names of settings and variables only. */
    @Override
    public String toString() {
        return family.word() + tag.map(text -> " " + text).orElse("") + provenance;
    }
}
