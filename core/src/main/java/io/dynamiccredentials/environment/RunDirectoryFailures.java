package io.dynamiccredentials.environment;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;

/** Says why a run's directory can't be created. */
final class RunDirectoryFailures {
    private RunDirectoryFailures() {}

    static IllegalStateException inUse(Path directory) {
        return new IllegalStateException("The directory of this run's files must not exist yet; \"" + directory
                + "\" does. Another lease of this run is open, or a process left it behind when it crashed. Close the "
                + "lease; or call DynamicCredentials.sweep(), or without a journal delete the directory once no "
                + "process uses it");
    }

    static UncheckedIOException notPosix(Path parent, UnsupportedOperationException e) {
        return new UncheckedIOException(new IOException(
                "Secret files need a POSIX file system with owner permissions; \"" + parent + "\" is on another", e));
    }

    static UncheckedIOException notCreated(Path parent, IOException e) {
        return new UncheckedIOException(
                "No private directory can be created below \"" + parent
                        + "\". Check that it exists and that this process may write there",
                e);
    }
}
