package io.dynamiccredentials.journal;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;
import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The proof that an owner of leases lives, or that somebody settles what it left: a lock of the operating system on a
 * file of the owner's, which ends with the process that has it.
 *
 * <p>Names of owners are random and never given twice, and only who has the lock deletes the file. So whoever has
 * locked the file that is at the path is the only one. Safe for use by many threads.
 */
final class OwnerLock implements AutoCloseable {
    private static final Pattern NAME = Pattern.compile("owner-([0-9a-f]{32})\\.lock");
    private static final int ATTEMPTS = 100;

    // POSIX: a process that closes any channel of a file gives up all its locks on it. What this process has locked
    // must therefore not be opened by it again.
    private static final Set<Path> IN_THIS_PROCESS = ConcurrentHashMap.newKeySet();

    /** Channels that must stay open for that reason, as another class loader's copy of this class has the lock. */
    private static final Map<Path, FileChannel> OF_OTHER_COPIES = new ConcurrentHashMap<>();

    private final JournalDirectory home;
    private final String owner;
    private final Path file;
    private final FileChannel channel;

    private OwnerLock(JournalDirectory home, String owner, Path file, FileChannel channel) {
        this.home = home;
        this.owner = owner;
        this.file = file;
        this.channel = channel;
    }

    /** Returns the owner whose lock has this name, if it is the name of one. */
    static Optional<String> ownerOf(String name) {
        Matcher matcher = NAME.matcher(name);
        return matcher.matches() ? Optional.of(matcher.group(1)) : Optional.empty();
    }

    /** Makes a new owner, which lives until the lock is closed. */
    static OwnerLock create(JournalDirectory home) throws IOException {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            String owner = JournalDirectory.randomName();
            Path file = fileOf(home, owner);
            IN_THIS_PROCESS.add(file);
            Optional<OwnerLock> lock = forgettingUnlessLocked(file, () -> {
                FileChannel channel = FileChannel.open(
                        file, Set.of(CREATE_NEW, WRITE, NOFOLLOW_LINKS), JournalDirectory.OWNER_READS_AND_WRITES);
                return locked(home, owner, file, channel);
            });
            // Somebody who takes over may have seen the file before it was locked, and have deleted it.
            if (lock.isPresent()) {
                boolean kept = false;
                try {
                    kept = lock.get().isOnDisk();
                } finally {
                    if (!kept) {
                        lock.get().close();
                    }
                }
                if (kept) {
                    return lock.get();
                }
            }
        }
        throw new IOException("No lock in \"" + home.path() + "\" could be had, of " + ATTEMPTS + " tried");
    }

    /**
     * Locks the file of an owner if the owner is dead and nobody else has taken over.
     *
     * @throws IllegalStateException if the file is none of a journal's
     */
    static Optional<OwnerLock> takeOver(JournalDirectory home, String owner) throws IOException {
        Path file = fileOf(home, owner);
        if (!IN_THIS_PROCESS.add(file)) {
            return Optional.empty();
        }
        return forgettingUnlessLocked(file, () -> {
            createIfAbsent(file);
            home.requirePrivateFile(file);
            Object before = keyOf(file);
            Optional<OwnerLock> lock = locked(home, owner, file, FileChannel.open(file, Set.of(WRITE, NOFOLLOW_LINKS)));
            // Somebody may have settled everything and deleted the file since it was opened.
            boolean kept = false;
            try {
                kept = lock.isPresent() && isStill(before, file);
            } finally {
                if (lock.isPresent() && !kept) {
                    lock.get().channel.close();
                }
            }
            return kept ? lock : Optional.empty();
        });
    }

    Path file() {
        return file;
    }

    String owner() {
        return owner;
    }

    /** Deletes the file: nothing of the owner is left. Close the lock after that. */
    void delete() throws IOException {
        Files.deleteIfExists(file);
        home.sync();
    }

    /** Gives the lock up. What the owner has left is there for others from then on. */
    @Override
    public void close() throws IOException {
        try {
            channel.close();
        } finally {
            IN_THIS_PROCESS.remove(file);
        }
    }

    private boolean isOnDisk() throws IOException {
        if (!Files.exists(file, NOFOLLOW_LINKS)) {
            return false;
        }
        home.sync();
        return true;
    }

    private static Path fileOf(JournalDirectory home, String owner) {
        return home.resolve("owner-" + owner + ".lock");
    }

    /** A lease whose owner has no lock was left by somebody who deleted the lock too early, or by hand. */
    private static void createIfAbsent(Path file) throws IOException {
        try {
            Files.createFile(file, JournalDirectory.OWNER_READS_AND_WRITES);
        } catch (FileAlreadyExistsException e) {
            // As always.
            return;
        }
    }

    private static Optional<OwnerLock> locked(JournalDirectory home, String owner, Path file, FileChannel channel)
            throws IOException {
        boolean locked = false;
        boolean ofOtherCopy = false;
        try {
            locked = channel.tryLock() != null;
            return locked ? Optional.of(new OwnerLock(home, owner, file, channel)) : Optional.empty();
        } catch (OverlappingFileLockException e) {
            OF_OTHER_COPIES.put(file, channel);
            ofOtherCopy = true;
            return Optional.empty();
        } finally {
            if (!locked && !ofOtherCopy) {
                channel.close();
            }
        }
    }

    /** One attempt to lock a file. */
    private interface Attempt {
        Optional<OwnerLock> run() throws IOException;
    }

    private static Optional<OwnerLock> forgettingUnlessLocked(Path file, Attempt attempt) throws IOException {
        boolean locked = false;
        boolean interrupted = Thread.interrupted();
        try {
            Optional<OwnerLock> lock = attempt.run();
            locked = lock.isPresent();
            return lock;
        } finally {
            if (!locked && !OF_OTHER_COPIES.containsKey(file)) {
                IN_THIS_PROCESS.remove(file);
            }
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static Object keyOf(Path file) throws IOException {
        return Objects.requireNonNull(
                Files.readAttributes(file, BasicFileAttributes.class, NOFOLLOW_LINKS)
                        .fileKey(),
                "POSIX file systems know files by keys");
    }

    private static boolean isStill(Object key, Path file) throws IOException {
        try {
            return key.equals(keyOf(file));
        } catch (NoSuchFileException e) {
            return false;
        }
    }
}
