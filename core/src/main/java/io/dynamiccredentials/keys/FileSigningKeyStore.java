package io.dynamiccredentials.keys;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;
import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;

import io.dynamiccredentials.keys.FileWatch.Point;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Keeps the signing keys in one file of mode 0600: for one node, also if several processes on it share the file.
 *
 * <p>A new version is written to a file beside it, forced to the disk and renamed over it, under the lock
 * {@code .<name>.lock} in the same directory, which stays there. So the file is whole at every instant, also after a
 * kill or a loss of power. Reading takes no lock and no right to write, so a read-only mount can be read. All users of
 * one file within a JVM share one copy of this class.
 *
 * <p>Needs a local file system with POSIX permissions. The directory must exist and be writable by its owner alone; a
 * symbolic link in the place of the file, a file that group or others can read or write, and one of more than 2 MiB are
 * refused. Waits at most 10 seconds for another writer. Blocks on the disk. Safe for use by many threads.
 */
public final class FileSigningKeyStore implements SigningKeyStore {
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(10);
    private static final SecureRandom RANDOM = new SecureRandom();

    private final Path directory;
    private final String name;
    private final Duration longestWait;
    private final FileWatch watch;
    private final Pattern temporaryName;

    FileSigningKeyStore(Path directory, String name, Duration longestWait, FileWatch watch) {
        this.directory = directory;
        this.name = name;
        this.longestWait = longestWait;
        this.watch = watch;
        this.temporaryName = Pattern.compile(Pattern.quote("." + name + ".") + "[0-9a-f]{32}\\.tmp");
    }

    /**
     * Returns the store in {@code file}, which need not exist yet. Touches no disk.
     *
     * @throws IllegalArgumentException if the path names no file or its file system has no POSIX permissions
     */
    public static FileSigningKeyStore at(Path file) {
        if (!file.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            throw new IllegalArgumentException(
                    "A key file needs a file system with POSIX permissions; \"" + file + "\" is on one without");
        }
        Path name = file.getFileName();
        Path directory = file.toAbsolutePath().getParent();
        if (name == null || directory == null || Set.of("", ".", "..").contains(name.toString())) {
            throw new IllegalArgumentException(
                    "A key file is named by a path that ends in its name; the path was \"" + file + "\"");
        }
        return new FileSigningKeyStore(directory, name.toString(), LONGEST_WAIT, point -> {});
    }

    @Override
    public Optional<StoredKeys> read() {
        try {
            Path home = home();
            Optional<StoredKeys> stored = load(home.resolve(name));
            // A rename that is not yet on the disk could vanish with the power, and with it what is read here.
            if (stored.isPresent() && Files.isWritable(home)) {
                sync(home);
            }
            return stored;
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "The key file \"" + directory.resolve(name) + "\" can't be read (" + e
                            + "). Check that its directory exists and that this process may read both",
                    e);
        }
    }

    @Override
    public boolean replace(StoredKeys next) {
        try {
            Path home = home();
            KeyFileLock lock = KeyFileLock.acquire(home.resolve("." + name + ".lock"), longestWait);
            try (lock) {
                watch.reached(Point.LOCKED);
                deleteLeftOvers(home);
                long version = load(home.resolve(name)).map(StoredKeys::version).orElse(0L);
                if (next.version() - 1 != version) {
                    return false;
                }
                write(home, KeyFile.encode(next));
                return true;
            }
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "Version " + next.version() + " of the key file \"" + directory.resolve(name)
                            + "\" can't be written (" + e
                            + "). Check that its directory exists, is not mounted read-only, has room, and that this "
                            + "process may write there",
                    e);
        }
    }

    /** Shows the file's path. */
    @Override
    public String toString() {
        return "FileSigningKeyStore[" + directory.resolve(name) + "]";
    }

    private Path home() throws IOException {
        Path home = directory.toRealPath();
        PrivateFiles.requireOwnDirectory(home);
        return home;
    }

    private static Optional<StoredKeys> load(Path file) throws IOException {
        try {
            PrivateFiles.requirePrivateFile(file);
            try (InputStream in = Files.newInputStream(file, NOFOLLOW_LINKS)) {
                byte[] bytes = in.readNBytes(KeyFile.MAX_BYTES + 1);
                if (bytes.length > KeyFile.MAX_BYTES) {
                    throw new IllegalStateException("A key file has at most " + KeyFile.MAX_BYTES + " bytes; \"" + file
                            + "\" has " + Files.size(file) + ". Check that it is the right file");
                }
                return Optional.of(KeyFile.decode(file, bytes));
            }
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    private void write(Path home, byte[] bytes) throws IOException {
        byte[] random = new byte[16];
        RANDOM.nextBytes(random);
        Path temporary = home.resolve("." + name + "." + HexFormat.of().formatHex(random) + ".tmp");
        try {
            writeTemporary(temporary, bytes);
            Files.move(temporary, home.resolve(name), StandardCopyOption.ATOMIC_MOVE);
            watch.reached(Point.RENAMED);
            sync(home);
            watch.reached(Point.DIRECTORY_SYNCED);
        } catch (IOException | RuntimeException e) {
            try {
                Files.deleteIfExists(temporary);
            } catch (IOException left) {
                e.addSuppressed(left);
            }
            throw e;
        }
    }

    private void writeTemporary(Path temporary, byte[] bytes) throws IOException {
        try (FileChannel channel = FileChannel.open(
                temporary, Set.of(CREATE_NEW, WRITE, NOFOLLOW_LINKS), PrivateFiles.OWNER_READS_AND_WRITES)) {
            watch.reached(Point.CREATED);
            writeFully(channel, ByteBuffer.wrap(bytes, 0, bytes.length / 2));
            watch.reached(Point.HALF_WRITTEN);
            writeFully(channel, ByteBuffer.wrap(bytes, bytes.length / 2, bytes.length - bytes.length / 2));
            watch.reached(Point.WRITTEN);
            channel.force(true);
            watch.reached(Point.SYNCED);
        }
    }

    private static void writeFully(FileChannel channel, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    private static void sync(Path directory) throws IOException {
        try (FileChannel channel = FileChannel.open(directory, READ)) {
            channel.force(true);
        }
    }

    /** Deletes what a killed process left. Only with the lock is it certain that nobody is writing it now. */
    private void deleteLeftOvers(Path home) throws IOException {
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(home)) {
            for (Path entry : entries) {
                Path entryName = entry.getFileName();
                if (entryName != null
                        && temporaryName.matcher(entryName.toString()).matches()) {
                    Files.deleteIfExists(entry);
                }
            }
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
    }
}
