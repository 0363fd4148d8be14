package io.dynamiccredentials.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.dynamiccredentials.Secret;
import io.dynamiccredentials.environment.RunDirectory;
import io.dynamiccredentials.exchange.HandleRevoker;
import io.dynamiccredentials.exchange.Revocation;
import io.dynamiccredentials.exchange.RevocationHandle;
import io.dynamiccredentials.journal.FileLeaseJournal;
import io.dynamiccredentials.journal.LeaseFact;
import io.dynamiccredentials.journal.LeaseFact.Directory;
import io.dynamiccredentials.journal.LeaseFact.IssuedToken;
import io.dynamiccredentials.journal.LeaseFact.ObtainedCredentials;
import io.dynamiccredentials.journal.LeaseFact.OutsideFile;
import io.dynamiccredentials.journal.LeaseFact.StartedProcess;
import io.dynamiccredentials.journal.LeaseJournal;
import io.dynamiccredentials.journal.LeaseJournal.Entry;
import io.dynamiccredentials.journal.LeaseRecord;
import io.dynamiccredentials.run.CloseReport.Item;
import io.dynamiccredentials.run.CloseReport.Outcome;
import io.dynamiccredentials.run.CloseReport.Thing;
import io.dynamiccredentials.run.LeaseEvent.Kind;
import io.dynamiccredentials.token.IdentityToken;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class SweeperTest {
    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
    private static final Instant END = NOW.plusSeconds(600);
    private static final Duration DAY = Duration.ofDays(1);
    private static final String LEASE = "lease1";
    private static final String MACHINE = "here/1";
    private static final RevocationHandle HANDLE = new RevocationHandle("Vault", Map.of("accessor", "a"));
    private static final RevocationHandle OTHER_HANDLE = new RevocationHandle("Vault", Map.of("accessor", "b"));
    private static final IdentityToken TOKEN =
            new IdentityToken(Secret.of("e.e.e"), "https://ci.example", "sub", "vault", "jti-0", NOW, END);

    @TempDir
    Path temporary;

    private final List<LeaseEvent> events = new CopyOnWriteArrayList<>();
    private final FakeRevoker vault = new FakeRevoker("Vault");
    private final List<Process> started = new ArrayList<>();
    private Path journalDirectory;
    private Path parent;

    @BeforeEach
    void createDirectories() throws IOException {
        journalDirectory = Files.createDirectory(
                temporary.resolve("journal"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        parent = Files.createDirectory(temporary.resolve("runs")).toRealPath();
    }

    @AfterEach
    void endProcesses() {
        started.forEach(Process::destroyForcibly);
    }

    @Test
    void sweep_nothingThere_saysSo() {
        assertThat(sweep(NOW)).isEqualTo(new SweeperReport(List.of(), List.of()));
    }

    @Test
    void sweep_directory_isDeletedAndToldOf() throws Exception {
        RunDirectory directory = RunDirectory.create(parent);
        directory.write("aws-token", Secret.of("e.e.e"));
        leave(new Directory(MACHINE, directory.path().toString()));

        assertThat(onlyItem()).isEqualTo(Item.of(Thing.FILES, "files in " + directory.path(), Outcome.DELETED));
        assertThat(directory.path()).doesNotExist();
        assertThat(parent).isEmptyDirectory();
        assertThat(events).extracting(LeaseEvent::kind).containsExactly(Kind.LEAKED_FILE_FOUND);
        assertThat(events.get(0).runId()).isEqualTo("run-1");
        assertThat(sweep(NOW).leases()).isEmpty();
    }

    @Test
    void sweep_directoryIsGone_isSettledQuietly() {
        leave(new Directory(MACHINE, parent.resolve("dynamic-credentials-1").toString()));

        assertThat(onlyItem().outcome()).isEqualTo(Outcome.DELETED);
        assertThat(events).isEmpty();
    }

    @Test
    void sweep_anotherLeaseIsInItsPlace_leavesThatAloneAndSaysSoUntilItIsClosed() throws Exception {
        RunDirectory later = RunDirectory.create(parent, Optional.of("acme:run-1"), "another", path -> {});
        later.write("aws-token", Secret.of("e.e.e"));
        Process working = startAt(later.path(), "/home");
        leave(new Directory(MACHINE, later.path().toString()));

        assertFailedAndStays("is marked as another lease's");
        assertThat(later.path().resolve("aws-token")).exists();
        assertThat(working.isAlive()).isTrue();
        working.destroyForcibly().waitFor();
        later.close();
        assertThat(onlyItem().outcome()).isEqualTo(Outcome.DELETED);
    }

    @Test
    void sweep_runHasMarkedItsOwnUnguessableDirectory_isDeletedAndItsProcessEnded() throws Exception {
        assumeTrue(Files.exists(Path.of("/proc/self/environ")), "SKIPPED: no processes are told of by /proc here");
        RunDirectory own = RunDirectory.create(parent, Optional.empty(), LEASE, path -> {});
        own.write("aws-token", Secret.of("e.e.e"));
        Path mark = own.path().resolve(".held-by");
        Files.delete(mark);
        Files.createSymbolicLink(mark, Path.of("x"));
        Process atHome = startAt(own.path(), "/home");
        leave(new Directory(MACHINE, own.path().toString()));

        assertThat(only(sweep(NOW)).report().items())
                .extracting(Item::thing, Item::outcome)
                .containsExactly(tuple(Thing.PROCESS, Outcome.ENDED), tuple(Thing.FILES, Outcome.DELETED));
        assertThat(parent).isEmptyDirectory();
        atHome.waitFor();
    }

    @Test
    void sweep_directoryThatItHeld_isDeleted() throws Exception {
        RunDirectory own = RunDirectory.create(parent, Optional.of("acme:run-1"), LEASE, path -> {});
        leave(new Directory(MACHINE, own.path().toString()));

        assertThat(onlyItem().outcome()).isEqualTo(Outcome.DELETED);
        assertThat(parent).isEmptyDirectory();
    }

    @Test
    void sweep_runHasPutAPipeInPlaceOfTheMark_isDeletedWithoutWaiting() throws Exception {
        RunDirectory own = RunDirectory.create(parent, Optional.of("acme:run-1"), LEASE, path -> {});
        Path mark = own.path().resolve(".held-by");
        Files.delete(mark);
        assertThat(new ProcessBuilder("mkfifo", mark.toString()).start().waitFor())
                .isZero();
        leave(new Directory(MACHINE, own.path().toString()));

        assertThat(onlyItem().outcome()).isEqualTo(Outcome.DELETED);
        assertThat(parent).isEmptyDirectory();
    }

    @Test
    void sweep_directoryIsALink_failsAndTheTargetStays() throws Exception {
        Path target = Files.createDirectory(temporary.resolve("target"));
        Files.writeString(target.resolve("file"), "x");
        Path link = Files.createSymbolicLink(parent.resolve("dynamic-credentials-1"), target);
        leave(new Directory(MACHINE, link.toString()));

        assertFailedAndStays("is not. Look at it");
        assertThat(target.resolve("file")).exists();
    }

    @Test
    void sweep_directoryIsNoneOfARun_failsAndStays() throws Exception {
        Path home = Files.createDirectory(parent.resolve("home"));
        leave(new Directory(MACHINE, home.toString()));

        assertFailedAndStays("begins with \"dynamic-credentials-\"");
        assertThat(home).exists();
    }

    @Test
    void sweep_pathWithALinkOrDotsInIt_failsAndStays() throws Exception {
        RunDirectory directory = RunDirectory.create(parent);
        Path link = Files.createSymbolicLink(temporary.resolve("link"), parent);
        leave(
                new Directory(
                        MACHINE, link.resolve(directory.path().getFileName()).toString()),
                new Directory(
                        MACHINE,
                        parent.resolve("..")
                                .resolve("runs")
                                .resolve(directory.path().getFileName())
                                .toString()));

        SweptLease swept = only(sweep(NOW));

        assertThat(swept.report().items()).extracting(Item::outcome).containsExactly(Outcome.FAILED, Outcome.FAILED);
        assertThat(directory.path()).exists();
        directory.close();
    }

    @Test
    void sweep_directoryOfAnotherUser_failsAndStays() throws Exception {
        Path foreign = Files.createDirectory(parent.resolve("dynamic-credentials-1"));
        assumeTrue("root".equals(System.getProperty("user.name")), "SKIPPED: only root gives files away");
        Files.setOwner(
                foreign, foreign.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName("nobody"));
        leave(new Directory(MACHINE, foreign.toString()));

        assertFailedAndStays("of this process's user");
        assertThat(foreign).exists();
    }

    @Test
    void sweep_outsideFile_isDeleted() throws Exception {
        Path file = Files.writeString(temporary.resolve("inputs.json"), "{}");
        leave(new OutsideFile(MACHINE, file.toString(), Optional.of(keyOf(file))));

        assertThat(onlyItem().outcome()).isEqualTo(Outcome.DELETED);
        assertThat(file).doesNotExist();
        assertThat(events).extracting(LeaseEvent::kind).containsExactly(Kind.LEAKED_FILE_FOUND);
    }

    @Test
    void sweep_outsideFileThatWasJustCreated_isDeletedWhileItIsEmpty() throws Exception {
        Path empty = Files.createFile(temporary.resolve("inputs.json"));
        Path older = Files.writeString(temporary.resolve("older.json"), "{}");
        leave(
                new OutsideFile(MACHINE, empty.toString(), Optional.empty()),
                new OutsideFile(MACHINE, older.toString(), Optional.empty()));

        assertThat(only(sweep(NOW)).settled()).isTrue();
        assertThat(empty).doesNotExist();
        assertThat(older).hasContent("{}");
    }

    @Test
    void sweep_outsideFileToldOfTwice_isInTheReportOnce() throws Exception {
        Path file = Files.writeString(temporary.resolve("inputs.json"), "{}");
        leave(
                new OutsideFile(MACHINE, file.toString(), Optional.empty()),
                new OutsideFile(MACHINE, file.toString(), Optional.of(keyOf(file))));

        assertThat(onlyItem().outcome()).isEqualTo(Outcome.DELETED);
        assertThat(file).doesNotExist();
    }

    @Test
    void sweep_anotherFileAtThatPath_failsAndStays() throws Exception {
        Path file = Files.writeString(temporary.resolve("inputs.json"), "{}");
        leave(new OutsideFile(MACHINE, file.toString(), Optional.of("(dev=1,ino=1)")));

        assertFailedAndStays("is another than the one that was written there");
        assertThat(file).exists();
    }

    @Test
    void sweep_aLinkAtThatPath_failsAndTheTargetStays() throws Exception {
        Path target = Files.writeString(temporary.resolve("target"), "{}");
        Path link = Files.createSymbolicLink(temporary.resolve("inputs.json"), target);
        leave(new OutsideFile(MACHINE, link.toString(), Optional.of(keyOf(target))));

        assertFailedAndStays("is another");
        assertThat(target).exists();
    }

    @Test
    @Timeout(10)
    void sweep_pipeInPlaceOfTheDirectoryOfAFile_failsAtOnceAndStays() throws Exception {
        Path work = temporary.resolve("work");
        assertThat(new ProcessBuilder("mkfifo", work.toString()).start().waitFor())
                .isZero();
        leave(new OutsideFile(MACHINE, work.resolve("inputs.json").toString(), Optional.of("(dev=1,ino=1)")));

        assertFailedAndStays("can't be deleted");
    }

    @Test
    void sweep_runningProcess_isEnded() throws Exception {
        Process process = start("sleep", "60");
        leave(processFact(process, Duration.ZERO));

        assertThat(onlyItem()).isEqualTo(Item.of(Thing.PROCESS, "process " + process.pid(), Outcome.ENDED));
        process.waitFor();
    }

    @Test
    void sweep_processAtHomeInTheRunWhoseStartWasToldByAnotherClock_isEnded() throws Exception {
        assumeTrue(Files.exists(Path.of("/proc/self/environ")), "SKIPPED: no processes are told of by /proc here");
        Path own = parent.resolve("dynamic-credentials-" + "a1".repeat(16));
        Process process = startAt(own, "/home");
        leave(new Directory(MACHINE, own.toString()), processFact(process, Duration.ofSeconds(-5)));

        assertThat(only(sweep(NOW)).report().items())
                .filteredOn(item -> item.thing() == Thing.PROCESS)
                .containsExactly(Item.of(Thing.PROCESS, "process " + process.pid(), Outcome.ENDED));
        assertThat(process.waitFor()).isNotZero();
    }

    @Test
    void sweep_processOfTheRunThatTheHostHadNoTimeToWriteDown_isEnded() throws Exception {
        assumeTrue(Files.exists(Path.of("/proc/self/environ")), "SKIPPED: no processes are told of by /proc here");
        Path own = parent.resolve("dynamic-credentials-" + "a1".repeat(16));
        Process known = startAt(own, "/home");
        Process unknown = startAt(own, "/home");
        Process elsewhere = startAt(own, "/home/sub");
        Process ofAnotherRun = startAt(parent.resolve("dynamic-credentials-" + "a2".repeat(16)), "/home");
        leave(new Directory(MACHINE, own.toString()), processFact(known, Duration.ZERO));

        assertThat(only(sweep(NOW)).report().items())
                .contains(
                        Item.of(Thing.PROCESS, "process " + known.pid(), Outcome.ENDED),
                        Item.of(Thing.PROCESS, "process " + unknown.pid(), Outcome.ENDED))
                .filteredOn(item -> item.thing() == Thing.PROCESS)
                .hasSize(2);
        unknown.waitFor();
        assertThat(elsewhere.isAlive()).isTrue();
        assertThat(ofAnotherRun.isAlive()).isTrue();
    }

    @Test
    void sweep_directoryThatIsNoRuns_endsNoProcessThatIsAtHomeThere() throws Exception {
        Path own = parent.resolve("user");
        Process process = startAt(own, "/home");
        leave(new Directory(MACHINE, own.toString()));

        assertThat(only(sweep(NOW)).report().items()).extracting(Item::thing).containsExactly(Thing.FILES);
        assertThat(process.isAlive()).isTrue();
    }

    @Test
    void sweep_unknownProcessOnAnotherMachine_isLeftAlone() throws Exception {
        Path own = parent.resolve("dynamic-credentials-" + "a1".repeat(16));
        Process process = startAt(own, "/home");
        leave(new Directory("there", own.toString()));

        assertThat(only(sweep(NOW)).settled()).isFalse();
        assertThat(process.isAlive()).isTrue();
    }

    @Test
    void sweep_processOfTheSameNumberThatStartedLater_isLeftAlone() throws Exception {
        Process process = start("sleep", "60");
        leave(processFact(process, Duration.ofSeconds(-4)));

        assertThat(onlyItem().outcome()).isEqualTo(Outcome.ENDED_BEFORE);
        assertThat(process.isAlive()).isTrue();
    }

    @Test
    void sweep_stubbornProcessWithAChild_isEndedByForceWithTheChild() throws Exception {
        Process process = start("sh", "-c", "trap '' TERM; sh -c \"trap '' TERM; echo ready; sleep 60; :\"; :");
        assertThat(process.inputReader().readLine()).isEqualTo("ready");
        List<ProcessHandle> family = process.descendants().toList();
        // The shell says that it is ready before it starts its own child.
        while (family.size() < 2 && process.isAlive()) {
            Thread.onSpinWait();
            family = process.descendants().toList();
        }
        leave(processFact(process, Duration.ZERO));

        assertThat(onlyItem().outcome()).isEqualTo(Outcome.ENDED);
        assertThat(family).hasSizeGreaterThanOrEqualTo(2);
        assertThat(process.isAlive()).isFalse();
        family.forEach(handle -> handle.onExit().join());
    }

    @Test
    void sweep_whatIsOnAnotherMachine_staysUntilThatHasBeenAwayForAMonth() {
        Path path = parent.resolve("dynamic-credentials-1");
        leave(
                new Directory("there", path.toString()),
                new OutsideFile("there", path.toString(), Optional.of("1")),
                new StartedProcess("there", ProcessHandle.current().pid(), startOfThisProcess()));

        assertThat(only(sweep(NOW)).report().items())
                .hasSize(3)
                .allSatisfy(item -> assertThat(item.reason().orElseThrow()).contains("on machine \"there\""));
        SweptLease last = only(sweep(NOW.plus(Duration.ofDays(30))));
        assertThat(last.settled()).isFalse();
        SweptLease givenUp = only(sweep(NOW.plus(Duration.ofDays(30)).plusSeconds(1)));
        assertThat(givenUp.settled()).isTrue();
        assertThat(givenUp.report().items()).extracting(Item::outcome).containsOnly(Outcome.FAILED);
        assertThat(sweep(NOW).leases()).isEmpty();
    }

    @Test
    void sweep_handle_isRevokedOnceHoweverManyFactsHaveIt() {
        leave(credentials("jti-1", END, HANDLE), credentials("jti-1", END.plusSeconds(60), HANDLE));

        assertThat(onlyItem()).isEqualTo(Item.of(Thing.CREDENTIALS, "Vault (A) credentials of me", Outcome.REVOKED));
        assertThat(vault.asked).containsExactly(HANDLE + " until " + END.plusSeconds(60) + " by vault");
        assertThat(events).singleElement().satisfies(event -> {
            assertThat(event.kind()).isEqualTo(Kind.REVOKED);
            assertThat(event.at()).isEqualTo(NOW);
            assertThat(event.configuration()).contains("Vault (A)");
            assertThat(event.tokenId()).contains("jti-1");
            assertThat(event.principal()).contains("me");
            assertThat(event.detail()).contains("revoked");
        });
        assertThat(sweep(NOW).leases()).isEmpty();
    }

    @Test
    void sweep_whatARevokerSays_isReported() {
        vault.answer = handle -> new Revocation.Ordered(END);
        leave(credentials("jti-1", END, HANDLE));
        assertThat(onlyItem()).isEqualTo(Item.ordered(Thing.CREDENTIALS, "Vault (A) credentials of me", END));
        vault.answer = handle -> new Revocation.LivesUntil(END);
        leave(credentials("jti-1", END, HANDLE));
        assertThat(onlyItem()).isEqualTo(Item.livesUntil(Thing.CREDENTIALS, "Vault (A) credentials of me", END));
        assertThat(events)
                .extracting(event -> event.detail().orElseThrow())
                .containsExactly("ordered, ends at " + END + " at the latest", "lives until " + END);
    }

    @Test
    void sweep_handleThatEndedByItself_isRevokedAllTheSame() {
        leave(credentials("jti-1", NOW.minus(DAY.multipliedBy(3)), HANDLE));

        assertThat(onlyItem().outcome()).isEqualTo(Outcome.REVOKED);
    }

    @Test
    void sweep_oneRevocationFails_theOthersAreDoneAndThatOneIsTriedAgain() {
        RevocationHandle other = new RevocationHandle("Vault", Map.of("accessor", "b"));
        vault.answer = handle -> {
            if (handle.equals(HANDLE)) {
                throw new IllegalArgumentException("sealed");
            }
            return new Revocation.Revoked();
        };
        leave(credentials("jti-1", END, other), credentials("jti-2", END, HANDLE), credentials("jti-3", END, other));
        SweptLease first = only(sweep(NOW));
        assertThat(first.settled()).isFalse();
        assertThat(first.report().items())
                .extracting(Item::outcome)
                .containsExactlyInAnyOrder(Outcome.FAILED, Outcome.REVOKED);
        assertThat(first.report().items())
                .filteredOn(item -> item.outcome() == Outcome.FAILED)
                .singleElement()
                .satisfies(item -> {
                    assertThat(item.until()).contains(END);
                    assertThat(item.reason()).contains("sealed");
                });
        assertThat(events).extracting(LeaseEvent::kind).containsExactlyInAnyOrder(Kind.REFUSED, Kind.REVOKED);
        vault.asked.clear();
        vault.answer = handle -> new Revocation.Revoked();

        assertThat(onlyItem().outcome()).isEqualTo(Outcome.REVOKED);
        assertThat(vault.asked).containsExactly(HANDLE + " until " + END + " by vault");
    }

    @Test
    void sweep_revocationStillFails_isTriedFor33DaysAfterTheEndAndNeverDroppedInSilence() {
        vault.answer = handle -> {
            throw new IllegalArgumentException("refused");
        };
        leave(credentials("jti-1", END, HANDLE));
        Instant last = END.plus(DAY.multipliedBy(33));
        assertThat(only(sweep(last)).settled()).isFalse();

        SweptLease swept = only(sweep(last.plusSeconds(1)));

        assertThat(swept.settled()).isTrue();
        assertThat(swept.report().items()).singleElement().satisfies(item -> {
            assertThat(item.outcome()).isEqualTo(Outcome.FAILED);
            assertThat(item.until()).contains(END);
            assertThat(item.reason()).contains("refused");
        });
        assertThat(sweep(last).leases()).isEmpty();
    }

    @Test
    void sweep_putBackFails_aLaterSweepOfTheSameHostTriesAgain() throws Exception {
        leave(credentials("jti-1", END, HANDLE));
        try (LeaseJournal journal = FileLeaseJournal.open(journalDirectory)) {
            Sweeper host = sweeper(journal, Clock.fixed(NOW, ZoneOffset.UTC));
            Path inTheWay = Path.of(leaseFile() + ".tmp", "full");
            vault.answer = handle -> {
                inTheWay.toFile().mkdirs();
                throw new IllegalArgumentException("sealed");
            };
            SweptLease first = only(host.sweep());
            assertThat(first.settled()).isFalse();
            assertThat(first.report().items()).extracting(Item::what).contains("the journal of lease " + LEASE);
            Files.delete(inTheWay);
            vault.answer = handle -> new Revocation.Revoked();

            assertThat(only(host.sweep()).settled()).isTrue();
            assertThat(host.sweep().leases()).isEmpty();
        }
    }

    @Test
    void sweep_breaksOff_whatWasNotReachedIsSweptLater() throws Exception {
        leave(credentials("jti-1", END, HANDLE));
        leave(credentials("jti-2", END, HANDLE));
        try (LeaseJournal journal = FileLeaseJournal.open(journalDirectory)) {
            Clock broken = new Clock() {
                @Override
                public ZoneOffset getZone() {
                    return ZoneOffset.UTC;
                }

                @Override
                public Clock withZone(ZoneId zone) {
                    return this;
                }

                @Override
                public Instant instant() {
                    throw new AssertionError("no time");
                }
            };
            Sweeper sweeper = sweeper(journal, broken);
            assertThat(sweeper.sweep().leases()).hasSize(2).noneMatch(SweptLease::settled);

            SweeperReport report = sweep(NOW);

            assertThat(report.leases()).hasSize(2).allMatch(SweptLease::settled);
        }
    }

    @Test
    void sweep_platformWithoutARevoker_failsAndStays() {
        leave(credentials("jti-1", END, new RevocationHandle("Other", Map.of())));

        assertFailedAndStays("No provider of this host ends credentials of Other");
    }

    @Test
    void sweep_credentialsWithoutHandle_liveUntilTheirEnd() {
        leave(
                new ObtainedCredentials("AWS", "jti-1", "ended", NOW, Optional.empty()),
                new ObtainedCredentials("AWS", "jti-1", "me", END, Optional.empty()));

        assertThat(onlyItem()).isEqualTo(Item.livesUntil(Thing.CREDENTIALS, "AWS credentials of me", END));
        assertThat(sweep(NOW).leases()).isEmpty();
    }

    @Test
    void sweep_tokenThatBoughtCredentials_isToldUntilItsEnd() {
        leave(new IssuedToken("AWS", "jti-1", END), obtained("jti-1"));

        assertThat(onlyItem()).isEqualTo(Item.livesUntil(Thing.IDENTITY_TOKEN, "identity token jti-1 for AWS", END));
        leave(new IssuedToken("AWS", "jti-1", NOW), obtained("jti-1"));
        assertThat(only(sweep(NOW)).report().items()).isEmpty();
    }

    @Test
    void sweep_tokenOfWhichNothingWasHeard_mayHaveBoughtWhatNobodyKnows() {
        leave(new IssuedToken("AWS", "jti-1", END), obtained("jti-2"));

        assertThat(only(sweep(NOW)).report().items())
                .extracting(Item::thing, Item::outcome)
                .containsExactly(
                        tuple(Thing.CREDENTIALS, Outcome.UNKNOWN), tuple(Thing.IDENTITY_TOKEN, Outcome.LIVES_UNTIL));
    }

    @Test
    void sweep_tokenOfWhichNothingWasHeardForADay_isForgotten() {
        leave(new IssuedToken("AWS", "jti-1", END));
        assertThat(only(sweep(END.plus(DAY))).report().items()).singleElement().satisfies(item -> {
            assertThat(item.outcome()).isEqualTo(Outcome.UNKNOWN);
            assertThat(item.what()).contains("identity token jti-1 for AWS may have bought");
            assertThat(item.reason().orElseThrow()).contains("nobody knows and nobody has them");
        });
        leave(new IssuedToken("AWS", "jti-1", END));
        assertThat(only(sweep(END.plus(DAY).plusSeconds(1))).report().items()).isEmpty();
    }

    @Test
    void sweep_everyStepFails_eachIsTriedAndToldInOrder() throws Exception {
        vault.answer = handle -> {
            throw new IllegalArgumentException("sealed");
        };
        Path file = Files.writeString(temporary.resolve("file"), "");
        leave(
                credentials("jti-1", END, HANDLE),
                new OutsideFile(MACHINE, file.toString(), Optional.of("other")),
                new Directory(MACHINE, "/home/somebody"),
                new StartedProcess("there", 1, NOW));

        assertThat(only(sweep(NOW)).report().items())
                .extracting(Item::thing)
                .containsExactly(Thing.PROCESS, Thing.FILES, Thing.FILES, Thing.CREDENTIALS);
    }

    @Test
    void sweep_listenerFails_changesNothing() {
        leave(credentials("jti-1", END, HANDLE));

        SweeperReport report = sweep(NOW, event -> {
            throw new IllegalStateException("listener");
        });

        assertThat(only(report).settled()).isTrue();
    }

    @Test
    void sweep_platformFailsWithAnError_isToldAndStaysAndTheOthersAreSwept() {
        vault.answer = handle -> {
            if (handle.equals(HANDLE)) {
                throw new StackOverflowError("too deep");
            }
            return new Revocation.Revoked();
        };
        leave(credentials("jti-1", END, HANDLE), credentials("jti-2", END, OTHER_HANDLE));
        leave(credentials("jti-3", END, OTHER_HANDLE));

        assertThat(sweep(NOW).leases())
                .flatExtracting(swept -> swept.report().items())
                .extracting(Item::outcome)
                .containsExactlyInAnyOrder(Outcome.FAILED, Outcome.REVOKED, Outcome.REVOKED);
        assertThat(only(sweep(NOW)).report().items())
                .singleElement()
                .satisfies(item -> assertThat(item.reason()).contains("too deep"));
    }

    @Test
    void sweep_wholeStepFailsWithAnError_theOthersAreTakenAndAllIsTriedAgain() throws Exception {
        RunDirectory directory = RunDirectory.create(parent);
        leave(new Directory(MACHINE, directory.path().toString()), credentials("jti-1", END, HANDLE));

        SweptLease failed = only(sweep(NOW, event -> {
            throw new StackOverflowError("listener");
        }));

        assertThat(failed.settled()).isFalse();
        assertThat(failed.report().items()).extracting(Item::outcome).contains(Outcome.FAILED);
        assertThat(vault.asked).hasSize(1);
        assertThat(only(sweep(NOW)).settled()).isTrue();
        assertThat(directory.path()).doesNotExist();
    }

    @Test
    void sweep_unreadableLease_isReportedAndTheOthersAreSwept() throws Exception {
        leave(credentials("jti-1", END, HANDLE));
        try (var files = Files.list(journalDirectory)) {
            for (Path file :
                    files.filter(each -> each.toString().endsWith(".jsonl")).toList()) {
                Files.writeString(file, "damaged\n");
            }
        }
        leave(credentials("jti-2", END, HANDLE));

        SweeperReport report = sweep(NOW);

        assertThat(report.unreadable()).singleElement().asString().contains("can't be read");
        assertThat(only(report).report().items()).extracting(Item::outcome).containsExactly(Outcome.REVOKED);
    }

    @Test
    void sweep_threadIsInterrupted_doesItsWorkAndStaysInterrupted() {
        vault.answer = handle -> {
            assertThat(Thread.currentThread().isInterrupted()).isFalse();
            return new Revocation.Revoked();
        };
        leave(credentials("jti-1", END, HANDLE));
        Thread.currentThread().interrupt();

        SweeperReport report = sweep(NOW);

        assertThat(Thread.interrupted()).isTrue();
        assertThat(only(report).settled()).isTrue();
    }

    private void assertFailedAndStays(String reason) {
        for (int sweep = 0; sweep < 2; sweep++) {
            SweptLease swept = only(sweep(NOW));
            assertThat(swept.settled()).isFalse();
            assertThat(swept.report().items()).singleElement().satisfies(item -> {
                assertThat(item.outcome()).isEqualTo(Outcome.FAILED);
                assertThat(item.reason().orElseThrow()).contains(reason);
            });
        }
        assertThat(events).extracting(LeaseEvent::kind).containsOnly(Kind.REFUSED);
    }

    private Item onlyItem() {
        SweptLease swept = only(sweep(NOW));
        assertThat(swept.settled()).isTrue();
        assertThat(swept.report().items()).hasSize(1);
        return swept.report().items().get(0);
    }

    private static SweptLease only(SweeperReport report) {
        assertThat(report.leases()).hasSize(1);
        assertThat(report.leases().get(0).lease().leaseId()).isEqualTo(LEASE);
        return report.leases().get(0);
    }

    private SweeperReport sweep(Instant now) {
        return sweep(now, events::add);
    }

    private SweeperReport sweep(Instant now, LeaseListener listener) {
        try (LeaseJournal journal = FileLeaseJournal.open(journalDirectory)) {
            Clock clock = Clock.fixed(now, ZoneOffset.UTC);
            return new Sweeper(journal, List.of(vault), audience -> TOKEN, clock, MACHINE, listener).sweep();
        }
    }

    private Sweeper sweeper(LeaseJournal journal, Clock clock) {
        return new Sweeper(journal, List.of(vault), audience -> TOKEN, clock, MACHINE, events::add);
    }

    private Path leaseFile() throws IOException {
        try (var files = Files.list(journalDirectory)) {
            return files.filter(each -> each.toString().endsWith(".jsonl"))
                    .findFirst()
                    .orElseThrow();
        }
    }

    private void leave(LeaseFact... facts) {
        try (LeaseJournal owner = FileLeaseJournal.open(journalDirectory)) {
            Entry entry = owner.begin(new LeaseRecord(LEASE, "run-1", NOW));
            List.of(facts).forEach(entry::add);
        }
    }

    private Process start(String... command) throws IOException {
        Process process = new ProcessBuilder(command).start();
        started.add(process);
        return process;
    }

    private Process startAt(Path directory, String home) throws IOException {
        ProcessBuilder builder = new ProcessBuilder("sleep", "60");
        builder.environment().put("HOME", directory + home);
        Process process = builder.start();
        started.add(process);
        return process;
    }

    private static StartedProcess processFact(Process process, Duration shift) {
        Instant start = process.info().startInstant().orElseThrow();
        return new StartedProcess(MACHINE, process.pid(), start.plus(shift));
    }

    private static Instant startOfThisProcess() {
        return ProcessHandle.current().info().startInstant().orElseThrow();
    }

    private static ObtainedCredentials credentials(String tokenId, Instant end, RevocationHandle handle) {
        return new ObtainedCredentials("Vault (A)", tokenId, "me", end, Optional.of(handle));
    }

    /** Credentials that have ended, and of which nothing is to be told. */
    private static ObtainedCredentials obtained(String tokenId) {
        return new ObtainedCredentials("AWS", tokenId, "me", NOW, Optional.empty());
    }

    private static String keyOf(Path file) throws IOException {
        return String.valueOf(
                Files.readAttributes(file, BasicFileAttributes.class).fileKey());
    }

    /** Ends what it is told to, as the test says. */
    private static final class FakeRevoker implements HandleRevoker {
        private final String platform;
        private final List<String> asked = new ArrayList<>();
        private Function<RevocationHandle, Revocation> answer = handle -> new Revocation.Revoked();

        FakeRevoker(String platform) {
            this.platform = platform;
        }

        @Override
        public String platform() {
            return platform;
        }

        @Override
        public Revocation revoke(RevocationHandle handle, Instant expiresAt, Function<String, IdentityToken> tokens) {
            asked.add(handle + " until " + expiresAt + " by "
                    + tokens.apply("vault").audience());
            return answer.apply(handle);
        }
    }
}
