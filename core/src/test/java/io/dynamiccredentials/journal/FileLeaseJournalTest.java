package io.dynamiccredentials.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.dynamiccredentials.exchange.RevocationHandle;
import io.dynamiccredentials.journal.LeaseFact.Directory;
import io.dynamiccredentials.journal.LeaseFact.IssuedToken;
import io.dynamiccredentials.journal.LeaseFact.ObtainedCredentials;
import io.dynamiccredentials.journal.LeaseFact.OutsideFile;
import io.dynamiccredentials.journal.LeaseFact.StartedProcess;
import io.dynamiccredentials.journal.LeaseJournal.AbandonedLease;
import io.dynamiccredentials.journal.LeaseJournal.Entry;
import io.dynamiccredentials.journal.LeaseJournal.TakenOver;
import io.dynamiccredentials.testkit.contract.LeaseJournalContract;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FileLeaseJournalTest extends LeaseJournalContract {
    private static final String OWNER = "0123456789abcdef".repeat(2);

    @TempDir
    Path temporary;

    private Path directory;

    @BeforeEach
    void createDirectory() throws IOException {
        directory = Files.createDirectory(
                temporary.resolve("journal"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }

    @Override
    protected LeaseJournal open() {
        return FileLeaseJournal.open(directory);
    }

    @Test
    void begin_newLease_hasAFileForTheOwnerAlone() throws Exception {
        Entry entry = journal().begin(lease("one"));
        entry.add(FACTS.get(0));

        assertThat(names())
                .hasSize(2)
                .allSatisfy(name -> assertThat(Files.getPosixFilePermissions(directory.resolve(name)))
                        .isEqualTo(PosixFilePermissions.fromString("rw-------")));
        assertThat(Files.readAllLines(only("lease-")))
                .containsExactly(
                        "{\"format\":1,\"lease\":\"one\",\"run\":\"run-one\",\"openedAt\":\"" + NOW + "\"}",
                        LeaseText.write(FACTS.get(0)));
        entry.end();
        assertThat(names()).singleElement().asString().startsWith("owner-");
    }

    @Test
    void close_nothingOpen_leavesNothing() throws Exception {
        LeaseJournal journal = journal();
        journal.begin(lease("one")).end();
        journal.close();

        assertThat(names()).isEmpty();
    }

    @Test
    void settle_lastLeaseOfAnOwner_removesItsLock() throws Exception {
        leave("one", FACTS);
        LeaseJournal journal = journal();
        only(journal.takeOver()).settle();

        assertThat(names()).singleElement().asString().startsWith("owner-");
        journal.close();
        assertThat(names()).isEmpty();
    }

    @Test
    void takeOver_ownerLeftOnlyItsLock_removesIt() throws Exception {
        Files.writeString(directory.resolve("owner-" + OWNER + ".lock"), "");
        makePrivate();

        assertThat(journal().takeOver()).isEqualTo(new TakenOver(List.of(), List.of()));

        assertThat(names()).noneMatch(name -> name.contains(OWNER));
    }

    @Test
    void takeOver_lockOfTheOwnerIsMissing_givesTheLease() throws Exception {
        leave("one", FACTS);
        Files.delete(only("owner-"));

        only(journal().takeOver()).settle();

        assertThat(names()).allMatch(name -> name.startsWith("owner-")).hasSize(1);
    }

    @Test
    void takeOver_lastLineWasCutAnywhere_givesTheFactsBefore() throws Exception {
        leave("one", FACTS);
        Path file = only("lease-");
        byte[] whole = Files.readAllBytes(file);
        int last = FACTS.size() - 1;
        int lastLine = LeaseFile.line(LeaseText.write(FACTS.get(last))).length;
        for (int cut = 1; cut < lastLine; cut++) {
            Files.write(file, Arrays.copyOf(whole, whole.length - cut));

            try (LeaseJournal journal = open()) {
                AbandonedLease left = only(journal.takeOver());
                assertThat(left.facts()).as("cut by %s", cut).isEqualTo(FACTS.subList(0, last));
            }
        }
    }

    @Test
    void takeOver_lastLineHasNotReachedTheDisk_givesTheFactsBefore() throws Exception {
        leave("one", FACTS);
        append("{\"fa\0\0\0\0\0\0\"}\n");

        assertThat(only(journal().takeOver()).facts()).isEqualTo(FACTS);
    }

    @Test
    void takeOver_firstLineWasCut_forgetsWhatHadNotBegun() throws Exception {
        leave("one", List.of());
        Path file = only("lease-");
        String line = Files.readString(file);
        Files.writeString(file, line.substring(0, line.length() - 1));

        assertThat(journal().takeOver().leases()).isEmpty();
        assertThat(file).doesNotExist();
    }

    @Test
    void takeOver_leftOverOfARewrite_isDeleted() throws Exception {
        leave("one", FACTS);
        Path leftOver = Path.of(only("lease-") + ".tmp");
        Files.writeString(leftOver, "half");

        assertThat(only(journal().takeOver()).facts()).isEqualTo(FACTS);

        assertThat(leftOver).doesNotExist();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "no JSON",
                "{\"fact\":\"directory\",\"machine\":\"m\"}",
                "{\"fact\":\"directory\",\"machine\":\"m\",\"path\":\"/p\",\"more\":1}",
                "{\"fact\":\"directory\",\"machine\":\"m\",\"path\":7}",
                "{\"fact\":\"directory\",\"machine\":\"m\",\"path\":\"/p\",\"path\":\"/q\"}",
                "{\"fact\":\"unheard-of\"}",
                "{\"fact\":\"process\",\"machine\":\"m\",\"pid\":0,\"startedAt\":\"2026-03-01T12:00:00Z\"}",
                "{\"fact\":\"process\",\"machine\":\"m\",\"pid\":1.5,\"startedAt\":\"2026-03-01T12:00:00Z\"}",
                "{\"fact\":\"token\",\"configuration\":\"AWS\",\"tokenId\":\"j\",\"expiresAt\":\"tomorrow\"}",
                "{\"fact\":\"credentials\",\"configuration\":\"A\",\"tokenId\":\"j\",\"principal\":\"p\","
                        + "\"expiresAt\":\"2026-03-01T12:00:00Z\",\"handle\":{\"platform\":\"V\"}}",
                ""
            })
    void takeOver_aLineIsMalformed_refusesThatLeaseAndGivesTheOthers(String line) throws Exception {
        leave("bad", FACTS);
        append(line + "\n");
        leave("good", FACTS);
        LeaseJournal journal = journal();

        TakenOver over = journal.takeOver();

        assertThat(over.leases()).singleElement().satisfies(left -> {
            assertThat(left.lease()).isEqualTo(lease("good"));
            left.settle();
        });
        assertThat(over.unreadable())
                .singleElement()
                .asString()
                .contains("line " + (FACTS.size() + 2) + " is", "end by hand what it tells of, then delete it");
        assertThat(journal.takeOver().unreadable()).isEqualTo(over.unreadable());
    }

    @Test
    void takeOver_badLeaseBesideAGoodOneOfTheSameOwner_leavesTheBadOne() throws Exception {
        LeaseJournal owner = journal();
        owner.begin(lease("one"));
        append("?\n");
        owner.begin(lease("two"));
        owner.close();
        LeaseJournal journal = journal();
        TakenOver over = journal.takeOver();
        over.leases().forEach(AbandonedLease::settle);

        assertThat(over.leases()).hasSize(1);
        assertThat(journal.takeOver().unreadable()).hasSize(1);
        assertThat(only("lease-")).exists();
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"format\":2}", "{\"format\":1,\"lease\":\"a\",\"run\":\"\",\"openedAt\":\"x\"}", "x"})
    void takeOver_firstLineIsMalformed_isRefused(String line) throws Exception {
        leave("bad", List.of());
        Files.writeString(only("lease-"), line + "\n");

        assertThat(journal().takeOver().unreadable()).singleElement().asString().contains("line 1 is");
    }

    @Test
    void takeOver_noUtf8_isRefused() throws Exception {
        leave("bad", List.of());
        Files.write(only("lease-"), new byte[] {(byte) 0xff, '\n'}, StandardOpenOption.APPEND);

        assertThat(journal().takeOver().unreadable()).singleElement().asString().contains("line 2 is no UTF-8");
    }

    @Test
    void takeOver_fileIsALink_isRefusedAndItsTargetStays() throws Exception {
        leave("bad", FACTS);
        Path file = only("lease-");
        Path target = Files.move(file, temporary.resolve("target"));
        Files.createSymbolicLink(file, target);

        assertThat(journal().takeOver().unreadable()).singleElement().asString().contains("is a symbolic link");
        assertThat(target).exists();
    }

    @Test
    void takeOver_lockIsALink_isRefused() throws Exception {
        Files.createSymbolicLink(directory.resolve("owner-" + OWNER + ".lock"), temporary.resolve("target"));

        assertThat(journal().takeOver().unreadable()).singleElement().asString().contains("is a symbolic link");
        assertThat(temporary.resolve("target")).doesNotExist();
    }

    @Test
    void takeOver_fileIsOpenToOthers_isRefused() throws Exception {
        leave("bad", FACTS);
        Files.setPosixFilePermissions(only("lease-"), PosixFilePermissions.fromString("rw-rw----"));

        assertThat(journal().takeOver().unreadable())
                .singleElement()
                .asString()
                .contains("must be closed to group and others", "rw-rw----");
    }

    @Test
    void takeOver_fileIsOfAnotherUser_isRefused() throws Exception {
        leave("bad", FACTS);
        giveAway(only("lease-"));

        assertThat(journal().takeOver().unreadable()).singleElement().asString().contains("must belong to");
    }

    @Test
    void takeOver_fileIsTooLarge_isRefused() throws Exception {
        leave("bad", FACTS);
        try (RandomAccessFile file = new RandomAccessFile(only("lease-").toFile(), "rw")) {
            file.setLength(LeaseFile.MAX_BYTES + 1L);
        }

        assertThat(journal().takeOver().unreadable()).singleElement().asString().contains("more than 16777216 bytes");
    }

    @ParameterizedTest
    @ValueSource(strings = {"lease-1.jsonl", "owner-.lock", "lease-x"})
    void takeOver_nameThatNoJournalGives_isReported(String name) throws Exception {
        Files.writeString(directory.resolve(name), "");

        assertThat(journal().takeOver().unreadable()).singleElement().asString().contains(name);
        assertThat(directory.resolve(name)).exists();
    }

    @Test
    void add_fileIsFull_isRefusedAndTheLeaseStaysReadable() throws Exception {
        LeaseJournal owner = journal();
        Entry entry = owner.begin(lease("one"));
        LeaseFact large = new LeaseFact.Directory("m", "p".repeat(60_000));
        int facts = 0;
        for (long size = 100 + 60_100; size < LeaseFile.MAX_BYTES; size += 60_100) {
            entry.add(large);
            facts++;
        }
        assertThatThrownBy(() -> {
                    for (int i = 0; i < 3; i++) {
                        entry.add(large);
                    }
                })
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("at most 16777216 bytes");
        owner.close();

        assertThat(only(journal().takeOver()).facts()).hasSizeGreaterThanOrEqualTo(facts);
    }

    @Test
    void putBack_fails_leavesTheLeaseAsItWasToALaterCaller() throws Exception {
        leave("one", FACTS);
        LeaseJournal journal = journal();
        AbandonedLease left = only(journal.takeOver());
        Path inTheWay = Files.createDirectories(Path.of(only("lease-") + ".tmp", "full"));

        assertThatThrownBy(() -> left.putBack(List.of(FACTS.get(0)))).isInstanceOf(UncheckedIOException.class);

        Files.delete(inTheWay);
        assertThat(only(journal.takeOver()).facts()).isEqualTo(FACTS);
    }

    @Test
    void settle_failsForOneOfTwo_theOtherIsSettledAndThatOneLeftToALaterCaller() throws Exception {
        LeaseJournal owner = journal();
        owner.begin(lease("one"));
        Path first = only("lease-");
        byte[] content = Files.readAllBytes(first);
        owner.begin(lease("two"));
        owner.close();
        LeaseJournal journal = journal();
        List<AbandonedLease> both = journal.takeOver().leases();
        Files.delete(first);
        Files.createDirectories(first.resolve("full"));
        for (AbandonedLease left : both) {
            if (left.lease().equals(lease("one"))) {
                assertThatThrownBy(left::settle).isInstanceOf(UncheckedIOException.class);
            } else {
                left.settle();
            }
        }
        Files.delete(first.resolve("full"));
        Files.delete(first);
        Files.write(first, content);
        makePrivate();

        assertThat(only(journal().takeOver()).lease()).isEqualTo(lease("one"));
    }

    @Test
    void add_moreThanAFileHolds_forgetsWhatHasEndedAndNothingElse() throws Exception {
        Instant now = Instant.now();
        Instant ended = now.minus(Duration.ofHours(25));
        Instant later = now.plusSeconds(600);
        long gone = goneProcess();
        RevocationHandle handle = new RevocationHandle("Vault", Map.of("accessor", "a"));
        List<LeaseFact> living = List.of(
                new Directory("m", "/d"),
                new OutsideFile("m", "/f", Optional.of("1")),
                new StartedProcess("m", gone, now),
                new StartedProcess(ThisMachine.id(), ProcessHandle.current().pid(), now),
                new ObtainedCredentials("Vault", "jti-1", "p", ended, Optional.of(handle)),
                new IssuedToken("AWS", "jti-2", later),
                new ObtainedCredentials("AWS", "jti-2", "p", ended, Optional.empty()),
                new ObtainedCredentials("AWS", "jti-3", "p", later, Optional.empty()));
        LeaseJournal owner = journal();
        Entry entry = owner.begin(lease("one"));
        entry.add(new StartedProcess(ThisMachine.id(), gone, now));
        entry.add(new ObtainedCredentials("Vault", "jti-1", "p", ended.minusSeconds(1), Optional.of(handle)));
        entry.add(new ObtainedCredentials("AWS", "jti-1", "p", ended, Optional.empty()));
        living.forEach(entry::add);
        IssuedToken large = new IssuedToken("A".repeat(60_000), "jti-4", ended);
        for (long size = 0; size < LeaseFile.MAX_BYTES + 100_000; size += 60_000) {
            entry.add(large);
        }
        entry.add(FACTS.get(0));
        owner.close();

        assertThat(only("lease-"))
                .satisfies(file -> assertThat(Files.size(file)).isLessThan(1024 * 1024));
        assertThat(only(journal().takeOver()).facts())
                .filteredOn(fact -> !fact.equals(large))
                .startsWith(living.toArray(LeaseFact[]::new))
                .endsWith(FACTS.get(0))
                .hasSize(living.size() + 1);
    }

    @Test
    void add_compactionFails_theFactIsRememberedAllTheSame() throws Exception {
        LeaseJournal owner = journal();
        Entry entry = owner.begin(lease("one"));
        Files.createDirectories(Path.of(only("lease-") + ".tmp", "full"));
        entry.add(new IssuedToken("AWS", "jti-1", Instant.now()));
        IssuedToken large = new IssuedToken("A".repeat(60_000), "jti-4", NOW.minusSeconds(99));
        for (int i = 0; i < 20; i++) {
            entry.add(large);
        }
        Path file = directory.resolve(names().stream()
                .filter(name -> name.endsWith(".jsonl"))
                .findFirst()
                .orElseThrow());

        assertThat(Files.readAllLines(file)).hasSize(22);
    }

    private static long goneProcess() throws Exception {
        Process process = new ProcessBuilder("true").start();
        process.waitFor();
        return process.pid();
    }

    @Test
    void open_directoryIsMissing_isRefused() {
        assertThatThrownBy(() -> FileLeaseJournal.open(temporary.resolve("absent")))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("absent\" can't be opened")
                .hasMessageContaining("Create it with mode 700");
    }

    @Test
    void open_directoryIsAFile_isRefused() throws Exception {
        Path file = Files.writeString(temporary.resolve("file"), "");

        assertThatThrownBy(() -> FileLeaseJournal.open(file))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("needs a directory");
    }

    @ParameterizedTest
    @ValueSource(strings = {"rwx-w----", "rwx----w-", "rwxrwxrwx"})
    void open_directoryIsWritableByOthers_isRefused(String mode) throws Exception {
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString(mode));

        assertThatThrownBy(this::open)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("must not be writable by group or others")
                .hasMessageContaining(mode);
    }

    @Test
    void open_directoryIsOfAnotherUser_isRefusedAndLeftAsItWas() throws Exception {
        giveAway(directory);

        assertThatThrownBy(this::open)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("must belong to the user of this process");
        assertThat(names()).isEmpty();
    }

    @Test
    void open_noPosixFileSystem_isRefused() throws Exception {
        try (FileSystem zip = FileSystems.newFileSystem(temporary.resolve("a.zip"), Map.of("create", "true"))) {
            assertThatThrownBy(() -> FileLeaseJournal.open(zip.getPath("/")))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("POSIX");
        }
    }

    private void giveAway(Path path) throws IOException {
        assumeTrue("root".equals(System.getProperty("user.name")), "SKIPPED: only root gives files away");
        Files.setOwner(
                path, path.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName("nobody"));
    }

    private void makePrivate() throws IOException {
        for (String name : names()) {
            Files.setPosixFilePermissions(directory.resolve(name), PosixFilePermissions.fromString("rw-------"));
        }
    }

    private void append(String text) throws IOException {
        Files.writeString(only("lease-"), text, StandardOpenOption.APPEND);
    }

    private Path only(String prefix) throws IOException {
        List<String> found =
                names().stream().filter(name -> name.startsWith(prefix)).toList();
        assertThat(found).hasSize(1);
        return directory.resolve(found.get(0));
    }

    private List<String> names() throws IOException {
        try (var entries = Files.list(directory)) {
            return entries.map(entry -> entry.getFileName().toString()).sorted().toList();
        }
    }
}
