package io.dynamiccredentials.benchmarks;

import io.dynamiccredentials.benchmarks.InMemoryPlatform.Way;
import io.dynamiccredentials.jwk.SigningAlgorithm;
import io.dynamiccredentials.keys.SigningKeys;
import io.dynamiccredentials.run.RunLease;
import io.dynamiccredentials.token.IdentityToken;
import io.dynamiccredentials.token.TokenIssuer;
import java.io.IOException;
import java.lang.ref.Reference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.IntFunction;

/**
 * Holds many leases open and measures what each takes, and whether each stays fresh. Not safe for use by several
 * threads.
 *
 * <p>Each lease has four platforms, one for each {@link Way}. Time is real.
 */
final class OpenLeases {
    private static final int LEASES = 10_000;
    private static final Duration OPEN = Duration.ofMinutes(12);
    private static final Duration LIFE = Duration.ofMinutes(5);
    private static final int READ_A_SECOND = 20;
    private static final int WEIGHED = 5000;
    private static final int WARMING = 20;
    private static final double MOST_BYTES = 16 * 1024;
    private static final int ENOUGH = 1000;
    /** Those of the refresher, which are 64 at most, its timer, and the broker's. */
    private static final int MOST_THREADS = 64 + 2;

    private static final double SECONDS_AN_HOUR = Duration.ofHours(1).toSeconds();

    private final int count;
    private final Duration open;
    private final Duration life;
    private final Deadlines deadlines = new Deadlines(Clock.systemUTC());
    private final Report report = new Report();
    private int unreadable;
    private int mostThreads;

    OpenLeases(int count, Duration open, Duration life) {
        this.count = count;
        this.open = open;
        this.life = life;
    }

    /** Runs it; arguments are the number of leases, the minutes they are open and the seconds credentials live. */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        OpenLeases program = new OpenLeases(
                arguments.length > 0 ? Integer.parseInt(arguments[0]) : LEASES,
                arguments.length > 1 ? Duration.ofMinutes(Long.parseLong(arguments[1])) : OPEN,
                arguments.length > 2 ? Duration.ofSeconds(Long.parseLong(arguments[2])) : LIFE);
        Path directory = Files.createTempDirectory("open-leases");
        Report report = program.run(directory);
        report.print(System.out);
        System.exit(report.broken().isEmpty() ? 0 : 1);
    }

    /** Opens the leases below {@code directory}, holds them, closes them and returns what was measured. */
    Report run(Path directory) throws IOException, InterruptedException {
        report.figure("leases", count, "");
        int threads = Footprint.liveThreads();
        SigningKeys keys = SigningKeys.generate(SigningAlgorithm.ES256);
        warmUp(Files.createDirectory(directory.resolve("warm-up")), keys);
        try (LeaseFleet fleet = LeaseFleet.at(directory, life, deadlines, keys)) {
            Footprint empty = Footprint.now();
            Latencies opening = fleet.open(count);
            Footprint opened = Footprint.now();
            hold(fleet.leases());
            Footprint end = Footprint.now();
            double weight = weighHeld(fleet.issuer());
            Latencies closing = fleet.closeLeases();

            report.figure("open", end.secondsSince(opened), "s");
            describeRefreshes(end.secondsSince(empty));
            report.atMost("threads beside those of the program", mostThreads - threads, MOST_THREADS, "");
            describeFootprint(empty, opened, end, weight);
            opening.describe("opening a lease (4 at a time)", report);
            closing.describe("closing a lease (4 at a time)", report);
            return report;
        }
    }

    /** Lets the classes come that are there once. */
    private void warmUp(Path directory, SigningKeys keys) throws IOException, InterruptedException {
        try (LeaseFleet fleet = LeaseFleet.at(directory, life, new Deadlines(Clock.systemUTC()), keys)) {
            fleet.open(WARMING);
            RunReader.firstEnd(fleet.leases().get(0).environment());
            fleet.closeLeases();
        }
    }

    private void describeRefreshes(double seconds) {
        report.exactly("missed refreshes", deadlines.missed(), 0)
                .exactly("runs that read what is past its last safe moment, or nothing", unreadable, 0)
                .figure("refreshes", (double) deadlines.refreshes(), "")
                .figure("refreshes a second", deadlines.refreshes() / seconds, "")
                .figure("worst lateness of a refresh", deadlines.worstLatenessSeconds(), "s");
    }

    private void describeFootprint(Footprint empty, Footprint opened, Footprint end, double weight) {
        double bytes = (end.heapBytes() - empty.heapBytes()) / (double) count;
        double bytesOpened = (opened.heapBytes() - empty.heapBytes()) / (double) count;
        double leaseHours = count * end.secondsSince(opened) / SECONDS_AN_HOUR;
        report.figure("heap a lease, when opened", bytesOpened, "bytes")
                .figure("heap a lease, at the end", bytes, "bytes")
                .figure("of it tokens and credentials themselves", weight, "bytes")
                .atMost("heap a lease beside these", bytes - weight, mostBytes(), "bytes")
                .figure("file descriptors a lease", (end.files() - empty.files()) / (double) count, "")
                .figure("CPU a lease-hour", (end.cpuSeconds() - opened.cpuSeconds()) / leaseHours, "s");
    }

    /** Of few leases each has a large part of what is there once. */
    private double mostBytes() {
        return count < ENOUGH ? Double.POSITIVE_INFINITY : MOST_BYTES;
    }

    /** Looks once a second at all that is refreshed, and reads what some runs have. */
    private void hold(List<RunLease> leases) throws InterruptedException {
        long begin = System.nanoTime();
        while (System.nanoTime() - begin < open.toNanos()) {
            deadlines.sample();
            mostThreads = Math.max(mostThreads, Footprint.liveThreads());
            for (int i = 0; i < READ_A_SECOND; i++) {
                read(leases.get(ThreadLocalRandom.current().nextInt(leases.size())));
            }
            Thread.sleep(1000);
        }
    }

    private void read(RunLease lease) {
        try {
            Instant end = RunReader.firstEnd(lease.environment());
            Duration margin = Duration.ofSeconds(Math.min(life.toSeconds() / 10, 60));
            if (Instant.now().isAfter(end.minus(margin).plusSeconds(1))) {
                unreadable++;
            }
        } catch (IOException e) {
            unreadable++;
        }
    }

    /** Returns the bytes of the tokens and credentials that each lease holds. */
    private double weighHeld(TokenIssuer issuer) {
        double tokens = HeldObjects.count(IdentityToken.class) / (double) count;
        double sessions = HeldObjects.count(Session.class) / (double) count;
        report.figure("tokens a lease holds", tokens, "").figure("credentials a lease holds", sessions, "");
        double ofToken = weigh(i -> issuer.issue(LeaseFleet.workload(i), "bench.example"));
        double ofSession = weigh(i -> Session.lasting(life, Instant.now()));
        return tokens * ofToken + sessions * ofSession;
    }

    private static double weigh(IntFunction<Object> maker) {
        Object[] held = new Object[WEIGHED];
        long before = Footprint.now().heapBytes();
        try {
            Arrays.setAll(held, maker);
            return (Footprint.now().heapBytes() - before) / (double) WEIGHED;
        } finally {
            Reference.reachabilityFence(held);
        }
    }
}
