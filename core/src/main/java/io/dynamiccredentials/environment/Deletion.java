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
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Deletes what it can and remembers what it can't. Goes from directory to directory by handles and not by paths, since
 * whoever still runs could put a link in the place of a directory meanwhile. Holds few handles and few names at a time,
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
                Entry entry = new Entry(handle, root.getFileName(), root, 0);
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
        forEachIn(directory, child -> {
            if (!child.isDirectory()) {
                child.in().deleteFile(child.name());
            }
        });
        forEachIn(directory, child -> delete(child, top));
    }

    private void delete(Entry entry, SecureDirectoryStream<Path> top) throws IOException {
        if (!entry.isDirectory()) {
            entry.in().deleteFile(entry.name());
        } else if (entry.level() > MAX_LEVELS) {
            moveUp(entry, top);
        } else {
            // Another user's may be one that can't be entered, and that can be removed if it is empty.
            attempt(each -> empty(each, top), entry);
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

    private void forEachIn(Entry directory, Step step) throws IOException {
        try (SecureDirectoryStream<Path> children = open(directory)) {
            for (Path child : children) {
                if (!isInTime()) {
                    keep(new IOException("Its deletion has taken " + LIMIT.toMinutes()
                            + " minutes. Look whether somebody still puts files there"));
                    return;
                }
                attempt(step, directory.child(children, child));
            }
        } catch (DirectoryIteratorException e) {
            keep(new IOException(e));
        }
    }

    private void attempt(Step step, Entry entry) {
        try {
            step.take(entry);
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
        Object fileKey = directory.attributes().fileKey();
        SecureDirectoryStream<Path> handle =
                directory.in().newDirectoryStream(directory.name().resolve(ITSELF));
        boolean same = false;
        try {
            BasicFileAttributeView view = handle.getFileAttributeView(BasicFileAttributeView.class);
            same = Objects.equals(fileKey, view.readAttributes().fileKey());
            if (!same) {
                throw new IOException("Somebody has put something else in the place of the directory \""
                        + directory.name() + "\" while it was being deleted");
            }
            makeWritable(handle);
            return handle;
        } finally {
            if (!same) {
                handle.close();
            }
        }
    }

    /** A tool may leave a directory that even its owner can't empty, such as a read-only module cache. */
    private void makeWritable(SecureDirectoryStream<Path> handle) {
        try {
            handle.getFileAttributeView(PosixFileAttributeView.class).setPermissions(OWNER);
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

    /** What is done with each entry of a directory. */
    @FunctionalInterface
    private interface Step {
        void take(Entry entry) throws IOException;
    }

    /**
     * What has a name in a directory.
     *
     * @param path where it is, for what can't be done by a handle
     * @param level how far below the root
     */
    private record Entry(SecureDirectoryStream<Path> in, Path name, Path path, int level) {
        BasicFileAttributes attributes() throws IOException {
            return in.getFileAttributeView(name, BasicFileAttributeView.class, NOFOLLOW_LINKS)
                    .readAttributes();
        }

        boolean isDirectory() throws IOException {
            return attributes().isDirectory();
        }

        Entry child(SecureDirectoryStream<Path> handle, Path child) {
            Path childName = Objects.requireNonNull(child.getFileName(), "An entry has a name");
            return new Entry(handle, childName, path.resolve(childName), level + 1);
        }
    }
}
