package io.dynamiccredentials.verify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dynamiccredentials.IssuerUrl;
import io.dynamiccredentials.TokenRejectedException;
import io.dynamiccredentials.TokenRejectedException.Reason;
import io.dynamiccredentials.fixtures.Answer;
import io.dynamiccredentials.fixtures.ScriptedServer;
import io.dynamiccredentials.jwk.JwkSet;
import io.dynamiccredentials.jwk.PublicJwk;
import io.dynamiccredentials.jwk.SigningAlgorithm;
import io.dynamiccredentials.keys.SigningKey;
import io.dynamiccredentials.wire.BoundedHttpClient;
import io.dynamiccredentials.wire.Timeouts;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class RemoteJwkSetTest {
    private static final PublicJwk FIRST =
            SigningKey.generate(SigningAlgorithm.ES256).publicJwk();
    private static final PublicJwk SECOND =
            SigningKey.generate(SigningAlgorithm.ES256).publicJwk();

    private final AtomicReference<Answer> document = new AtomicReference<>();
    private final AtomicReference<Answer> jwks = new AtomicReference<>(keys(FIRST));
    private volatile Runnable slow = () -> {};
    private final ScriptedServer server = ScriptedServer.http(request -> {
        slow.run();
        return request.path().endsWith("/jwks") ? jwks.get() : document.get();
    });
    private final AtomicLong nanos = new AtomicLong();
    private final RemoteJwkSet set = RemoteJwkSet.builder(
                    IssuerUrl.loopback(server.address().toString()),
                    BoundedHttpClient.builder()
                            .timeouts(
                                    new Timeouts(Duration.ofSeconds(1), Duration.ofMillis(500), Duration.ofSeconds(1)))
                            .build())
            .nanoTime(nanos::get)
            .build();

    RemoteJwkSetTest() {
        document.set(document(server.address().toString(), server.address() + "/jwks"));
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void find_knownKey_isFetchedOnce() {
        assertThat(set.find(FIRST.keyId())).isPresent();
        assertThat(set.find(FIRST.keyId())).isPresent();

        assertThat(server.requests())
                .extracting(ScriptedServer.Request::path)
                .containsExactly("/.well-known/openid-configuration", "/jwks");
    }

    @Test
    void find_unknownKey_isFetchedAgainOnlyAfterTheInterval() {
        set.find(FIRST.keyId());
        jwks.set(keys(FIRST, SECOND));

        advance(Duration.ofMillis(4999));
        assertThat(set.find(SECOND.keyId())).isEmpty();
        assertThat(server.requests()).hasSize(2);
        advance(Duration.ofMillis(1));
        assertThat(set.find(SECOND.keyId())).isPresent();
        assertThat(server.requests()).hasSize(4);
    }

    @Test
    void find_withdrawnKey_isGoneAfterFiveMinutes() {
        set.find(FIRST.keyId());
        jwks.set(keys(SECOND));

        advance(Duration.ofMinutes(5).minusNanos(1));
        assertThat(set.find(FIRST.keyId())).isPresent();
        advance(Duration.ofNanos(1));
        assertThat(set.find(FIRST.keyId())).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{\"keys\":[]}",
                "<html>",
                "[]",
                "{\"keys\":[{\"kty\":\"oct\",\"k\":\"AQ\",\"kid\":\"x\"}]}"
            })
    void find_issuerServesABrokenSet_knownKeyServesForAnHour(String broken) {
        set.find(FIRST.keyId());
        jwks.set(Answer.json(200, broken));

        advance(Duration.ofMinutes(59));
        assertThat(set.find(FIRST.keyId())).isPresent();
        advance(Duration.ofMinutes(1));
        assertUnavailable(FIRST.keyId());
    }

    @Test
    void find_issuerAnswers503_knownKeyServesAndUnknownIsUnavailable() {
        set.find(FIRST.keyId());
        jwks.set(Answer.text(503, "later"));

        advance(Duration.ofMinutes(10));
        assertThat(set.find(FIRST.keyId())).isPresent();
        assertUnavailable(SECOND.keyId());
    }

    @Test
    void find_issuerComesBack_isFetchedAfterTheInterval() {
        jwks.set(Answer.text(503, "later"));
        assertUnavailable(FIRST.keyId());
        jwks.set(keys(FIRST));

        assertUnavailable(FIRST.keyId());
        assertThat(server.requests()).hasSize(2);
        advance(Duration.ofSeconds(5));
        assertThat(set.find(FIRST.keyId())).isPresent();
    }

    @ParameterizedTest
    @EnumSource(
            value = Answer.Manner.class,
            names = {"STALLED", "STALLED_BODY", "DRIPPING_BODY", "TRUNCATED"})
    void find_issuerStalls_isUnavailableInTime(Answer.Manner manner) {
        jwks.set(keys(FIRST).manner(manner));

        assertUnavailable(FIRST.keyId());
    }

    @Test
    void find_staleKnownKeyWhileAnotherAsksASlowIssuer_isServedAtOnce() throws Exception {
        set.find(FIRST.keyId());
        advance(Duration.ofMinutes(6));
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch answer = new CountDownLatch(1);
        slow = () -> {
            asked.countDown();
            try {
                answer.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        };
        Thread asker = new Thread(() -> set.find(FIRST.keyId()));
        asker.start();
        asked.await();

        // The asker is still waiting for the issuer.
        assertThat(set.find(FIRST.keyId())).isPresent();
        assertThat(asker.isAlive()).isTrue();

        answer.countDown();
        asker.join();
    }

    @Test
    void find_oversizedSet_isUnavailable() {
        jwks.set(Answer.json(200, " ".repeat(300 * 1024)));

        assertUnavailable(FIRST.keyId());
    }

    @Test
    void find_redirectedSet_isUnavailable() {
        try (ScriptedServer target = ScriptedServer.http(keys(FIRST))) {
            jwks.set(Answer.redirect(302, target.address() + "/jwks"));

            assertUnavailable(FIRST.keyId());
            assertThat(target.requests()).isEmpty();
        }
    }

    @Test
    void find_documentOfAnotherIssuer_isUnavailable() {
        document.set(document(server.address() + "/", server.address() + "/jwks"));

        assertThatThrownBy(() -> set.find(FIRST.keyId()))
                .isInstanceOf(TokenRejectedException.class)
                .hasMessageContaining("expected \"" + server.address() + "\"");
        assertThat(server.requests()).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "http://keys.example/jwks", "file:///etc/passwd", "ftp://127.0.0.1/", "not a uri", "//x/jwks"
            })
    void find_badJwksUri_isUnavailable(String jwksUri) {
        document.set(document(server.address().toString(), jwksUri));

        assertUnavailable(FIRST.keyId());
        assertThat(server.requests()).hasSize(1);
    }

    @Test
    void find_manyAtOnce_isOneFetch() throws Exception {
        int callers = 32;
        CountDownLatch ready = new CountDownLatch(callers);
        ExecutorService threads = Executors.newFixedThreadPool(callers);
        try {
            List<Future<Boolean>> found = new ArrayList<>();
            for (int i = 0; i < callers; i++) {
                found.add(threads.submit(() -> {
                    ready.countDown();
                    ready.await();
                    return set.find(FIRST.keyId()).isPresent();
                }));
            }
            for (Future<Boolean> each : found) {
                assertThat(each.get()).isTrue();
            }
            assertThat(server.requests()).hasSize(2);
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void refetchInterval_outOfRange_isRefused() {
        var builder = RemoteJwkSet.builder(
                IssuerUrl.of("https://ci.example"), BoundedHttpClient.builder().build());

        assertThatThrownBy(() -> builder.refetchInterval(Duration.ofSeconds(61)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> builder.refetchInterval(Duration.ofSeconds(-1)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private void assertUnavailable(String keyId) {
        assertThatThrownBy(() -> set.find(keyId))
                .isInstanceOfSatisfying(
                        TokenRejectedException.class,
                        e -> assertThat(e.reason()).isEqualTo(Reason.KEYS_UNAVAILABLE));
    }

    private void advance(Duration by) {
        nanos.addAndGet(by.toNanos());
    }

    private static Answer keys(PublicJwk... keys) {
        return Answer.json(200, new JwkSet(List.of(keys)).toJson());
    }

    private static Answer document(String issuer, String jwksUri) {
        return Answer.json(200, "{\"issuer\":\"" + issuer + "\",\"jwks_uri\":\"" + jwksUri + "\"}");
    }
}
