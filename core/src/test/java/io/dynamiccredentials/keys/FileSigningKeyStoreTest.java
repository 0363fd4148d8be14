package io.dynamiccredentials.keys;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.dynamiccredentials.keys.FileWatch.Point;
import io.dynamiccredentials.testkit.contract.SigningKeyStoreContract;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class FileSigningKeyStoreTest extends SigningKeyStoreContract {
    private static final String LEFT_OVER = ".keys." + "0123456789abcdef".repeat(2) + ".tmp";

    @TempDir
    Path temporary;

    private Path directory;
    private Path file;

    @BeforeEach
    void createDirectory() throws IOException {
        directory = Files.createDirectory(
                temporary.resolve("store"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        file = directory.resolve("keys");
    }

    @Override
    protected SigningKeyStore open() {
        return FileSigningKeyStore.at(file);
    }

    @Test
    void replace_newStore_leavesTheFileAndItsLockForTheOwnerAlone() throws Exception {
        assertThat(open().replace(version(1, "a"))).isTrue();
        assertThat(open().replace(version(2, "a"))).isTrue();

        assertThat(names()).containsExactly(".keys.lock", "keys");
        assertThat(mode(file)).isEqualTo("rw-------");
        assertThat(mode(directory.resolve(".keys.lock"))).isEqualTo("rw-------");
    }

    @Test
    void replace_file_hasTheWrittenForm() throws Exception {
        assertThat(open().replace(version(1, "a"))).isTrue();

        assertThat(Files.readString(file))
                .startsWith("dynamic-credentials signing keys, format 1\nversion 1\ne30..a.v1.\nsha256 ")
                .endsWith("\n");
        assertThat(Files.readAllLines(file)).hasSize(4);
    }

    @Test
    void replace_nextToOtherStores_touchesOnlyItsOwn() throws Exception {
        Path other = directory.resolve("keys.2");
        Files.writeString(directory.resolve(".keys.2." + "0".repeat(32) + ".tmp"), "of the other");
        Files.writeString(directory.resolve(".keys.abc.tmp"), "of nobody");
        assertThat(FileSigningKeyStore.at(other).read()).isEmpty();

        assertThat(open().replace(version(1, "a"))).isTrue();

        assertThat(names())
                .containsExactly(".keys.2." + "0".repeat(32) + ".tmp", ".keys.abc.tmp", ".keys.lock", "keys");
    }

    @Test
    void replace_leftOverOfAKilledProcess_isDeletedEvenIfTheVersionIsRefused() throws Exception {
        Files.writeString(directory.resolve(LEFT_OVER), "half");

        assertThat(open().replace(version(7, "a"))).isFalse();

        assertThat(names()).containsExactly(".keys.lock");
    }

    @Test
    void replace_leftOverIsALink_itsTargetStays() throws Exception {
        Path target = Files.writeString(temporary.resolve("target"), "x");
        Files.createSymbolicLink(directory.resolve(LEFT_OVER), target);

        assertThat(open().replace(version(1, "a"))).isTrue();

        assertThat(target).hasContent("x");
        assertThat(names()).containsExactly(".keys.lock", "keys");
    }

    @ParameterizedTest
    @EnumSource(Point.class)
    void replace_failsAnywhere_leavesAWholeVersionAndNothingElse(Point point) throws Exception {
        assertThat(open().replace(version(1, "before"))).isTrue();
        FileSigningKeyStore failing = watched(reached -> {
            if (reached == point) {
                throw new IllegalArgumentException("disk on fire");
            }
        });

        assertThatThrownBy(() -> failing.replace(version(2, "during"))).hasMessage("disk on fire");

        boolean written = point.compareTo(Point.RENAMED) >= 0;
        assertThat(open().read()).contains(written ? version(2, "during") : version(1, "before"));
        assertThat(names()).containsExactly(".keys.lock", "keys");
        assertThat(open().replace(version(written ? 3 : 2, "after"))).isTrue();
    }

    @Test
    void read_atEachPointOfAWrite_isNeverHeldUpAndNeverHalf() {
        FileSigningKeyStore watched = watched(point -> {
            boolean written = point.compareTo(Point.RENAMED) >= 0;
            assertThat(open().read()).contains(written ? version(2, "during") : version(1, "before"));
        });
        assertThat(open().replace(version(1, "before"))).isTrue();

        assertThat(watched.replace(version(2, "during"))).isTrue();
    }

    @Test
    void read_fileCutAtAnyByte_isDamagedAndNotEmpty() throws Exception {
        assertThat(open().replace(version(1, "cut"))).isTrue();
        byte[] whole = Files.readAllBytes(file);

        for (int length = 0; length < whole.length; length++) {
            Files.write(file, Arrays.copyOf(whole, length));
            assertThatThrownBy(() -> open().read())
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining(length + " bytes is damaged")
                    .hasMessageContaining(file.toString());
        }
        byte[] last = Files.readAllBytes(file);
        assertThatThrownBy(() -> open().replace(version(1, "again"))).isInstanceOf(IllegalStateException.class);
        assertThat(file).hasBinaryContent(last);
    }

    @Test
    void read_anyByteChanged_isRefused() throws Exception {
        assertThat(open().replace(version(1, "flip"))).isTrue();
        byte[] whole = Files.readAllBytes(file);

        for (int index = 0; index < whole.length; index++) {
            for (int mask : new int[] {0x01, 0x04, 0x20, 0x80}) {
                byte[] changed = whole.clone();
                changed[index] ^= (byte) mask;
                Files.write(file, changed);
                assertThatThrownBy(() -> open().read())
                        .as("byte " + index + " ^ " + mask)
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("key file");
            }
        }
    }

    @Test
    void read_moreAfterTheEnd_isDamaged() throws Exception {
        assertThat(open().replace(version(1, "more"))).isTrue();
        Files.writeString(file, "\n", StandardOpenOption.APPEND);

        assertThatThrownBy(() -> open().read())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("damaged");
    }

    @Test
    void read_newerFormat_isRefusedByItsNumber() throws Exception {
        writePrivate("dynamic-credentials signing keys, format 2\nwhatever follows".getBytes(US_ASCII));

        assertThatThrownBy(() -> open().read())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("has format 2; this release reads format 1");
        assertThatThrownBy(() -> open().replace(version(1, "a"))).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void read_moreThanTwoMebibytes_isRefused() throws Exception {
        writePrivate(new byte[2 * 1024 * 1024 + 1]);

        assertThatThrownBy(() -> open().read())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("at most 2097152 bytes")
                .hasMessageContaining("has 2097153");
    }

    @ParameterizedTest
    @ValueSource(strings = {"rw-r-----", "rw----r--", "rw--w----", "rw-----w-", "rw---x---", "rwxrwxrwx"})
    void open_fileOpenToOthers_isRefused(String mode) throws Exception {
        assertThat(open().replace(version(1, "a"))).isTrue();
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));

        for (String message : failuresOfBoth()) {
            assertThat(message).contains("(rw-------); its mode is " + mode).contains("chmod 600");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"rwxrwx---", "rwx----w-", "rwxrwxrwx"})
    void open_directoryWritableByOthers_isRefused(String mode) throws Exception {
        assertThat(open().replace(version(1, "a"))).isTrue();
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString(mode));

        for (String message : failuresOfBoth()) {
            assertThat(message).contains("must not be writable").contains("its mode is " + mode);
        }
    }

    @Test
    void open_directoryReadableByOthers_isAccepted() throws Exception {
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));

        assertThat(open().replace(version(1, "a"))).isTrue();
        assertThat(open().read()).contains(version(1, "a"));
    }

    @Test
    void replace_lockOpenToOthers_isRefused() throws Exception {
        Path lock = Files.createFile(directory.resolve(".keys.lock"));
        Files.setPosixFilePermissions(lock, PosixFilePermissions.fromString("rw-rw-rw-"));

        assertThatThrownBy(() -> open().replace(version(1, "a")))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining(lock.toString());
    }

    @Test
    void replace_lockIsALink_isRefusedAndItsTargetNotCreated() throws Exception {
        Path target = temporary.resolve("target");
        Files.createSymbolicLink(directory.resolve(".keys.lock"), target);

        assertThatThrownBy(() -> open().replace(version(1, "a"))).isInstanceOf(UncheckedIOException.class);

        assertThat(target).doesNotExist();
    }

    @Test
    void open_fileIsALink_isRefused() throws Exception {
        Path target = directory.resolve("target");
        assertThat(FileSigningKeyStore.at(target).replace(version(1, "a"))).isTrue();
        Files.createSymbolicLink(file, target);

        for (String message : failuresOfBoth()) {
            assertThat(message).contains("symbolic link");
        }
    }

    @Test
    void open_linkThatPointsNowhere_isNotAnEmptyStore() throws Exception {
        Files.createSymbolicLink(file, directory.resolve("absent"));

        for (String message : failuresOfBoth()) {
            assertThat(message).contains("symbolic link");
        }
    }

    @Test
    void open_fileIsADirectory_isRefused() throws Exception {
        Files.createDirectory(file);

        for (String message : failuresOfBoth()) {
            assertThat(message).contains("regular file");
        }
    }

    @Test
    void open_directoryThroughALink_isTheSameStore() throws Exception {
        Path link = Files.createSymbolicLink(temporary.resolve("link"), directory);
        assertThat(open().replace(version(1, "a"))).isTrue();

        assertThat(FileSigningKeyStore.at(link.resolve("keys")).replace(version(2, "b")))
                .isTrue();
        assertThat(open().read()).contains(version(2, "b"));
    }

    @Test
    void open_absentDirectory_isNotAnEmptyStore() {
        FileSigningKeyStore store =
                FileSigningKeyStore.at(temporary.resolve("absent").resolve("keys"));

        assertThatThrownBy(store::read)
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("Check that its directory exists");
        assertThatThrownBy(() -> store.replace(version(1, "a"))).isInstanceOf(UncheckedIOException.class);
    }

    @Test
    void replace_directoryMayOnlyBeRead_isRefusedAndReadingWorks() throws Exception {
        assertThat(open().replace(version(1, "a"))).isTrue();
        Files.delete(directory.resolve(".keys.lock"));
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("r--------"));
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("r-x------"));
        assertThat(open().read()).contains(version(1, "a"));
        assumeFalse("root".equals(System.getProperty("user.name")), "SKIPPED: root can write everywhere");

        assertThatThrownBy(() -> open().replace(version(2, "a")))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("Version 2 of the key file")
                .hasMessageContaining("read-only");
        assertThat(open().read()).contains(version(1, "a"));
    }

    @Test
    void replace_lockCantBeOpened_isRefusedAndReadingWorks() throws Exception {
        assertThat(open().replace(version(1, "a"))).isTrue();
        Files.delete(directory.resolve(".keys.lock"));
        Files.createDirectory(directory.resolve(".keys.lock"));

        assertThatThrownBy(() -> open().replace(version(2, "a")))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("Version 2 of the key file \"" + file + "\" can't be written")
                .hasMessageContaining("read-only");
        assertThat(open().read()).contains(version(1, "a"));
    }

    @Test
    void replace_lockHeldTooLong_failsAndTheNextSucceeds() throws Exception {
        FileSigningKeyStore impatient = new FileSigningKeyStore(directory, "keys", Duration.ofMillis(30), point -> {});
        FileSigningKeyStore slow = watched(point -> {
            if (point == Point.SYNCED) {
                Throwable failure = inAnotherThread(() -> impatient.replace(version(1, "impatient")));
                assertThat(failure)
                        .isInstanceOf(UncheckedIOException.class)
                        .hasMessageContaining("held the lock")
                        .hasMessageContaining("PT0.03S");
            }
        });

        assertThat(slow.replace(version(1, "slow"))).isTrue();
        assertThat(impatient.replace(version(2, "impatient"))).isTrue();
    }

    @Test
    void replace_lockHeldByAnotherCopyOfTheClass_waitsAndSaysSo() throws Exception {
        Path lock = Files.createFile(
                directory.resolve(".keys.lock"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        FileSigningKeyStore impatient = new FileSigningKeyStore(directory, "keys", Duration.ofMillis(30), point -> {});

        try (FileChannel channel = FileChannel.open(lock, StandardOpenOption.WRITE);
                FileLock held = channel.lock()) {
            assertThat(held.isValid()).isTrue();
            assertThatThrownBy(() -> impatient.replace(version(1, "a")))
                    .isInstanceOf(UncheckedIOException.class)
                    .hasMessageContaining("held the lock");
        }
        assertThat(impatient.replace(version(1, "a"))).isTrue();
    }

    @Test
    void replace_interrupted_failsAndKeepsTheInterrupt() {
        Thread.currentThread().interrupt();

        assertThatThrownBy(() -> open().replace(version(1, "a"))).isInstanceOf(UncheckedIOException.class);

        assertThat(Thread.interrupted()).isTrue();
        assertThat(open().read()).isEmpty();
        assertThat(open().replace(version(1, "a"))).isTrue();
    }

    @Test
    void at_fileSystemWithoutPermissions_isRefused() throws Exception {
        try (FileSystem zip = FileSystems.newFileSystem(temporary.resolve("a.zip"), Map.of("create", "true"))) {
            assertThatThrownBy(() -> FileSigningKeyStore.at(zip.getPath("keys")))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("POSIX");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "/", ".", "..", "a/.."})
    void at_pathWithoutAName_isRefused(String path) {
        assertThatThrownBy(() -> FileSigningKeyStore.at(Path.of(path)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("\"" + path + "\"");
    }

    private FileSigningKeyStore watched(FileWatch watch) {
        return new FileSigningKeyStore(directory, "keys", Duration.ofSeconds(10), watch);
    }

    private static Throwable inAnotherThread(Runnable work) {
        Throwable[] failure = new Throwable[1];
        Thread thread = new Thread(work);
        thread.setUncaughtExceptionHandler((ended, e) -> failure[0] = e);
        thread.start();
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        return failure[0];
    }

    private List<String> failuresOfBoth() {
        return Stream.<Runnable>of(() -> open().read(), () -> open().replace(version(2, "b")))
                .map(call -> {
                    try {
                        call.run();
                    } catch (IllegalStateException e) {
                        return e.getMessage();
                    }
                    throw new AssertionError("Was not refused");
                })
                .toList();
    }

    private void writePrivate(byte[] bytes) throws IOException {
        Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.write(file, bytes);
    }

    private List<String> names() throws IOException {
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.map(entry -> entry.getFileName().toString()).sorted().toList();
        }
    }

    private static String mode(Path path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }
}
