package io.dynamiccredentials.config;

import io.dynamiccredentials.environment.TerraformInput;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The variables of one kind of credentials: its word, its switch, its settings, and what Terraform gets of it.
 *
 * <p>For the word {@code AWS} with the switch {@code PROVIDER_AUTH}, {@code TFC_AWS_PROVIDER_AUTH} turns the untagged
 * configuration on and {@code TFC_AWS_PROVIDER_AUTH_PROD} the one that is tagged {@code PROD}. Immutable.
 */
public final class VariableFamily {
    private static final Pattern INPUT = Pattern.compile("[a-z][a-z0-9_]{0,100}");
    private static final Pattern WORD = Pattern.compile("[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*");

    private final String word;
    private final String switchName;
    private final List<SettingRule> rules;
    private final @Nullable TerraformInput input;
    private final String tools;
    private final Set<String> identityVariables;

    private VariableFamily(Builder builder) {
        this.word = builder.word;
        this.switchName = builder.switchName;
        this.rules = List.copyOf(builder.rules);
        this.input = builder.input;
        this.tools = builder.tools;
        this.identityVariables = Set.copyOf(builder.identityVariables);
    }

    /**
     * Starts a family.
     *
     * @param word what stands for it in variables, for example {@code VAULT_BACKED_AWS}
     * @throws IllegalArgumentException if {@code word} is not words of capital letters and digits, joined by {@code _}
     */
    public static Builder builder(String word) {
        return new Builder(word);
    }

    /** Returns what stands for it in variables. */
    public String word() {
        return word;
    }

    /**
     * Returns the end of the switch's name, for example {@code PROVIDER_AUTH}; empty if a configuration is on as soon
     * as its required setting is there.
     */
    public Optional<String> switchName() {
        return Optional.of(switchName).filter(name -> !name.isEmpty());
    }

    /** Returns the settings. */
    public List<SettingRule> rules() {
        return rules;
    }

    /** Returns the input variable of Terraform, if it has one. */
    public Optional<TerraformInput> input() {
        return Optional.ofNullable(input);
    }

    /**
     * Returns the platform whose tools read what the family gives. Two configurations for the same tools can't both be
     * in the variables that these tools read by themselves.
     */
    public String tools() {
        return tools;
    }

    /** Returns the variables in which the platform's tools would find another identity than the run's. */
    public Set<String> identityVariables() {
        return identityVariables;
    }

    @Override
    public String toString() {
        return word;
    }

    /** Collects what a family is. Not safe for use by several threads. */
    public static final class Builder {
        private final String word;
        private final List<SettingRule> rules = new ArrayList<>();
        private String switchName = "PROVIDER_AUTH";
        private @Nullable TerraformInput input;
        private String tools;
        private final Set<String> identityVariables = new TreeSet<>();

        private Builder(String word) {
            if (!WORD.matcher(word).matches() || word.equals("DEFAULT") || word.startsWith("DEFAULT_")) {
                throw new IllegalArgumentException("A family of variables is named by words of capital letters and "
                        + "digits, joined by \"_\", the first of them not DEFAULT; the word was \"" + word + "\"");
            }
            this.word = word;
            this.tools = word;
        }

        /**
         * Sets the end of the switch's name. Default {@code PROVIDER_AUTH}.
         *
         * @throws IllegalArgumentException if it is not words of capital letters and digits, joined by {@code _}
         */
        public Builder switchName(String switchName) {
            if (!WORD.matcher(switchName).matches()) {
                throw new IllegalArgumentException(
                        "A switch is named by words of capital letters and digits, joined by "
                                + "\"_\"; the name was \"" + switchName + "\"");
            }
            this.switchName = switchName;
            return this;
        }

        /** Turns a configuration on as soon as its required setting is there. Default: it has a switch. */
        public Builder withoutSwitch() {
            this.switchName = "";
            return this;
        }

        /** Adds settings. */
        public Builder rules(SettingRule... more) {
            rules.addAll(List.of(more));
            return this;
        }

        /**
         * Sets the input variable of Terraform and its members. Default: none.
         *
         * @throws IllegalArgumentException if {@code name} is not small letters, digits and {@code _}
         */
        public Builder input(String name, String... fields) {
            if (!INPUT.matcher(name).matches()) {
                throw new IllegalArgumentException("An input variable is named by small letters, digits and \"_\", "
                        + "starting with a letter; the name was \"" + name + "\"");
            }
            this.input = new TerraformInput(name, List.of(fields), List.of());
            return this;
        }

        /**
         * Adds members to Terraform's input variable that a configuration has only if it sets something that HCP
         * Terraform does not know. Terraform drops members that a type does not name.
         *
         * @throws IllegalStateException if there is no input variable yet
         */
        public Builder moreInputFields(String... fields) {
            if (input == null) {
                throw new IllegalStateException(word + " needs an input variable before further members of it");
            }
            this.input = new TerraformInput(input.name(), input.fields(), List.of(fields));
            return this;
        }

        /** Sets the word of the platform whose tools read what the family gives. Default: the family's own. */
        public Builder tools(String tools) {
            this.tools = tools;
            return this;
        }

        /**
         * Names variables in which the platform's tools would find another identity than the run's, such as a key for
         * its API: neither a workspace may set them nor a run inherit them.
         */
        public Builder identityVariables(String... names) {
            identityVariables.addAll(List.of(names));
            return this;
        }

        /**
         * Returns the family.
         *
         * @throws IllegalArgumentException if two settings have one name, the name of one and a tag could be that of
         *     another, or nothing could turn a configuration on
         */
        public VariableFamily build() {
            long names = rules.stream().map(SettingRule::name).distinct().count();
            if (names < rules.size()) {
                throw new IllegalArgumentException(
                        "Each setting of " + word + " needs a name of its own; they are " + rules);
            }
            if (switchName.isEmpty() && rules.stream().noneMatch(SettingRule::isRequired)) {
                throw new IllegalArgumentException(
                        word + " needs a switch or a required setting; it has neither, so nothing could turn it on");
            }
            VariableFamily family = new VariableFamily(this);
            requireUnambiguous(new VariableNames(family).untagged());
            return family;
        }

        private void requireUnambiguous(List<String> names) {
            for (String name : names) {
                for (String other : names) {
                    if (other.startsWith(name + "_") || Collections.frequency(names, name) > 1) {
                        throw new IllegalArgumentException(
                                word + " needs settings whose names tell them apart also with a tag at the end; " + name
                                        + " and " + other + " could be mistaken for each other");
                    }
                }
            }
        }
    }
}
