package io.dynamiccredentials.config;

import io.dynamiccredentials.environment.VariableName;
import io.dynamiccredentials.workload.Workload;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Reads the variables that turn HCP Terraform's dynamic provider credentials on, by the same names, and those of our
 * own beside them.
 *
 * <p>A configuration is on if its switch, such as {@code TFC_AWS_PROVIDER_AUTH} or {@code TFC_AWS_PROVIDER_AUTH_PROD},
 * is exactly {@code true}, and off if it is absent or {@code false}. The settings of a family that is wholly off are
 * not read. Whatever is wrong is said in one message, all of it.
 */
public final class TerraformVariables {
    private static final int MAX_LINES = 100;

    /** Each costs a signature, an exchange and a revocation, one after the other. */
    private static final int MAX_CONFIGURATIONS = 64;

    private final Map<String, String> variables;
    private final Workload workload;
    private final Collection<? extends CredentialProvider> providers;
    private final List<String> problems = new ArrayList<>();
    private final Map<ConfigurationName, PlatformSettings> valid = new LinkedHashMap<>();

    private TerraformVariables(
            Map<String, String> variables, Workload workload, Collection<? extends CredentialProvider> providers) {
        this.variables = new TreeMap<>(variables);
        this.workload = workload;
        this.providers = providers;
    }

    /**
     * Returns the configurations that {@code variables} turn on for {@code workload}, in the order of
     * {@code providers}: of each first the untagged one, then by tag.
     *
     * @throws IllegalArgumentException if a switch names an unknown platform or is neither {@code true} nor
     *     {@code false}, a setting is missing or malformed, settings contradict each other, a variable of a family that
     *     is on is unknown, or one looks misspelt; the message has a line for each
     */
    public static List<Configuration<?>> read(
            Map<String, String> variables, Workload workload, Collection<? extends CredentialProvider> providers) {
        return new TerraformVariables(variables, workload, providers).read();
    }

    private List<Configuration<?>> read() {
        List<VariableFamily> families =
                providers.stream().map(CredentialProvider::family).toList();
        for (String name : List.copyOf(variables.keySet())) {
            if (!VariableName.isOne(name)) {
                problems.add(VariableName.refusal(name));
                variables.remove(name);
            }
        }
        Switches switches = Switches.read(variables, families);
        problems.addAll(switches.problems());
        problems.addAll(NameCheck.problems(variables.keySet(), families, switches));
        int count =
                families.stream().mapToInt(family -> switches.on(family).size()).sum();
        if (count > MAX_CONFIGURATIONS) {
            problems.add("A run may have at most " + MAX_CONFIGURATIONS + " configurations; these variables turn on "
                    + count + ". Turn some of them off");
            throw new IllegalArgumentException(message());
        }
        for (VariableFamily family : families) {
            for (String tag : switches.on(family)) {
                check(family, tag);
            }
        }
        List<Configuration<?>> configurations = new ArrayList<>();
        for (CredentialProvider provider : providers) {
            for (String tag : switches.on(provider.family())) {
                configure(provider, tag).ifPresent(configurations::add);
            }
        }
        if (!problems.isEmpty()) {
            throw new IllegalArgumentException(message());
        }
        return List.copyOf(configurations);
    }

    private String message() {
        List<String> different = problems.stream().distinct().toList();
        String lines = different.stream().limit(MAX_LINES).collect(Collectors.joining("\n"));
        return different.size() > MAX_LINES ? lines + "\nand " + (different.size() - MAX_LINES) + " more" : lines;
    }

    private void check(VariableFamily family, String tag) {
        PlatformSettings settings = new PlatformSettings(family, tag, workload.phase(), variables, valid);
        List<String> wrong = settings.problems();
        if (wrong.isEmpty()) {
            valid.put(new ConfigurationName(family.word(), tag), settings);
        }
        problems.addAll(wrong);
    }

    private Optional<Configuration<?>> configure(CredentialProvider provider, String tag) {
        VariableFamily family = provider.family();
        PlatformSettings settings = valid.get(new ConfigurationName(family.word(), tag));
        if (settings == null) {
            return Optional.empty();
        }
        try {
            ConfiguredPlatform<?> platform = Objects.requireNonNull(
                    provider.configure(settings, workload), () -> "The provider of " + family + " configured nothing");
            return Optional.of(new Configuration<>(family, settings.tag(), settings.provenance(), platform));
        } catch (IllegalArgumentException e) {
            problems.add(String.valueOf(e.getMessage()));
            return Optional.empty();
        }
    }
}
