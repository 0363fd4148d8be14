package io.dynamiccredentials.environment;

import java.io.IOException;
import java.nio.file.Path;

/** A process that closes a run's directory. */
final class ClosingProcess {
    private ClosingProcess() {}

    /** Closes the directory {@code args[0]} and says so. */
    public static void main(String[] args) throws IOException {
        RunDirectory.of(Path.of(args[0])).close();
        System.out.println("closed");
    }
}
