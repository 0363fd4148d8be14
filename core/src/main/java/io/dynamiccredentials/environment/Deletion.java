package io.dynamiccredentials.environment;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Deletes what it can and remembers what it can't. Goes from directory to directory by handles and not by paths, since
 * whoever still runs could put a link in the place of a directory meanwhile. Holds few handles and few names at once,
 * however deep and wide a tree somebody has made. Not safe for use by several threads.
 */
final class Deletion {
    private static final Set<PosixFilePermission> OWNER = PosixFilePermissions.fromString("rwx------");

    /** What is opened below a handle: opening a pipe there would wait for ever, and below a pipe there is nothing. */
    private static final Path ITSELF = Path.of(".");

    /** Each level costs two handles and a piece of a path; what lies deeper is moved up before it is deleted. */
    private static final int MAX_LEVELS = 8;

    /** Whoever still runs could go on putting something there. */
    private static final Duration LIMIT = Duration.ofMinutes(5);

    /** So many directories are remembered while the files beside them are deleted. */
    private static final int MANY = 100;

    private static final int RANDOM_BYTES = 16;

    private final long deadline = System.nanoTime() + LIMIT.toNanos();
    private final SecureRandom random = new SecureRandom();
    private boolean movedUp;
    private @Nullable IOException failure;

    Optional<IOException> failure() {
        return Optional.ofNullable(failure);
    }

    /** Deletes a directory and all that is in it. */
    void deleteTree(Path root) {
        try (DirectoryStream<Path> parent = Files.newDirectoryStream(parentOf(root))) {
            if (parent instanceof SecureDirectoryStream<Path> handle) {
                Entry entry = Entry.of(handle, root.getFileName(), root, 0);
                if (entry.isDirectory()) {
                    deleteTree(entry);
                } else {
                    handle.deleteFile(entry.name());
                }
            } else {
                deleteByPaths(root);
            }
        } catch (NoSuchFileException e) {
            // Somebody else deleted it.
        } catch (IOException e) {
            keep(e);
        }
    }

    /**
     * Deletes one file, if it is the very one that was written there.
     *
     * @param fileKey what the file system knew that one by
     */
    void deleteFile(Path file, Object fileKey) {
        try (DirectoryStream<Path> parent = Files.newDirectoryStream(parentOf(file))) {
            BasicFileAttributeView view = parent instanceof SecureDirectoryStream<Path> handle
                    ? handle.getFileAttributeView(file.getFileName(), BasicFileAttributeView.class, NOFOLLOW_LINKS)
                    : Files.getFileAttributeView(file, BasicFileAttributeView.class, NOFOLLOW_LINKS);
            if (!fileKey.equals(view.readAttributes().fileKey())) {
                throw new IOException(
                        "The file \"" + file + "\" is another than the one that was written there. Look for that one");
            }
            if (parent instanceof SecureDirectoryStream<Path> handle) {
                handle.deleteFile(file.getFileName());
            } else {
                Files.delete(file);
            }
        } catch (NoSuchFileException e) {
            keep(new IOException(
                    "The file \"" + file + "\" is not there any more. Somebody moved it, or deleted it", e));
        } catch (IOException e) {
            keep(e);
        }
    }

    private void deleteTree(Entry root) throws IOException {
        try (SecureDirectoryStream<Path> top = open(root)) {
            do {
                movedUp = false;
                empty(root, top);
            } while (movedUp && isInTime());
        }
        root.in().deleteDirectory(root.name());
    }

    /** Empties a directory, files first: they are what must not be left, and a directory may belong to another user. */
    private void empty(Entry directory, SecureDirectoryStream<Path> top) throws IOException {
        List<Entry> directories = new ArrayList<>();
        try (SecureDirectoryStream<Path> children = open(directory)) {
            forEach(children, directory, child -> {
                if (!child.isDirectory()) {
                    child.in().deleteFile(child.name());
                } else if (directories.size() < MANY) {
                    directories.add(child);
                }
            });
            directories.forEach(child -> attempt(() -> delete(child, top)));
        }
        if (directories.size() == MANY) {
            try (SecureDirectoryStream<Path> children = open(directory)) {
                forEach(children, directory, child -> delete(child, top));
            }
        }
    }

    private void delete(Entry entry, SecureDirectoryStream<Path> top) throws IOException {
        if (!entry.isDirectory()) {
            entry.in().deleteFile(entry.name());
        } else if (entry.level() > MAX_LEVELS) {
            moveUp(entry, top);
        } else {
            // Another user's may be one that can't be entered, and that can be removed if it is empty.
            attempt(() -> empty(entry, top));
            entry.in().deleteDirectory(entry.name());
        }
    }

