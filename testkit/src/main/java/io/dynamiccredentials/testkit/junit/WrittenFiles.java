package io.dynamiccredentials.testkit.junit;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads files that were written lately. */
final class WrittenFiles {
    private static final long MAX_BYTES = 64L * 1024 * 1024;

    private WrittenFiles() {}

    /**
     * Returns the texts of the files below {@code directory} that were written since {@code start}, by their paths.
     * What is gone meanwhile or can't be read is left out, since others may be at work there.
     */
    static Map<Path, String> since(Instant start, Path directory) {
        Map<Path, String> texts = new LinkedHashMap<>();
        // Clocks of file systems may be coarser and behind by some milliseconds.
        Instant from = start.minusSeconds(1);
        try {
            Files.walkFileTree(directory, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                    if (attributes.isRegularFile()
                            && attributes.size() <= MAX_BYTES
                            && !attributes.lastModifiedTime().toInstant().isBefore(from)) {
                        read(file, texts);
                    }
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult visitFileFailed(Path file, IOException failure) {
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult postVisitDirectory(Path each, @Nullable IOException failure) {
                    return FileVisitResult.CONTINUE;
                }
            });
        } catch (IOException e) {
            throw new UncheckedIOException("The files below \"" + directory + "\" can't be looked at", e);
        }
        return texts;
    }

    private static void read(Path file, Map<Path, String> texts) {
        try {
            texts.put(file, Files.readString(file, ISO_8859_1));
        } catch (IOException e) {
            // Gone, or not ours to read.
            texts.remove(file);
        }
    }
}
