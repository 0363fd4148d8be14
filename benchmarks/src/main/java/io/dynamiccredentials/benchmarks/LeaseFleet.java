package io.dynamiccredentials.benchmarks;

import io.dynamiccredentials.IssuerUrl;
import io.dynamiccredentials.benchmarks.InMemoryPlatform.Way;
import io.dynamiccredentials.journal.FileLeaseJournal;
import io.dynamiccredentials.keys.SigningKeys;
import io.dynamiccredentials.run.DynamicCredentials;
import io.dynamiccredentials.run.RunLease;
import io.dynamiccredentials.token.JwtTokenIssuer;
import io.dynamiccredentials.token.RelyingPartyRules;
import io.dynamiccredentials.token.TokenIssuer;
import io.dynamiccredentials.workload.Phase;
import io.dynamiccredentials.workload.TerraformRun;
import io.dynamiccredentials.workload.Workload;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Leases that one door has opened, with everything real but the platforms: issuer, journal, files, endpoints and
 * refresher. Opened and closed by a few threads. Not safe for use by several threads.
 */
final class LeaseFleet implements AutoCloseable {
    private static final int CALLERS = 4;

    private final TokenIssuer issuer;
    private final FileLeaseJournal journal;
    private final DynamicCredentials door;
    private final Map<String, String> variables = new LinkedHashMap<>();
    private final List<RunLease> leases = new ArrayList<>();

    private LeaseFleet(Path directory, Duration life, Deadlines deadlines, SigningKeys keys) throws IOException {
        this.issuer = JwtTokenIssuer.builder(IssuerUrl.of("https://ci.example"), keys)
                .relyingParties(RelyingPartyRules.vault())
                .lifetime(life)
                .build();
        this.journal = FileLeaseJournal.open(Files.createDirectory(directory.resolve("journal")));
        DynamicCredentials.Builder builder = DynamicCredentials.builder(issuer)
                .directory(Files.createDirectory(directory.resolve("leases")))
                .journal(journal);
        for (Way way : Way.values()) {
            InMemoryPlatform platform = new InMemoryPlatform(way, life, deadlines, Clock.systemUTC());
            builder.provider(platform);
            variables.put(platform.switchVariable(), "true");
        }
        this.door = builder.build();
    }

    /**
     * Makes a door without a lease.
     *
     * @param directory where the files are; what is left in it is left
     * @param life how long tokens and credentials live, a minute at least
     */
    static LeaseFleet at(Path directory, Duration life, Deadlines deadlines, SigningKeys keys) throws IOException {
        return new LeaseFleet(directory, life, deadlines, keys);
    }

    TokenIssuer issuer() {
        return issuer;
    }

    List<RunLease> leases() {
        return leases;
    }

    static Workload workload(int number) {
        return TerraformRun.builder("acme", "shop", "prod", "run-" + number)
                .phase(Phase.APPLY)
                .build();
    }

    /** Opens so many leases and returns how long each took. */
    Latencies open(int count) throws InterruptedException {
        List<Future<RunLease>> opened = new ArrayList<>();
        Latencies all = new Latencies();
        ExecutorService callers = Executors.newFixedThreadPool(CALLERS);
        try {
            for (int i = 0; i < count; i++) {
                Workload workload = workload(i);
                opened.add(callers.submit(() -> {
                    long begin = System.nanoTime();
                    RunLease lease = door.open(workload, variables);
                    count(all, begin);
                    return lease;
                }));
            }
            for (Future<RunLease> each : opened) {
                leases.add(result(each));
            }
        } finally {
            callers.shutdownNow();
        }
        return all;
    }

    /** Closes all leases and returns how long each took. */
    Latencies closeLeases() throws InterruptedException {
        List<Future<?>> closed = new ArrayList<>();
        Latencies all = new Latencies();
        ExecutorService callers = Executors.newFixedThreadPool(CALLERS);
        try {
            for (RunLease lease : leases) {
                closed.add(callers.submit(() -> {
                    long begin = System.nanoTime();
                    lease.close();
                    count(all, begin);
                }));
            }
            for (Future<?> each : closed) {
                result(each);
            }
        } finally {
            callers.shutdownNow();
        }
        leases.clear();
        return all;
    }

    /** Lets go of the journal. */
    @Override
    public void close() {
        journal.close();
    }

    private static void count(Latencies all, long begin) {
        long nanos = System.nanoTime() - begin;
        synchronized (all) {
            all.add(nanos);
        }
    }

    private static <T> T result(Future<T> future) throws InterruptedException {
        try {
            return future.get();
        } catch (ExecutionException e) {
            throw new IllegalStateException("A lease can't be opened or closed", e.getCause());
        }
    }
}