    private void moveUp(Entry directory, SecureDirectoryStream<Path> top) throws IOException {
        // Opening it makes it writable, which one that is moved must be.
        open(directory).close();
        byte[] name = new byte[RANDOM_BYTES];
        random.nextBytes(name);
        directory.in().move(directory.name(), top, Path.of(HexFormat.of().formatHex(name)));
        movedUp = true;
    }

    private void forEach(SecureDirectoryStream<Path> children, Entry directory, Visit visit) {
        try {
            for (Path child : children) {
                if (!isInTime()) {
                    keep(new IOException("Its deletion has taken " + LIMIT.toMinutes()
                            + " minutes. Look whether somebody still puts files there"));
                    return;
                }
                attempt(() -> visit.take(directory.child(children, child)));
            }
        } catch (DirectoryIteratorException e) {
            keep(new IOException(e));
        }
    }

    private void attempt(Step step) {
        try {
            step.take();
        } catch (NoSuchFileException e) {
            // Somebody else deleted it.
        } catch (IOException e) {
            keep(e);
        }
    }

    private SecureDirectoryStream<Path> open(Entry directory) throws IOException {
        try {
            return openAsItIs(directory);
        } catch (AccessDeniedException e) {
            // One that even its owner can't read has no handle.
            Files.setPosixFilePermissions(directory.path(), OWNER);
            return openAsItIs(directory);
        }
    }

    /** Opens a directory, which a link may have replaced meanwhile: then it is refused. */
    private SecureDirectoryStream<Path> openAsItIs(Entry directory) throws IOException {
        SecureDirectoryStream<Path> handle =
                directory.in().newDirectoryStream(directory.name().resolve(ITSELF));
        boolean same = false;
        try {
            PosixFileAttributeView view = handle.getFileAttributeView(PosixFileAttributeView.class);
            PosixFileAttributes attributes = view.readAttributes();
            same = Objects.equals(directory.fileKey(), attributes.fileKey());
            if (!same) {
                throw new IOException("Somebody has put something else in the place of the directory \""
                        + directory.name() + "\" while it was being deleted");
            }
            if (!attributes.permissions().containsAll(OWNER)) {
                makeWritable(view);
            }
            return handle;
        } finally {
            if (!same) {
                handle.close();
            }
        }
    }

    /** A tool may leave a directory that even its owner can't empty, such as a read-only module cache. */
    private void makeWritable(PosixFileAttributeView directory) {
        try {
            directory.setPermissions(OWNER);
        } catch (IOException e) {
            keep(e);
        }
    }

    /** For file systems without handles of directories. */
    private void deleteByPaths(Path root) {
        try (Stream<Path> all = Files.walk(root)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        } catch (IOException e) {
            keep(e);
        } catch (UncheckedIOException e) {
            keep(new IOException(e));
        }
    }

    private static Path parentOf(Path path) {
        return Objects.requireNonNull(path.getParent(), "No run's file is a root")
                .resolve(ITSELF);
    }

    private boolean isInTime() {
        return System.nanoTime() < deadline;
    }

    private void keep(IOException e) {
        if (failure == null) {
            failure = e;
        }
    }

    /** What may fail without an end to the rest. */
    @FunctionalInterface
    private interface Step {
        void take() throws IOException;
    }

    /** What is done with each entry of a directory. */
    @FunctionalInterface
    private interface Visit {
        void take(Entry entry) throws IOException;
    }

    /**
     * What has a name in a directory, as it was found there.
     *
     * @param path where it is, for what can't be done by a handle
     * @param level how far below the root
     */
    private record Entry(
            SecureDirectoryStream<Path> in,
            Path name,
            Path path,
            int level,
            boolean isDirectory,
            @Nullable Object fileKey) {
        static Entry of(SecureDirectoryStream<Path> in, Path name, Path path, int level) throws IOException {
            BasicFileAttributes attributes = in.getFileAttributeView(name, BasicFileAttributeView.class, NOFOLLOW_LINKS)
                    .readAttributes();
            return new Entry(in, name, path, level, attributes.isDirectory(), attributes.fileKey());
        }

        Entry child(SecureDirectoryStream<Path> handle, Path child) throws IOException {
            Path childName = Objects.requireNonNull(child.getFileName(), "An entry has a name");
            return of(handle, childName, path.resolve(childName), level + 1);
        }
    }
}
