package io.dynamiccredentials.environment;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.nio.file.LinkOption.NOFOLLOW_LINKS;
import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.WRITE;

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
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
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
    private static final FileAttribute<Set<PosixFilePermission>> OWNER_DIRECTORY =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
    private static final FileAttribute<Set<PosixFilePermission>> OWNER_FILE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

    private final Path path;
    private final Map<Path, Object> outside = new ConcurrentHashMap<>();
    private final AtomicBoolean closed = new AtomicBoolean();

    private RunDirectory(Path path) {
        this.path = path;
    }

    /**
     * Creates a directory of an unguessable name below {@code parent}, which must exist.
     *
     * @throws UncheckedIOException if it can't be created with its permissions
     */
    public static RunDirectory create(Path parent) {
        try {
            return new RunDirectory(
                    Files.createTempDirectory(parent.toRealPath(), "dynamic-credentials-", OWNER_DIRECTORY));
        } catch (UnsupportedOperationException e) {
            throw notPosix(parent, e);
        } catch (IOException e) {
            throw notCreated(parent, e);
        }
    }

    /**
     * Creates a directory below {@code parent} whose name follows from {@code name}, so that files of the same names
     * have the same paths when it is created again.
     *
     * @throws IllegalStateException if it exists: somebody else holds it, left it behind, or laid it out as a trap
     * @throws UncheckedIOException if it can't be created with its permissions
     */
    public static RunDirectory create(Path parent, String name) {
        try {
            Path directory = parent.toRealPath().resolve("dynamic-credentials-" + hash(name));
            return new RunDirectory(Files.createDirectory(directory, OWNER_DIRECTORY));
        } catch (FileAlreadyExistsException e) {
            throw new IllegalStateException("The directory of this run's files must not exist yet; \"" + e.getFile()
                    + "\" does. Another lease of this run is open, or a process left it behind when it crashed. Close the "
                    + "lease, or delete the directory once no process uses it");
        } catch (UnsupportedOperationException e) {
            throw notPosix(parent, e);
        } catch (IOException e) {
            throw notCreated(parent, e);
        }
    }

    private static UncheckedIOException notPosix(Path parent, UnsupportedOperationException e) {
        return new UncheckedIOException(new IOException(
                "Secret files need a POSIX file system with owner permissions; \"" + parent + "\" is on another", e));
    }

    private static UncheckedIOException notCreated(Path parent, IOException e) {
        return new UncheckedIOException(
                "No private directory can be created below \"" + parent
                        + "\". Check that it exists and that this process may write there",
                e);
    }

    private static String hash(String name) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(name.getBytes(UTF_8));
            return HexFormat.of().formatHex(hash, 0, 16);
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
        try {
            writeNew(file, content);
            return file;
        } catch (FileAlreadyExistsException e) {
            throw new UncheckedIOException(
                    "The run has a file \"" + name + "\" already. Each provider needs names of its own", e);
        } catch (IOException e) {
            throw new UncheckedIOException("The run's file \"" + name + "\" can't be written", e);
        }
    }

    /**
     * Writes a new file of mode 0600 outside the directory, for a tool that looks for it elsewhere. It is deleted with
     * the directory.
     *
     * @throws IOException if it exists, even as a link, or can't be written
     */
    public void writeOutside(Path file, Secret content) throws IOException {
        writeNew(file, content);
        outside.put(
                file,
                Files.readAttributes(file, BasicFileAttributes.class, NOFOLLOW_LINKS)
                        .fileKey());
    }

    /** Writes a file wholly or not at all, also while the thread is interrupted. */
    private static void writeNew(Path file, Secret content) throws IOException {
        boolean interrupted = Thread.interrupted();
        FileChannel channel = FileChannel.open(file, Set.of(CREATE_NEW, WRITE), OWNER_FILE);
        try (channel) {
            ByteBuffer bytes = ByteBuffer.wrap(content.reveal().getBytes(UTF_8));
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
        } catch (IOException e) {
            // An interrupt or a full disk in the middle must not leave half a secret behind.
            Files.deleteIfExists(file);
            throw e;
        } finally {
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
     * @throws UncheckedIOException with the first failure, if something is left or the directory was moved away
     */
    @Override
    public void close() {
        if (closed.getAndSet(true)) {
            return;
        }
        Deletion deletion = new Deletion();
        outside.forEach(deletion::deleteFile);
        Optional<IOException> leftOutside = deletion.failure();
        if (!Files.exists(path, NOFOLLOW_LINKS)) {
            throw new UncheckedIOException(new NoSuchFileException("The run's directory \"" + path
                    + "\" is not there any more. Somebody moved it, perhaps with its files, or deleted it"));
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
}
