package io.dynamiccredentials.environment;

import io.dynamiccredentials.Secret;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The variables and files that a run receives. Its text form shows names only. Immutable.
 *
 * <p>The files are those of the {@link RunDirectory} that it was built in, and end with it. What they hold is renewed
 * while the run goes on; the variables of one environment stay as they are.
 */
public final class RunEnvironment {
    private static final String BACKEND_VARIABLE = "TF_CLI_ARGS_init";

    private final Map<String, Secret> plain;
    private final Map<String, Secret> own;
    private final Optional<Path> home;
    private final List<ConfigurationEnvironment> configurations;
    private final boolean terraformVariables;

    private RunEnvironment(
            Map<String, Secret> plain,
            Map<String, Secret> own,
            Optional<Path> home,
            List<ConfigurationEnvironment> configurations,
            boolean terraformVariables) {
        this.plain = plain;
        this.own = own;
        this.home = home;
        this.configurations = configurations;
        this.terraformVariables = terraformVariables;
    }

    /** Starts an environment whose files go to {@code directory}. */
    public static Builder builder(RunDirectory directory) {
        return new Builder(directory);
    }

    /**
     * Returns the variables by name, in the order of their names. All values are wrapped, also those that are no
     * secret.
     */
    public Map<String, Secret> variables() {
        Map<String, Secret> all = new TreeMap<>(plain);
        givenVariables().forEach((name, value) -> put(all, name, value));
        return Collections.unmodifiableMap(all);
    }

    /**
     * Returns the names of the variables that the run is given with its credentials, not by the workspace or the
     * machine.
     */
    public Set<String> given() {
        return Collections.unmodifiableSet(givenVariables().keySet());
    }

    /** Returns the absolute paths of the files, in the order in which they were written. */
    public List<Path> files() {
        return configurations.stream()
                .flatMap(configuration -> configuration.files().values().stream())
                .toList();
    }

    /**
     * Returns the values of Terraform's input variables, such as {@code tfc_aws_dynamic_credentials}, as JSON by their
     * names, in the order of these. Each is {@code {"default": {…} or null, "aliases": {TAG: {…}, …}}}.
     */
    public Map<String, Secret> terraformInputs() {
        TerraformInputs inputs = new TerraformInputs();
        configurations.stream()
                .filter(configuration -> !configuration.isForStateBackend())
                .forEach(configuration -> configuration.inputName().ifPresent(name -> inputs.add(name, configuration)));
        return Collections.unmodifiableMap(inputs.values());
    }

    /** Returns the content of a {@code *.auto.tfvars.json} with all of {@link #terraformInputs}. */
    public Secret terraformInputsFile() {
        return Secret.of(terraformInputs().entrySet().stream()
                .map(input -> "\"" + input.getKey() + "\":" + input.getValue().reveal())
                .collect(Collectors.joining(",", "{", "}")));
    }

    /**
     * Returns the environment in which {@code renewed} has the place of the configuration that it renews.
     *
     * @throws IllegalArgumentException if a variable would have two values
     */
    public RunEnvironment with(ConfigurationEnvironment renewed) {
        List<ConfigurationEnvironment> others = configurations.stream()
                .map(configuration -> renewed.renews(configuration) ? renewed : configuration)
                .toList();
        return new RunEnvironment(plain, own, home, others, terraformVariables).checked();
    }

    @Override
    public String toString() {
        return "RunEnvironment[variables=" + variables().keySet() + ", files=" + files().size() + "]";
    }

    private Map<String, Secret> givenVariables() {
        Map<String, Secret> given = new TreeMap<>(own);
        configurations.forEach(
                configuration -> configuration.variables().forEach((name, value) -> put(given, name, value)));
        if (terraformVariables) {
            terraformInputs().forEach((name, value) -> put(given, "TF_VAR_" + name, value));
        }
        // Not kept for each of many runs: the paths take more memory than all the rest.
        home.ifPresent(path -> {
            put(given, "HOME", Secret.of(path.toString()));
            ConfigurationHomes.below(path)
                    .forEach((name, below) -> given.putIfAbsent(name, Secret.of(below.toString())));
        });
        return given;
    }

    private RunEnvironment checked() {
        // Throws if two give one variable different values.
        variables();
        return this;
    }

    private static void put(Map<String, Secret> variables, String name, Secret value) {
        Secret other = variables.putIfAbsent(name, value);
        if (other != null && !other.equals(value)) {
            throw new IllegalArgumentException("The variable " + name + " would have two values in this run. Remove it "
                    + "from the workspace's variables, or turn off one of the configurations that give it to the run");
        }
    }

