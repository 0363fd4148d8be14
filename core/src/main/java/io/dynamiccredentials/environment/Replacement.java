package io.dynamiccredentials.environment;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;
import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;

import io.dynamiccredentials.Secret;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Set;

/**
 * Puts a file in the place of another, in one step. Works by a handle of the directory where the file system has them:
 * whoever runs in the run's name could put a link in the directory's place.
 *
 * @param directory the directory
 * @param fileKey what the file system knew the directory by when it was created
 * @param mode the mode of the file from its first instant
 */
record Replacement(Path directory, Object fileKey, FileAttribute<Set<PosixFilePermission>> mode) {
    private static final int RANDOM_BYTES = 8;

    /** Replaces {@code file}, which is in the directory. */
    void replace(Path file, Secret content) throws IOException {
        Path name = file.getFileName();
        Path temporary = Path.of("." + name + "." + random());
        boolean interrupted = Thread.interrupted();
        try (DirectoryStream<Path> stream = Files.newDirectoryStream(itself())) {
            if (stream instanceof SecureDirectoryStream<Path> handle) {
                requireSame(handle.getFileAttributeView(BasicFileAttributeView.class));
                replace(handle, temporary, name, content);
            } else {
                requireSame(Files.getFileAttributeView(itself(), BasicFileAttributeView.class));
                replaceByPath(directory.resolve(temporary), file, content);
            }
            forceDirectory();
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private void replace(SecureDirectoryStream<Path> handle, Path temporary, Path name, Secret content)
            throws IOException {
        SeekableByteChannel created = handle.newByteChannel(temporary, Set.of(CREATE_NEW, WRITE), mode);
        boolean moved = false;
        try {
            try (SeekableByteChannel channel = created) {
                write(channel, content);
            }
            handle.move(temporary, handle, name);
            moved = true;
        } finally {
            if (!moved) {
                handle.deleteFile(temporary);
            }
        }
    }

    private void replaceByPath(Path temporary, Path file, Secret content) throws IOException {
        FileChannel created = FileChannel.open(temporary, Set.of(CREATE_NEW, WRITE), mode);
        try {
            try (FileChannel channel = created) {
                write(channel, content);
            }
            Files.move(temporary, file, ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(temporary);
        }
    }

    private static void write(SeekableByteChannel channel, Secret content) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(content.reveal().getBytes(UTF_8));
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
        if (channel instanceof FileChannel file) {
            file.force(true);
        }
    }

    private void requireSame(BasicFileAttributeView view) throws IOException {
        if (!fileKey.equals(view.readAttributes().fileKey())) {
            throw new IllegalStateException("The run's directory \"" + directory
                    + "\" is another than the one that was created. Somebody put it there: close the lease, and look at "
                    + "what the run did");
        }
    }

    private void forceDirectory() throws IOException {
        try (FileChannel channel = FileChannel.open(itself(), READ)) {
            channel.force(true);
        }
    }

    /**
     * Opening a pipe that somebody has put in the directory's place would wait for ever; below a pipe there is nothing.
     */
    private Path itself() {
        return directory.resolve(".");
    }

    private static String random() {
        byte[] bytes = new byte[RANDOM_BYTES];
        new SecureRandom().nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }
}
