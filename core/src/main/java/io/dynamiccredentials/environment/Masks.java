package io.dynamiccredentials.environment;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.dynamiccredentials.Secret;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Masks a run's secrets in what its processes print. Safe for use by many threads.
 *
 * <p>Secrets may be added at any time, and are masked from the next write on in every stream. Beside them, whatever
 * looks like a JWT or like the id of an AWS access key is masked, always. A log shows an old secret as well, so each is
 * kept for as long as there is room: all forms together are 4 million bytes, and take a multiple of that in memory.
 * Beyond that the ones that were added longest ago are forgotten; what is added again counts as new. That is room for
 * more than 300 secrets of 950 characters in all their forms.
 */
public final class Masks implements SecretSink {
    private static final int MOST_AT_ONCE = (1 << 24) - 1;
    private static final int ROOM = (1 << 22) - 1;

    private final ReentrantLock lock = new ReentrantLock();
    private final Set<ByteBuffer> patterns = new LinkedHashSet<>();
    private long bytes;
    private volatile @Nullable PatternAutomaton automaton = PatternAutomaton.of(List.of());

    /**
     * Adds forms of a secret, for example those of {@link SecretForms}.
     *
     * @throws IllegalArgumentException if one is shorter than 6 characters: it would mask much that is no secret
     * @throws IllegalStateException if these alone are more than 16 million bytes; then none of them is added
     */
    @Override
    public void mask(String runId, Set<Secret> forms) {
        Set<ByteBuffer> added = new HashSet<>();
        for (Secret form : forms) {
            if (form.reveal().length() < SecretForms.SHORTEST) {
                throw new IllegalArgumentException("A form of a secret must have at least " + SecretForms.SHORTEST
                        + " characters; one had " + form.reveal().length() + ". Leave it out");
            }
            added.add(ByteBuffer.wrap(form.reveal().getBytes(UTF_8)));
        }
        lock.lock();
        try {
            add(added);
        } finally {
            lock.unlock();
        }
    }

    private void add(Set<ByteBuffer> added) {
        long sum = added.stream().mapToLong(ByteBuffer::remaining).sum();
        if (sum > MOST_AT_ONCE) {
            throw new IllegalStateException("Masks hold " + MOST_AT_ONCE + " bytes at most; these forms alone have "
                    + sum + ". Add fewer secrets");
        }
        for (ByteBuffer form : added) {
            if (!patterns.remove(form)) {
                bytes += form.remaining();
                automaton = null;
            }
            patterns.add(form);
        }
        forgetOldest(added.size());
    }

    private void forgetOldest(int newest) {
        Iterator<ByteBuffer> oldest = patterns.iterator();
        while (bytes > ROOM && patterns.size() > newest) {
            bytes -= oldest.next().remaining();
            oldest.remove();
        }
    }

    /**
     * Returns a stream that writes to {@code out} what it is given, with {@code ***} in place of each secret. Use one
     * for each stream of each process: a secret may come in two pieces.
     */
    public MaskingOutputStream mask(OutputStream out) {
        return new MaskingOutputStream(out, this);
    }

    /** Returns what finds all secrets that were added. Built at the first need, since many are added at once. */
    PatternAutomaton automaton() {
        PatternAutomaton built = automaton;
        return built != null ? built : build();
    }

    private PatternAutomaton build() {
        lock.lock();
        try {
            PatternAutomaton built = automaton;
            if (built == null) {
                built = PatternAutomaton.of(
                        patterns.stream().map(ByteBuffer::array).toList());
                automaton = built;
            }
            return built;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public String toString() {
        lock.lock();
        try {
            return "Masks[forms=" + patterns.size() + "]";
        } finally {
            lock.unlock();
        }
    }
}
