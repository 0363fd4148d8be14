package io.dynamiccredentials.keys;

import static org.assertj.core.api.Assertions.assertThat;

import io.dynamiccredentials.keys.FileWatch.Point;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Ends writers in the middle of a write, {@value #HALTS} + {@value #KILLS} times, and looks at what they leave. */
@Timeout(300)
class FileSigningKeyStoreKillTest {
    private static final int HALTS = 2 * 7 * 8;
    private static final int KILLS = 2 * 50;
    private static final int RACED_VERSIONS = 300;

    @TempDir
    Path temporary;

    @Test
    void replace_processEndsAtAnyPoint_leavesAWholeVersionThatWasTried() throws Exception {
        List<Path> directories = List.of(privateDirectory("one"), privateDirectory("two"));
        Poller poller = new Poller(directories);
        Thread polling = new Thread(poller);
        polling.start();
        try {
            killInEach(directories);
        } finally {
            poller.stop = true;
            polling.join();
        }

        assertThat(poller.openToOthers).isEmpty();
        assertThat(poller.polls).isGreaterThan(10_000);
        assertThat(poller.temporaries).isGreaterThan(100);
        System.out.println("FileSigningKeyStoreKillTest: " + (HALTS + KILLS) + " kills, " + poller.polls + " polls saw "
                + poller.temporaries + " temporary files, none of them open to others");
    }

    @Test
    void replace_twoProcessesRace_eachVersionHasOneWinner() throws Exception {
        Path directory = privateDirectory("race");
        FileSigningKeyStore store = FileSigningKeyStore.at(directory.resolve("keys"));
        try (StoreProcess one = StoreProcess.racing(directory, RACED_VERSIONS);
                StoreProcess two = StoreProcess.racing(directory, RACED_VERSIONS)) {
            assertThat(one.lines().readLine()).isEqualTo("ready");
            assertThat(two.lines().readLine()).isEqualTo("ready");
            for (int version = 1; version <= RACED_VERSIONS; version++) {
                one.go();
                two.go();
                List<String> told = new ArrayList<>(
                        List.of(one.lines().readLine(), two.lines().readLine()));

                assertThat(told.remove("lost")).isTrue();
                assertThat(told).singleElement().isNotEqualTo("lost");
                assertThat(store.read()).contains(StoreProcess.content(version, told.get(0)));
            }
            assertThat(one.exitCode()).isZero();
            assertThat(two.exitCode()).isZero();
        }
        assertThat(names(directory)).containsExactly(".keys.lock", "keys");
    }

    @Test
    void replace_anotherStoreOfTheProcessGivesUp_otherProcessesStayLockedOut() throws Exception {
        Path directory = privateDirectory("given-up");
        List<String> told = new ArrayList<>();
        FileSigningKeyStore holder = StoreProcess.store(directory, point -> {
            if (point == Point.SYNCED) {
                told.addAll(giveUpHereAndTryThere(directory));
            }
        });

        assertThat(holder.replace(StoreProcess.content(1, "holder"))).isTrue();

        assertThat(told).containsExactly("busy", "busy");
        assertThat(holder.read()).contains(StoreProcess.content(1, "holder"));
    }

    private static List<String> giveUpHereAndTryThere(Path directory) {
        ExecutorService executor = Executors.newSingleThreadExecutor();
        try {
            String here =
                    executor.submit(() -> StoreProcess.tryFirst(directory)).get();
            try (StoreProcess there = StoreProcess.impatient(directory)) {
                return List.of(here, there.lines().readLine());
            }
        } catch (IOException | InterruptedException | ExecutionException e) {
            throw new AssertionError(e);
        } finally {
            executor.shutdown();
        }
    }

    private static void killInEach(List<Path> directories) throws Exception {
        ExecutorService executor = Executors.newFixedThreadPool(directories.size());
        try {
            List<Callable<Long>> lanes = directories.stream()
                    .<Callable<Long>>map(directory -> () -> killAfterSomeTime(directory, haltAtEachPoint(directory)))
                    .toList();
            for (Future<Long> lane : executor.invokeAll(lanes)) {
                assertThat(lane.get()).isGreaterThan(HALTS + KILLS);
            }
        } finally {
            executor.shutdownNow();
        }
    }

    private static long haltAtEachPoint(Path directory) throws Exception {
        Point[] points = Point.values();
        long version = 0;
        for (int i = 0; i < HALTS / 2; i++) {
            Point point = points[i % points.length];
            try (StoreProcess process = StoreProcess.haltingAt(directory, point)) {
                version = inspect(directory, version, process, "halted at " + point);
            }
        }
        return version;
    }

    private static long killAfterSomeTime(Path directory, long before) throws Exception {
        Random random = new Random(directory.getNameCount());
        long version = before;
        for (int i = 0; i < KILLS / 2; i++) {
            try (StoreProcess process = StoreProcess.endless(directory)) {
                String last = "";
                for (int line = random.nextInt(6); line >= 0; line--) {
                    last = process.lines().readLine();
                }
                // A write takes about a millisecond: the spins spread the kills over it.
                for (int spin = random.nextInt(100_000); spin > 0; spin--) {
                    Thread.onSpinWait();
                }
                process.kill();
                version = inspect(directory, version, process, last);
            }
        }
        return version;
    }

    /** Checks what an ended process left of {@code before}, and returns the version that the next writer put there. */
    private static long inspect(Path directory, long before, StoreProcess ended, String last) throws Exception {
        long tried = before;
        long acknowledged = before;
        List<String> lines = new ArrayList<>(List.of(last));
        ended.lines().lines().forEach(lines::add);
        for (String line : lines) {
            if (line.startsWith("try ")) {
                tried = Long.parseLong(line.substring(4));
            } else if (line.startsWith("ack ")) {
                acknowledged = Long.parseLong(line.substring(4));
                tried = acknowledged;
            }
        }
        assertThat(ended.exitCode()).as(last).isIn(9, 137);
        FileSigningKeyStore next = FileSigningKeyStore.at(directory.resolve("keys"));
        long found = next.read().map(StoredKeys::version).orElse(0L);
        assertThat(found).as("version left, %s", lines).isBetween(acknowledged, tried);
        if (found > 0) {
            assertThat(next.read()).contains(StoreProcess.content(found, found == before ? "next" : "killed"));
        }
        assertThat(next.replace(StoreProcess.content(found + 1, "next"))).isTrue();
        assertThat(names(directory)).containsExactly(".keys.lock", "keys");
        return found + 1;
    }

    private Path privateDirectory(String name) throws IOException {
        return Files.createDirectory(
                temporary.resolve(name),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }

    private static List<String> names(Path directory) throws IOException {
        try (var entries = Files.list(directory)) {
            return entries.map(entry -> entry.getFileName().toString()).sorted().toList();
        }
    }

    /** Looks, as often as it can, at the modes of all files in the directories. */
    private static final class Poller implements Runnable {
        private static final Set<PosixFilePermission> OWNER =
                EnumSet.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);

        private final List<Path> directories;
        private final Set<String> openToOthers = new TreeSet<>();
        private long polls;
        private long temporaries;
        private volatile boolean stop;

        Poller(List<Path> directories) {
            this.directories = directories;
        }

        @Override
        public void run() {
            while (!stop) {
                directories.forEach(this::poll);
            }
        }

        private void poll(Path directory) {
            polls++;
            try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
                for (Path entry : entries) {
                    look(entry);
                }
            } catch (IOException e) {
                openToOthers.add("not listed: " + e);
            }
        }

        private void look(Path entry) throws IOException {
            try {
                Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(entry, LinkOption.NOFOLLOW_LINKS);
                temporaries += entry.toString().endsWith(".tmp") ? 1 : 0;
                if (!OWNER.containsAll(permissions)) {
                    openToOthers.add(entry + " " + PosixFilePermissions.toString(permissions));
                }
            } catch (NoSuchFileException e) {
                // Gone since it was listed: a temporary file that was renamed.
            }
        }
    }
}
