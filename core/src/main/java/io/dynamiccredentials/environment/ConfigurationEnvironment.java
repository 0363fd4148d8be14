package io.dynamiccredentials.environment;

import io.dynamiccredentials.Secret;
import io.dynamiccredentials.wire.StrictJson;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What one configuration of a platform gives to a run: variables, files, and what Terraform's input variable says of
 * it. Not safe for use by several threads.
 *
 * <p>The variables that a platform's tools read by themselves can name one identity only. Where a run has several
 * configurations for the same tools, none of them is set there: each is in a file of its own, which the Terraform input
 * names. One that is for Terraform's state backend sets no such variable and no input.
 */
public final class ConfigurationEnvironment {
    private static final String BACKEND_FILE = "state-backend.json";
    private static final TerraformInput NO_INPUT = new TerraformInput("none", List.of(), List.of());

    /** A host holds thousands of these, most with an entry or two. */
    private static final int FEW = 4;

    private final RunDirectory directory;
    private final LoopbackEndpoints endpoints;
    private final String tag;
    private final Use use;
    private final Optional<TerraformInput> input;
    /** The same object in all renewals. Not the first of them, which would keep secrets that have ended. */
    private final Object identity;

    private final boolean renewal;
    private final Map<String, Secret> variables = new LinkedHashMap<>(FEW);
    private final Map<String, Path> files = new LinkedHashMap<>(FEW);
    private final Map<String, Secret> inputs = new LinkedHashMap<>(FEW);
    private Map<String, Object> backend = Map.of();

    /** Whom the configuration is for. */
    private enum Use {
        /** The tools that read its variables by themselves. */
        ONLY,
        /** Tools that are told of it by name. */
        AMONG_OTHERS,
        /** Terraform's state backend. */
        STATE_BACKEND
    }

    private ConfigurationEnvironment(
            RunDirectory directory,
            LoopbackEndpoints endpoints,
            String tag,
            Use use,
            Optional<TerraformInput> input,
            Object identity,
            boolean renewal) {
        this.directory = directory;
        this.endpoints = endpoints;
        this.tag = tag;
        this.use = use;
        this.input = input;
        this.identity = identity;
        this.renewal = renewal;
    }

    static ConfigurationEnvironment only(
            RunDirectory directory, LoopbackEndpoints endpoints, Optional<TerraformInput> input) {
        return new ConfigurationEnvironment(directory, endpoints, "", Use.ONLY, input, new Object(), false);
    }

    static ConfigurationEnvironment amongOthers(
            RunDirectory directory, LoopbackEndpoints endpoints, Optional<String> tag, Optional<TerraformInput> input) {
        return new ConfigurationEnvironment(
                directory, endpoints, tag.orElse(""), Use.AMONG_OTHERS, input, new Object(), false);
    }

    static ConfigurationEnvironment stateBackend(
            RunDirectory directory, LoopbackEndpoints endpoints, String tag, Optional<TerraformInput> input) {
        return new ConfigurationEnvironment(directory, endpoints, tag, Use.STATE_BACKEND, input, new Object(), false);
    }

    /**
     * Starts what the configuration gives after a renewal: a file or an endpoint takes the place of the one of its
     * name, in one step for whoever reads it.
     */
    public ConfigurationEnvironment renewal() {
        ConfigurationEnvironment newer =
                new ConfigurationEnvironment(directory, endpoints, tag, use, input, identity, true);
        Optional.ofNullable(files.get(BACKEND_FILE)).ifPresent(file -> newer.files.put(BACKEND_FILE, file));
        return newer;
    }

    /**
     * Sets a variable that tells the platform's tools who the run is. Does nothing where the run has several
     * configurations for these tools.
     *
     * @throws IllegalArgumentException if it is set already to another value, or if {@code value} is empty
     */
    public ConfigurationEnvironment variable(String name, String value) {
        return secretVariable(name, Secret.of(value));
    }

    /** Sets a variable as {@link #variable} does, whose value is a secret. */
    public ConfigurationEnvironment secretVariable(String name, Secret value) {
        return use == Use.ONLY ? set(name, value) : this;
    }

    /**
     * Sets a variable as {@link #variable} does; and where the run has several configurations for these tools, to
     * {@code otherwise}, which must be the same for all: what keeps the tools from looking for this machine's identity.
     */
    public ConfigurationEnvironment variableOr(String name, String value, String otherwise) {
        return switch (use) {
            case ONLY -> set(name, Secret.of(value));
            case AMONG_OTHERS -> set(name, Secret.of(otherwise));
            case STATE_BACKEND -> this;
        };
    }

    /**
     * Sets a variable that is the same for all configurations, such as the address of a platform.
     *
     * @throws IllegalArgumentException if it is set already to another value, or if {@code value} is empty
     */
    public ConfigurationEnvironment sharedVariable(String name, String value) {
        return set(name, Secret.of(value));
    }

