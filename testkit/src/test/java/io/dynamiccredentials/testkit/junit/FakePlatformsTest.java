package io.dynamiccredentials.testkit.junit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import io.dynamiccredentials.testkit.FakePlatform;
import io.dynamiccredentials.testkit.Fault;
import io.dynamiccredentials.testkit.LoopbackTls;
import io.dynamiccredentials.testkit.Runs;
import io.dynamiccredentials.testkit.SettableClock;
import io.dynamiccredentials.testkit.TestIssuer;
import io.dynamiccredentials.testkit.aws.FakeAws;
import io.dynamiccredentials.testkit.azure.FakeEntra;
import io.dynamiccredentials.testkit.gcp.FakeGoogleCloud;
import io.dynamiccredentials.testkit.vault.FakeVault;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.testkit.engine.EngineExecutionResults;
import org.junit.platform.testkit.engine.EngineTestKit;

/** Runs the test classes of an embedder within a test. */
class FakePlatformsTest {

    @Test
    void parameters_ofEachType_areStartedFakesOnOneClock() {
        assertThat(failures(AllParameters.class)).isEmpty();
    }

    @Test
    void parameters_ofTwoTestsInParallel_areTheirOwnAndAreStopped() throws Exception {
        InParallel.SEEN.clear();

        assertThat(failures(InParallel.class)).isEmpty();

        assertThat(InParallel.SEEN).hasSize(4).doesNotHaveDuplicates();
        for (FakePlatform platform : InParallel.SEEN) {
            assertThat(isListening(platform)).isFalse();
        }
    }

    @Test
    void parametersOfTheClass_areSharedAndResetBeforeEachTest() throws Exception {
        Shared.SEEN.clear();

        assertThat(failures(Shared.class)).isEmpty();

        assertThat(Shared.SEEN).hasSize(5);
        assertThat(Set.copyOf(Shared.SEEN)).hasSize(1);
        assertThat(isListening(Shared.SEEN.get(0))).isFalse();
    }

    @Test
    void parametersOfTheClass_testsInParallel_areRefused() {
        List<Throwable> failures = failures(SharedInParallel.class);

        assertThat(failures)
                .isNotEmpty()
                .allSatisfy(failure -> assertThat(failure)
                        .hasMessageContaining("two tests of it run at once")
                        .hasMessageContaining("SAME_THREAD"));
    }

