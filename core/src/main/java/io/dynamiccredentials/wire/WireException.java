package io.dynamiccredentials.wire;

import java.io.IOException;

/** A failed exchange in our own words: nothing that a server sent is in it, and no cause that could repeat it. */
final class WireException extends IOException {
    private static final long serialVersionUID = 1;

    WireException(String message) {
        super(message);
    }
}
