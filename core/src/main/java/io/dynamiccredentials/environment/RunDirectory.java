package io.dynamiccredentials.environment;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.nio.file.LinkOption.NOFOLLOW_LINKS;
import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.WRITE;
import static java.util.concurrent.TimeUnit.NANOSECONDS;

import io.dynamiccredentials.Secret;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/**
 * A directory that one run has to itself, readable by its owner alone (0700), whose files are 0600 from the first
 * instant.
 *
 * <p>Needs a POSIX file system. {@link #close()} deletes all that is in it, also what the run's tools put there, and
 * follows no symbolic link out of it. Safe for use by many threads.
 */
public final class RunDirectory implements AutoCloseable {
    private static final Pattern FILE_NAME = Pattern.compile("[a-z0-9][a-z0-9.-]{0,63}(?:_[A-Za-z0-9_]{1,64})?");
    private static final Pattern HOME_NAME = Pattern.compile("[.]?[A-Za-z0-9][A-Za-z0-9._-]{0,63}");
    static final String PREFIX = "dynamic-credentials-";
    /** What the names of directories begin with that are never made again; a hash follows {@link #PREFIX} at once. */
    static final String ONCE = PREFIX + "once-";

    private static final String HOME = "home";
    private static final int NAME_BYTES = 16;
    private static final Duration LAST_WRITE = Duration.ofSeconds(5);
    private static final FileAttribute<Set<PosixFilePermission>> OWNER_DIRECTORY =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
    private static final FileAttribute<Set<PosixFilePermission>> OWNER_FILE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

    private final Path path;
    private final Object fileKey;
    private final ReentrantLock writing = new ReentrantLock();
    private final Map<Path, Object> outside = new ConcurrentHashMap<>();
    private final AtomicBoolean closed = new AtomicBoolean();

    private RunDirectory(Path path, Object fileKey) {
        this.path = path;
        this.fileKey = fileKey;
    }

    /**
     * Creates a directory of an unguessable name below {@code parent}, which must exist.
     *
     * @throws UncheckedIOException if it can't be created with its permissions
     */
    public static RunDirectory create(Path parent) {
        return create(parent, Optional.empty(), path -> {});
    }

    /**
     * Creates a directory below {@code parent} whose name follows from {@code name}, so that files of the same names
     * have the same paths when it is created again.
     *
     * @throws IllegalStateException if it exists: somebody else holds it, left it behind, or laid it out as a trap
     * @throws UncheckedIOException if it can't be created with its permissions
     */
    public static RunDirectory create(Path parent, String name) {
        return create(parent, Optional.of(name), path -> {});
    }

    /**
     * Creates a directory below {@code parent} after {@code journal} has heard its path, so that somebody knows of it
     * whatever happens: {@link LeftBehind} finds out whose it is.
     *
     * @param name what its name follows from, as for {@link #create(Path, String)}; empty for an unguessable one
     * @param holder who holds it, told from all that ever do: letters and digits
     * @throws IllegalStateException if a directory of a name that is given exists
     * @throws UncheckedIOException if it can't be created with its permissions
     */
    public static RunDirectory create(Path parent, Optional<String> name, String holder, Consumer<Path> journal) {
        RunDirectory created = create(parent, name, journal);
        try {
            LeftBehind.mark(created.path, holder);
            return created;
        } catch (IOException e) {
            UncheckedIOException failure = RunDirectoryFailures.notCreated(parent, e);
            try {
                created.close();
            } catch (UncheckedIOException again) {
                failure.addSuppressed(again);
            }
            throw failure;
        }
    }

    private static RunDirectory create(Path parent, Optional<String> name, Consumer<Path> journal) {
        try {
            Path directory = parent.toRealPath()
                    .resolve(name.map(given -> PREFIX + hash(given)).orElseGet(() -> ONCE + unguessable()));
            requireAbsent(directory);
            journal.accept(directory);
            Files.createDirectory(directory, OWNER_DIRECTORY);
            return new RunDirectory(directory, fileKey(directory));
        } catch (FileAlreadyExistsException e) {
            throw RunDirectoryFailures.inUse(Path.of(e.getFile()));
        } catch (UnsupportedOperationException e) {
            throw RunDirectoryFailures.notPosix(parent, e);
        } catch (IOException e) {
            throw RunDirectoryFailures.notCreated(parent, e);
        }
    }

