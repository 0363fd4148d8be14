package io.dynamiccredentials.journal;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.locks.ReentrantLock;

/** The file of a lease that is open, to which facts are added at the end. Safe for use by many threads. */
final class OpenLeaseFile {
    private final JournalDirectory home;
    private final String name;
    // Not a channel: an interrupt of a thread that writes would close it for all.
    private final RandomAccessFile file;
    private final ReentrantLock lock = new ReentrantLock();
    private long length;
    private boolean broken;
    private boolean ended;

    private OpenLeaseFile(JournalDirectory home, String name, RandomAccessFile file) {
        this.home = home;
        this.name = name;
        this.file = file;
    }

    static OpenLeaseFile create(JournalDirectory home, String name, String firstLine) throws IOException {
        Path path = Files.createFile(home.resolve(name), JournalDirectory.OWNER_READS_AND_WRITES);
        RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw");
        boolean complete = false;
        try {
            OpenLeaseFile open = new OpenLeaseFile(home, name, file);
            open.add(firstLine);
            home.sync();
            complete = true;
            return open;
        } finally {
            if (!complete) {
                file.close();
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
            requireRoom(line.length);
            write(line);
        } finally {
            lock.unlock();
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
            file.seek(length);
            file.write(line);
            file.getFD().sync();
            length += line.length;
        } catch (IOException e) {
            undo(e);
            throw e;
        }
    }

    /** A part of a line would spoil the next one. */
    private void undo(IOException why) {
        try {
            file.setLength(length);
            file.getFD().sync();
        } catch (IOException e) {
            broken = true;
            why.addSuppressed(e);
        }
    }

    /** Deletes the file, unless that is done. */
    void end() throws IOException {
        lock.lock();
        try {
            if (!ended) {
                home.delete(name);
                ended = true;
                file.close();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Lets go of the file, which stays. */
    void close() throws IOException {
        lock.lock();
        try {
            ended = true;
            file.close();
        } finally {
            lock.unlock();
        }
    }
}
