package io.dynamiccredentials.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.dynamiccredentials.journal.FileLeaseJournal;
import io.dynamiccredentials.journal.LeaseJournal;
import io.dynamiccredentials.run.CloseReport.Outcome;
import io.dynamiccredentials.run.CloseReport.Thing;
import io.dynamiccredentials.run.DynamicCredentials;
import io.dynamiccredentials.run.SweeperReport;
import io.dynamiccredentials.testkit.HostLife.Use;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Kills hosts at any moment of their lives, and looks at what is left after the next one has swept. The property
 * {@code dynamiccredentials.kills} tells how many; {@code dynamiccredentials.seed} repeats a run, as far as kills can
 * be repeated.
 */
@Timeout(600)
class HostKilledTest {
    private static final int AT_ONCE = 2;
    private static final int ROUNDS = (Integer.getInteger("dynamiccredentials.kills", 4) + AT_ONCE - 1) / AT_ONCE;

    private static final int ENOUGH_ROUNDS = 50;

    private static final int MOMENTS = 9;

    @TempDir
    Path temporary;

    // Nobody else sleeps for so long.
    private final String sleep = "60.00" + ProcessHandle.current().pid();
    private final ExecutorService threads = Executors.newFixedThreadPool(AT_ONCE);

    private final long seed = Long.getLong("dynamiccredentials.seed", new Random().nextLong());
    private final Random random = new Random(seed);
    private final Map<String, Long> counts = new TreeMap<>();
    private final Set<String> lostForever = new HashSet<>();
    private HostPlatforms platforms;
    private Path file;
    private int killedSweeps;

