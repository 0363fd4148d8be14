package io.dynamiccredentials.environment;

import java.util.Arrays;

/**
 * The beginnings of patterns as the nodes of a tree, each by its number. Arrays belong to whoever takes them.
 *
 * @param labels the last byte of each node
 * @param depths how long each is
 * @param parents the node before its last byte
 * @param ends its length if it is a whole pattern, or else 0
 * @param edges the children that don't directly follow their parent
 */
@SuppressWarnings("ArrayRecordComponent")
record PatternTrie(byte[] labels, int[] depths, int[] parents, int[] ends, EdgeTable edges) {

    /** Makes the tree of patterns that are in their order as unsigned bytes. */
    static PatternTrie of(byte[][] sorted) {
        int bound =
                1 + Arrays.stream(sorted).mapToInt(pattern -> pattern.length).sum();
        PatternTrie roomy =
                new PatternTrie(new byte[bound], new int[bound], new int[bound], new int[bound], new EdgeTable());
        int longest =
                Arrays.stream(sorted).mapToInt(pattern -> pattern.length).max().orElse(0);
        int[] path = new int[longest + 1];
        int size = 1;
        byte[] before = {};
        for (byte[] pattern : sorted) {
            size = roomy.add(pattern, common(before, pattern), path, size);
            before = pattern;
        }
        return roomy.cut(size);
    }

    private static int common(byte[] before, byte[] pattern) {
        int mismatch = Arrays.mismatch(before, pattern);
        return mismatch < 0 ? pattern.length : mismatch;
    }

    /** Adds a pattern below the nodes of the one before, and returns the new number of nodes. */
    private int add(byte[] pattern, int common, int[] path, int size) {
        int node = size;
        for (int depth = common + 1; depth <= pattern.length; depth++) {
            int parent = path[depth - 1];
            labels[node] = pattern[depth - 1];
            depths[node] = depth;
            parents[node] = parent;
            if (parent != 0 && parent != node - 1) {
                edges.put(parent, labels[node], node);
            }
            path[depth] = node++;
        }
        ends[path[pattern.length]] = pattern.length;
        return node;
    }

    private PatternTrie cut(int size) {
        return new PatternTrie(
                Arrays.copyOf(labels, size),
                Arrays.copyOf(depths, size),
                Arrays.copyOf(parents, size),
                Arrays.copyOf(ends, size),
                edges);
    }
}
