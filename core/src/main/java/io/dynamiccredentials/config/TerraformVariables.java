package io.dynamiccredentials.config;

import io.dynamiccredentials.workload.Workload;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads the variables that turn HCP Terraform's dynamic provider credentials on, by the same names.
 *
 * <p>A platform is on if {@code TFC_<PLATFORM>_PROVIDER_AUTH} is exactly {@code true}, and off if it is absent or
 * {@code false}. Whatever is wrong with the variables is said at once, in one message.
 */
public final class TerraformVariables {
    private static final Pattern SWITCH = Pattern.compile("TFC_([A-Z0-9_]+?)_(?:PROVIDER_)?AUTH(_[A-Za-z0-9_]+)?");
    private static final String MANUAL_AUDIENCE = "TFC_WORKLOAD_IDENTITY_AUDIENCE";

    private TerraformVariables() {}

    /**
     * Returns the platforms that {@code variables} turn on for {@code workload}, in the order of {@code providers}.
     *
     * @throws IllegalArgumentException if a switch names an unknown platform or is neither {@code true} nor
     *     {@code false}, a setting is missing or malformed, or a variable of a platform that is on is unknown
     */
    public static List<ConfiguredPlatform<?>> read(
            Map<String, String> variables, Workload workload, Collection<CredentialProvider> providers) {
        Map<String, CredentialProvider> byName = new TreeMap<>();
        providers.forEach(provider -> byName.put(provider.platform(), provider));

        List<String> problems = new ArrayList<>();
        new TreeMap<>(variables)
                .forEach((name, value) -> problem(name, value, byName).ifPresent(problems::add));
        List<ConfiguredPlatform<?>> platforms = new ArrayList<>();
        for (CredentialProvider provider : providers) {
            if ("true".equals(variables.get("TFC_" + provider.platform() + "_PROVIDER_AUTH"))) {
                configure(provider, variables, workload, problems).ifPresent(platforms::add);
            }
        }
        if (!problems.isEmpty()) {
            throw new IllegalArgumentException(String.join("\n", problems));
        }
        return List.copyOf(platforms);
    }

    private static Optional<ConfiguredPlatform<?>> configure(
            CredentialProvider provider, Map<String, String> variables, Workload workload, List<String> problems) {
        PlatformSettings settings = new PlatformSettings(provider.platform(), workload.phase(), variables);
        try {
            ConfiguredPlatform<?> platform = provider.configure(settings, workload);
            for (String name : settings.unknown()) {
                problems.add(name + " is not a variable that this platform knows. Check its spelling; additional "
                        + "configurations by tag are not supported yet");
            }
            return Optional.of(platform);
        } catch (IllegalArgumentException e) {
            problems.add(String.valueOf(e.getMessage()));
            return Optional.empty();
        }
    }

    private static Optional<String> problem(String name, String value, Map<String, CredentialProvider> byName) {
        if (name.startsWith(MANUAL_AUDIENCE)) {
            return Optional.of(name + " asks for a manual token, which is not supported yet. Remove it");
        }
        Matcher matcher = SWITCH.matcher(name);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        String platform = matcher.group(1);
        if (!byName.containsKey(platform) || !name.contains("_PROVIDER_AUTH")) {
            return Optional.of(name + " turns on a platform that is unknown here; known are " + byName.keySet()
                    + ". Add its provider or remove the variable");
        }
        if (matcher.group(2) != null) {
            return Optional.of(
                    name + " asks for an additional configuration by tag, which is not supported yet. Remove it");
        }
        return value.equals("true") || value.equals("false")
                ? Optional.empty()
                : Optional.of(name + " must be exactly \"true\" or \"false\"; it was \"" + value + "\"");
    }
}
