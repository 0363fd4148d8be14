package io.dynamiccredentials.handover;

import io.dynamiccredentials.wire.UntrustedText;

/** The form of an audience that a workspace chooses. */
final class Audience {
    static final String EXPECTED = "1 to 255 visible ASCII characters, such as \"https://ci.example\"";

    /** The longest audience that the lowest common rules let out. */
    private static final int MAX_CHARACTERS = 255;

    private Audience() {}

    static boolean isWellFormed(String audience) {
        return audience.length() <= MAX_CHARACTERS && UntrustedText.isVisibleAscii(audience);
    }
}
