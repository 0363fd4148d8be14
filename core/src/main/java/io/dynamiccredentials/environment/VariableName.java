package io.dynamiccredentials.environment;

import io.dynamiccredentials.wire.UntrustedText;
import java.util.regex.Pattern;

/** What the name of an environment variable is made of, so that messages and logs may show it as it is. */
public final class VariableName {
    private static final Pattern FORM = Pattern.compile("[A-Za-z_][A-Za-z0-9_]{0,254}");

    private VariableName() {}

    /**
     * Returns {@code name}, if it is one.
     *
     * @throws IllegalArgumentException if it is not 1 to 255 ASCII letters, digits and {@code _}, or starts with a
     *     digit
     */
    public static String require(String name) {
        if (!FORM.matcher(name).matches()) {
            throw new IllegalArgumentException("A variable's name has at most 255 letters, digits and \"_\" and starts "
                    + "with no digit; it was " + UntrustedText.quote(name));
        }
        return name;
    }
}
