package io.dynamiccredentials.keys;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;
import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The right of one thread in one process to write a key file, until it is closed.
 *
 * <p>A lock of the operating system on a file beside the key file, since the key file itself is replaced. It ends with
 * the process, so nobody has to clean up after a kill.
 */
final class KeyFileLock implements AutoCloseable {
    private static final long POLL_MILLIS = 5;
    // POSIX: a process that closes any channel of a file gives up all its locks on it. Within the process one thread
    // at a time may therefore have the lock file open, whichever store it uses.
    private static final ConcurrentHashMap<Path, ReentrantLock> IN_THIS_PROCESS = new ConcurrentHashMap<>();

    private final ReentrantLock inThisProcess;
    private final FileChannel channel;

    private KeyFileLock(ReentrantLock inThisProcess, FileChannel channel) {
        this.inThisProcess = inThisProcess;
        this.channel = channel;
    }

    /**
     * Waits for the lock, at most {@code longest}.
     *
     * @param file the lock file, absolute and without symbolic links in its directory
     */
    static KeyFileLock acquire(Path file, Duration longest) throws IOException {
        long start = System.nanoTime();
        ReentrantLock inThisProcess = IN_THIS_PROCESS.computeIfAbsent(file, absent -> new ReentrantLock(true));
        boolean complete = false;
        try {
            if (!inThisProcess.tryLock(longest.toNanos(), TimeUnit.NANOSECONDS)) {
                throw busy(file, longest);
            }
            try {
                KeyFileLock lock = new KeyFileLock(inThisProcess, lock(file, start, longest));
                complete = true;
                return lock;
            } finally {
                if (!complete) {
                    inThisProcess.unlock();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("Interrupted while waiting for the lock \"" + file + "\"");
        }
    }

    private static FileChannel lock(Path file, long start, Duration longest) throws IOException, InterruptedException {
        FileChannel channel =
                FileChannel.open(file, Set.of(CREATE, WRITE, NOFOLLOW_LINKS), PrivateFiles.OWNER_READS_AND_WRITES);
        boolean locked = false;
        try {
            PrivateFiles.requirePrivateFile(file);
            while (!tryLock(channel)) {
                if (System.nanoTime() - start >= longest.toNanos()) {
                    throw busy(file, longest);
                }
                Thread.sleep(POLL_MILLIS);
            }
            locked = true;
            return channel;
        } finally {
            if (!locked) {
                channel.close();
            }
        }
    }

    private static boolean tryLock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock() != null;
        } catch (OverlappingFileLockException e) {
            // Another class loader's copy of this class has it.
            return false;
        }
    }

    private static IOException busy(Path file, Duration longest) {
        return new IOException("Another writer held the lock \"" + file + "\" for more than " + longest
                + ". Look for a process that hangs while it writes");
    }

    /** Gives the lock up. */
    @Override
    public void close() throws IOException {
        try {
            channel.close();
        } finally {
            inThisProcess.unlock();
        }
    }
}
