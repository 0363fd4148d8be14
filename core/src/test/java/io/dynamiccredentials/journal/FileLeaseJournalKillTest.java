package io.dynamiccredentials.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.dynamiccredentials.journal.LeaseJournal.AbandonedLease;
import io.dynamiccredentials.journal.LeaseJournal.TakenOver;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Kills processes that use a journal, {@value #KILLS} times in the middle of their work, and looks at what is found.
 */
@Timeout(300)
class FileLeaseJournalKillTest {
    private static final int KILLS = 40;
    private static final int RACES = 10;
    private static final int LEASES = 8;

    @TempDir
    Path temporary;

    private Path directory;

    @BeforeEach
    void createDirectory() throws IOException {
        directory = Files.createDirectory(
                temporary.resolve("journal"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }

    @Test
    void takeOver_ownerWasKilled_findsEveryFactThatWasAdded() throws Exception {
        Random random = new Random(1);
        Set<String> taken = new HashSet<>();
        int facts = 0;
        try (LeaseJournal journal = FileLeaseJournal.open(directory)) {
            for (int kill = 0; kill < KILLS; kill++) {
                Told told = killInTheMiddle("owner" + kill, random);
                TakenOver over = journal.takeOver();

                assertThat(over.unreadable()).isEmpty();
                told.requireAllIn(over);
                for (AbandonedLease left : over.leases()) {
                    assertThat(taken.add(left.lease().leaseId()))
                            .as("%s, found first", left.lease())
                            .isTrue();
                    facts += left.facts().size();
                    left.settle();
                }
                assertThat(journal.takeOver().leases()).isEmpty();
            }
            assertThat(names()).hasSize(1);
        }
        assertThat(names()).isEmpty();
        assertThat(facts).isGreaterThan(KILLS);
    }

    @Test
    void takeOver_processesAndThreadsRace_eachLeaseGoesToOneOfThem() throws Exception {
        try (JournalProcess one = JournalProcess.sweeping(directory);
                JournalProcess two = JournalProcess.sweeping(directory)) {
            assertThat(one.lines().readLine()).isEqualTo("ready");
            assertThat(two.lines().readLine()).isEqualTo("ready");
            for (int race = 0; race < RACES; race++) {
                List<String> all = leaveLeases(race);
                one.go();
                two.go();
                List<String> taken = new ArrayList<>(sweepHere());
                taken.addAll(linesOf(one));
                taken.addAll(linesOf(two));
                // Whoever had a lock for an instant may have kept another from it, and have found nothing itself.
                taken.addAll(sweepHere());

                assertThat(taken).containsExactlyInAnyOrderElementsOf(all);
            }
        }
    }

    @Test
    void takeOver_sweeperWasKilled_isTakenOverItself() throws Exception {
        List<String> all = leaveLeases(0);
        try (JournalProcess sweeper = JournalProcess.hesitating(directory)) {
            assertThat(sweeper.lines().readLine()).isEqualTo("took " + LEASES);
            assertThat(sweepHere()).isEmpty();
            sweeper.kill();
        }

        assertThat(sweepHere()).containsExactlyInAnyOrderElementsOf(all);
        assertThat(names()).isEmpty();
    }

    private List<String> leaveLeases(int race) {
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < LEASES; i++) {
            try (LeaseJournal owner = FileLeaseJournal.open(directory)) {
                ids.add(race + "-" + i);
                owner.begin(new LeaseRecord(race + "-" + i, "run", Instant.EPOCH));
            }
        }
        return ids;
    }

    private List<String> sweepHere() {
        List<String> taken = new ArrayList<>();
        try (LeaseJournal journal = FileLeaseJournal.open(directory)) {
            for (AbandonedLease left : journal.takeOver().leases()) {
                taken.add(left.lease().leaseId());
                left.settle();
            }
        }
        return taken;
    }

    private static List<String> linesOf(JournalProcess process) throws IOException {
        List<String> lines = new ArrayList<>();
        for (String line = process.lines().readLine();
                !"done".equals(line);
                line = process.lines().readLine()) {
            assertThat(line).isNotNull();
            lines.add(line);
        }
        return lines;
    }

    private Told killInTheMiddle(String name, Random random) throws Exception {
        try (JournalProcess process = JournalProcess.writing(directory, name)) {
            Told told = new Told();
            for (int line = random.nextInt(40); line >= 0; line--) {
                told.hear(process.lines().readLine());
            }
            // A line takes about a millisecond: the spins spread the kills over it.
            for (int spin = random.nextInt(100_000); spin > 0; spin--) {
                Thread.onSpinWait();
            }
            process.kill();
            process.lines().lines().forEach(told::hear);
            return told;
        }
    }

    private List<String> names() throws IOException {
        try (var entries = Files.list(directory)) {
            return entries.map(entry -> entry.getFileName().toString()).toList();
        }
    }

    /** What a process told before it was killed. */
    private static final class Told {
        private final Map<String, Integer> facts = new TreeMap<>();
        private final Set<String> ending = new HashSet<>();
        private final Set<String> ended = new HashSet<>();

        void hear(String line) {
            String[] words = line.split(" ", -1);
            switch (words[0]) {
                case "begun" -> facts.put(words[1], 0);
                case "fact" -> facts.put(words[1], Integer.parseInt(words[2]) + 1);
                case "ending" -> ending.add(words[1]);
                default -> ended.add(words[1]);
            }
        }

        void requireAllIn(TakenOver over) {
            Map<String, List<LeaseFact>> found = new HashMap<>();
            over.leases().forEach(left -> found.put(left.lease().leaseId(), left.facts()));
            assertThat(found).hasSameSizeAs(over.leases()).doesNotContainKeys(ended.toArray(String[]::new));
            facts.forEach((lease, count) -> {
                if (!ending.contains(lease)) {
                    assertThat(found).containsKey(lease);
                }
                List<LeaseFact> there = found.getOrDefault(lease, expected(count));
                // One more may have been on the disk before it was told.
                assertThat(there).hasSizeBetween(count, count + 1).isEqualTo(expected(there.size()));
            });
            // A lease may have begun, too, before that was told.
            assertThat(found.size()).isLessThanOrEqualTo(facts.size() - ended.size() + 1);
        }

        private static List<LeaseFact> expected(int count) {
            List<LeaseFact> expected = new ArrayList<>();
            for (int number = 0; number < count; number++) {
                expected.add(JournalProcess.fact(number));
            }
            return expected;
        }
    }
}