    /** Collects variables and writes files as they come. Not safe for use by several threads. */
    public static final class Builder {
        private final RunDirectory directory;
        private final Map<String, Secret> plain = new TreeMap<>();
        private final Map<String, Secret> own = new TreeMap<>();
        private Optional<Path> home = Optional.empty();
        private final List<ConfigurationEnvironment> configurations = new ArrayList<>();
        private boolean terraformVariables;
        private LoopbackEndpoints endpoints = (name, answer) -> {
            throw new IllegalStateException("This environment has no endpoints on loopback. Set them at its builder");
        };

        private Builder(RunDirectory directory) {
            this.directory = directory;
        }

        /**
         * Sets a variable that the run is given beside those of its configurations.
         *
         * @throws IllegalArgumentException if it is set already to another value, or if {@code value} is empty
         */
        public Builder variable(String name, String value) {
            put(own, name, ConfigurationEnvironment.requireText(name, Secret.of(value)));
            return this;
        }

        /**
         * Sets {@code HOME}, and for what a configuration does not set itself, the {@linkplain ConfigurationHomes
         * configuration homes} of tools below it.
         */
        public Builder home(Path home) {
            this.home = Optional.of(home);
            return this;
        }

        /**
         * Sets a variable of the workspace or of this machine, which may be empty.
         *
         * @throws IllegalArgumentException if it is set already to another value
         */
        public Builder plainVariable(String name, Secret value) {
            put(plain, name, value);
            return this;
        }

        /** Sets where endpoints are opened, before a configuration is started. By default there are none. */
        public Builder endpoints(LoopbackEndpoints endpoints) {
            this.endpoints = endpoints;
            return this;
        }

        /**
         * Starts what a run's only configuration for its tools gives: variables that these read by themselves, too.
         *
         * @param input the input variable of Terraform that tells of it
         */
        public ConfigurationEnvironment onlyConfiguration(Optional<TerraformInput> input) {
            return started(ConfigurationEnvironment.only(directory, endpoints, input));
        }

        /**
         * Starts what one of several configurations for the same tools gives, or a tagged one.
         *
         * @param tag its tag; empty for the untagged one
         * @param input the input variable of Terraform that tells of it
         */
        public ConfigurationEnvironment configuration(Optional<String> tag, Optional<TerraformInput> input) {
            return started(ConfigurationEnvironment.amongOthers(directory, endpoints, tag, input));
        }

        /**
         * Starts what the state backend of the run's Terraform is given, and its providers are not.
         *
         * @param tag the configuration's tag
         * @param input the input variable of Terraform that would tell of it; it is not set
         */
        public ConfigurationEnvironment stateBackend(String tag, Optional<TerraformInput> input) {
            return started(ConfigurationEnvironment.stateBackend(directory, endpoints, tag, input));
        }

        private ConfigurationEnvironment started(ConfigurationEnvironment configuration) {
            configurations.add(configuration);
            return configuration;
        }

        /**
         * Sets each of Terraform's input variables by a variable {@code TF_VAR_…}. Terraform overlooks those that it
         * does not declare.
         */
        public Builder terraformVariables() {
            this.terraformVariables = true;
            return this;
        }

        /**
         * Returns the environment, with what its configurations gave.
         *
         * @throws IllegalArgumentException if a variable would have two values, or what is for the state backend can't
         *     be used there
         */
        public RunEnvironment build() {
            configurations.stream()
                    .filter(ConfigurationEnvironment::isForStateBackend)
                    .forEach(backend -> initialize("-backend-config=" + quoted(backend.writeBackend())));
            return new RunEnvironment(
                            Collections.unmodifiableMap(new TreeMap<>(plain)),
                            Collections.unmodifiableMap(new TreeMap<>(own)),
                            home,
                            List.copyOf(configurations),
                            terraformVariables)
                    .checked();
        }

        /** Adds an argument after those that the workspace gives Terraform: the last one counts. */
        private void initialize(String argument) {
            Secret before = plain.remove(BACKEND_VARIABLE);
            variable(
                    BACKEND_VARIABLE,
                    before == null || !before.hasText() ? argument : before.reveal() + " " + argument);
        }

        /** Terraform takes the variable apart as a shell does. */
        private static String quoted(Path file) {
            return "'" + file.toString().replace("'", "'\\''") + "'";
        }
    }
}