    /**
     * Sets a variable that has the configuration's tag in its name, where there is one.
     *
     * @throws IllegalArgumentException if it is set already to another value, or if {@code value} is empty
     */
    public ConfigurationEnvironment taggedVariable(String name, Secret value) {
        return set(tagged(name), value);
    }

    /**
     * Writes a file of mode 0600 and returns its absolute path. The same name and tag give the same name of a file.
     *
     * @param name lower-case letters, digits, dots and hyphens, starting with a letter or digit; the tag is added to it
     */
    public Path file(String name, Secret content) {
        String own = tagged(name);
        Path file = renewal ? directory.replace(own, content) : directory.write(own, content);
        files.put(own, file);
        return file;
    }

    /**
     * Answers at an endpoint of the lease on loopback, and returns where it is. The same name and tag give the same
     * endpoint.
     *
     * @param name as for {@link #file}
     * @throws IllegalStateException if the environment has no endpoints
     */
    public LoopbackEndpoint endpoint(String name, LoopbackAnswer answer) {
        return endpoints.publish(tagged(name), answer);
    }

    /**
     * Sets a member of what Terraform's input variable says of this configuration. Of those that are not set, the ones
     * that every configuration has are empty, and the further ones absent.
     *
     * @throws IllegalArgumentException if the input variable has no such member
     */
    public ConfigurationEnvironment input(String field, String value) {
        return secretInput(field, Secret.of(value));
    }

    /** Sets a member as {@link #input} does, whose value is a secret. */
    public ConfigurationEnvironment secretInput(String field, Secret value) {
        TerraformInput declared = input.orElse(NO_INPUT);
        if (!declared.fields().contains(field) && !declared.moreFields().contains(field)) {
            throw new IllegalArgumentException("The input variable of Terraform (" + declared.name()
                    + ") has the members " + declared.fields() + " and " + declared.moreFields() + "; \"" + field
                    + "\" is none");
        }
        inputs.put(field, value);
        return this;
    }

    /**
     * Tells Terraform's state backend to use this configuration, if that is what it is for. Terraform keeps the
     * arguments in the working directory: they must name files and hold no secret.
     *
     * @param arguments arguments of the backend block: texts, booleans and lists of texts, by their names
     */
    public ConfigurationEnvironment backend(Map<String, Object> arguments) {
        if (isForStateBackend()) {
            backend = new TreeMap<>(arguments);
        }
        return this;
    }

    boolean isForStateBackend() {
        return use == Use.STATE_BACKEND;
    }

    /**
     * Writes the arguments of the state backend and returns the file.
     *
     * @throws IllegalArgumentException if there are none
     */
    Path writeBackend() {
        if (backend.isEmpty()) {
            throw new IllegalArgumentException("The configuration " + tag + " is for the state backend of Terraform, "
                    + "which can't use credentials of this kind. Turn on one of AWS, Google Cloud or Azure instead");
        }
        // Terraform takes texts for templates, also those in JSON.
        String text = StrictJson.write(backend).replace("${", "$${").replace("%{", "%%{");
        Path file = directory.write(BACKEND_FILE, Secret.of(text));
        files.put(BACKEND_FILE, file);
        return file;
    }

    /** Returns the members in their order, each with its text; those that are always there may be empty. */
    Map<String, String> members() {
        Map<String, String> members = new LinkedHashMap<>();
        input.orElse(NO_INPUT)
                .fields()
                .forEach(field -> members.put(
                        field, inputs.getOrDefault(field, Secret.of("")).reveal()));
        inputs.forEach((field, value) -> members.putIfAbsent(field, value.reveal()));
        return members;
    }

    /**
     * Makes a link in the run's home directory to a file of this configuration, for tools that look there only. Does
     * nothing where the run has several configurations for these tools.
     *
     * @param name the link's name, such as {@code .vault-token}
     */
    public void linkAtHome(String name, Path file) {
        if (use == Use.ONLY && !renewal) {
            directory.linkAtHome(name, file);
        }
    }

    String tag() {
        return tag;
    }

    Map<String, Secret> variables() {
        return variables;
    }

    Map<String, Path> files() {
        return files;
    }

    Optional<String> inputName() {
        return input.map(TerraformInput::name);
    }

    /** Tells whether both are of the same configuration. */
    boolean renews(ConfigurationEnvironment other) {
        return identity.equals(other.identity);
    }

    static Secret requireText(String name, Secret value) {
        if (!value.hasText()) {
            // A tool that finds an empty token looks for another identity instead of failing.
            throw new IllegalArgumentException("The variable " + name + " must not be empty");
        }
        return value;
    }

    private ConfigurationEnvironment set(String name, Secret value) {
        Secret other = variables.putIfAbsent(name, requireText(name, value));
        if (other != null && !other.equals(value)) {
            throw new IllegalArgumentException("The variable " + name + " is set twice, to different values");
        }
        return this;
    }

    private String tagged(String name) {
        return tag.isEmpty() ? name : name + "_" + tag;
    }
}
