package io.dynamiccredentials.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class OpenLeaseFileTest {
    private static final String NAME = "lease-1.jsonl";

    @TempDir
    Path directory;

    private OpenLeaseFile open;

    @BeforeEach
    void create() throws IOException {
        open = OpenLeaseFile.create(JournalDirectory.of(directory), NAME, "first");
    }

    @Test
    void add_afterwards_theFileIsNotOpen() throws Exception {
        Path descriptors = Path.of("/proc/self/fd");
        assumeTrue(Files.isDirectory(descriptors), "Linux tells which files a process has open");
        open.add("second");

        assertThat(targets(descriptors)).isNotEmpty().doesNotContain(file().toRealPath());
    }

    @Test
    void add_fileWasDeleted_isRefusedAndNoOtherIsMade() throws Exception {
        Files.delete(file());

        assertThatThrownBy(() -> open.add("second"))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("is gone")
                .hasMessageContaining("close the lease");
        assertThat(directory).isEmptyDirectory();
        open.end();
    }

    @Test
    void add_fileWasReplacedByALink_isRefusedAndNothingIsWrittenThere() throws Exception {
        Path target = Files.writeString(directory.resolve("target"), "the target");
        Files.delete(file());
        Files.createSymbolicLink(file(), target);

        assertThatThrownBy(() -> open.add("second")).isInstanceOf(IOException.class);
        assertThat(target).hasContent("the target");
    }

    @Test
    void add_fileWasCut_isRefused() throws Exception {
        Files.writeString(file(), "{}");

        assertThatThrownBy(() -> open.add("second"))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("has 2 bytes, of 6 that were written");
    }

    @Test
    void add_partOfALineIsLeft_takesItsPlace() throws Exception {
        Files.writeString(file(), "first\npart of a line that is longer");
        open.add("second");

        assertThat(Files.readString(file())).isEqualTo("first\nsecond\n");
    }

    @Test
    void add_interruptsAtAnyMoment_everyLineIsThere() throws Exception {
        Thread writer = Thread.currentThread();
        Thread interrupter = new Thread(() -> {
            for (int i = 0; i < 300; i++) {
                writer.interrupt();
                LockSupport.parkNanos(100_000);
            }
        });
        List<String> lines = new ArrayList<>(List.of("first"));
        interrupter.start();
        while (lines.size() < 20 || interrupter.isAlive()) {
            String line = "line " + lines.size();
            open.add(line);
            lines.add(line);
        }

        assertThat(Thread.interrupted()).isTrue();
        assertThat(file()).content().isEqualTo(String.join("\n", lines) + "\n");
    }

    private Path file() {
        return directory.resolve(NAME);
    }

    private static List<Path> targets(Path descriptors) throws IOException {
        List<Path> targets = new ArrayList<>();
        try (DirectoryStream<Path> all = Files.newDirectoryStream(descriptors)) {
            for (Path descriptor : all) {
                target(descriptor).ifPresent(targets::add);
            }
        }
        return targets;
    }

    private static Optional<Path> target(Path descriptor) throws IOException {
        try {
            return Optional.of(Files.readSymbolicLink(descriptor));
        } catch (NoSuchFileException e) {
            // Another thread has closed it meanwhile, so it is none that stays open.
            return Optional.empty();
        }
    }
}
