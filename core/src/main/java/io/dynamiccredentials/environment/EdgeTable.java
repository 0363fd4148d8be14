package io.dynamiccredentials.environment;

/** Maps a node and a byte to another node that is not the root. Takes 2^24 nodes. */
final class EdgeTable {
    private static final int CHILD_BITS = 24;
    private static final int CHILD_MASK = (1 << CHILD_BITS) - 1;

    /** Each entry is the parent, the byte and the child, which is never 0. */
    private long[] entries = new long[16];

    private int size;

    void put(int parent, byte label, int child) {
        if (++size * 2 > entries.length) {
            grow();
        }
        insert((key(parent, label) << CHILD_BITS) | child);
    }

    /** Returns the child, or 0 if there is none. */
    int get(int parent, byte label) {
        long key = key(parent, label);
        int slot = slot(key);
        while (entries[slot] != 0) {
            if (entries[slot] >>> CHILD_BITS == key) {
                return (int) (entries[slot] & CHILD_MASK);
            }
            slot = (slot + 1) & (entries.length - 1);
        }
        return 0;
    }

    private void grow() {
        long[] old = entries;
        entries = new long[old.length * 2];
        for (long entry : old) {
            if (entry != 0) {
                insert(entry);
            }
        }
    }

    private void insert(long entry) {
        int slot = slot(entry >>> CHILD_BITS);
        while (entries[slot] != 0) {
            slot = (slot + 1) & (entries.length - 1);
        }
        entries[slot] = entry;
    }

    private static long key(int parent, byte label) {
        return ((long) parent << 8) | (label & 0xff);
    }

    private int slot(long key) {
        // Fibonacci hashing: the high bits depend on all bits of the key.
        return (int) ((key * 0x9E3779B97F4A7C15L) >>> 32) & (entries.length - 1);
    }
}
