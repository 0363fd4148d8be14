package io.dynamiccredentials.config;

import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a kind of credentials reads from one setting: its name, its form, its default and its meaning.
 *
 * <p>From rules come the reading of variables, the search for typing errors and the reference of all variables; so what
 * is not declared by a rule can't be read. Immutable.
 */
public final class SettingRule {
    private static final Pattern NAME = Pattern.compile("[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*");

    private final String name;
    private final String meaning;
    private final boolean perPhase;
    private final boolean beyondTerraform;
    private final boolean withoutDefaultTwin;
    private final String requirement;
    private final Predicate<PlatformSettings> requiredWhen;
    private final String voidCondition;
    private final Predicate<PlatformSettings> voidWhen;
    private final @Nullable String defaultValue;
    private final Predicate<String> form;
    private final String expected;

    private SettingRule(Builder builder) {
        this.name = builder.name;
        this.meaning = builder.meaning;
        this.perPhase = builder.perPhase;
        this.beyondTerraform = builder.beyondTerraform;
        this.withoutDefaultTwin = builder.withoutDefaultTwin;
        this.requirement = builder.requirement;
        this.requiredWhen = builder.requiredWhen;
        this.voidCondition = builder.voidCondition;
        this.voidWhen = builder.voidWhen;
        this.defaultValue = builder.defaultValue;
        this.form = builder.form;
        this.expected = builder.expected;
    }

    /**
     * Starts the rule of a setting.
     *
     * @param name the end of the variables' names, for example {@code ROLE_ARN}
     * @param meaning what it is, as a noun phrase for the reference
     * @throws IllegalArgumentException if {@code name} is not words of capital letters and digits, joined by {@code _}
     */
    public static Builder builder(String name, String meaning) {
        return new Builder(name, meaning);
    }

    /** Returns the end of the variables' names. */
    public String name() {
        return name;
    }

    /** Returns what the setting is, as a noun phrase. */
    public String meaning() {
        return meaning;
    }

    /** Tells whether each phase may have a value of its own. */
    public boolean isPerPhase() {
        return perPhase;
    }

    /** Tells whether the setting is one that HCP Terraform does not have. */
    public boolean isBeyondTerraform() {
        return beyondTerraform;
    }

    /** Tells whether there is a variable that gives a value to all configurations that have none. */
    public boolean hasDefaultTwin() {
        return !withoutDefaultTwin;
    }

    /** Tells whether no configuration can do without it. */
    public boolean isRequired() {
        return requirement.equals(Builder.ALWAYS);
    }

    /** Returns when it is required, in words: {@code yes}, {@code no}, or a condition. */
    public String requirement() {
        return requirement;
    }

    /** Returns what holds if no variable gives a value. */
    public Optional<String> defaultValue() {
        return Optional.ofNullable(defaultValue);
    }

    /** Returns the right form in words. */
    public String expected() {
        return expected;
    }

    boolean isConditional() {
        return !isRequired() && !requirement.equals(Builder.NEVER);
    }

    boolean isRequiredIn(PlatformSettings settings) {
        return requiredWhen.test(settings);
    }

    /** Returns why the setting changes nothing there, in words that go on after "has no effect"; empty if it does. */
    Optional<String> voidIn(PlatformSettings settings) {
        return voidWhen.test(settings) ? Optional.of(voidCondition) : Optional.empty();
    }

    /** Returns where the setting changes nothing and is refused, in words that go on after "not"; empty if nowhere. */
    String voidCondition() {
        return voidCondition;
    }

    boolean permits(String value) {
        return form.test(value);
    }

    @Override
    public String toString() {
        return name;
    }

    /** Collects what a rule says. Not safe for use by several threads. */
    public static final class Builder {
        private static final String ALWAYS = "yes";
        private static final String NEVER = "no";

        private final String name;
        private final String meaning;
        private boolean perPhase;
        private boolean beyondTerraform;
        private boolean withoutDefaultTwin;
        private String requirement = NEVER;
        private Predicate<PlatformSettings> requiredWhen = settings -> false;
        private String voidCondition = "";
        private Predicate<PlatformSettings> voidWhen = settings -> false;
        private @Nullable String defaultValue;
        private Predicate<String> form = value -> true;
        private String expected = "any text";

        private Builder(String name, String meaning) {
            if (!NAME.matcher(name).matches()) {
                throw new IllegalArgumentException("A setting is named by words of capital letters and digits, joined "
                        + "by \"_\"; the name was \"" + name + "\"");
            }
            this.name = name;
            this.meaning = meaning;
        }

        /** Lets each phase have a value of its own, before that of {@code RUN}. Default: one value for all phases. */
        public Builder perPhase() {
            this.perPhase = true;
            return this;
        }

        /** Makes the setting one that HCP Terraform does not have: its prefix is {@code DYNAMIC_CREDENTIALS_}. */
        public Builder beyondTerraform() {
            this.beyondTerraform = true;
            return this;
        }

        /** Leaves out the variable that gives a value to all configurations that have none. */
        public Builder withoutDefaultTwin() {
            this.withoutDefaultTwin = true;
            return this;
        }

        /** Makes the setting one that no configuration can do without. Default: it is optional. */
        public Builder required() {
            setRequirement(ALWAYS);
            this.requiredWhen = settings -> true;
            return this;
        }

        /**
         * Makes the setting one that some configurations can't do without.
         *
         * @param condition which, in words that go on after the variable's name, for example {@code while the principal
         *     is a service account}
         * @param holds tells whether it is required, by the other settings
         */
        public Builder requiredWhen(String condition, Predicate<PlatformSettings> holds) {
            setRequirement(condition);
            this.requiredWhen = holds;
            return this;
        }

        /**
         * Refuses the setting where it would change nothing. A default of it does no harm there, since it may be for
         * other configurations.
         *
         * @param condition where, in words that go on after "has no effect"
         * @param holds tells whether it is void, by the other settings
         */
        public Builder voidWhen(String condition, Predicate<PlatformSettings> holds) {
            this.voidCondition = condition;
            this.voidWhen = holds;
            return this;
        }

        /** Says in words when it is required; the provider checks that itself. */
        public Builder requiredWhen(String condition) {
            setRequirement(condition);
            return this;
        }

        private void setRequirement(String requirement) {
            if (!this.requirement.equals(NEVER)) {
                throw new IllegalStateException("The setting " + name + " is required by one rule; it had \""
                        + this.requirement + "\" and was given \"" + requirement + "\" too");
            }
            this.requirement = requirement;
        }

        /**
         * Says what holds if no variable gives a value. Only {@link PlatformSettings#valueOf} and
         * {@link PlatformSettings#is} know it; a text that is no value but tells of one is for the reference alone.
         */
        public Builder defaultsTo(String value) {
            this.defaultValue = value;
            return this;
        }

        /**
         * Sets the right form. Default: any text that is not blank.
         *
         * @param expected the right form as a noun phrase with an example, for messages
         */
        public Builder form(Predicate<String> form, String expected) {
            this.form = form;
            this.expected = expected;
            return this;
        }

        /** Returns the rule. */
        public SettingRule build() {
            return new SettingRule(this);
        }
    }
}
