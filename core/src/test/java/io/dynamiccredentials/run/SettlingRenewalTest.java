package io.dynamiccredentials.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.dynamiccredentials.IssuerUrl;
import io.dynamiccredentials.exchange.Refresher;
import io.dynamiccredentials.fixtures.SimulatedTime;
import io.dynamiccredentials.jwk.SigningAlgorithm;
import io.dynamiccredentials.keys.SigningKeys;
import io.dynamiccredentials.token.JwtTokenIssuer;
import io.dynamiccredentials.token.TokenIssuer;
import io.dynamiccredentials.workload.Phase;
import io.dynamiccredentials.workload.TerraformRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Credentials that work everywhere only some time after they were bought are kept fresh all the same. */
class SettlingRenewalTest {
    private static final TokenIssuer ISSUER = JwtTokenIssuer.builder(
                    IssuerUrl.of("https://ci.example"), SigningKeys.generate(SigningAlgorithm.RS256))
            .build();

    @TempDir
    Path parent;

    private final SimulatedTime time = new SimulatedTime();
    private final RenewingProvider acme = new RenewingProvider(time.clock());
    private final List<LeaseEvent> events = new CopyOnWriteArrayList<>();
    private Runnable afterSixteenMinutes = () -> {};

    @Test
    void open_lifeShorterThanTheWait_isProlongedMeanwhile() throws IOException {
        acme.renewable = true;
        acme.life = Duration.ofMinutes(10);
        acme.settling = Duration.ofMinutes(25);
        try (RunLease lease = open()) {
            assertThat(session(lease)).isEqualTo("session-1");
            assertThat(acme.lives("session-1")).isTrue();
        }
        assertThat(acme.revoked).containsExactly("session-1");
    }

    @Test
    void open_boughtAnewDuringTheWait_theLeaseHasTheNewOnesWhenTheyAreDue() throws IOException {
        acme.life = Duration.ofMinutes(40);
        acme.settling = Duration.ofMinutes(25);
        try (RunLease lease = open()) {
            assertThat(session(lease)).isEqualTo("session-1");
            time.pass(Duration.ofMinutes(15));
            assertThat(session(lease)).isEqualTo("session-2");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {40, 60, 300})
    void renewal_everyMinute_theRunHasWhatLivesAndHasSettled(int minutes) throws IOException {
        acme.life = Duration.ofMinutes(minutes);
        acme.settling = Duration.ofMinutes(25);
        try (RunLease lease = open()) {
            for (int minute = 0; minute < 4 * minutes; minute++) {
                String session = session(lease);
                assertThat(acme.lives(session))
                        .as("%s in minute %d", session, minute)
                        .isTrue();
                assertThat(acme.hasSettled(session))
                        .as("%s in minute %d", session, minute)
                        .isTrue();
                time.pass(Duration.ofMinutes(1));
            }
        }
    }

    @Test
    void renewal_prolongedWhileItSettles_isNotHandedOverSooner() throws IOException {
        acme.life = Duration.ofMinutes(40);
        acme.settling = Duration.ofMinutes(25);
        afterSixteenMinutes = () -> acme.renewable = true;
        try (RunLease lease = open()) {
            time.pass(Duration.ofMinutes(5));
            assertThat(session(lease)).isEqualTo("session-1");
            time.pass(Duration.ofMinutes(10));
            assertThat(session(lease)).isEqualTo("session-2");
        }
    }

    @Test
    void renewal_handingOverFails_isTriedAgainAndTold() throws IOException {
        acme.settling = Duration.ofMinutes(5);
        try (RunLease lease = open()) {
            acme.beforeRendering = () -> {
                throw new IllegalStateException("marker");
            };
            time.pass(Duration.ofMinutes(51));
            assertThat(session(lease)).isEqualTo("session-1");
            assertThat(events)
                    .filteredOn(event -> event.kind() == LeaseEvent.Kind.REFUSED)
                    .isNotEmpty()
                    .allSatisfy(event -> assertThat(event.detail())
                            .contains("newer credentials could not be handed to the run yet"));

            acme.beforeRendering = () -> {};
            time.pass(Duration.ofMinutes(3));
            assertThat(session(lease)).isEqualTo("session-2");
        }
    }

    @Test
    void close_whileNewOnesSettle_forgetsThem() {
        acme.settling = Duration.ofMinutes(25);
        RunLease lease = open();
        time.pass(Duration.ofMinutes(15));
        assertThat(acme.boughtAt).hasSize(2);

        lease.close();

        assertThat(time.waiting()).isZero();
        assertThat(acme.revoked).containsExactly("session-2", "session-1");
    }

    @Test
    void renewal_limitIsNearAndNoneToBeBought_isTold() {
        acme.renewable = true;
        acme.limit = time.clock().instant().plus(Duration.ofMinutes(65));
        try (RunLease lease = open()) {
            acme.beforeExchange = () -> {
                throw RenewingProvider.down();
            };
            time.pass(Duration.ofMinutes(45));

            assertThat(acme.lives("session-1")).isTrue();
            assertThat(lease.environment().files()).hasSize(2);
            assertThat(events)
                    .filteredOn(event -> event.kind() == LeaseEvent.Kind.REFUSED)
                    .first()
                    .satisfies(event -> assertThat(event.detail().orElse("")).contains("Acme is down"));
        }
    }

    private RunLease open() {
        return DynamicCredentials.builder(ISSUER)
                .provider(acme)
                .directory(parent)
                .listener(events::add)
                .time(this::passWait)
                .refresher(Refresher.builder()
                        .executors(time, time)
                        .clocks(time.clock(), time::nanoTime)
                        .build())
                .build()
                .open(
                        TerraformRun.builder("acme", "shop", "prod", "run-1")
                                .phase(Phase.PLAN)
                                .build(),
                        Map.of("TFC_ACME_PROVIDER_AUTH", "true"));
    }

    private void passWait(long millis) {
        Duration first =
                Duration.ofMillis(Math.min(millis, Duration.ofMinutes(16).toMillis()));
        time.pass(first);
        afterSixteenMinutes.run();
        time.pass(Duration.ofMillis(millis).minus(first));
    }

    private static String session(RunLease lease) throws IOException {
        Path file = lease.environment().files().stream()
                .filter(each -> each.endsWith("session"))
                .findFirst()
                .orElseThrow();
        return Files.readString(file);
    }
}
