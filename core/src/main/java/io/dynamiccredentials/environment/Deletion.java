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
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Deletes what it can and remembers what it can't. Goes from directory to directory by handles and not by paths, since
 * whoever still runs could put a link in the place of a directory meanwhile. Not safe for use by several threads.
 */
final class Deletion {
    private static final Set<PosixFilePermission> OWNER = PosixFilePermissions.fromString("rwx------");

    private @Nullable IOException failure;

    Optional<IOException> failure() {
        return Optional.ofNullable(failure);
    }

    /** Deletes a directory and all that is in it. */
    void deleteTree(Path root) {
        try (DirectoryStream<Path> parent = Files.newDirectoryStream(parentOf(root))) {
            if (parent instanceof SecureDirectoryStream<Path> handle) {
                delete(handle, root.getFileName(), root);
            } else {
                deleteByPaths(root);
            }
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

    private void delete(SecureDirectoryStream<Path> in, Path name, Path path) {
        try {
            if (attributes(in, name).isDirectory()) {
                empty(in, name, path);
                in.deleteDirectory(name);
            } else {
                in.deleteFile(name);
            }
        } catch (NoSuchFileException e) {
            // Somebody else deleted it.
        } catch (IOException e) {
            keep(e);
        }
    }

    /** Empties a directory, files first: they are what must not be left, and a directory may belong to another user. */
    private void empty(SecureDirectoryStream<Path> in, Path name, Path path) throws IOException {
        makeWritable(in, name, path);
        List<Path> directories = new ArrayList<>();
        try (SecureDirectoryStream<Path> children = in.newDirectoryStream(name, NOFOLLOW_LINKS)) {
            for (Path child : children) {
                Path childName = Objects.requireNonNull(child.getFileName());
                if (attributes(children, childName).isDirectory()) {
                    directories.add(childName);
                } else {
                    delete(children, childName, path.resolve(childName));
                }
            }
            directories.forEach(directory -> delete(children, directory, path.resolve(directory)));
        } catch (DirectoryIteratorException e) {
            keep(new IOException(e));
        }
    }

    /** A tool may leave a directory that even its owner can't empty, such as a read-only module cache. */
    private void makeWritable(SecureDirectoryStream<Path> in, Path name, Path path) {
        try {
            in.getFileAttributeView(name, PosixFileAttributeView.class, NOFOLLOW_LINKS)
                    .setPermissions(OWNER);
        } catch (AccessDeniedException e) {
            // One that even its owner can't read has no handle.
            makeWritable(path);
        } catch (IOException e) {
            keep(e);
        }
    }

    private void makeWritable(Path directory) {
        try {
            Files.setPosixFilePermissions(directory, OWNER);
        } catch (IOException e) {
            keep(e);
        }
    }

    private static BasicFileAttributes attributes(SecureDirectoryStream<Path> in, Path name) throws IOException {
        return in.getFileAttributeView(name, BasicFileAttributeView.class, NOFOLLOW_LINKS)
                .readAttributes();
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
        return Objects.requireNonNull(path.getParent(), "No run's file is a root");
    }

    private void keep(IOException e) {
        if (failure == null) {
            failure = e;
        } else {
            failure.addSuppressed(e);
        }
    }
}
