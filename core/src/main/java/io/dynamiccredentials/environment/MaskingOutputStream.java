package io.dynamiccredentials.environment;

import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Objects;

/**
 * Writes what it is given to another stream, with {@code ***} in place of secrets. Made by {@link Masks#mask}.
 *
 * <p>Bytes pass as they are, text or not, in whatever pieces they come. A secret is found in UTF-8; secrets that
 * overlap or touch become one {@code ***}. What may be the beginning of a secret is held back until it is known;
 * {@link #flush} does not let it through either, and {@link #close} does. At most the longest form of a secret is held,
 * or 2 KiB of what looks like a JWT's header. The time is linear in what is written, whatever it is and however many
 * secrets there are. Not safe for use by several threads.
 */
public final class MaskingOutputStream extends OutputStream {
    private static final byte[] MASK = {'*', '*', '*'};
    private static final int PIECE = 8192;

    private final OutputStream out;
    private final Masks masks;
    private final List<TokenShape> shapes = List.of(new JwtShape(), new AwsKeyIdShape());
    private final HeldBytes held = new HeldBytes();
    private final Deque<Span> spans = new ArrayDeque<>();
    private PatternAutomaton automaton;
    private PatternAutomaton.Cursor cursor;

    /** Where the last mask ends that was written. */
    private long maskedUntil = -1;

    /** Up to where everything was written, or a mask in its place. */
    private long written;

    private boolean closed;

    MaskingOutputStream(OutputStream out, Masks masks) {
        this.out = out;
        this.masks = masks;
        this.automaton = masks.automaton();
        this.cursor = automaton.cursor();
    }

    /** Secrets at bytes of the whole stream, the last exclusive. */
    private record Span(long begin, long end) {}

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b});
    }

    @Override
    public void write(byte[] data, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, data.length);
        if (closed) {
            throw new IOException("The masked stream is closed. Write before it is closed");
        }
        for (int done = 0; done < length; done += PIECE) {
            writePiece(data, offset + done, Math.min(PIECE, length - done));
        }
    }

    private void writePiece(byte[] data, int offset, int length) throws IOException {
        renew();
        for (int i = offset; i < offset + length; i++) {
            read(data[i]);
        }
        release(held.end() - pending());
    }

    /** Goes over to the secrets that were added since, for which all that is held counts. */
    private void renew() {
        PatternAutomaton newest = masks.automaton();
        if (newest != automaton) {
            automaton = newest;
            cursor = newest.cursor();
            for (long at = held.begin(); at < held.end(); at++) {
                found(cursor.read(held.at(at)), at + 1);
            }
        }
    }

    private void read(byte b) {
        held.add(b);
        found(cursor.read(b), held.end());
        for (TokenShape shape : shapes) {
            found(shape.read(b), held.end());
        }
    }

    private int pending() {
        int pending = cursor.pending();
        for (TokenShape shape : shapes) {
            pending = Math.max(pending, shape.pending());
        }
        return pending;
    }

    private void found(int length, long end) {
        if (length == 0) {
            return;
        }
        long begin = end - length;
        while (!spans.isEmpty() && spans.getLast().end() >= begin) {
            begin = Math.min(begin, spans.removeLast().begin());
        }
        spans.addLast(new Span(begin, end));
    }

    /** Writes all before {@code safe}, from where on a secret may still begin, and each secret that began before it. */
    private void release(long safe) throws IOException {
        while (!spans.isEmpty() && spans.getFirst().begin() <= safe) {
            Span span = spans.removeFirst();
            letThrough(span.begin());
            if (span.begin() > maskedUntil) {
                out.write(MASK);
            }
            maskedUntil = Math.max(maskedUntil, span.end());
            written = Math.max(written, span.end());
        }
        letThrough(safe);
        held.dropBefore(safe);
    }

    private void letThrough(long end) throws IOException {
        if (end > written) {
            held.writeTo(out, written, end);
            written = end;
        }
    }

    /** Flushes the stream below. What may be the beginning of a secret stays held. */
    @Override
    public void flush() throws IOException {
        out.flush();
    }

    /** Writes all that is held, since nothing follows, and closes the stream below. */
    @Override
    public void close() throws IOException {
        if (closed) {
            return;
        }
        closed = true;
        try (out) {
            renew();
            release(held.end());
        }
    }
}
