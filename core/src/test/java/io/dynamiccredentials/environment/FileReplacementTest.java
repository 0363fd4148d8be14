package io.dynamiccredentials.environment;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dynamiccredentials.Secret;
import io.dynamiccredentials.fixtures.ChildJvm;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class FileReplacementTest {
    private static final int READS = 10_000;
    private static final int VERSIONS = 50;

    @TempDir
    Path parent;

    private RunDirectory directory;

    @BeforeEach
    void create() {
        directory = RunDirectory.create(parent);
    }

    @Test
    void replace_file_isTheNewOneWithItsMode() throws IOException {
        Path file = directory.write("token", Secret.of("old"));

        assertThat(directory.replace("token", Secret.of("new"))).isEqualTo(file);
        assertThat(file).hasContent("new");
        assertThat(mode(file)).isEqualTo("rw-------");
        assertThat(names()).containsExactly("token");
    }

    @Test
    void replace_childReadsAllTheTime_seesWholeOwnFilesOnly() throws Exception {
        Path file = directory.write("token", Secret.of(FileWitness.version(1)));
        Process witness = new ProcessBuilder(ChildJvm.command(
                        FileWitness.class, file.toString(), Integer.toString(READS), Integer.toString(VERSIONS)))
                .redirectErrorStream(true)
                .start();
        int version = 1;
        while (witness.isAlive()) {
            directory.replace("token", Secret.of(FileWitness.version(++version)));
        }

        List<String> said = new String(witness.getInputStream().readAllBytes(), UTF_8)
                .lines()
                .toList();
        assertThat(said).singleElement().asString().startsWith("versions ");
        assertThat(Integer.parseInt(said.get(0).substring("versions ".length())))
                .isGreaterThan(20);
        assertThat(names()).containsExactly("token");
    }

    @Test
    void replace_linkInThePlaceOfTheFile_isReplacedAndItsTargetLeftAlone() throws IOException {
        Path target = Files.writeString(parent.resolve("target"), "precious");
        Path file = directory.write("token", Secret.of("old"));
        Files.delete(file);
        Files.createSymbolicLink(file, target);

        directory.replace("token", Secret.of("new"));

        assertThat(target).hasContent("precious");
        assertThat(file).isRegularFile().hasContent("new");
    }

    @Test
    void replace_anotherDirectoryInItsPlace_writesNothing() throws IOException {
        directory.write("token", Secret.of("old"));
        Path trap = Files.createDirectory(parent.resolve("trap"));
        Files.move(directory.path(), parent.resolve("moved"));
        Files.createSymbolicLink(directory.path(), trap);

        assertThatThrownBy(() -> directory.replace("token", Secret.of("new")))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("is another than the one that was created");
        assertThat(trap).isEmptyDirectory();
    }

    @Test
    @Timeout(10)
    void replace_pipeInItsPlace_failsAtOnceAndCloseToo() throws Exception {
        directory.write("token", Secret.of("old"));
        Path moved = Files.move(directory.path(), parent.resolve("moved"));
        makePipe(directory.path());

        assertThatThrownBy(() -> directory.replace("token", Secret.of("new")))
                .isInstanceOf(UncheckedIOException.class)
                .hasCauseInstanceOf(NotDirectoryException.class);
        assertThatThrownBy(directory::close).isInstanceOf(UncheckedIOException.class);
        assertThat(moved.resolve("token")).hasContent("old");
    }

    @Test
    @Timeout(30)
    void close_fileIsBeingWritten_deletesAfterAWhileAndSaysSo() throws Exception {
        CountDownLatch writing = new CountDownLatch(1);
        CountDownLatch closed = new CountDownLatch(1);
        CompletableFuture<Void> writer = CompletableFuture.runAsync(() -> writeUntil(writing, closed));
        writing.await();
        Thread.currentThread().interrupt();

        assertThatThrownBy(directory::close)
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("was still being written");
        assertThat(Thread.interrupted()).isTrue();
        assertThat(directory.path()).doesNotExist();
        closed.countDown();
        writer.join();
    }

    private void writeUntil(CountDownLatch writing, CountDownLatch closed) {
        try {
            directory.writeOutside(parent.resolve("inputs.json"), Secret.of("{}"), key -> {
                writing.countDown();
                await(closed);
            });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void makePipe(Path path) throws Exception {
        assertThat(new ProcessBuilder("mkfifo", path.toString()).start().waitFor())
                .isZero();
    }

    @Test
    void replace_interruptedThread_replacesAllTheSame() {
        Path file = directory.write("token", Secret.of("old"));
        Thread.currentThread().interrupt();

        directory.replace("token", Secret.of("new"));

        assertThat(Thread.interrupted()).isTrue();
        assertThat(file).hasContent("new");
    }

    @Test
    void replace_directoryInThePlaceOfTheFile_failsAndLeavesNoSecret() throws IOException {
        Path file = directory.write("token", Secret.of("old"));
        Files.delete(file);
        Files.createDirectories(file.resolve("full"));

        assertThatThrownBy(() -> directory.replace("token", Secret.of("new")))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("\"token\" can't be replaced");
        assertThat(names()).containsExactly("token");
    }

    @Test
    void replace_closed_isRefusedAndNothingComesBack() {
        directory.write("token", Secret.of("old"));
        directory.close();

        assertThatThrownBy(() -> directory.replace("token", Secret.of("new")))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("is closed");
        assertThat(parent).isEmptyDirectory();
    }

    @Test
    void linkAtHome_fileIsReplaced_leadsToTheNewOne() {
        Path file = directory.write("vault-token", Secret.of("old"));
        directory.linkAtHome(".vault-token", file);

        directory.replace("vault-token", Secret.of("new"));

        assertThat(directory.home().resolve(".vault-token")).hasContent("new");
    }

    @Test
    void linkAtHome_nameThatLeadsElsewhere_isRefused() {
        Path file = directory.write("vault-token", Secret.of("old"));

        assertThatThrownBy(() -> directory.linkAtHome("../x", file))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("\"../x\"");
    }

    private List<String> names() throws IOException {
        try (Stream<Path> files = Files.list(directory.path())) {
            return files.map(file -> file.getFileName().toString()).toList();
        }
    }

    private static String mode(Path file) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
    }
}
