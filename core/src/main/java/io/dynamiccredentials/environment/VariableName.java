package io.dynamiccredentials.environment;

import io.dynamiccredentials.wire.UntrustedText;
import java.util.regex.Pattern;

/** What the name of an environment variable is made of, so that messages and logs may show it as it is. */
public final class VariableName {
    private static final Pattern FORM = Pattern.compile("[A-Za-z_][A-Za-z0-9_]{0,254}");

    private VariableName() {}

    /** Tells whether {@code name} is 1 to 255 ASCII letters, digits and {@code _}, and starts with no digit. */
    public static boolean isOne(String name) {
        return FORM.matcher(name).matches();
    }

    /**
     * Returns {@code name}, if it is one.
     *
     * @throws IllegalArgumentException if it is not; the message quotes it
     */
    public static String require(String name) {
        if (!isOne(name)) {
            throw new IllegalArgumentException(refusal(name));
        }
        return name;
    }

    /** Says what is wrong with a name that is none. */
    public static String refusal(String name) {
        return "A variable's name, and so a tag at its end, has at most 255 letters, digits and \"_\" and starts with no "
                + "digit; it was " + UntrustedText.quote(name);
    }
}
