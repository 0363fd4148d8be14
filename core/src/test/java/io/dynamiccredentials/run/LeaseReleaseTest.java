package io.dynamiccredentials.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dynamiccredentials.IssuerUrl;
import io.dynamiccredentials.exchange.Refresher;
import io.dynamiccredentials.fixtures.SimulatedTime;
import io.dynamiccredentials.jwk.SigningAlgorithm;
import io.dynamiccredentials.keys.SigningKeys;
import io.dynamiccredentials.token.JwtTokenIssuer;
import io.dynamiccredentials.token.TokenIssuer;
import io.dynamiccredentials.workload.Phase;
import io.dynamiccredentials.workload.TerraformRun;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A lease that ends lets go of what refreshes it, all at once and whatever fails. */
@Timeout(60)
class LeaseReleaseTest {
    private static final TokenIssuer ISSUER = JwtTokenIssuer.builder(
                    IssuerUrl.of("https://ci.example"), SigningKeys.generate(SigningAlgorithm.RS256))
            .build();

    @TempDir
    Path parent;

    private final SimulatedTime time = new SimulatedTime();
    private final RenewingProvider acme = new RenewingProvider(time.clock());
    private final ExecutorService threads = Executors.newCachedThreadPool();

    @AfterEach
    void stop() {
        threads.shutdownNow();
    }

    @Test
    void close_severalAttemptsUnderWay_stopsAllBeforeItWaitsForOne() throws Exception {
        RunLease lease = open(
                threads,
                Map.of(
                        "TFC_ACME_PROVIDER_AUTH", "true",
                        "TFC_ACME_PROVIDER_AUTH_A", "true",
                        "TFC_ACME_PROVIDER_AUTH_B", "true"));
        Semaphore underWay = new Semaphore(0);
        CountDownLatch stopped = new CountDownLatch(3);
        List<Boolean> together = new CopyOnWriteArrayList<>();
        acme.beforeExchange = () -> {
            underWay.release();
            awaitInterrupt();
            stopped.countDown();
            together.add(awaited(stopped));
            throw RenewingProvider.down();
        };
        time.pass(Duration.ofMinutes(50));
        assertThat(underWay.tryAcquire(3, 30, TimeUnit.SECONDS)).isTrue();

        lease.close();

        assertThat(together).containsExactly(true, true, true);
        assertThat(acme.revoked).hasSize(3);
    }

    @Test
    void close_refreshingCannotBeStopped_everythingElseIsEndedAllTheSame() {
        RunLease lease = open(time, Map.of("TFC_ACME_PROVIDER_AUTH", "true", "TFC_ACME_PROVIDER_AUTH_A", "true"));
        time.failAfterCancelling(new IllegalStateException("marker"));

        assertThatThrownBy(lease::close).hasMessage("marker");

        assertThat(acme.revoked).containsExactlyInAnyOrder("session-1", "session-2");
        assertThat(parent).isEmptyDirectory();
        assertThat(time.waiting()).isZero();
        assertThat(lease.report().items()).isNotEmpty();
        lease.close();
    }

    private RunLease open(Executor workers, Map<String, String> variables) {
        return DynamicCredentials.builder(ISSUER)
                .provider(acme)
                .directory(parent)
                .refresher(Refresher.builder()
                        .executors(time, workers)
                        .clocks(time.clock(), time::nanoTime)
                        .build())
                .build()
                .open(
                        TerraformRun.builder("acme", "shop", "prod", "run-1")
                                .phase(Phase.PLAN)
                                .build(),
                        variables);
    }

    private static void awaitInterrupt() {
        try {
            new CountDownLatch(1).await();
        } catch (InterruptedException e) {
            // That is what it waited for.
            return;
        }
    }

    private static boolean awaited(CountDownLatch latch) {
        try {
            return latch.await(3, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            return false;
        }
    }
}
