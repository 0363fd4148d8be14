package io.dynamiccredentials.benchmarks;

import io.dynamiccredentials.testkit.LoopbackTls;
import io.dynamiccredentials.testkit.SettableClock;
import io.dynamiccredentials.testkit.aws.FakeAws;
import io.dynamiccredentials.testkit.azure.FakeEntra;
import io.dynamiccredentials.testkit.gcp.FakeGoogleCloud;
import io.dynamiccredentials.testkit.vault.FakeVault;
import java.time.Instant;

/**
 * Starts and stops all four fakes many times, as the unit tests of an embedder do. Time is real. Not safe for use by
 * several threads.
 */
final class FakesStart {
    private static final int TIMES = 50;
    private static final double MOST_MICROS = 300_000;

    private final SettableClock clock = SettableClock.at(Instant.parse("2026-03-01T12:00:00Z"));
    private final LoopbackTls tls;
    private final Report report = new Report();

    FakesStart(LoopbackTls tls) {
        this.tls = tls;
    }

    /** Runs it; takes no arguments. */
    public static void main(String[] arguments) {
        long start = System.nanoTime();
        LoopbackTls tls = LoopbackTls.create();
        double certificate = (System.nanoTime() - start) / 1e6;
        FakesStart fakes = new FakesStart(tls);
        fakes.report.figure("certificate, once for all", certificate, "ms");
        Report report = fakes.measure(TIMES);
        report.print(System.out);
        System.exit(report.broken().isEmpty() ? 0 : 1);
    }

    Report measure(int times) {
        report.figure("first start, which loads their classes", once() / 1e6, "ms");
        Latencies starts = new Latencies();
        for (int i = 0; i < times; i++) {
            starts.add(once());
        }
        starts.describe("start of all four", report);
        return report.atMost("start of all four, p90", starts.micros(0.9), MOST_MICROS, "µs");
    }

    private long once() {
        long start = System.nanoTime();
        try (FakeAws aws = FakeAws.start(clock);
                FakeEntra entra = FakeEntra.start(clock, tls);
                FakeGoogleCloud google = FakeGoogleCloud.start(clock, tls);
                FakeVault vault = FakeVault.start(clock)) {
            long nanos = System.nanoTime() - start;
            if (aws.address().equals(vault.address()) || entra.address().equals(google.address())) {
                throw new IllegalStateException("Two fakes have one address");
            }
            return nanos;
        }
    }
}
