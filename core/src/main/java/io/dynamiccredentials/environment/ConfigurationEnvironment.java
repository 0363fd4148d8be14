package io.dynamiccredentials.environment;

import io.dynamiccredentials.Secret;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What one configuration of a platform gives to a run: variables, files, and what Terraform's input variable says of
 * it. Not safe for use by several threads.
 *
 * <p>The variables that a platform's tools read by themselves can name one identity only. Where a run has several
 * configurations for the same tools, none of them is set there: each is in a file of its own, which the Terraform input
 * names.
 */
public final class ConfigurationEnvironment {
    private final RunEnvironment.Builder run;
    private final String tag;
    private final boolean only;
    private final TerraformInput input;
    private final Map<String, Secret> inputs = new LinkedHashMap<>();

    ConfigurationEnvironment(RunEnvironment.Builder run, String tag, boolean only, TerraformInput input) {
        this.run = run;
        this.tag = tag;
        this.only = only;
        this.input = input;
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
        if (only) {
            run.secretVariable(name, value);
        }
        return this;
    }

    /**
     * Sets a variable as {@link #variable} does; and where the run has several configurations for these tools, to
     * {@code otherwise}, which must be the same for all: what keeps the tools from looking for this machine's identity.
     */
    public ConfigurationEnvironment variableOr(String name, String value, String otherwise) {
        run.variable(name, only ? value : otherwise);
        return this;
    }

    /**
     * Sets a variable that is the same for all configurations, such as the address of a platform.
     *
     * @throws IllegalArgumentException if it is set already to another value, or if {@code value} is empty
     */
    public ConfigurationEnvironment sharedVariable(String name, String value) {
        run.variable(name, value);
        return this;
    }

    /**
     * Sets a variable that has the configuration's tag in its name, where there is one.
     *
     * @throws IllegalArgumentException if it is set already to another value, or if {@code value} is empty
     */
    public ConfigurationEnvironment taggedVariable(String name, Secret value) {
        run.secretVariable(tagged(name), value);
        return this;
    }

    /**
     * Writes a file of mode 0600 and returns its absolute path. The same name and tag give the same name of a file.
     *
     * @param name lower-case letters, digits, dots and hyphens, starting with a letter or digit; the tag is added to it
     */
    public Path file(String name, Secret content) {
        return run.file(tagged(name), content);
    }

    /**
     * Answers at an endpoint of the lease on loopback, and returns where it is. The same name and tag give the same
     * endpoint.
     *
     * @param name as for {@link #file}
     * @throws IllegalStateException if the environment has no endpoints
     */
    public LoopbackEndpoint endpoint(String name, LoopbackAnswer answer) {
        return run.endpoint(tagged(name), answer);
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
        if (!input.fields().contains(field) && !input.moreFields().contains(field)) {
            throw new IllegalArgumentException("The input variable of Terraform (" + input.name() + ") has the members "
                    + input.fields() + " and " + input.moreFields() + "; \"" + field + "\" is none");
        }
        inputs.put(field, value);
        return this;
    }

    /** Returns the members in their order, each with its text; those that are always there may be empty. */
    Map<String, String> members() {
        Map<String, String> members = new LinkedHashMap<>();
        input.fields()
                .forEach(field -> members.put(
                        field, inputs.getOrDefault(field, Secret.of("")).reveal()));
        inputs.forEach((field, value) -> members.putIfAbsent(field, value.reveal()));
        return members;
    }

    String tag() {
        return tag;
    }

    private String tagged(String name) {
        return tag.isEmpty() ? name : name + "_" + tag;
    }
}
