package io.dynamiccredentials.benchmarks;

import io.dynamiccredentials.CredentialExchangeException;
import io.dynamiccredentials.exchange.RefreshState;
import io.dynamiccredentials.exchange.Refresher;
import io.dynamiccredentials.exchange.RefreshingCredentials;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Lets many ask for one credential: while it is not there yet, while it is refreshed and while its platform is down.
 * Time is real. Not safe for use by several threads.
 */
final class ManyCallers {
    private static final int CALLERS = 1000;
    private static final int READERS = 2;
    private static final double MOST_MICROS = 50;

    private final Sizes sizes;
    private final Report report = new Report();

    ManyCallers(Sizes sizes) {
        this.sizes = sizes;
    }

    /**
     * How long it takes.
     *
     * @param upstreams how long the platform takes for the first credential, in one trial each
     * @param refresh how long the refresh takes during which readers are measured
     * @param life how long a credential lives whose platform is down
     */
    record Sizes(List<Duration> upstreams, Duration refresh, Duration life) {
        /** What the limits are stated for: two minutes. */
        static final Sizes LONG = new Sizes(
                List.of(Duration.ofSeconds(1), Duration.ofSeconds(30)), Duration.ofSeconds(30), Duration.ofSeconds(60));

        /** Enough to see that it works. */
        static final Sizes SHORT =
                new Sizes(List.of(Duration.ofMillis(500)), Duration.ofSeconds(2), Duration.ofSeconds(2));

        Sizes {
            upstreams = List.copyOf(upstreams);
        }
    }

    /** Runs the long form, or with the argument {@code short} the other one. */
    public static void main(String[] arguments) throws InterruptedException {
        boolean isShort = arguments.length > 0 && arguments[0].equals("short");
        Report report = new ManyCallers(isShort ? Sizes.SHORT : Sizes.LONG).run();
        report.print(System.out);
        System.exit(report.broken().isEmpty() ? 0 : 1);
    }

    /** Runs all trials and returns what was measured. */
    Report run() throws InterruptedException {
        for (Duration upstream : sizes.upstreams()) {
            askTogether(upstream);
        }
        readWhileRefreshed();
        readWhileDown();
        return report;
    }

    private void askTogether(Duration upstream) throws InterruptedException {
        ScriptedUpstream platform = ScriptedUpstream.taking(upstream);
        Set<Session> answers = Collections.newSetFromMap(new IdentityHashMap<>());
        CountDownLatch ready = new CountDownLatch(CALLERS);
        long begin = System.nanoTime();
        try (Refresher refresher = Refresher.builder().build();
                RefreshingCredentials<Session> credentials = refresher.keep(platform, Optional.empty())) {
            answers.addAll(together(CALLERS, () -> {
                ready.countDown();
                ready.await();
                return credentials.current();
            }));
        }
        String trial = CALLERS + " callers, platform takes " + upstream.toMillis() + " ms";
        report.exactly(trial + ": calls of the platform", platform.calls(), 1)
                .exactly(trial + ": different credentials", answers.size(), 1)
                .figure(trial + ": until all have it", (System.nanoTime() - begin) / 1e6, "ms");
    }

    private void readWhileRefreshed() throws InterruptedException {
        ScriptedUpstream platform = ScriptedUpstream.taking(sizes.refresh()).askedAgainAfter(Duration.ofMillis(1));
        Session first = Session.lasting(Duration.ofHours(1), Instant.now());
        try (Refresher refresher = Refresher.builder().build();
                RefreshingCredentials<Session> credentials = refresher.keep(platform, Optional.of(first))) {
            platform.awaitCall();
            // What is compiled while it is measured would be measured too.
            measure(() -> {}, sizes.refresh().dividedBy(12));
            measure(credentials::current, sizes.refresh().dividedBy(12));
            Latencies floor = measure(() -> {}, sizes.refresh().dividedBy(12));
            Latencies reads = measure(credentials::current, sizes.refresh().dividedBy(2));
            boolean underWay = credentials.state() == RefreshState.REFRESHING && platform.calls() == 1;

            floor.describe("timing of nothing", report);
            report.figure("timing of nothing, p99.9", floor.micros(0.999), "µs");
            reads.describe("read during a refresh", report);
            report.figure("reads during a refresh", (double) reads.count(), "")
                    .exactly("measured within one refresh (1 is yes)", underWay ? 1 : 0, 1)
                    .atMost("read during a refresh, p99.9", reads.micros(0.999), MOST_MICROS, "µs");
        }
    }

    private static Latencies measure(Runnable read, Duration time) throws InterruptedException {
        Latencies all = new Latencies();
        together(READERS, () -> timed(read, time)).forEach(all::addAll);
        return all;
    }

    private static Latencies timed(Runnable read, Duration time) {
        Latencies own = new Latencies();
        long begin = System.nanoTime();
        long before = begin;
        while (before - begin < time.toNanos()) {
            before = System.nanoTime();
            read.run();
            own.add(System.nanoTime() - before);
        }
        return own;
    }

    private void readWhileDown() throws InterruptedException {
        ScriptedUpstream platform = ScriptedUpstream.down();
        Session first = Session.lasting(sizes.life(), Instant.now());
        // A tenth of its life before its end, less what the clock of the day is read in.
        Instant safeUntil = first.expiresAt().minus(sizes.life().dividedBy(10)).minusMillis(2);
        int served = 0;
        int errors = 0;
        int servedTooLong = 0;
        try (Refresher refresher = Refresher.builder().build();
                RefreshingCredentials<Session> credentials = refresher.keep(platform, Optional.of(first))) {
            Instant end = first.expiresAt().plusMillis(200);
            for (Instant before = Instant.now(); before.isBefore(end); before = Instant.now()) {
                boolean usable = isServed(credentials);
                Instant after = Instant.now();
                served += usable ? 1 : 0;
                errors += !usable && after.isBefore(safeUntil) ? 1 : 0;
                servedTooLong += usable && before.isAfter(first.expiresAt()) ? 1 : 0;
                Thread.sleep(1);
            }
        }
        String trial = "platform down, credential of " + sizes.life().toMillis() + " ms";
        report.figure(trial + ": reads that were served", served, "")
                .figure(trial + ": calls of the platform", platform.calls(), "")
                .exactly(trial + ": errors until the last safe moment", errors, 0)
                .exactly(trial + ": reads that were served after its end", servedTooLong, 0);
    }

    private static boolean isServed(RefreshingCredentials<Session> credentials) {
        try {
            credentials.current();
            return true;
        } catch (CredentialExchangeException e) {
            return false;
        }
    }

    private static <T> List<T> together(int threads, Callable<T> task) throws InterruptedException {
        ExecutorService callers = Executors.newFixedThreadPool(threads);
        try {
            List<T> results = new ArrayList<>();
            for (Future<T> each : callers.invokeAll(Collections.nCopies(threads, task))) {
                results.add(each.get());
            }
            return results;
        } catch (ExecutionException e) {
            throw new IllegalStateException("A caller failed", e.getCause());
        } finally {
            callers.shutdownNow();
        }
    }
}
