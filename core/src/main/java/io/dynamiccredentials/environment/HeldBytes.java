package io.dynamiccredentials.environment;

import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;

/** The last bytes of a stream, by their positions in all of it. Not safe for use by several threads. */
final class HeldBytes {
    private byte[] bytes = new byte[256];
    private int first;
    private int last;

    /** The position of the byte at index 0. */
    private long origin;

    long begin() {
        return origin + first;
    }

    long end() {
        return origin + last;
    }

    byte at(long position) {
        return bytes[(int) (position - origin)];
    }

    void add(byte b) {
        if (last == bytes.length) {
            makeRoom();
        }
        bytes[last++] = b;
    }

    /** Moves the bytes only if that frees half of the room, so that each is moved once on average. */
    private void makeRoom() {
        if (first < bytes.length / 2) {
            bytes = Arrays.copyOf(bytes, bytes.length * 2);
            return;
        }
        System.arraycopy(bytes, first, bytes, 0, last - first);
        origin += first;
        last -= first;
        first = 0;
    }

    void dropBefore(long position) {
        first = (int) (position - origin);
    }

    void writeTo(OutputStream out, long from, long to) throws IOException {
        out.write(bytes, (int) (from - origin), (int) (to - from));
    }
}