    /** Before anybody writes down that the directory is this run's: it may be another's, who still works in it. */
    private static void requireAbsent(Path directory) {
        if (Files.exists(directory, NOFOLLOW_LINKS)) {
            throw RunDirectoryFailures.inUse(directory);
        }
    }

    private static String unguessable() {
        byte[] bytes = new byte[NAME_BYTES];
        new SecureRandom().nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }

    private static Object fileKey(Path path) throws IOException {
        return Objects.requireNonNull(
                Files.readAttributes(path, BasicFileAttributes.class, NOFOLLOW_LINKS)
                        .fileKey(),
                "A POSIX file system has keys of files");
    }

    private static String hash(String name) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(name.getBytes(UTF_8));
            return HexFormat.of().formatHex(hash, 0, NAME_BYTES);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java platform has SHA-256", e);
        }
    }

    /** Returns the absolute path, without symbolic links. */
    public Path path() {
        return path;
    }

    /**
     * Writes a new file of mode 0600 and returns its absolute path.
     *
     * @param name the file's name: lower-case letters, digits, dots and hyphens, starting with a letter or digit; then,
     *     after a {@code _}, perhaps letters of any case, digits and {@code _}
     * @throws IllegalArgumentException if {@code name} is anything else
     * @throws UncheckedIOException if the file exists or can't be written
     */
    public Path write(String name, Secret content) {
        Path file = path.resolve(requireFileName(name));
        writing.lock();
        try {
            requireOpen();
            writeNew(file, content, () -> {});
            return file;
        } catch (FileAlreadyExistsException e) {
            throw new UncheckedIOException(
                    "The run has a file \"" + name + "\" already. Each provider needs names of its own", e);
        } catch (IOException e) {
            throw new UncheckedIOException("The run's file \"" + name + "\" can't be written", e);
        } finally {
            writing.unlock();
        }
    }

    /**
     * Writes a file of mode 0600 in the place of the one of that name, and returns its absolute path. Whoever reads it
     * meanwhile reads the old one or the new one, whole; after a power cut, too.
     *
     * @param name a name as for {@link #write}
     * @throws IllegalStateException if the directory is closed, or is no longer the one that was created
     * @throws UncheckedIOException if the file can't be written
     */
    public Path replace(String name, Secret content) {
        Path file = path.resolve(requireFileName(name));
        writing.lock();
        try {
            requireOpen();
            new Replacement(path, fileKey, OWNER_FILE).replace(file, content);
            return file;
        } catch (IOException e) {
            throw new UncheckedIOException("The run's file \"" + name + "\" can't be replaced", e);
        } finally {
            writing.unlock();
        }
    }

    /**
     * Makes a link to a file in the run's home directory, for a tool that looks for it there only.
     *
     * @param name the link's name: letters, digits, dots, hyphens and underscores
     * @throws UncheckedIOException if there is a file of that name, or it can't be made
     */
    public void linkAtHome(String name, Path file) {
        if (!HOME_NAME.matcher(name).matches()) {
            throw new IllegalArgumentException("A link in a run's home directory is named by 1 to 64 letters, digits, "
                    + "dots, hyphens and underscores; the name was \"" + name + "\"");
        }
        writing.lock();
        try {
            requireOpen();
            Files.createSymbolicLink(home().resolve(name), file);
        } catch (IOException e) {
            throw new UncheckedIOException("The run's home directory can't have a link \"" + name + "\"", e);
        } finally {
            writing.unlock();
        }
    }

    /** Returns the absolute path of the run's home directory, which is private to it; makes it at the first call. */
    public Path home() {
        Path home = path.resolve(HOME);
        return Files.exists(home, NOFOLLOW_LINKS) ? home : createDirectory(HOME);
    }

    private void requireOpen() {
        if (closed.get()) {
            throw new IllegalStateException("The run's directory \"" + path + "\" is closed. Open another lease");
        }
    }

    /**
     * Writes a new file of mode 0600 outside the directory, for a tool that looks for it elsewhere. It is deleted with
     * the directory.
     *
     * @param journal hears, before the file holds anything, what the file system knows it by
     * @throws IOException if it exists, even as a link, or can't be written
     */
    public void writeOutside(Path file, Secret content, Consumer<String> journal) throws IOException {
        writing.lock();
        try {
            requireOpen();
            writeNew(file, content, () -> {
                Object key = fileKey(file);
                outside.put(file, key);
                journal.accept(key.toString());
            });
        } finally {
            writing.unlock();
        }
    }

    /** Writes a file wholly or not at all, also while the thread is interrupted. */
    private static void writeNew(Path file, Secret content, Step afterCreation) throws IOException {
        boolean interrupted = Thread.interrupted();
        FileChannel channel = FileChannel.open(file, Set.of(CREATE_NEW, WRITE), OWNER_FILE);
        boolean written = false;
        try (channel) {
            afterCreation.take();
            ByteBuffer bytes = ByteBuffer.wrap(content.reveal().getBytes(UTF_8));
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
            written = true;
        } finally {
            if (!written) {
                // An interrupt or a full disk in the middle must not leave half a secret behind.
                Files.deleteIfExists(file);
            }
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /**
     * Creates a directory of mode 0700 and returns its absolute path.
     *
     * @param name a name as for {@link #write}
     * @throws UncheckedIOException if it exists or can't be created
     */
    public Path createDirectory(String name) {
        try {
            return Files.createDirectory(path.resolve(requireFileName(name)), OWNER_DIRECTORY);
        } catch (IOException e) {
            throw new UncheckedIOException("The run's directory \"" + name + "\" can't be created", e);
        }
    }

    /**
     * Deletes the directory and all that is in it. Goes on after a failure; a second call does nothing.
     *
     * @throws UncheckedIOException with the first failure, if something is left, the directory was moved away or a file
     *     is still being written after 5 seconds
     */
    @Override
    public void close() {
        // First of all, so that no other write begins.
        if (closed.getAndSet(true)) {
            return;
        }
        boolean written = awaitLastWrite();
        Deletion deletion = new Deletion();
        outside.forEach(deletion::deleteFile);
        Optional<IOException> leftOutside = deletion.failure();
        if (!isThere()) {
            throw new UncheckedIOException(new NoSuchFileException("The run's directory \"" + path
                    + "\" is not there any more, or another is in its place. Somebody moved it, perhaps with its files, or "
                    + "deleted it"));
        }
        deletion.deleteTree(path);
        // What counts is what is left: a directory of another user can be removed, if it is empty, and not entered.
        boolean left = leftOutside.isPresent() || Files.exists(path, NOFOLLOW_LINKS);
        if (left) {
            throw new UncheckedIOException(
                    "The run's directory \"" + path + "\" is not wholly deleted, or one of " + outside.keySet()
                            + ". Delete it by hand",
                    deletion.failure().orElseGet(() -> new IOException("It is still there")));
        }
        if (!written) {
            throw new UncheckedIOException(new IOException("The run's directory \"" + path
                    + "\" is deleted while a file in it was still being written, after a wait of "
                    + LAST_WRITE.toSeconds() + " seconds. Check that nothing has come back"));
        }
    }

    private boolean isThere() {
        try {
            // What somebody has put in its place is left to whom it belongs: no file of ours is there.
            return fileKey.equals(fileKey(path));
        } catch (NoSuchFileException e) {
            return false;
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "The run's directory \"" + path + "\" can't be looked at. Delete it by hand", e);
        }
    }

    /** Who writes may hang, in a file system that somebody has put there: the files must be deleted all the same. */
    private boolean awaitLastWrite() {
        long deadline = System.nanoTime() + LAST_WRITE.toNanos();
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    boolean last = writing.tryLock(deadline - System.nanoTime(), NANOSECONDS);
                    if (last) {
                        writing.unlock();
                    }
                    return last;
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Override
    public String toString() {
        return "RunDirectory[" + path + "]";
    }

    private static String requireFileName(String name) {
        if (!FILE_NAME.matcher(name).matches()) {
            throw new IllegalArgumentException(
                    "A file of a run is named by 1 to 64 lower-case letters, digits, dots and "
                            + "hyphens, starting with a letter or digit, and perhaps \"_\" and a tag; the name was \""
                            + name + "\"");
        }
        return name;
    }

    /** Takes the place of who created {@code directory}. */
    static RunDirectory of(Path directory) throws IOException {
        return new RunDirectory(directory, fileKey(directory));
    }

    /** Something to do between the creation of a file and its content. */
    @FunctionalInterface
    private interface Step {
        void take() throws IOException;
    }
}
