package io.dynamiccredentials.config;

import io.dynamiccredentials.wire.UntrustedText;
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
 * {@code false}; the settings of a platform that is off are not read. Whatever is wrong with several platforms is said
 * in one message.
 */
public final class TerraformVariables {
    private static final Pattern SWITCH = Pattern.compile("TFC_([A-Za-z0-9_]+?)_PROVIDER_AUTH(?:_([A-Za-z0-9_]+))?");
    private static final Pattern BACKED_SWITCH =
            Pattern.compile("TFC_(?:VAULT|HVS)_BACKED_[A-Z]+_AUTH(?:_[A-Za-z0-9_]+)?");
    private static final String MANUAL_AUDIENCE = "TFC_WORKLOAD_IDENTITY_AUDIENCE";

    private final Map<String, String> variables;
    private final Workload workload;
    private final Map<String, CredentialProvider> providers = new TreeMap<>();
    private final List<String> problems = new ArrayList<>();

    private TerraformVariables(
            Map<String, String> variables, Workload workload, Collection<CredentialProvider> providers) {
        this.variables = new TreeMap<>(variables);
        this.workload = workload;
        providers.forEach(provider -> this.providers.put(provider.platform(), provider));
    }

    /**
     * Returns the platforms that {@code variables} turn on for {@code workload}, in the order of {@code providers}.
     *
     * @throws IllegalArgumentException if a switch names an unknown platform or is neither {@code true} nor
     *     {@code false}, a setting is missing or malformed, or a variable of a platform that is on is unknown
     */
    public static List<ConfiguredPlatform<?>> read(
            Map<String, String> variables, Workload workload, Collection<CredentialProvider> providers) {
        TerraformVariables reader = new TerraformVariables(variables, workload, providers);
        reader.variables.forEach(reader::checkSwitch);
        List<ConfiguredPlatform<?>> platforms = new ArrayList<>();
        for (CredentialProvider provider : providers) {
            if ("true".equals(variables.get(switchOf(provider.platform())))) {
                reader.configure(provider).ifPresent(platforms::add);
            }
        }
        if (!reader.problems.isEmpty()) {
            throw new IllegalArgumentException(String.join("\n", reader.problems));
        }
        return List.copyOf(platforms);
    }

    private Optional<ConfiguredPlatform<?>> configure(CredentialProvider provider) {
        PlatformSettings settings = new PlatformSettings(provider.platform(), workload.phase(), variables);
        try {
            ConfiguredPlatform<?> platform = provider.configure(settings, workload);
            for (String name : settings.unknown()) {
                if (!SWITCH.matcher(name).matches()
                        && !BACKED_SWITCH.matcher(name).matches()) {
                    problems.add(name + " is not a variable that this platform knows. Check its spelling; additional "
                            + "configurations by tag are not supported yet");
                }
            }
            return Optional.of(platform);
        } catch (IllegalArgumentException e) {
            problems.add(String.valueOf(e.getMessage()));
            settings.misspelt().forEach((name, meant) -> problems.add(name + " looks like a misspelt " + meant));
            return Optional.empty();
        }
    }

    private void checkSwitch(String name, String value) {
        Matcher matcher = SWITCH.matcher(name);
        if (name.startsWith(MANUAL_AUDIENCE)) {
            problems.add(name + " asks for a manual token, which is not supported yet. Remove it");
        } else if (BACKED_SWITCH.matcher(name).matches()) {
            problems.add(name + " asks for credentials through Vault, which is not supported yet. Remove it");
        } else if (matcher.matches()) {
            checkValue(name, value, matcher.group(1), matcher.group(2) != null);
        } else {
            for (String platform : providers.keySet()) {
                if (EditDistance.isSmall(name, switchOf(platform))) {
                    problems.add(name + " looks like a misspelt " + switchOf(platform));
                }
            }
        }
    }

    private void checkValue(String name, String value, String platform, boolean tagged) {
        if (value.equals("false")) {
            return;
        }
        if (!value.equals("true")) {
            problems.add(name + " must be exactly \"true\" or \"false\"; it was " + UntrustedText.quote(value));
        } else if (!providers.containsKey(platform)) {
            problems.add(name + " turns on a platform that is unknown here; known are " + providers.keySet()
                    + ". Add its provider, if there is one, or remove the variable");
        } else if (tagged) {
            problems.add(name + " asks for an additional configuration by tag, which is not supported yet. Remove it");
        }
    }

    private static String switchOf(String platform) {
        return "TFC_" + platform + "_PROVIDER_AUTH";
    }
}
