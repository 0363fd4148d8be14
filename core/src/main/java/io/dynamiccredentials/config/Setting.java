package io.dynamiccredentials.config;

import io.dynamiccredentials.wire.UntrustedText;
import java.util.function.Predicate;

/**
 * One value of a configuration, with the variable that gave it. Immutable.
 *
 * @param variable the name of the variable
 * @param value its value, never blank
 */
public record Setting(String variable, String value) {

    /**
     * Checks the value.
     *
     * @throws IllegalArgumentException if it is blank
     */
    public Setting {
        if (value.isBlank()) {
            throw new IllegalArgumentException(variable + " is set and empty. Give it a value or remove it");
        }
    }

    /**
     * Returns the value if it has the right form.
     *
     * @param expected the right form as a noun phrase with an example, for the message
     * @throws IllegalArgumentException if {@code form} refuses the value
     */
    public String require(Predicate<String> form, String expected) {
        if (!form.test(value)) {
            throw new IllegalArgumentException(
                    variable + " must be " + expected + "; it was " + UntrustedText.quote(value));
        }
        return value;
    }
}
