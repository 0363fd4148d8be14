package io.dynamiccredentials.journal;

import java.io.IOException;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.locks.ReentrantLock;

/** An owner whose leases this process settles. Safe for use by many threads. */
final class DeadOwner {
    private final JournalDirectory home;
    private final OwnerLock lock;
    private final Set<String> pending;
    private final ReentrantLock change = new ReentrantLock();
    private boolean keepsFiles;
    private boolean released;

    /**
     * Takes charge of a locked owner.
     *
     * @param pending the files of the leases that are to be settled
     * @param keepsFiles whether there are files that can't be settled
     */
    DeadOwner(JournalDirectory home, OwnerLock lock, Set<String> pending, boolean keepsFiles) {
        this.home = home;
        this.lock = lock;
        this.pending = new TreeSet<>(pending);
        this.keepsFiles = keepsFiles;
    }

    /** Deletes a lease's file; leaves it to others if that fails. */
    void settle(String name) throws IOException {
        finish(name, () -> {
            home.delete(name);
            return false;
        });
    }

    /** Replaces a lease's file by what is left to do; leaves it to others as it is if that fails. */
    void putBack(String name, LeaseFile contents) throws IOException {
        finish(name, () -> {
            contents.replace(home, name);
            return true;
        });
    }

    /** What becomes of a lease's file. */
    private interface Step {
        /** Returns whether there is a file afterwards. */
        boolean run() throws IOException;
    }

    private void finish(String name, Step step) throws IOException {
        change.lock();
        try {
            requirePending(name);
            boolean stays = true;
            try {
                stays = step.run();
            } finally {
                // Whoever failed does not come back to it: held on, nobody else could try again.
                keepsFiles |= stays;
                pending.remove(name);
                releaseIfDone();
            }
        } finally {
            change.unlock();
        }
    }

    /** Lets others go on, if all leases are settled or put back. */
    void releaseIfDone() throws IOException {
        change.lock();
        try {
            if (!pending.isEmpty() || released) {
                return;
            }
            try {
                if (!keepsFiles) {
                    lock.delete();
                }
            } finally {
                released = true;
                lock.close();
            }
        } finally {
            change.unlock();
        }
    }

    /** Lets others go on, whatever is left. */
    void release() throws IOException {
        change.lock();
        try {
            if (!released) {
                released = true;
                lock.close();
            }
        } finally {
            change.unlock();
        }
    }

    boolean isReleased() {
        change.lock();
        try {
            return released;
        } finally {
            change.unlock();
        }
    }

    private void requirePending(String name) {
        if (released || !pending.contains(name)) {
            throw new IllegalStateException(
                    "This lease was settled or put back before, or its journal is closed; take it over anew");
        }
    }
}
