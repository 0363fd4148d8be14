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
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A directory that one run has to itself, readable by its owner alone (0700), whose files are 0600 from the first
 * instant.
 *
 * <p>Needs a POSIX file system. {@link #close()} deletes all that is in it, also what the run's tools put there, and
 * follows no symbolic link out of it. Safe for use by many threads.
 */
public final class RunDirectory implements AutoCloseable {
    private static final Pattern FILE_NAME = Pattern.compile("[a-z0-9][a-z0-9.-]{0,63}");
    private static final FileAttribute<Set<PosixFilePermission>> OWNER_DIRECTORY =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
    private static final FileAttribute<Set<PosixFilePermission>> OWNER_FILE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

    private final Path path;
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
            throw new UncheckedIOException(new IOException(
                    "Secret files need a POSIX file system with owner permissions; \"" + parent + "\" is on another",
                    e));
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "No private directory can be created below \"" + parent
                            + "\". Check that it exists and that this process may write there",
                    e);
        }
    }

    /** Returns the absolute path, without symbolic links. */
    public Path path() {
        return path;
    }

    /**
     * Writes a new file of mode 0600 and returns its absolute path.
     *
     * @param name the file's name: lower-case letters, digits, dots and hyphens, starting with a letter or digit
     * @throws IllegalArgumentException if {@code name} is anything else
     * @throws UncheckedIOException if the file exists or can't be written
     */
    public Path write(String name, Secret content) {
        Path file = path.resolve(requireFileName(name));
        try (FileChannel channel = FileChannel.open(file, Set.of(CREATE_NEW, WRITE), OWNER_FILE)) {
            ByteBuffer bytes = ByteBuffer.wrap(content.reveal().getBytes(UTF_8));
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
            return file;
        } catch (IOException e) {
            throw new UncheckedIOException("The run's file \"" + name + "\" can't be written", e);
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
        if (!Files.exists(path, NOFOLLOW_LINKS)) {
            throw new UncheckedIOException(new NoSuchFileException("The run's directory \"" + path
                    + "\" is not there any more. Somebody moved it, perhaps with its files, or deleted it"));
        }
        Deletion deletion = new Deletion();
        deletion.delete(path);
        // What counts is what is left: a directory of another user can be removed, if it is empty, and not entered.
        if (deletion.failure != null && Files.exists(path, NOFOLLOW_LINKS)) {
            throw new UncheckedIOException(
                    "The run's directory \"" + path + "\" is not wholly deleted. Delete it by hand", deletion.failure);
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
                            + "hyphens, starting with a letter or digit; the name was \"" + name + "\"");
        }
        return name;
    }

    /** Deletes what it can and remembers what it can't. */
    private static final class Deletion {
        private @Nullable IOException failure;

        void delete(Path path) {
            try {
                if (Files.isDirectory(path, NOFOLLOW_LINKS)) {
                    children(path).forEach(this::delete);
                }
                Files.deleteIfExists(path);
            } catch (IOException e) {
                keep(e);
            }
        }

        /**
         * Lists a directory, files first: they are what must not be left, and a directory may belong to another user.
         */
        private List<Path> children(Path directory) {
            try {
                // A tool may leave a directory that even its owner can't empty, such as a read-only module cache.
                Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx------"));
            } catch (IOException e) {
                keep(e);
            }
            try (Stream<Path> children = Files.list(directory)) {
                return children.sorted(Comparator.comparing(child -> Files.isDirectory(child, NOFOLLOW_LINKS)))
                        .toList();
            } catch (IOException | UncheckedIOException e) {
                keep(e instanceof IOException io ? io : new IOException(e));
                return List.of();
            }
        }

        private void keep(IOException e) {
            if (failure == null) {
                failure = e;
            } else {
                failure.addSuppressed(e);
            }
        }
    }
}