    @BeforeEach
    void start() throws Exception {
        platforms = new HostPlatforms(temporary.resolve("trust.p12"));
        for (String directory : List.of("journal", "leases", "work", "temporary")) {
            platforms.file.set(
                    directory,
                    Files.createDirectory(
                            temporary.resolve(directory),
                            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"))));
        }
        file = temporary.resolve("host.properties");
        platforms.file.write(file);
    }

    @AfterEach
    void stop() {
        threads.shutdownNow();
        platforms.close();
    }

    @Test
    void sweep_hostWasKilledAtAnyMoment_leavesNothingThatCanBeEnded() throws Exception {
        for (int round = 0; round < ROUNDS; round++) {
            List<HostLife> lives = killedLives(round);
            String as = "round " + round + " of seed " + seed;
            lives.forEach(life -> assertThat(life.strange).as(as).isEmpty());
            if (random.nextInt(10) == 0) {
                killSweeper(lives);
                sweepHere();
            } else {
                HostSweep sweep = random.nextInt(5) == 0 ? sweepElsewhere() : sweepHere();
                assertThat(sweep.problems()).as(as).isEmpty();
                lives.forEach(life -> requireWholeReport(as, life, sweep));
                count(sweep);
            }
            requireNothingLeft(as, lives);
        }
        if (ROUNDS >= ENOUGH_ROUNDS) {
            assertThat(counts)
                    .as("what so many kills must have met")
                    .hasEntrySatisfying(
                            "credentials REVOKED", count -> assertThat(count).isPositive())
                    .hasEntrySatisfying(
                            "credentials LIVES_UNTIL",
                            count -> assertThat(count).isPositive())
                    .hasEntrySatisfying(
                            "credentials UNKNOWN", count -> assertThat(count).isPositive())
                    .hasEntrySatisfying(
                            "processes ended", count -> assertThat(count).isPositive());
            assertThat(killedSweeps).isPositive();
        }
        Files.createDirectories(Path.of("target"));
        Files.writeString(
                Path.of("target", "host-killed.txt"),
                AT_ONCE * ROUNDS + " hosts killed, and " + killedSweeps + " that swept after them: " + counts + "\n");
    }

    private List<HostLife> killedLives(int round) throws Exception {
        List<Callable<HostLife>> lives = new ArrayList<>();
        for (int number = 0; number < AT_ONCE; number++) {
            int kill = round * AT_ONCE + number;
            Random own = new Random(random.nextLong());
            lives.add(() -> killedLife(kill, own));
        }
        List<HostLife> ended = new ArrayList<>();
        for (Future<HostLife> life : threads.invokeAll(lives)) {
            ended.add(life.get());
        }
        return ended;
    }

    /** The moments: the start of the JVM, any step of its first leases, and while what is held is renewed. */
    private HostLife killedLife(int kill, Random own) throws Exception {
        HostLife life = new HostLife(HostProcess.running(file, "h" + kill, sleep));
        int moment = kill % MOMENTS;
        if (moment == 0) {
            life.kill(own.nextInt(700));
        } else if (moment == 1) {
            life.hear(Integer.MAX_VALUE, "holding");
            life.kill(2900 + own.nextInt(900));
        } else {
            life.hear(1 + own.nextInt(moment * 15), null);
            life.kill(own.nextInt(30));
        }
        return life;
    }

    private HostSweep sweepHere() throws Exception {
        try (LeaseJournal journal = FileLeaseJournal.open(platforms.file.path("journal"))) {
            DynamicCredentials door = platforms.file.door(journal).build();
            SweeperReport report = door.sweep();
            assertThat(door.sweep()).isEqualTo(new SweeperReport(List.of(), List.of()));
            return HostSweep.of(report);
        }
    }

    private HostSweep sweepElsewhere() throws Exception {
        HostSweep sweep = HostSweep.parse(new HostLife(HostProcess.sweeping(file)).end());
        assertThat(sweepHere().found()).isEmpty();
        return sweep;
    }

    /** A sweep dies as any host does, and its report with it. */
    private void killSweeper(List<HostLife> lives) throws Exception {
        HostLife sweeper = new HostLife(HostProcess.sweeping(file));
        sweeper.hear(Integer.MAX_VALUE, "sweeping");
        sweeper.kill(random.nextInt(150));
        killedSweeps++;
        for (HostLife life : lives) {
            lostForever.addAll(life.issued.keySet());
            lostForever.removeAll(life.exchanged);
        }
    }

    private void requireWholeReport(String as, HostLife life, HostSweep sweep) {
        assertThat(both(sweep.runs(), life.closed)).as(as).isEmpty();
        Set<String> unknown = sweep.unknown();
        assertThat(both(unknown, life.exchanged)).as(as).isEmpty();
        lostForever.addAll(unknown);
        Set<String> spent = new HashSet<>(platforms.spentElsewhere());
        spent.addAll(life.exchanged);
        Map<Use, Long> bought = new TreeMap<>(Comparator.comparing(Use::toString));
        life.issued.forEach((token, use) -> {
            boolean over = life.closed.contains(use.runId())
                    || (life.closing.contains(use.runId()) && !sweep.runs().contains(use.runId()));
            if (!over && spent.contains(token) && !unknown.contains(token)) {
                bought.merge(use, 1L, Long::sum);
            }
        });
        bought.forEach((use, count) -> assertThat(sweep.told(use.runId(), use.configuration()))
                .as("%s, %s", as, use)
                .isGreaterThanOrEqualTo(count));
        requireSessionsTold(as, life, sweep);
    }

    /** AWS knows its sessions by the run. */
    private void requireSessionsTold(String as, HostLife life, HostSweep sweep) {
        Set<String> sessions = platforms.runsWithSessions();
        life.issued.forEach((token, use) -> {
            if (use.configuration().equals("AWS")
                    && sessions.contains(use.runId())
                    && !life.closing.contains(use.runId())) {
                assertThat(sweep.told(use.runId(), "AWS") == 1 || lostForever.contains(token))
                        .as("%s, %s", as, use)
                        .isTrue();
            }
        });
    }

    private void requireNothingLeft(String as, List<HostLife> lives) throws IOException {
        Set<String> live = new HashSet<>();
        platforms.vault.live().forEach(token -> live.add(token.tokenId()));
        live.removeAll(lostForever);
        // The token of a sweeper that was killed itself is in no journal.
        assertThat(platforms.sweepers()).as(as).hasSizeLessThanOrEqualTo(killedSweeps);
        assertThat(live).as(as).hasSameSizeAs(platforms.sweepers());
        lives.forEach(
                life -> assertThat(both(live, life.issued.keySet())).as(as).isEmpty());
        assertThat(platforms.vault.leases())
                .as(as)
                .hasSizeLessThanOrEqualTo(platforms.vault.live().size());
        for (String directory : List.of("leases", "work", "temporary", "journal")) {
            try (Stream<Path> files = Files.walk(platforms.file.path(directory))) {
                assertThat(files.filter(each -> !Files.isDirectory(each) || directory.equals("leases"))
                                .filter(each -> !each.equals(platforms.file.path(directory))))
                        .as(as)
                        .isEmpty();
            }
        }
        assertThat(ProcessHandle.allProcesses()
                        .filter(each -> each.info().commandLine().orElse("").contains(sleep)))
                .as(as)
                .isEmpty();
    }

    private static Set<String> both(Set<String> one, Set<String> other) {
        Set<String> both = new HashSet<>(one);
        both.retainAll(other);
        return both;
    }

    private void count(HostSweep sweep) {
        add("leases", sweep.runs().size());
        add("processes ended", sweep.count(Thing.PROCESS, Outcome.ENDED));
        for (Outcome outcome : List.of(Outcome.REVOKED, Outcome.LIVES_UNTIL, Outcome.UNKNOWN, Outcome.ORDERED)) {
            add("credentials " + outcome, sweep.count(Thing.CREDENTIALS, outcome));
        }
    }

    private void add(String what, long count) {
        counts.merge(what, count, Long::sum);
    }
}
