package io.dynamiccredentials.broker;

import java.nio.ByteBuffer;

/** Collects the head of a request as its bytes come. Not safe for use by several threads. */
final class HeadBuffer {
    static final int MAX_BYTES = 8 * 1024;

    /** How far it is. */
    enum State {
        PARTIAL,
        WHOLE,
        BROKEN,
        TOO_LONG
    }

    private final StringBuilder text = new StringBuilder();

    /** Takes bytes up to the end of the head; what is left in {@code bytes} is behind it. */
    State add(ByteBuffer bytes) {
        while (bytes.hasRemaining()) {
            char c = (char) (bytes.get() & 0xff);
            if (c == '\n' && !endsWith("\r")) {
                // What some take for the end of a line and others don't, is how requests are smuggled.
                return State.BROKEN;
            }
            text.append(c);
            if (c == '\n' && endsWith("\r\n\r\n")) {
                return State.WHOLE;
            }
            if (text.length() == MAX_BYTES) {
                return State.TOO_LONG;
            }
        }
        return State.PARTIAL;
    }

    /** Returns the bytes so far, each as the character of the same number. */
    String text() {
        return text.toString();
    }

    private boolean endsWith(String end) {
        int start = text.length() - end.length();
        return start >= 0 && text.indexOf(end, start) == start;
    }
}
