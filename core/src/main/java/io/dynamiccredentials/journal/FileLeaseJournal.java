package io.dynamiccredentials.journal;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * Remembers leases in a directory of the machine: for one node, also if several processes on it share the directory.
 *
 * <p>Each lease has a file of mode 0600 with one line for each fact, forced to the disk before {@link Entry#add}
 * returns. A process lives for as long as it holds the operating system's lock on its own file
 * {@code owner-<random>.lock}; the lock ends with the process, however it ends, and then one of those that call
 * {@link #takeOver()} gets it, and the leases with it. That one holds it until it has settled or put back all leases of
 * that owner.
 *
 * <p>Needs a local file system with POSIX permissions and locks. The directory must exist, belong to the user of this
 * process and be writable by that user alone; it is the journal's own. A lease whose file is damaged, a symbolic link,
 * somebody else's, open to group or others or larger than 16 MiB is reported as unreadable and stays; the others are
 * taken over. The file of an open lease is compacted now and then to what still matters, so that a lease may live for
 * months: it is full only when the facts of one day, and all credentials that have a handle, are more than that. Holds
 * no file open between two facts. Blocks on the disk. Safe for use by many threads.
 */
public final class FileLeaseJournal implements LeaseJournal {
    private final JournalDirectory home;
    private final OwnerLock own;
    private final Set<OpenLeaseFile> open = ConcurrentHashMap.newKeySet();
    private final Set<DeadOwner> dead = ConcurrentHashMap.newKeySet();
    // Whoever writes shares it; closing waits for all of them, since afterwards the leases are somebody else's.
    private final ReentrantReadWriteLock use = new ReentrantReadWriteLock();
    private boolean closed;

    private FileLeaseJournal(JournalDirectory home, OwnerLock own) {
        this.home = home;
        this.own = own;
    }

    /**
     * Opens the journal in {@code directory}.
     *
     * @throws IllegalArgumentException if its file system has no POSIX permissions
     * @throws IllegalStateException if the directory belongs to somebody else, or group or others may write there
     * @throws UncheckedIOException if it does not exist or can't be written
     */
    public static FileLeaseJournal open(Path directory) {
        if (!directory.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            throw new IllegalArgumentException(
                    "A journal needs a file system with POSIX permissions; \"" + directory + "\" is on one without");
        }
        try {
            JournalDirectory home = JournalDirectory.of(directory);
            OwnerLock own = OwnerLock.create(home);
            boolean complete = false;
            try {
                home.requireSameOwner(own.file());
                complete = true;
                return new FileLeaseJournal(home, own);
            } finally {
                if (!complete) {
                    own.delete();
                    own.close();
                }
            }
        } catch (IOException e) {
            throw failed(directory, "can't be opened", e);
        }
    }

    @Override
    public Entry begin(LeaseRecord lease) {
        String text = LeaseText.write(lease);
        return using("can't begin a lease", () -> {
            OpenLeaseFile file = OpenLeaseFile.create(home, LeaseFile.newName(own.owner()), text);
            open.add(file);
            return new OpenEntry(file);
        });
    }

    @Override
    public TakenOver takeOver() {
        return using("can't be searched", () -> {
            List<AbandonedFile> leases = new ArrayList<>();
            List<String> unreadable = new ArrayList<>();
            boolean complete = false;
            try {
                for (String owner : owners(unreadable)) {
                    try {
                        takeOver(owner, leases, unreadable);
                    } catch (RuntimeException | IOException e) {
                        unreadable.add(reason(home.resolve("owner-" + owner + ".lock"), e));
                    }
                }
                complete = true;
                return new TakenOver(List.copyOf(leases), unreadable);
            } finally {
                if (!complete) {
                    // The caller never hears of them.
                    for (AbandonedFile lease : leases) {
                        lease.owner.release();
                    }
                }
            }
        });
    }

    @Override
    public void close() {
        use.writeLock().lock();
        try {
            if (closed) {
                return;
            }
            closed = true;
            boolean nothingLeft = open.isEmpty();
            for (OpenLeaseFile file : open) {
                file.close();
            }
            for (DeadOwner owner : dead) {
                owner.release();
            }
            if (nothingLeft) {
                own.delete();
            }
            own.close();
        } catch (IOException e) {
            throw failed(home.path(), "can't be closed", e);
        } finally {
            use.writeLock().unlock();
        }
    }

    /** Shows the directory. */
    @Override
    public String toString() {
        return "FileLeaseJournal[" + home.path() + "]";
    }

    /** Returns the owners that have a lock or a lease here. */
    private Set<String> owners(List<String> unreadable) throws IOException {
        Set<String> owners = new TreeSet<>();
        for (String name : home.names()) {
            Optional<String> owner = OwnerLock.ownerOf(name).or(() -> LeaseFile.ownerOf(name));
            if (owner.isPresent()) {
                owners.add(owner.get());
            } else if (name.startsWith("lease-") || name.startsWith("owner-")) {
                unreadable.add("The journal's directory has a file \"" + home.resolve(name)
                        + "\" whose name no journal gives. Find out who put it there, and move it elsewhere");
            }
        }
        return owners;
    }

    private void takeOver(String owner, List<AbandonedFile> leases, List<String> unreadable) throws IOException {
        Optional<OwnerLock> lock = OwnerLock.takeOver(home, owner);
        if (lock.isEmpty()) {
            return;
        }
        boolean taken = false;
        try {
            List<FoundLease> found = new ArrayList<>();
            boolean keepsFiles = false;
            // Listed again: who held the lock until now may have settled some.
            for (String name : home.names()) {
                if (LeaseFile.ownerOf(name).filter(owner::equals).isPresent()) {
                    try {
                        read(name).ifPresent(contents -> found.add(new FoundLease(name, contents)));
                    } catch (IllegalStateException | IOException e) {
                        keepsFiles = true;
                        unreadable.add(reason(home.resolve(name), e));
                    }
                }
            }
            Set<String> names = new TreeSet<>();
            found.forEach(lease -> names.add(lease.name));
            DeadOwner deadOwner = new DeadOwner(home, lock.get(), names, keepsFiles);
            dead.removeIf(DeadOwner::isReleased);
            dead.add(deadOwner);
            taken = true;
            deadOwner.releaseIfDone();
            found.forEach(lease -> leases.add(new AbandonedFile(deadOwner, lease.name, lease.contents)));
        } finally {
            if (!taken) {
                lock.get().close();
            }
        }
    }

    /** Reads a lease of a dead owner; deletes what it had not finished to write. */
    private Optional<LeaseFile> read(String name) throws IOException {
        Optional<LeaseFile> contents = LeaseFile.isTemporary(name) ? Optional.empty() : LeaseFile.read(home, name);
        if (contents.isEmpty()) {
            home.delete(name);
        }
        return contents;
    }

    private static String reason(Path file, Exception e) {
        return e instanceof IllegalStateException
                ? String.valueOf(e.getMessage())
                : "The journal's file \"" + file + "\" can't be read (" + e
                        + "). Check its mode and the disk; it stays there";
    }

    /** Something that an open journal does. */
    private interface Step<T> {
        T run() throws IOException;
    }

    private <T> T using(String whatFailed, Step<T> step) {
        Lock shared = use.readLock();
        shared.lock();
        try {
            if (closed) {
                throw new IllegalStateException("This journal is closed; open another one");
            }
            return step.run();
        } catch (IOException e) {
            throw failed(home.path(), whatFailed, e);
        } finally {
            shared.unlock();
        }
    }

    private static UncheckedIOException failed(Path directory, String how, IOException e) {
        String hint = e instanceof NoSuchFileException
                ? ". Create it with mode 700"
                : ". Check that it has room and that this process may write there";
        return new UncheckedIOException("The journal in \"" + directory + "\" " + how + " (" + e + ")" + hint, e);
    }

    /** A lease that was found, with the name of its file. */
    private record FoundLease(String name, LeaseFile contents) {}

    /** The journal of an open lease. */
    private final class OpenEntry implements Entry {
        private final OpenLeaseFile file;

        OpenEntry(OpenLeaseFile file) {
            this.file = file;
        }

        @Override
        public void add(LeaseFact fact) {
            String text = LeaseText.write(fact);
            using("can't remember a fact", () -> {
                file.add(text);
                return fact;
            });
        }

        @Override
        public void end() {
            using("can't forget a lease", () -> {
                file.end();
                return open.remove(file);
            });
        }
    }

    /** A lease of a dead owner. */
    private final class AbandonedFile implements AbandonedLease {
        private final DeadOwner owner;
        private final String name;
        private final LeaseFile contents;

        AbandonedFile(DeadOwner owner, String name, LeaseFile contents) {
            this.owner = owner;
            this.name = name;
            this.contents = contents;
        }

        @Override
        public LeaseRecord lease() {
            return contents.lease();
        }

        @Override
        public List<LeaseFact> facts() {
            return contents.facts();
        }

        @Override
        public void settle() {
            using("can't forget a lease", () -> {
                owner.settle(name);
                return name;
            });
        }

        @Override
        public void putBack(List<LeaseFact> remaining) {
            using("can't put a lease back", () -> {
                owner.putBack(name, contents.with(remaining));
                return name;
            });
        }
    }
}
