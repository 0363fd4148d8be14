package io.dynamiccredentials.journal;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The file of a lease that is open, to which facts are added at the end. Safe for use by many threads.
 *
 * <p>It holds no file descriptor between two facts: a host may have as many leases as it may have files. From 1 MiB on
 * it is written anew, without what has ended by itself, whenever it has twice the size that it had after the last time.
 */
final class OpenLeaseFile {
    private static final Logger LOG = LoggerFactory.getLogger(OpenLeaseFile.class);
    private static final long COMPACT_FROM = 1024 * 1024;

    private final JournalDirectory home;
    private final String name;
    private final ReentrantLock lock = new ReentrantLock();
    private long length;
    private long compactAt = COMPACT_FROM;
    private boolean broken;
    private boolean ended;

    private OpenLeaseFile(JournalDirectory home, String name) {
        this.home = home;
        this.name = name;
    }

    static OpenLeaseFile create(JournalDirectory home, String name, String firstLine) throws IOException {
        Path path = Files.createFile(home.resolve(name), JournalDirectory.OWNER_READS_AND_WRITES);
        boolean complete = false;
        try {
            OpenLeaseFile open = new OpenLeaseFile(home, name);
            open.add(firstLine);
            home.sync();
            complete = true;
            return open;
        } finally {
            if (!complete) {
                Files.deleteIfExists(path);
            }
        }
    }

    /** Adds a line, which is on the disk when this returns, or else counts as not written. */
    void add(String text) throws IOException {
        byte[] line = LeaseFile.line(text);
        lock.lock();
        try {
            if (ended) {
                throw new IllegalStateException("This lease has ended; nothing can be remembered of it any more");
            }
            makeRoom(line.length);
            requireRoom(line.length);
            write(line);
        } finally {
            lock.unlock();
        }
    }

    /** What has ended by itself needs no room: so a lease lives for as long as it may. */
    private void makeRoom(int more) {
        if (broken || length + more <= compactAt) {
            return;
        }
        try {
            compact();
        } catch (IOException | RuntimeException e) {
            LOG.warn("The journal of a lease, \"{}\", could not be compacted: {}", home.resolve(name), e.getMessage());
        }
        compactAt = Math.min(LeaseFile.MAX_BYTES, Math.max(COMPACT_FROM, 2 * length));
    }

    private void compact() throws IOException {
        atItsEnd(channel -> {});
        LeaseFile whole = LeaseFile.read(home, name)
                .orElseThrow(() -> new IOException("It has lost its first line. Find out who else writes there"));
        LeaseFile living = whole.with(LivingFacts.of(whole.facts(), Instant.now(), ThisMachine.id()));
        long size = living.bytes().length;
        if (size < length) {
            replace(living);
            length = size;
        }
    }

    private void replace(LeaseFile living) throws IOException {
        try {
            living.replace(home, name);
        } catch (IOException e) {
            if (Files.size(home.resolve(name)) == length) {
                throw e;
            }
            // It is in its place, and only the directory's entry may not be on the disk.
            broken = true;
            home.sync();
            broken = false;
        }
    }

    private void requireRoom(int more) throws IOException {
        if (broken) {
            throw new IOException("An earlier failure to write to it could not be undone. Close the lease");
        }
        if (length + more > LeaseFile.MAX_BYTES) {
            throw new IOException("The journal of a lease has at most " + LeaseFile.MAX_BYTES
                    + " bytes, and this one is full. Close the lease, and open another one");
        }
    }

    private void write(byte[] line) throws IOException {
        try {
            atItsEnd(channel -> {
                ByteBuffer bytes = ByteBuffer.wrap(line);
                while (bytes.hasRemaining()) {
                    channel.write(bytes, length + bytes.position());
                }
            });
            length += line.length;
        } catch (IOException e) {
            undo(e);
            throw e;
        }
    }

    /** A part of a line would spoil the next one. */
    private void undo(IOException why) {
        try {
            atItsEnd(channel -> {});
        } catch (IOException e) {
            broken = true;
            why.addSuppressed(e);
        }
    }

    /** Cuts what follows the last whole line, takes a step and forces it to the disk, whoever interrupts. */
    private void atItsEnd(Step step) throws IOException {
        boolean interrupted = Thread.interrupted();
        try {
            while (!isTaken(step)) {
                interrupted |= Thread.interrupted();
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Tells whether the step was taken; it was not if an interrupt closed the channel, and can be taken again. */
    private boolean isTaken(Step step) throws IOException {
        try (FileChannel channel = FileChannel.open(home.resolve(name), WRITE, NOFOLLOW_LINKS)) {
            if (channel.size() < length) {
                throw new IOException("The file of a lease that is open has " + channel.size() + " bytes, of " + length
                        + " that were written. Find out who else writes there; close the lease");
            }
            channel.truncate(length);
            step.take(channel);
            channel.force(true);
            return true;
        } catch (ClosedByInterruptException e) {
            return false;
        } catch (NoSuchFileException e) {
            throw new IOException(
                    "The file of a lease that is open is gone. Find out who deleted it; close the lease", e);
        }
    }

    /** Deletes the file, unless that is done. */
    void end() throws IOException {
        lock.lock();
        try {
            if (!ended) {
                home.delete(name);
                ended = true;
            }
        } finally {
            lock.unlock();
        }
    }

    /** Lets go of the file, which stays. */
    void close() {
        lock.lock();
        try {
            ended = true;
        } finally {
            lock.unlock();
        }
    }

    /** Something to do at the end of the file, perhaps more than once. */
    private interface Step {
        void take(FileChannel channel) throws IOException;
    }
}
