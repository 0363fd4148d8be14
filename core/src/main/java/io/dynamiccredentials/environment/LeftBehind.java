package io.dynamiccredentials.environment;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;

/**
 * The directory of a run whose process died. Immutable.
 *
 * <p>The same path may be another's by now: directories whose names follow from a run's are made again for it. Who
 * holds one is the target of a link in it, which leads nowhere: a link is made in one step with its text, and reading
 * it neither blocks nor follows it, whatever a run has put there. A run can mark its own as another's, so a mark saves
 * a directory and never counts as its deletion; of a name that is never made again no mark counts.
 */
public final class LeftBehind {
    private static final String HOLDER = ".held-by";

    private final Path directory;
    private final String holder;

    private LeftBehind(Path directory, String holder) {
        this.directory = directory;
        this.holder = holder;
    }

    /**
     * Names what {@code holder} left: the path must be as {@link RunDirectory} gives them.
     *
     * @throws IllegalArgumentException if {@code directory} can be none that it has created
     */
    public static LeftBehind of(Path directory, String holder) {
        if (directory.getParent() == null
                || !directory.isAbsolute()
                || !directory.equals(directory.normalize())
                || !String.valueOf(directory.getFileName()).startsWith(RunDirectory.PREFIX)) {
            throw new IllegalArgumentException("A run's directory has an absolute path whose last name begins with "
                    + "\"dynamic-credentials-\"; the path was \"" + directory
                    + "\". Look at it, and delete it by hand");
        }
        return new LeftBehind(directory, holder);
    }

    static void mark(Path directory, String holder) throws IOException {
        Files.createSymbolicLink(directory.resolve(HOLDER), Path.of(holder));
    }

    /** Tells whether the directory may be another holder's. One that nobody has marked is not. */
    public boolean isOfAnother() {
        return !String.valueOf(directory.getFileName()).startsWith(RunDirectory.ONCE)
                && marked().filter(mark -> !mark.equals(holder)).isPresent();
    }

    /**
     * Deletes the directory as {@link RunDirectory#close()} does, and returns whether it was there. Needs the right to
     * write beside it. Does nothing to what only looks like one: it must be a real directory of this process's user,
     * without symbolic links in its path.
     *
     * @throws IllegalArgumentException if it is not
     * @throws IllegalStateException if it is marked as another's
     * @throws UncheckedIOException if something is left
     */
    public boolean delete() {
        if (!Files.exists(directory, NOFOLLOW_LINKS)) {
            return false;
        }
        if (isOfAnother()) {
            throw new IllegalStateException(
                    "The run's directory \"" + directory + "\" is marked as another lease's: one of "
                            + "the same run has begun there, or the run itself has put the mark there. If no lease of this run is "
                            + "open, end its processes and delete it by hand");
        }
        // A new one shows as whom this process creates files.
        Path parent = Objects.requireNonNull(directory.getParent(), "of() refuses a root");
        try (RunDirectory own = RunDirectory.create(parent)) {
            boolean sameUser =
                    Files.getOwner(directory, NOFOLLOW_LINKS).equals(Files.getOwner(own.path(), NOFOLLOW_LINKS));
            if (!parent.equals(own.path().getParent()) || !Files.isDirectory(directory, NOFOLLOW_LINKS) || !sameUser) {
                throw new IllegalArgumentException("A run's directory is a real one of this process's user, without "
                        + "symbolic links in its path; \"" + directory
                        + "\" is not. Look at it, and delete it by hand");
            }
            RunDirectory.of(directory).close();
            return true;
        } catch (IOException e) {
            throw new UncheckedIOException("The run's directory \"" + directory + "\" can't be looked at", e);
        }
    }

    private Optional<String> marked() {
        try {
            return Optional.of(Files.readSymbolicLink(directory.resolve(HOLDER)).toString());
        } catch (IOException e) {
            // There is none, or the run has put something else in its place: then nobody else's is there either.
            return Optional.empty();
        }
    }
}
