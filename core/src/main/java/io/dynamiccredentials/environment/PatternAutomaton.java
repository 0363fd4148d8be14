package io.dynamiccredentials.environment;

import java.util.Arrays;
import java.util.Collection;

/**
 * Finds many patterns of bytes in one pass over any data (Aho and Corasick, 1975). Immutable.
 *
 * <p>Nodes are the beginnings of patterns, in the order of a walk from the root: a node's first child is the next node,
 * and only further children need an entry in a table. So a byte of a pattern costs some 13 bytes of memory.
 */
final class PatternAutomaton {
    private static final int ROOT = 0;

    private final byte[] labels;
    private final int[] depths;
    private final int[] failures;
    private final int[] matches;
    private final EdgeTable edges;
    private final int[] fromRoot = new int[256];

    private PatternAutomaton(PatternTrie trie) {
        this.labels = trie.labels();
        this.depths = trie.depths();
        this.edges = trie.edges();
        this.matches = trie.ends();
        this.failures = new int[labels.length];
        int[] parents = trie.parents();
        for (int node = 1; node < labels.length; node++) {
            if (parents[node] == ROOT) {
                fromRoot[labels[node] & 0xff] = node;
            }
        }
        for (int node : byDepth(depths)) {
            link(node, parents[node]);
        }
    }

    /** Makes the automaton of patterns that are not empty. */
    static PatternAutomaton of(Collection<byte[]> patterns) {
        byte[][] sorted = patterns.toArray(new byte[0][]);
        Arrays.sort(sorted, Arrays::compareUnsigned);
        return new PatternAutomaton(PatternTrie.of(sorted));
    }

    /** Links a node to the longest other one that ends as it does. Those above it must be linked already. */
    private void link(int node, int parent) {
        if (parent != ROOT) {
            int from = failures[parent];
            int child = child(from, labels[node]);
            while (child == ROOT && from != ROOT) {
                from = failures[from];
                child = child(from, labels[node]);
            }
            failures[node] = child;
        }
        if (matches[node] == 0) {
            matches[node] = matches[failures[node]];
        }
    }

    /** Returns all nodes but the root, those of lower depth first. */
    private static int[] byDepth(int[] depths) {
        int deepest = Arrays.stream(depths).max().orElse(0);
        int[] next = new int[deepest + 2];
        for (int node = 1; node < depths.length; node++) {
            next[depths[node] + 1]++;
        }
        Arrays.parallelPrefix(next, Integer::sum);
        int[] order = new int[depths.length - 1];
        for (int node = 1; node < depths.length; node++) {
            order[next[depths[node]]++] = node;
        }
        return order;
    }

    /** Returns the child, or the root if there is none. */
    private int child(int node, byte label) {
        if (node == ROOT) {
            return fromRoot[label & 0xff];
        }
        if (isLeaf(node)) {
            return ROOT;
        }
        return labels[node + 1] == label ? node + 1 : edges.get(node, label);
    }

    private boolean isLeaf(int node) {
        return node + 1 == labels.length || depths[node + 1] != depths[node] + 1;
    }

    /** Starts a pass. */
    Cursor cursor() {
        return new Cursor();
    }

    /** One pass over data. Not safe for use by several threads. */
    final class Cursor {
        private int node = ROOT;
        private long steps;

        /** Reads one byte, and returns the length of the longest pattern that ends with it; 0 if none does. */
        int read(byte b) {
            int child = child(node, b);
            while (child == ROOT && node != ROOT) {
                node = failures[node];
                child = child(node, b);
                steps++;
            }
            steps++;
            node = child;
            return matches[node];
        }

        /** Returns how many of the bytes that were read last may be the beginning of a pattern. */
        int pending() {
            return depths[node];
        }

        /** Returns how many edges were looked for until now. */
        long steps() {
            return steps;
        }
    }
}
