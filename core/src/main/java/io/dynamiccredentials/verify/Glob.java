package io.dynamiccredentials.verify;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * A pattern for a whole text: {@code *} stands for any run of characters, also an empty one, and {@code ?} for exactly
 * one (a Unicode code point).
 *
 * <p>It is no regular expression, and matching never goes back: it takes one step for each character of the text and
 * each 64 of the pattern, whatever the two are. Case-sensitive. Immutable.
 */
public final class Glob {
    private static final int MAX_LENGTH = 10 * 1024;
    private static final long[] NOWHERE = {};

    private final String pattern;
    private final int symbols;

    // An automaton: state i means that i symbols (letters and question marks) have matched, one bit for each state.
    private final long[] stars;
    private final long[] questionMarks;
    private final Map<Integer, long[]> letters = new HashMap<>();

    private Glob(String pattern) {
        this.pattern = pattern;
        int words = words(pattern.length());
        this.stars = new long[words];
        this.questionMarks = new long[words];
        int[] codePoints = pattern.codePoints().toArray();
        int state = 0;
        for (int codePoint : codePoints) {
            if (codePoint == '*') {
                stars[state >> 6] |= 1L << state;
            } else if (codePoint == '?') {
                questionMarks[state >> 6] |= 1L << state++;
            } else {
                letters.merge(codePoint, new long[] {state >> 6, 1L << state++}, Glob::add);
            }
        }
        this.symbols = state;
    }

    /**
     * Returns the pattern {@code pattern}.
     *
     * @throws IllegalArgumentException if it is empty, which would match nothing, or longer than 10,240 characters
     */
    public static Glob of(String pattern) {
        if (pattern.isEmpty() || pattern.length() > MAX_LENGTH) {
            throw new IllegalArgumentException(
                    "A pattern must have 1 to " + MAX_LENGTH + " characters; it has " + pattern.length());
        }
        return new Glob(pattern);
    }

    /** Tells whether the whole of {@code text} matches. */
    public boolean matches(String text) {
        return run(text).matched();
    }

    @Override
    public String toString() {
        return pattern;
    }

    /** What a text came to, and for how many words of states that took work. */
    record Run(boolean matched, long work) {}

    /** Matches {@code text}, and counts the work. */
    Run run(String text) {
        long[] states = new long[words(symbols)];
        states[0] = 1;
        long[] next = new long[states.length];
        long work = 0;
        boolean alive = true;
        for (int i = 0; i < text.length() && alive; ) {
            int codePoint = text.codePointAt(i);
            i += Character.charCount(codePoint);
            long[] steps = letters.getOrDefault(codePoint, NOWHERE);
            alive = step(states, steps, next);
            work += states.length + steps.length / 2;
            long[] before = states;
            states = next;
            next = before;
        }
        return new Run(alive && (states[symbols >> 6] & (1L << symbols)) != 0, work);
    }

    /** Moves all states at once by one character, and tells whether any is left. */
    private boolean step(long[] states, long[] letter, long[] next) {
        long carry = 0;
        for (int w = 0; w < states.length; w++) {
            long moving = states[w] & questionMarks[w];
            next[w] = (states[w] & stars[w]) | (moving << 1) | carry;
            carry = moving >>> 63;
        }
        for (int i = 0; i < letter.length; i += 2) {
            int w = (int) letter[i];
            long moving = states[w] & letter[i + 1];
            next[w] |= moving << 1;
            if (moving < 0) {
                next[w + 1] |= 1;
            }
        }
        long any = 0;
        for (long word : next) {
            any |= word;
        }
        return any != 0;
    }

    /**
     * Adds the state of one more place of a letter: pairs of a word's number and the bits in it, in ascending order.
     */
    private static long[] add(long[] pairs, long[] pair) {
        int last = pairs.length - 2;
        if (pairs[last] == pair[0]) {
            pairs[last + 1] |= pair[1];
            return pairs;
        }
        long[] longer = Arrays.copyOf(pairs, pairs.length + 2);
        longer[last + 2] = pair[0];
        longer[last + 3] = pair[1];
        return longer;
    }

    /** Returns how many words hold the states before, between and after so many symbols. */
    private static int words(int symbols) {
        return (symbols >> 6) + 1;
    }
}
