package io.dynamiccredentials.environment;

import io.dynamiccredentials.Secret;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The variables and files that a run receives. Its text form shows names only. Immutable.
 *
 * <p>The files are those of the {@link RunDirectory} that it was built in, and end with it.
 */
public final class RunEnvironment {
    private final Map<String, Secret> variables;
    private final List<Path> files;

    private RunEnvironment(Builder builder) {
        this.variables = Collections.unmodifiableMap(new TreeMap<>(builder.variables));
        this.files = List.copyOf(builder.files);
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

    /** Returns the absolute paths of the files, in the order in which they were written. */
    public List<Path> files() {
        return files;
    }

    @Override
    public String toString() {
        return "RunEnvironment[variables=" + variables.keySet() + ", files=" + files.size() + "]";
    }

    /** Collects variables and writes files as they come. Not safe for use by several threads. */
    public static final class Builder {
        private final RunDirectory directory;
        private final Map<String, Secret> variables = new TreeMap<>();
        private final List<Path> files = new ArrayList<>();

        private Builder(RunDirectory directory) {
            this.directory = directory;
        }

        /**
         * Sets a variable.
         *
         * @throws IllegalArgumentException if it is set already, to whatever value, or if {@code value} is empty
         */
        public Builder variable(String name, String value) {
            return secretVariable(name, Secret.of(value));
        }

        /**
         * Sets a variable whose value is a secret.
         *
         * @throws IllegalArgumentException if it is set already, to whatever value, or if {@code value} is empty
         */
        public Builder secretVariable(String name, Secret value) {
            if (!value.hasText()) {
                // A tool that finds an empty token looks for another identity instead of failing.
                throw new IllegalArgumentException("The variable " + name + " must not be empty");
            }
            return put(name, value);
        }

        /**
         * Sets a variable of the workspace, which may be empty.
         *
         * @throws IllegalArgumentException if it is set already, to whatever value
         */
        public Builder workspaceVariable(String name, String value) {
            return put(name, Secret.of(value));
        }

        private Builder put(String name, Secret value) {
            if (variables.putIfAbsent(name, value) != null) {
                throw new IllegalArgumentException(
                        "The variable " + name + " is set twice for this run. Remove it from "
                                + "the workspace's variables, or turn one of the two platforms off");
            }
            return this;
        }

        /** Writes a file of mode 0600 with {@code content} and returns its absolute path, for a variable to name it. */
        public Path file(String name, Secret content) {
            Path file = directory.write(name, content);
            files.add(file);
            return file;
        }

        /** Returns the environment. */
        public RunEnvironment build() {
            return new RunEnvironment(this);
        }
    }
}
