package io.dynamiccredentials.verify;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.dynamiccredentials.wire.StrictJson;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The files of others that lie beside the repository. */
final class Vectors {
    private static final Path ROOT = Path.of("..", "..", "shared", "vectors");

    private Vectors() {}

    static JsonNode json(String file) {
        return StrictJson.parseObject(text(file));
    }

    /** Returns a file's text; without it the test is skipped. */
    static String text(String file) {
        Path path = ROOT.resolve(file);
        assumeTrue(
                Files.exists(path),
                () -> "SKIPPED: no vectors in " + path.toAbsolutePath().normalize());
        try {
            return Files.readString(path);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
