package io.dynamiccredentials.keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import io.dynamiccredentials.IssuerUrl;
import io.dynamiccredentials.Secret;
import io.dynamiccredentials.discovery.DiscoveryEndpoint;
import io.dynamiccredentials.discovery.JdkHttpDiscovery;
import io.dynamiccredentials.fixtures.Answer;
import io.dynamiccredentials.fixtures.ManualClock;
import io.dynamiccredentials.fixtures.ScriptedServer;
import io.dynamiccredentials.jwk.PublicJwk;
import io.dynamiccredentials.jwk.SigningAlgorithm;
import io.dynamiccredentials.token.JwtTokenIssuer;
import io.dynamiccredentials.token.RelyingPartyRules;
import io.dynamiccredentials.verify.JwtTokenVerifier;
import io.dynamiccredentials.verify.RemoteJwkSet;
import io.dynamiccredentials.verify.RemoteJwkSets;
import io.dynamiccredentials.verify.TrustedIssuer;
import io.dynamiccredentials.wire.BoundedHttpClient;
import io.dynamiccredentials.workload.TerraformRun;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RotatingSigningKeysTest {
    private static final String AUDIENCE = "vault.workload.identity";
    private static final RotationPolicy POLICY =
            RotationPolicy.builder().period(Duration.ofDays(2)).build();

    private final ManualClock clock = new ManualClock();
    private final StoreEncryption encryption = StoreEncryption.key(Secret.of("B".repeat(42) + "A"));
    private final BoundedHttpClient http = BoundedHttpClient.builder().build();
    private HttpServer web;
    private IssuerUrl issuer;

    @BeforeEach
    void serve() throws IOException {
        web = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        web.start();
        issuer = IssuerUrl.loopback("http://127.0.0.1:" + web.getAddress().getPort());
    }

    @AfterEach
    void stop() {
        web.stop(0);
    }

    @Test
    void keys_inAFileForAWeek_signTokensThatAnIndependentVerifierTakes(@TempDir Path directory) {
        FileSigningKeyStore store = FileSigningKeyStore.at(directory.resolve("keys"));
        Set<String> active = new HashSet<>();
        try (RotatingSigningKeys keys = builder(store).open()) {
            publish(keys);
            JwtTokenIssuer tokens = JwtTokenIssuer.builder(issuer, keys)
                    .relyingParties(RelyingPartyRules.vault())
                    .clock(clock)
                    .build();
            JwtTokenVerifier verifier = verifier();
            for (int hours = 0; hours < 7 * 24; hours++) {
                clock.pass(Duration.ofHours(1));
                keys.maintain();
                String token = tokens.issue(run(), AUDIENCE).compact().reveal();
                assertThat(verifier.verify(token).subject()).isEqualTo(run().subject());
                active.add(keys.health().keys().get(0).publicJwk().keyId());
            }
            assertThat(keys.health().problems()).isEmpty();
        }
        assertThat(active).hasSize(4);
    }

    @Test
    void open_afterARestart_hasTheSameKeys(@TempDir Path directory) {
        FileSigningKeyStore store = FileSigningKeyStore.at(directory.resolve("keys"));
        try (RotatingSigningKeys before = builder(store).open();
                RotatingSigningKeys after = builder(store).open()) {
            assertThat(after.published().toJson()).isEqualTo(before.published().toJson());
        }
    }

    @Test
    void open_withAnotherKey_failsAtOnce() {
        MemorySigningKeyStore store = new MemorySigningKeyStore();
        builder(store).open().close();
        StoreEncryption other = StoreEncryption.key(Secret.of("C".repeat(42) + "A"));

        assertThatThrownBy(RotatingSigningKeys.builder(issuer, store, other)::open)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("does not open with this passphrase or key");
    }

    @Test
    void open_storeOfAnotherIssuer_failsAtOnce() {
        MemorySigningKeyStore store = new MemorySigningKeyStore();
        builder(store).open().close();

        assertThatThrownBy(RotatingSigningKeys.builder(IssuerUrl.of("https://other.example"), store, encryption)::open)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("issuer \"https://other.example\" does not open");
    }

    @Test
    void open_keyOfAFactoryThatIsNotNamed_saysWhich() {
        MemorySigningKeyStore store = new MemorySigningKeyStore();
        builder(store).factory(new NamedFactory("kms")).open().close();

        assertThatThrownBy(builder(store)::open)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("was made by the key factory \"kms\"; known are [local]")
                .hasMessageContaining("alsoOpening");
        builder(store).alsoOpening(new NamedFactory("kms")).open().close();
    }

    @Test
    void open_keysOfThisProcessBeforeAnotherFactory_signOn() {
        MemorySigningKeyStore store = new MemorySigningKeyStore();
        builder(store).open().close();

        try (RotatingSigningKeys keys =
                builder(store).factory(new NamedFactory("kms")).open()) {
            assertThat(keys.active(clock.instant()).key().publicJwk().algorithm())
                    .isEqualTo(SigningAlgorithm.ES256);
        }
    }

    @Test
    void open_twoFactoriesOfOneName_triesBoth() {
        MemorySigningKeyStore store = new MemorySigningKeyStore();
        NamedFactory before = new NamedFactory("kms");
        builder(store).factory(before).open().close();
        NamedFactory elsewhere = new NamedFactory("kms") {
            @Override
            public Signer open(PublicJwk publicJwk, Secret reference) {
                throw new IllegalStateException("no such key here");
            }
        };

        try (RotatingSigningKeys keys =
                builder(store).alsoOpening(elsewhere).alsoOpening(before).open()) {
            assertThat(keys.active(clock.instant()).key()).isNotNull();
        }
        assertThatThrownBy(builder(store).alsoOpening(elsewhere)::open)
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("no such key here");
    }

    @Test
    void open_signerOfAnotherKey_isFoundOut() {
        SigningKey stranger = SigningKey.generate(SigningAlgorithm.ES256);
        SigningKeyFactory swapped = new NamedFactory("kms") {
            @Override
            public Signer open(PublicJwk publicJwk, Secret reference) {
                return stranger::sign;
            }
        };

        assertThatThrownBy(builder(new MemorySigningKeyStore()).factory(swapped)::open)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("does not verify with its public half");
    }

    @Test
    void maintain_mirrorLacksTheNextKey_keepsTheOldKey() {
        try (ScriptedServer mirror = ScriptedServer.http(Answer.text(503, ""));
                RotatingSigningKeys keys = builder(new MemorySigningKeyStore())
                        .mirror(mirror.address())
                        .open()) {
            publish(keys);
            String first = keys.health().keys().get(0).publicJwk().keyId();
            for (int hours = 0; hours < 72; hours++) {
                clock.pass(Duration.ofHours(1));
                keys.maintain();
            }

            assertThat(keys.health().keys().get(0).publicJwk().keyId()).isEqualTo(first);
            assertThat(keys.health().problems())
                    .anyMatch(problem -> problem.contains(mirror.address() + " can't be read: HTTP 503"));
        }
    }

    @Test
    void assumingPublication_nothingIsServed_rotates() {
        try (RotatingSigningKeys keys =
                builder(new MemorySigningKeyStore()).assumingPublication().open()) {
            String first = keys.health().keys().get(0).publicJwk().keyId();
            for (int hours = 0; hours < 72; hours++) {
                clock.pass(Duration.ofHours(1));
                keys.maintain();
            }

            assertThat(keys.health().keys().get(0).publicJwk().keyId()).isNotEqualTo(first);
        }
    }

    @Test
    void listener_failing_costsNothing() {
        List<KeyEvent> told = new ArrayList<>();
        try (RotatingSigningKeys keys = builder(new MemorySigningKeyStore())
                .listener(event -> {
                    told.add(event);
                    throw new IllegalStateException("the listener's own");
                })
                .open()) {
            assertThat(told)
                    .extracting(KeyEvent::kind)
                    .containsExactly(KeyEvent.Kind.ACTIVATED, KeyEvent.Kind.PUBLISHED);
            assertThat(keys.published().keys()).hasSize(2);
        }
    }

    @Test
    void start_maintainsInAThreadThatCloseEnds() throws InterruptedException {
        CountDownLatch seen = new CountDownLatch(1);
        RotatingSigningKeys keys = RotatingSigningKeys.builder(issuer, new MemorySigningKeyStore(), encryption)
                .factory(SigningKeyFactory.local(SigningAlgorithm.EDDSA))
                .maintenanceInterval(Duration.ofSeconds(1))
                .assumingPublication()
                .listener(event -> {
                    if (event.kind() == KeyEvent.Kind.SEEN) {
                        seen.countDown();
                    }
                })
                .start();

        assertThat(seen.await(20, TimeUnit.SECONDS)).isTrue();
        keys.close();
        keys.close();
        assertThat(keys.active(clock.instant()).key()).isNotNull();
    }

    @Test
    void maxAge_andMaxTokenLifetime_areThoseOfThePolicy() {
        try (RotatingSigningKeys keys = builder(new MemorySigningKeyStore()).open()) {
            assertThat(keys.maxAge()).isEqualTo(POLICY.maxAge());
            assertThat(keys.maxTokenLifetime()).isEqualTo(POLICY.maxTokenLifetime());
            assertThatThrownBy(JwtTokenIssuer.builder(issuer, keys)
                            .relyingParties(RelyingPartyRules.vault())
                            .lifetime(Duration.ofHours(2))::build)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("The issuer's lifetime is PT2H and its keys sign tokens of at most PT1H");
        }
    }

    @Test
    void mirror_notHttps_isRefused() {
        RotatingSigningKeys.Builder builder = RotatingSigningKeys.builder(
                IssuerUrl.of("https://ci.example"), new MemorySigningKeyStore(), encryption);

        assertThatThrownBy(() -> builder.mirror(URI.create("http://cdn.example/jwks")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("A mirror must have an https address; it was http://cdn.example/jwks");
    }

    @Test
    void mirror_besideAssumedPublication_isRefused() {
        RotatingSigningKeys.Builder builder = builder(new MemorySigningKeyStore())
                .assumingPublication()
                .mirror(URI.create("https://cdn.example/jwks"));

        assertThatThrownBy(builder::open)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("nobody looks at the mirrors [https://cdn.example/jwks]");
    }

    @Test
    void start_intervalAsLongAsTheKeySetIsServed_isRefused() {
        RotatingSigningKeys.Builder builder = builder(new MemorySigningKeyStore())
                .policy(RotationPolicy.builder()
                        .maxStaleness(Duration.ofMinutes(20))
                        .build())
                .maintenanceInterval(Duration.ofMinutes(15));

        assertThatThrownBy(builder::start)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(
                        "maintenanceInterval PT15M must be shorter than three quarters of maxStaleness PT20M");
    }

    @Test
    void maintenanceInterval_outOfRange_isRefused() {
        RotatingSigningKeys.Builder builder = builder(new MemorySigningKeyStore());

        for (Duration wrong : List.of(
                Duration.ofSeconds(1).minusNanos(1), Duration.ofMinutes(15).plusNanos(1), Duration.ZERO)) {
            assertThatThrownBy(() -> builder.maintenanceInterval(wrong))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("maintenanceInterval must be 1 second to 15 minutes; it was " + wrong);
        }
    }

    @Test
    void maintenanceInterval_shortestAndLongest_areTaken() {
        for (Duration right : List.of(Duration.ofSeconds(1), Duration.ofMinutes(15))) {
            try (RotatingSigningKeys keys = builder(new MemorySigningKeyStore())
                    .assumingPublication()
                    .maintenanceInterval(right)
                    .start()) {
                assertThat(keys.published().keys()).hasSize(2);
            }
        }
    }

    private RotatingSigningKeys.Builder builder(SigningKeyStore store) {
        return RotatingSigningKeys.builder(issuer, store, encryption)
                .policy(POLICY)
                .factory(SigningKeyFactory.local(SigningAlgorithm.ES256))
                .clock(clock)
                .http(http);
    }

    private void publish(RotatingSigningKeys keys) {
        web.createContext("/", JdkHttpDiscovery.of(DiscoveryEndpoint.of(issuer, keys)));
    }

    private JwtTokenVerifier verifier() {
        RemoteJwkSet remote = RemoteJwkSets.builder()
                .http(http)
                .clock(clock)
                .nanoTime(() -> clock.elapsed().toNanos())
                .build()
                .of(issuer);
        Set<SigningAlgorithm> algorithms = Set.of(SigningAlgorithm.ES256);
        return JwtTokenVerifier.builder(new TrustedIssuer(issuer, Set.of(AUDIENCE), algorithms, remote))
                .clock(clock)
                .build();
    }

    private static TerraformRun run() {
        return TerraformRun.builder("acme", "shop", "prod", "run-1").build();
    }

    /** Local keys under another name. */
    private static class NamedFactory implements SigningKeyFactory {
        private final SigningKeyFactory local = SigningKeyFactory.local(SigningAlgorithm.ES256);
        private final String name;

        NamedFactory(String name) {
            this.name = name;
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public Made create(Set<String> knownKeyIds) {
            return local.create(knownKeyIds);
        }

        @Override
        public Signer open(PublicJwk publicJwk, Secret reference) {
            return local.open(publicJwk, reference);
        }
    }
}
