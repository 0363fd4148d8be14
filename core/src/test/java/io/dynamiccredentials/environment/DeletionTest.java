package io.dynamiccredentials.environment;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.dynamiccredentials.fixtures.ChildJvm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class DeletionTest {
    @TempDir
    Path temporary;

    @Test
    @Timeout(60)
    void deleteTree_fiveThousandLevelsAndFewHandles_isGone() throws Exception {
        Path root = deep(5_000);
        List<String> command = ChildJvm.lean(List.of(RunDirectory.class), ClosingProcess.class, root.toString());
        Process closing =
                new ProcessBuilder(limited(command)).redirectErrorStream(true).start();

        assertThat(new String(closing.getInputStream().readAllBytes(), UTF_8)).isEqualTo("closed\n");
        assertThat(temporary).isEmptyDirectory();
    }

    @Test
    @Timeout(60)
    void deleteTree_manyDirectoriesAndFiles_areGone() throws Exception {
        Path root = Files.createDirectory(temporary.resolve("root"));
        for (int i = 0; i < 1_000; i++) {
            Files.createDirectories(root.resolve("d" + i + "/e"));
            Files.createFile(root.resolve("f" + i));
        }

        assertGone(root);
    }

    @Test
    void deleteTree_deepDirectoryThatItsOwnerMayNotChange_isGone() throws Exception {
        Path root = deep(40);
        for (int level = 39; level > 0; level--) {
            Path locked = root.resolve("d/".repeat(level));
            Files.setPosixFilePermissions(locked, PosixFilePermissions.fromString("r-x------"));
        }
        Files.setPosixFilePermissions(root, PosixFilePermissions.fromString("---------"));

        assertGone(root);
    }

    @Test
    @Timeout(10)
    void deleteFile_pipeInPlaceOfItsDirectory_failsAtOnce() throws Exception {
        Path work = temporary.resolve("work");
        assertThat(new ProcessBuilder("mkfifo", work.toString()).start().waitFor())
                .isZero();
        Deletion deletion = new Deletion();

        deletion.deleteFile(work.resolve("inputs.json"), "key");

        assertThat(deletion.failure()).isPresent();
    }

    private static void assertGone(Path root) {
        Deletion deletion = new Deletion();
        deletion.deleteTree(root);
        assertThat(deletion.failure()).isEmpty();
        assertThat(root).doesNotExist();
    }

    private static List<String> limited(List<String> command) {
        List<String> limited = new ArrayList<>(List.of("sh", "-c", "ulimit -n 48 && exec \"$@\"", "sh"));
        limited.addAll(command);
        return limited;
    }

    /** Makes it from its innermost directory on, since a path to that one would be too long. */
    private Path deep(int levels) throws IOException {
        Path root = Files.createDirectory(temporary.resolve("0"));
        Files.createFile(root.resolve("file"));
        for (int i = 1; i < levels; i++) {
            Path outer = Files.createDirectory(temporary.resolve(Integer.toString(i)));
            Files.move(root, outer.resolve("d"));
            root = outer;
        }
        return root;
    }
}
