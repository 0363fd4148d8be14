package io.dynamiccredentials.environment;

import io.dynamiccredentials.Secret;
import io.dynamiccredentials.wire.StrictJson;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Collects what each input variable of Terraform says. Not safe for use by several threads. */
final class TerraformInputs {
    private final Map<String, List<ConfigurationEnvironment>> configurations = new TreeMap<>();

    void add(String input, ConfigurationEnvironment configuration) {
        configurations.computeIfAbsent(input, name -> new ArrayList<>()).add(configuration);
    }

    /** Returns the values as JSON, by the name of the input variable. */
    Map<String, Secret> values() {
        Map<String, Secret> values = new TreeMap<>();
        configurations.forEach((name, all) -> values.put(name, Secret.of(StrictJson.write(value(all)))));
        return values;
    }

    /**
     * Without an untagged configuration, the member {@code default} is null: the type that HashiCorp documents for the
     * variable takes null for an object, and does not take its absence.
     */
    private static Map<String, @Nullable Object> value(List<ConfigurationEnvironment> all) {
        Map<String, @Nullable Object> value = new LinkedHashMap<>();
        value.put("default", null);
        Map<String, Object> aliases = new TreeMap<>();
        for (ConfigurationEnvironment configuration : all) {
            if (configuration.tag().isEmpty()) {
                value.put("default", configuration.members());
            } else {
                aliases.put(configuration.tag(), configuration.members());
            }
        }
        value.put("aliases", aliases);
        return value;
    }
}