    private static boolean isListening(FakePlatform platform) {
        try (Socket socket =
                new Socket(InetAddress.getLoopbackAddress(), platform.address().getPort())) {
            return socket.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    /** Runs the tests of a class, and returns what failed in them. */
    static List<Throwable> failures(Class<?> tests) {
        EngineExecutionResults results = EngineTestKit.engine("junit-jupiter")
                .selectors(selectClass(tests))
                .configurationParameter("junit.jupiter.execution.parallel.enabled", "true")
                .configurationParameter("junit.jupiter.execution.parallel.config.strategy", "fixed")
                .configurationParameter("junit.jupiter.execution.parallel.config.fixed.parallelism", "4")
                .execute();
        assertThat(results.testEvents().started().count()).isPositive();
        List<Throwable> failures = new ArrayList<>();
        results.allEvents().finished().stream()
                .map(event -> event.getRequiredPayload(TestExecutionResult.class))
                .forEach(result -> result.getThrowable().ifPresent(failures::add));
        return failures;
    }

    @ExtendWith(FakePlatforms.class)
    static class AllParameters {
        private final TestIssuer ofTheConstructor;

        AllParameters(TestIssuer issuer) {
            this.ofTheConstructor = issuer;
        }

        @BeforeEach
        void setUp(FakeVault vault) {
            vault.faults().next(Fault.failed(503));
        }

        @Test
        void all(
                SettableClock clock,
                TestIssuer issuer,
                LoopbackTls tls,
                FakeAws aws,
                FakeEntra entra,
                FakeGoogleCloud google,
                FakeVault vault) {
            assertThat(issuer).isSameAs(ofTheConstructor);
            assertThat(clock.instant()).isEqualTo(FakePlatforms.START);
            assertThat(issuer.issue(Runs.plan(), "a").issuedAt()).isEqualTo(FakePlatforms.START);
            clock.advance(Duration.ofHours(1));
            assertThat(issuer.issue(Runs.plan(), "a").issuedAt())
                    .isEqualTo(FakePlatforms.START.plus(Duration.ofHours(1)));
            assertThat(tls.clientContext()).isNotNull();
            for (FakePlatform platform : List.of(aws, entra, google, vault)) {
                assertThat(isListening(platform)).isTrue();
                assertThat(platform.live()).isEmpty();
            }
        }
    }

    @ExtendWith(FakePlatforms.class)
    @Execution(ExecutionMode.CONCURRENT)
    static class InParallel {
        static final List<FakePlatform> SEEN = Collections.synchronizedList(new ArrayList<>());
        private static final CyclicBarrier BOTH = new CyclicBarrier(2);

        @Test
        void one(FakeAws aws, FakeVault vault) throws Exception {
            meet(aws, vault);
        }

        @Test
        void other(FakeAws aws, FakeVault vault) throws Exception {
            meet(aws, vault);
        }

        private static void meet(FakePlatform... platforms) throws Exception {
            BOTH.await(30, TimeUnit.SECONDS);
            SEEN.addAll(List.of(platforms));
            for (FakePlatform platform : platforms) {
                assertThat(isListening(platform)).isTrue();
            }
        }
    }

    @ExtendWith(FakePlatforms.class)
    @Execution(ExecutionMode.SAME_THREAD)
    static class Shared {
        private static final String ROLE = "arn:aws:iam::123456789012:role/r";
        private static final String USER = "arn:aws:iam::123456789012:user/u";
        static final List<FakePlatform> SEEN = Collections.synchronizedList(new ArrayList<>());

        @BeforeAll
        static void start(FakeVault vault, TestIssuer issuer, SettableClock clock) {
            assertThat(clock.instant()).isEqualTo(FakePlatforms.START);
            assertThat(issuer.issue(Runs.plan(), "a")).isNotNull();
            SEEN.add(vault);
        }

        @BeforeEach
        void lookAtTheIssuer(TestIssuer issuer) {
            assertThat(issuer.issued()).isEmpty();
            issuer.rotate().faults().always(Fault.failed(503));
            assertThat(issuer.issue(Runs.plan(), "a")).isNotNull();
        }

        @Test
        void clock_isOneForAll(FakeVault vault, FakeAws own, TestIssuer issuer, SettableClock clock) {
            spoil(vault, clock);
            Instant tomorrow = FakePlatforms.START.plus(Duration.ofDays(1));
            assertThat(issuer.issue(Runs.plan(), "a").issuedAt()).isEqualTo(tomorrow);
            assertThat(own.chainedRole(ROLE, Set.of(USER)).assumeRole(USER, ROLE, "session", Duration.ofHours(1), "x"))
                    .hasValueSatisfying(
                            key -> assertThat(key.expiresAt()).isEqualTo(tomorrow.plus(Duration.ofHours(1))));
        }

        @BeforeEach
        void setUp(FakeVault vault) {
            assertThat(vault.calls().count()).isZero();
            assertThat(vault.faults().injected()).isZero();
        }

        @Test
        void one(FakeVault vault, SettableClock clock) {
            spoil(vault, clock);
        }

        @Test
        void two(FakeVault vault, SettableClock clock) {
            spoil(vault, clock);
        }

        @Test
        void three(FakeVault vault, SettableClock clock) {
            spoil(vault, clock);
        }

        private static void spoil(FakeVault vault, SettableClock clock) {
            assertThat(clock.instant()).isEqualTo(FakePlatforms.START);
            clock.advance(Duration.ofDays(1));
            vault.faults().always(Fault.failed(503));
            SEEN.add(vault);
        }
    }

    @ExtendWith(FakePlatforms.class)
    @Execution(ExecutionMode.CONCURRENT)
    static class SharedInParallel {
        private static final CyclicBarrier NOBODY = new CyclicBarrier(2);

        @BeforeAll
        static void start(FakeVault vault) {
            assertThat(vault.live()).isEmpty();
        }

        @Test
        void one() throws Exception {
            waitForTheOther();
        }

        @Test
        void other() throws Exception {
            waitForTheOther();
        }

        private static void waitForTheOther() throws Exception {
            try {
                NOBODY.await(300, TimeUnit.MILLISECONDS);
            } catch (TimeoutException | BrokenBarrierException e) {
                // The other test was refused.
                assertThat(NOBODY.isBroken()).isTrue();
            }
        }
    }
}
