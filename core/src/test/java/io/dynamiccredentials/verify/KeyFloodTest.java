package io.dynamiccredentials.verify;

import static org.assertj.core.api.Assertions.assertThat;

import io.dynamiccredentials.TokenRejectedException;
import io.dynamiccredentials.TokenRejectedException.Reason;
import io.dynamiccredentials.fixtures.Answer;
import io.dynamiccredentials.fixtures.Jws;
import io.dynamiccredentials.fixtures.ManualClock;
import io.dynamiccredentials.jwk.PublicJwk;
import io.dynamiccredentials.jwk.SigningAlgorithm;
import io.dynamiccredentials.keys.SigningKey;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

/** Tokens with invented keys neither reach the issuer nor hold up anybody, and a new key gets through. */
@Isolated("takes all processors for ten seconds")
@Tag("slow")
class KeyFloodTest {
    private static final SigningKey KNOWN = SigningKey.generate(SigningAlgorithm.ES256);
    private static final SigningKey NEW = SigningKey.generate(SigningAlgorithm.ES256);
    private static final CountDownLatch NEVER = new CountDownLatch(1);

    private final KeyServer server = new KeyServer(KNOWN.publicJwk());
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final AtomicBoolean flooding = new AtomicBoolean(true);
    private final AtomicLong number = new AtomicLong();

    @AfterEach
    void stop() {
        flooding.set(false);
        threads.shutdownNow();
        server.close();
    }

    @Test
    void verify_floodFor10Seconds_isThreeFetchesAndANewKeyComesThroughIn5() throws Exception {
        server.answerBy(request -> after50Millis(KNOWN.publicJwk()));
        LongAdder refused = new LongAdder();
        LongAdder accepted = new LongAdder();
        try (RemoteJwkSets sets = RemoteJwkSets.builder().build()) {
            TokenVerifier verifier = verifier(sets.of(server.issuer()), Clock.systemUTC());
            String good = token(KNOWN, Clock.systemUTC());
            verifier.verify(good);
            List<Future<?>> all = new ArrayList<>();
            for (int i = 0; i < 64; i++) {
                all.add(threads.submit(() -> repeat(() -> refuse(verifier, invented(good)), refused)));
            }
            for (int i = 0; i < 8; i++) {
                all.add(threads.submit(() -> repeat(() -> verifier.verify(good), accepted)));
            }
            await(10_000);
            long fetches = server.keyFetches();
            assertThat(fetches).isBetween(2L, 3L);

            server.answerBy(request -> after50Millis(KNOWN.publicJwk(), NEW.publicJwk()));
            String newer = token(NEW, Clock.systemUTC());
            long published = System.nanoTime();
            while (!accepts(verifier, newer)) {
                Thread.onSpinWait();
            }
            Duration waited = Duration.ofNanos(System.nanoTime() - published);
            System.out.printf(
                    "Flood: %d invented keys refused, %d good tokens accepted, %d fetches in 10 s, new key after %d ms%n",
                    refused.sum(), accepted.sum(), fetches, waited.toMillis());
            assertThat(waited).isLessThanOrEqualTo(Duration.ofSeconds(5));
            flooding.set(false);
            for (Future<?> each : all) {
                each.get();
            }
        }
        assertThat(refused.sum()).isGreaterThan(1_000);
        assertThat(accepted.sum()).isGreaterThan(100);
    }

    @Test
    void verify_floodOnAToldClock_isAFetchIn4Seconds() {
        ManualClock clock = new ManualClock();
        try (RemoteJwkSets sets = RemoteJwkSets.builder()
                .clock(clock)
                .nanoTime(() -> clock.elapsed().toNanos())
                .build()) {
            TokenVerifier verifier = verifier(sets.of(server.issuer()), clock);
            String good = token(KNOWN, clock);
            for (int i = 0; i < 10_000; i++) {
                refuse(verifier, invented(good));
                clock.pass(Duration.ofMillis(1));
            }
            verifier.verify(good);
            assertThat(server.keyFetches()).isEqualTo(3);

            server.publish(KNOWN.publicJwk(), NEW.publicJwk());
            String newer = token(NEW, clock);
            Duration waited = Duration.ZERO;
            while (!accepts(verifier, newer)) {
                refuse(verifier, invented(good));
                clock.pass(Duration.ofMillis(1));
                waited = waited.plusMillis(1);
            }
            assertThat(waited).isLessThanOrEqualTo(Duration.ofSeconds(4));
        }
        assertThat(server.keyFetches()).isEqualTo(4);
    }

    private void repeat(Runnable task, LongAdder count) {
        while (flooding.get()) {
            task.run();
            count.increment();
            pause();
        }
    }

    /**
     * Leaves the processors to others for 2 ms, so that the test shows what the verifier does and not the scheduler.
     */
    private static void pause() {
        await(2);
    }

    private static void await(long millis) {
        try {
            NEVER.await(millis, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Returns the token under the id of a key that nobody has. */
    private String invented(String token) {
        String header = Jws.header(token).replace(KNOWN.publicJwk().keyId(), "invented-" + number.incrementAndGet());
        return Jws.encode(header) + token.substring(token.indexOf('.'));
    }

    private static void refuse(TokenVerifier verifier, String token) {
        assertThat(accepts(verifier, token)).isFalse();
    }

    private static boolean accepts(TokenVerifier verifier, String token) {
        try {
            verifier.verify(token);
            return true;
        } catch (TokenRejectedException e) {
            assertThat(e.reason()).isIn(Reason.UNKNOWN_KEY, Reason.KEYS_UNAVAILABLE);
            return false;
        }
    }

    private static Answer after50Millis(PublicJwk... keys) {
        await(50);
        return KeyServer.keys(keys);
    }

    private TokenVerifier verifier(KeySource keys, Clock clock) {
        Set<SigningAlgorithm> algorithms = Set.of(SigningAlgorithm.ES256);
        return JwtTokenVerifier.builder(new TrustedIssuer(server.issuer(), Set.of("me"), algorithms, keys))
                .clock(clock)
                .build();
    }

    private String token(SigningKey key, Clock clock) {
        long now = clock.instant().getEpochSecond();
        return Jws.sign(
                key,
                "{\"iss\":\"" + server.issuer() + "\",\"aud\":\"me\",\"sub\":\"s\",\"iat\":" + now + ",\"exp\":"
                        + (now + 600) + "}");
    }
}
