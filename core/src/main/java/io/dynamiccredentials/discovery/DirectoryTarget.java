package io.dynamiccredentials.discovery;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.nio.file.LinkOption.NOFOLLOW_LINKS;
import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.Set;

/**
 * A web root on a POSIX file system.
 *
 * @param root an absolute path without dots
 */
record DirectoryTarget(Path root) implements SiteTarget {
    private static final Set<PosixFilePermission> FILE_MODE = PosixFilePermissions.fromString("rw-r--r--");
    private static final Set<PosixFilePermission> DIRECTORY_MODE = PosixFilePermissions.fromString("rwxr-xr-x");

    static DirectoryTarget of(Path root) {
        if (!Files.isDirectory(root)) {
            throw new IllegalArgumentException("The root of a static site must be a directory that exists; \"" + root
                    + "\" is not. Create it, or correct the path");
        }
        if (!root.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            throw new IllegalArgumentException("The root of a static site must be on a POSIX file system, so that the "
                    + "files can be made readable for all; \"" + root + "\" is on another");
        }
        return new DirectoryTarget(root.toAbsolutePath().normalize());
    }

    @Override
    public boolean put(SiteFile file) {
        Path path = root.resolve(file.path()).normalize();
        if (!path.startsWith(root) || path.equals(root)) {
            throw new IllegalArgumentException("A file of a static site must be below its root \"" + root
                    + "\"; its path was \"" + file.path() + "\"");
        }
        byte[] bytes = file.content().getBytes(UTF_8);
        try {
            if (isThere(path, bytes)) {
                return false;
            }
            replace(path, bytes);
            return true;
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "The file \"" + path + "\" of the static site can't be written. Check that this process may write"
                            + " there and that nothing else is in its place",
                    e);
        }
    }

    private static boolean isThere(Path path, byte[] bytes) throws IOException {
        return Files.isRegularFile(path, NOFOLLOW_LINKS)
                && Files.getPosixFilePermissions(path).equals(FILE_MODE)
                && Files.size(path) == bytes.length
                && Arrays.equals(Files.readAllBytes(path), bytes);
    }

    private void replace(Path path, byte[] bytes) throws IOException {
        Path directory = createDirectories(path);
        // In the same directory, since only a move within one file system is atomic.
        Path temporary = Files.createTempFile(directory, ".", ".tmp");
        try {
            write(temporary, bytes);
            Files.move(temporary, path, ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(temporary);
        }
        sync(directory);
    }

    private static void write(Path file, byte[] bytes) throws IOException {
        try (FileChannel channel = FileChannel.open(file, WRITE)) {
            ByteBuffer rest = ByteBuffer.wrap(bytes);
            while (rest.hasRemaining()) {
                channel.write(rest);
            }
            // Set afterwards, since a mode given at creation is cut by the process's umask.
            Files.setPosixFilePermissions(file, FILE_MODE);
            channel.force(true);
        }
    }

    /** Creates what is missing between the root and {@code path}, and returns the directory that {@code path} is in. */
    private Path createDirectories(Path path) throws IOException {
        Path directory = root;
        Path below = root.relativize(path);
        for (int i = 0; i < below.getNameCount() - 1; i++) {
            Path parent = directory;
            directory = parent.resolve(below.getName(i));
            if (!Files.isDirectory(directory)) {
                // Tolerates that another process was faster.
                Files.createDirectories(directory);
                Files.setPosixFilePermissions(directory, DIRECTORY_MODE);
                sync(parent);
            }
        }
        return directory;
    }

    /** Makes the entries of a directory durable, which forcing a file does not do. */
    private static void sync(Path directory) throws IOException {
        try (FileChannel channel = FileChannel.open(directory, READ)) {
            channel.force(true);
        }
    }
}
