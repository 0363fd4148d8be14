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
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * The variables and files that a run receives. Its text form shows names only. Immutable.
 *
 * <p>The files are those of the {@link RunDirectory} that it was built in, and end with it.
 */
public final class RunEnvironment {
    private final Map<String, Secret> variables;
    private final Set<String> given;
    private final List<Path> files;
    private final Map<String, Secret> terraformInputs;

    private RunEnvironment(Builder builder) {
        this.variables = Collections.unmodifiableMap(new TreeMap<>(builder.variables));
        this.given = Set.copyOf(builder.given);
        this.files = List.copyOf(builder.files);
        this.terraformInputs = Collections.unmodifiableMap(builder.inputs.values());
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
        return variables;
    }

    /**
     * Returns the names of the variables that the run is given with its credentials, not by the workspace or the
     * machine.
     */
    public Set<String> given() {
        return given;
    }

    /** Returns the absolute paths of the files, in the order in which they were written. */
    public List<Path> files() {
        return files;
    }

    /**
     * Returns the values of Terraform's input variables, such as {@code tfc_aws_dynamic_credentials}, as JSON by their
     * names, in the order of these. Each is {@code {"default": {…} or null, "aliases": {TAG: {…}, …}}}.
     */
    public Map<String, Secret> terraformInputs() {
        return terraformInputs;
    }

    /** Returns the content of a {@code *.auto.tfvars.json} with all of {@link #terraformInputs}. */
    public Secret terraformInputsFile() {
        return Secret.of(terraformInputs.entrySet().stream()
                .map(input -> "\"" + input.getKey() + "\":" + input.getValue().reveal())
                .collect(Collectors.joining(",", "{", "}")));
    }

    @Override
    public String toString() {
        return "RunEnvironment[variables=" + variables.keySet() + ", files=" + files.size() + "]";
    }

    /** Collects variables and writes files as they come. Not safe for use by several threads. */
    public static final class Builder {
        private static final TerraformInput NO_INPUT = new TerraformInput("none", List.of(), List.of());

        private final RunDirectory directory;
        private final Map<String, Secret> variables = new TreeMap<>();
        private final Set<String> given = new TreeSet<>();
        private final List<Path> files = new ArrayList<>();
        private final TerraformInputs inputs = new TerraformInputs();
        private LoopbackEndpoints endpoints = (name, answer) -> {
            throw new IllegalStateException("This environment has no endpoints on loopback. Set them at its builder");
        };

        private Builder(RunDirectory directory) {
            this.directory = directory;
        }

        /**
         * Sets a variable that belongs to the run's credentials.
         *
         * @throws IllegalArgumentException if it is set already to another value, or if {@code value} is empty
         */
        public Builder variable(String name, String value) {
            return secretVariable(name, Secret.of(value));
        }

        /**
         * Sets a variable that belongs to the run's credentials and whose value is a secret.
         *
         * @throws IllegalArgumentException if it is set already to another value, or if {@code value} is empty
         */
        public Builder secretVariable(String name, Secret value) {
            if (!value.hasText()) {
                // A tool that finds an empty token looks for another identity instead of failing.
                throw new IllegalArgumentException("The variable " + name + " must not be empty");
            }
            given.add(name);
            return put(name, value);
        }

        /**
         * Sets a variable of the workspace or of this machine, which may be empty.
         *
         * @throws IllegalArgumentException if it is set already to another value
         */
        public Builder plainVariable(String name, String value) {
            return put(name, Secret.of(value));
        }

        private Builder put(String name, Secret value) {
            Secret other = variables.putIfAbsent(name, value);
            if (other != null && !other.equals(value)) {
                throw new IllegalArgumentException(
                        "The variable " + name + " would have two values in this run. Remove it "
                                + "from the workspace's variables, or turn off one of the configurations that give it to the "
                                + "run");
            }
            return this;
        }

        /**
         * Starts what a run's only configuration for its tools gives: variables that these read by themselves, too.
         *
         * @param input the input variable of Terraform that tells of it
         */
        public ConfigurationEnvironment onlyConfiguration(Optional<TerraformInput> input) {
            return started(new ConfigurationEnvironment(this, "", true, input.orElse(NO_INPUT)), input);
        }

        /**
         * Starts what one of several configurations for the same tools gives, or a tagged one.
         *
         * @param tag its tag; empty for the untagged one
         * @param input the input variable of Terraform that tells of it
         */
        public ConfigurationEnvironment configuration(Optional<String> tag, Optional<TerraformInput> input) {
            return started(new ConfigurationEnvironment(this, tag.orElse(""), false, input.orElse(NO_INPUT)), input);
        }

        private ConfigurationEnvironment started(
                ConfigurationEnvironment configuration, Optional<TerraformInput> input) {
            input.ifPresent(variable -> inputs.add(variable.name(), configuration));
            return configuration;
        }

        /**
         * Sets each of Terraform's input variables by a variable {@code TF_VAR_…}, as far as configurations were
         * started and filled. Terraform overlooks those that it does not declare.
         */
        public Builder terraformVariables() {
            inputs.values().forEach((name, value) -> secretVariable("TF_VAR_" + name, value));
            return this;
        }

        /** Writes a file of mode 0600 with {@code content} and returns its absolute path, for a variable to name it. */
        public Path file(String name, Secret content) {
            Path file = directory.write(name, content);
            files.add(file);
            return file;
        }

        /** Sets where endpoints are opened. By default there are none. */
        public Builder endpoints(LoopbackEndpoints endpoints) {
            this.endpoints = endpoints;
            return this;
        }

        LoopbackEndpoint endpoint(String name, LoopbackAnswer answer) {
            return endpoints.publish(name, answer);
        }

        /** Returns the environment. */
        public RunEnvironment build() {
            return new RunEnvironment(this);
        }
    }
}
