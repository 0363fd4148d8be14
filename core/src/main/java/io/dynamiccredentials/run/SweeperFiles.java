package io.dynamiccredentials.run;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;

import io.dynamiccredentials.journal.LeaseFact.OutsideFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Objects;

/** Deletes files that a run had outside its directory, if they are the very ones. */
final class SweeperFiles {
    private SweeperFiles() {}

    /**
     * Deletes a file and returns whether it was there. Of one that was about to be created only an empty file is: what
     * holds something was there before.
     *
     * @throws IllegalStateException if another file is at its path
     * @throws UncheckedIOException if it can't be deleted
     */
    static boolean delete(OutsideFile outside) {
        Path file = Path.of(outside.path());
        Path parent = file.getParent();
        if (parent == null || !file.isAbsolute()) {
            throw new IllegalStateException("A run's file has an absolute path; it was \"" + file + "\"");
        }
        // By a handle of the directory: whoever may write there could put a link in its place meanwhile. Or a pipe,
        // whose
        // opening would wait for ever, and below which there is nothing.
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(parent.resolve("."))) {
            return entries instanceof SecureDirectoryStream<Path> handle
                    ? delete(handle, Objects.requireNonNull(file.getFileName()), outside)
                    : deleteByPath(file, outside);
        } catch (NoSuchFileException e) {
            return false;
        } catch (IOException e) {
            throw new UncheckedIOException("The run's file \"" + file + "\" can't be deleted. Delete it by hand", e);
        }
    }

    private static boolean delete(SecureDirectoryStream<Path> in, Path name, OutsideFile outside) throws IOException {
        if (!isIt(in.getFileAttributeView(name, BasicFileAttributeView.class, NOFOLLOW_LINKS), outside)) {
            return false;
        }
        in.deleteFile(name);
        return true;
    }

    private static boolean deleteByPath(Path file, OutsideFile outside) throws IOException {
        if (!isIt(Files.getFileAttributeView(file, BasicFileAttributeView.class, NOFOLLOW_LINKS), outside)) {
            return false;
        }
        Files.delete(file);
        return true;
    }

    private static boolean isIt(BasicFileAttributeView view, OutsideFile outside) throws IOException {
        BasicFileAttributes there = view.readAttributes();
        if (outside.fileKey().isEmpty()) {
            return there.isRegularFile() && there.size() == 0;
        }
        if (!outside.fileKey().get().equals(String.valueOf(there.fileKey()))) {
            throw new IllegalStateException("The file \"" + outside.path()
                    + "\" is another than the one that was written there. Look for that one");
        }
        return true;
    }
}
