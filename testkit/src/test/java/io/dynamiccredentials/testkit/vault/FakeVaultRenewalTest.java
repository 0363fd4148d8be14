package io.dynamiccredentials.testkit.vault;

import static org.assertj.core.api.Assertions.assertThat;

import io.dynamiccredentials.testkit.HandedOut;
import io.dynamiccredentials.testkit.Runs;
import io.dynamiccredentials.testkit.TestIssuer;
import io.dynamiccredentials.token.IdentityToken;
import io.dynamiccredentials.vault.VaultJwtExchanger;
import io.dynamiccredentials.vault.VaultJwtRole;
import io.dynamiccredentials.wire.BoundedHttpClient;
import io.dynamiccredentials.wire.HttpReply;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Renewals with something else in between. */
@Timeout(60)
class FakeVaultRenewalTest {
    private static final String AUDIENCE = VaultJwtExchanger.STANDARD_AUDIENCE;
    private static final int ROUNDS = 100;

    private final BusyClock clock = new BusyClock();
    private final BoundedHttpClient http = BoundedHttpClient.builder().build();
    private final TestIssuer issuer = TestIssuer.start(Clock.fixed(Runs.NOW, ZoneOffset.UTC));
    private final FakeVault vault = FakeVault.start(clock)
            .trust(issuer.url())
            .role(VaultJwtRole.of("ci", Set.of(AUDIENCE), Runs.SUBJECTS, Duration.ofMinutes(20)));
    private final VaultJwtExchanger exchanger =
            VaultJwtExchanger.builder(vault.address(), "ci", http).build();
    private final IdentityToken identity = issuer.issue(Runs.plan(), AUDIENCE);
    private final ExecutorService threads = Executors.newFixedThreadPool(3);

    @AfterEach
    void stop() {
        threads.shutdownNow();
        vault.close();
        issuer.close();
    }

    @Test
    void renew_revokedMeanwhile_isForbiddenAndStaysDead() throws Exception {
        String token = login();
        List<Integer> revocation = new ArrayList<>();
        clock.onSecondReading(() -> revocation.add(self("revoke", token).status()));

        HttpReply renewal = self("renew", token);

        assertThat(revocation).containsExactly(204);
        assertThat(renewal.status()).isEqualTo(403);
        assertThat(renewal.body()).contains("permission denied").doesNotContain(token);
        assertThat(self("renew", token).status()).isEqualTo(403);
        assertThat(vault.live()).isEmpty();
    }

    @Test
    void renew_renewedMeanwhile_bothSucceed() throws Exception {
        String token = login();
        List<Integer> other = new ArrayList<>();
        clock.onSecondReading(() -> {
            clock.tick();
            other.add(self("renew", token).status());
        });

        assertThat(self("renew", token).status()).isEqualTo(200);
        assertThat(other).containsExactly(200);
        assertThat(vault.live())
                .extracting(HandedOut::expiresAt)
                .containsExactly(Runs.NOW.plusSeconds(1).plus(Duration.ofMinutes(20)));
    }

    @Test
    void renew_racesWithRevoke_neverResurrects() throws Exception {
        for (int round = 0; round < ROUNDS; round++) {
            String token = login();
            CyclicBarrier start = new CyclicBarrier(3);
            List<Callable<Integer>> race = new ArrayList<>();
            for (String operation : List.of("renew", "renew", "revoke")) {
                race.add(() -> {
                    start.await(10, TimeUnit.SECONDS);
                    return self(operation, token).status();
                });
            }

            List<Integer> statuses = new ArrayList<>();
            for (Future<Integer> runner : threads.invokeAll(race)) {
                statuses.add(runner.get());
            }

            assertThat(statuses.subList(0, 2)).isSubsetOf(200, 403);
            assertThat(statuses.get(2)).isEqualTo(204);
            assertThat(vault.live()).as("round %d", round).isEmpty();
        }
    }

    private String login() {
        return exchanger.exchange(identity).token().reveal();
    }

    private HttpReply self(String operation, String token) throws Exception {
        return http.send(HttpRequest.newBuilder(URI.create(vault.address() + "/v1/auth/token/" + operation + "-self"))
                .header("X-Vault-Token", token)
                .POST(BodyPublishers.noBody()));
    }

    private interface Interruption {
        void happen() throws Exception;
    }

    /** A clock that gives others time whenever it is asked for it. */
    private static final class BusyClock extends Clock {
        private final AtomicInteger untilInterruption = new AtomicInteger();
        private volatile Instant now = Runs.NOW;
        private volatile Interruption interruption = () -> {};

        /** Lets something happen when the clock is read for the second time from now. */
        void onSecondReading(Interruption what) {
            interruption = what;
            untilInterruption.set(2);
        }

        void tick() {
            now = Runs.NOW.plusSeconds(1);
        }

        @Override
        public Instant instant() {
            if (untilInterruption.getAndUpdate(left -> Math.max(0, left - 1)) == 1) {
                try {
                    interruption.happen();
                } catch (Exception e) {
                    throw new IllegalStateException(e);
                }
            }
            for (int i = 0; i < 20_000; i++) {
                Thread.onSpinWait();
            }
            return now;
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }
    }
}
