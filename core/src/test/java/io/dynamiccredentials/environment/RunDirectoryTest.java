package io.dynamiccredentials.environment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.dynamiccredentials.Secret;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RunDirectoryTest {
    @TempDir
    Path parent;

    @Test
    void create_directory_isPrivate() throws Exception {
        RunDirectory directory = RunDirectory.create(parent);

        assertThat(directory.path()).hasParent(parent.toRealPath()).isAbsolute();
        assertThat(mode(directory.path())).isEqualTo("rwx------");
    }

    @Test
    void write_file_isPrivateAndWhole() throws Exception {
        Path file = RunDirectory.create(parent).write("aws-token", Secret.of("s3cret-ä"));

        assertThat(file).isAbsolute().hasContent("s3cret-ä");
        assertThat(mode(file)).isEqualTo("rw-------");
    }

    @Test
    void write_existingFile_isRefused() {
        RunDirectory directory = RunDirectory.create(parent);
        directory.write("a", Secret.of("1"));

        assertThatThrownBy(() -> directory.write("a", Secret.of("2"))).isInstanceOf(UncheckedIOException.class);
        assertThat(directory.path().resolve("a")).hasContent("1");
    }

    @Test
    void write_linkInTheWay_isNotFollowed() throws Exception {
        RunDirectory directory = RunDirectory.create(parent);
        Path target = parent.resolve("target");
        Files.createSymbolicLink(directory.path().resolve("a"), target);

        assertThatThrownBy(() -> directory.write("a", Secret.of("2"))).isInstanceOf(UncheckedIOException.class);
        assertThat(target).doesNotExist();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "..", ".hidden", "a/b", "/etc/passwd", "A", "a b", "a\u0000"})
    void write_badName_isRefused(String name) {
        RunDirectory directory = RunDirectory.create(parent);

        assertThatThrownBy(() -> directory.write(name, Secret.of("x")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("\"" + name + "\"");
    }

    @Test
    void create_byName_hasTheSamePathEachTime() {
        RunDirectory first = RunDirectory.create(parent, "acme:run-1");
        Path path = first.path();

        assertThat(path.getFileName().toString()).matches("dynamic-credentials-[0-9a-f]{32}");
        assertThatThrownBy(() -> RunDirectory.create(parent, "acme:run-1"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("\"" + path + "\" does");
        first.close();
        assertThat(RunDirectory.create(parent, "acme:run-1").path()).isEqualTo(path);
        assertThat(RunDirectory.create(parent, "acme:run-2").path()).isNotEqualTo(path);
    }

    @Test
    void create_byNameWhereALinkWaits_isRefused() throws Exception {
        Path path = RunDirectory.create(parent, "acme:run-1").path();
        Files.delete(path);
        Path target = Files.createDirectory(parent.resolve("target"));
        Files.createSymbolicLink(path, target);

        assertThatThrownBy(() -> RunDirectory.create(parent, "acme:run-1")).isInstanceOf(IllegalStateException.class);
        assertThat(target).isEmptyDirectory();
    }

    @Test
    void writeOutside_file_isGoneWithTheDirectory() throws Exception {
        RunDirectory directory = RunDirectory.create(parent);
        Path file = parent.resolve("inputs.json");
        directory.writeOutside(file, Secret.of("{}"), key -> {});
        assertThat(mode(file)).isEqualTo("rw-------");

        directory.close();

        assertThat(file).doesNotExist();
    }

    @Test
    void writeOutside_interruptedThread_writesAllTheSame() throws Exception {
        RunDirectory directory = RunDirectory.create(parent);
        Path file = parent.resolve("inputs.json");
        Thread.currentThread().interrupt();
        directory.writeOutside(file, Secret.of("{}"), key -> {});

        assertThat(Thread.interrupted()).isTrue();
        assertThat(file).hasContent("{}");
    }

    @Test
    void close_fileOutsideWasMovedAndReplaced_leavesTheStrangerAndSaysSo() throws Exception {
        RunDirectory directory = RunDirectory.create(parent);
        Path work = Files.createDirectory(parent.resolve("work"));
        directory.writeOutside(work.resolve("inputs.json"), Secret.of("{}"), key -> {});
        Files.move(work, parent.resolve("moved"));
        Path foreign = Files.createDirectories(parent.resolve("foreign/inputs.json/tree"));
        Files.createSymbolicLink(work, parent.resolve("foreign"));

        assertThatThrownBy(directory::close)
                .isInstanceOf(UncheckedIOException.class)
                .hasRootCauseMessage("The file \"" + work.resolve("inputs.json")
                        + "\" is another than the one that was written there. Look for that one");
        assertThat(foreign).isDirectory();
        assertThat(directory.path()).doesNotExist();
    }

    @Test
    void close_fileOutsideIsGone_isSaid() throws Exception {
        RunDirectory directory = RunDirectory.create(parent);
        Path file = parent.resolve("inputs.json");
        directory.writeOutside(file, Secret.of("{}"), key -> {});
        Files.delete(file);

        assertThatThrownBy(directory::close)
                .isInstanceOf(UncheckedIOException.class)
                .hasStackTraceContaining("is not there any more");
        assertThat(directory.path()).doesNotExist();
    }

    @Test
    void close_directoryBecomesALinkMeanwhile_leavesItsTarget() throws Exception {
        Path foreign = Files.createDirectory(parent.resolve("foreign"));
        for (int i = 0; i < 2000; i++) {
            Files.createFile(foreign.resolve("f" + i));
        }
        RunDirectory directory = RunDirectory.create(parent);
        Path home = directory.createDirectory("home");
        Path inside = Files.createDirectory(home.resolve("d"));
        for (int i = 0; i < 2000; i++) {
            Files.createFile(inside.resolve("f" + i));
        }
        Thread swapper = new Thread(() -> {
            try {
                while (Files.exists(inside.resolve("f1999")) && Files.exists(inside.resolve("f0"))) {
                    Thread.onSpinWait();
                }
                Files.move(inside, home.resolve("e"));
                Files.createSymbolicLink(inside, foreign);
            } catch (IOException e) {
                // Too late: it was gone.
            }
        });
        swapper.start();
        try {
            directory.close();
        } catch (UncheckedIOException e) {
            // Somebody put something there meanwhile: that it is left is said.
        }
        swapper.join();

        assertThat(foreign).isDirectoryContaining(file -> true);
        try (Stream<Path> files = Files.list(foreign)) {
            assertThat(files.count()).isEqualTo(2000);
        }
    }

    @Test
    void close_anotherDirectoryInItsPlace_leavesItAndSaysSo() throws Exception {
        RunDirectory directory = RunDirectory.create(parent);
        directory.write("vault-token", Secret.of("1"));
        Path moved = Files.move(directory.path(), parent.resolve("moved"));
        Files.createDirectory(directory.path());

        assertThatThrownBy(directory::close)
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("another is in its place");
        assertThat(directory.path()).isDirectory();
        assertThat(moved.resolve("vault-token")).exists();
    }

    @Test
    void close_everything_isGoneAndASecondCallIsQuiet() throws Exception {
        RunDirectory directory = RunDirectory.create(parent);
        directory.write("a", Secret.of("1"));
        Path home = directory.createDirectory("home");
        Path locked = Files.createDirectory(home.resolve("cache"));
        Files.writeString(locked.resolve("module"), "x");
        Files.setPosixFilePermissions(locked, PosixFilePermissions.fromString("r-x------"));

        directory.close();
        directory.close();

        assertThat(directory.path()).doesNotExist();
        assertThat(parent).isEmptyDirectory();
    }

    @Test
    void close_somethingCantBeDeleted_theRestIsGoneAndItIsSaid() throws Exception {
        assumeFalse("root".equals(System.getProperty("user.name")), "SKIPPED: root can delete everything");
        RunDirectory directory = RunDirectory.create(parent);
        directory.write("zzz-token", Secret.of("1"));
        directory.createDirectory("aaa");
        // A directory that its owner may not change stands for one of another user.
        Files.setPosixFilePermissions(directory.path(), PosixFilePermissions.fromString("r-x------"));
        Files.setPosixFilePermissions(parent, PosixFilePermissions.fromString("r-x------"));
        try {
            assertThatThrownBy(directory::close)
                    .isInstanceOf(UncheckedIOException.class)
                    .hasMessageContaining(directory.path().toString());
            assertThat(directory.path().resolve("zzz-token")).doesNotExist();
        } finally {
            Files.setPosixFilePermissions(parent, PosixFilePermissions.fromString("rwx------"));
        }
    }

    @Test
    void close_linkOutOfTheDirectory_leavesItsTarget() throws Exception {
        RunDirectory directory = RunDirectory.create(parent);
        Path outside = Files.createDirectory(parent.resolve("outside"));
        Files.writeString(outside.resolve("keep"), "x");
        Files.createSymbolicLink(directory.path().resolve("link"), outside);

        directory.close();

        assertThat(outside.resolve("keep")).exists();
    }

    @Test
    void create_absentParent_isRefused() {
        Path absent = parent.resolve("absent");

        assertThatThrownBy(() -> RunDirectory.create(absent))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining(absent.toString());
    }

    private static String mode(Path path) throws Exception {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }
}
