package io.dynamiccredentials.verify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dynamiccredentials.IssuerUrl;
import io.dynamiccredentials.TokenRejectedException;
import io.dynamiccredentials.TokenRejectedException.Reason;
import io.dynamiccredentials.fixtures.Answer;
import io.dynamiccredentials.fixtures.ManualClock;
import io.dynamiccredentials.fixtures.ScriptedServer;
import io.dynamiccredentials.jwk.PublicJwk;
import io.dynamiccredentials.jwk.SigningAlgorithm;
import io.dynamiccredentials.keys.SigningKey;
import io.dynamiccredentials.wire.BoundedHttpClient;
import io.dynamiccredentials.wire.Timeouts;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RemoteJwkSetTest {
    private static final PublicJwk FIRST =
            SigningKey.generate(SigningAlgorithm.ES256).publicJwk();
    private static final PublicJwk SECOND =
            SigningKey.generate(SigningAlgorithm.ES256).publicJwk();
    private static final Duration SOFT = Duration.ofMinutes(5);
    private static final Duration HARD = SOFT.plus(Duration.ofHours(1));

    private final KeyServer server = new KeyServer(FIRST);
    private final ManualClock clock = new ManualClock();
    private final BoundedHttpClient http = BoundedHttpClient.builder()
            .timeouts(new Timeouts(Duration.ofSeconds(2), Duration.ofSeconds(2), Duration.ofSeconds(4)))
            .build();
    private final RemoteJwkSets sets = RemoteJwkSets.builder()
            .http(http)
            .clock(clock)
            .nanoTime(() -> clock.elapsed().toNanos())
            .build();
    private final RemoteJwkSet set = sets.of(server.issuer());

    @AfterEach
    void stop() {
        sets.close();
        http.close();
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
        server.publish(FIRST, SECOND);

        clock.pass(Duration.ofMillis(3999));
        assertThat(set.find(SECOND.keyId())).isEmpty();
        assertThat(server.keyFetches()).isEqualTo(1);
        clock.pass(Duration.ofMillis(1));
        assertThat(set.find(SECOND.keyId())).isPresent();
        assertThat(server.requests())
                .as("the place of the keys is known")
                .extracting(ScriptedServer.Request::path)
                .containsExactly("/.well-known/openid-configuration", "/jwks", "/jwks");
    }

    @Test
    void find_unknownKeyLongAfterDiscovery_looksForThePlaceAgain() {
        set.find(FIRST.keyId());
        try (KeyServer moved = new KeyServer(SECOND)) {
            server.describe(
                    KeyServer.document(server.issuer().value(), moved.issuer().value() + "/jwks"));
            clock.pass(SOFT.dividedBy(2));

            assertThat(set.find(SECOND.keyId())).isPresent();
        }
    }

    @Test
    void find_sameUnknownKeyAgainAndAgain_isAskedForEverMoreRarely() {
        set.find(FIRST.keyId());
        List<Long> fetchedAfter = new ArrayList<>();
        for (long second = 1; second <= 220; second++) {
            clock.pass(Duration.ofSeconds(1));
            long before = server.keyFetches();
            assertThat(set.find("gone")).isEmpty();
            if (server.keyFetches() > before) {
                fetchedAfter.add(second);
            }
        }

        assertThat(fetchedAfter).startsWith(4L, 8L, 16L, 32L, 64L, 124L, 184L);
    }

    @Test
    void find_newKeyAfterAnotherWasAskedForInVain_isNotHeldUp() {
        set.find(FIRST.keyId());
        for (int i = 0; i < 10; i++) {
            clock.pass(Duration.ofSeconds(4));
            set.find("gone");
        }
        server.publish(FIRST, SECOND);
        clock.pass(Duration.ofSeconds(4));

        assertThat(set.find(SECOND.keyId())).isPresent();
    }

    @Test
    void find_withdrawnKey_isRefusedFromTheSoftAgeOn() {
        set.find(FIRST.keyId());
        server.publish(SECOND);

        clock.pass(SOFT);
        assertThat(set.find(FIRST.keyId())).isEmpty();
        assertThat(set.find(SECOND.keyId())).isPresent();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "max-age=31536000; 900",
                "public, max-age=600, must-revalidate; 600",
                "MAX-AGE=600; 600",
                "max-age=10; 60",
                "max-age=99999999999999999999; 60",
                "max-age=-1; 60",
                "max-age=600, no-store; 60",
                "no-cache; 60",
                "s-maxage=900; 300",
                "nonsense; 300"
            })
    void find_cacheControl_movesTheSoftAgeWithinBounds(String header, long seconds) {
        server.answer(KeyServer.keys(FIRST).header("Cache-Control", header));
        set.find(FIRST.keyId());
        server.publish(SECOND);

        clock.pass(Duration.ofSeconds(seconds * 74 / 100));
        assertThat(set.find(FIRST.keyId())).isPresent();
        assertThat(server.keyFetches()).isEqualTo(1);
        clock.pass(Duration.ofSeconds(seconds).minus(Duration.ofSeconds(seconds * 74 / 100)));
        assertThat(set.find(FIRST.keyId())).isEmpty();
    }

    @Test
    void find_answerFromACache_countsTheAgeItHadThere() {
        server.answer(
                KeyServer.keys(FIRST).header("Cache-Control", "max-age=600").header("Age", "500"));
        set.find(FIRST.keyId());
        server.publish(SECOND);

        clock.pass(Duration.ofSeconds(100));
        assertThat(set.find(FIRST.keyId())).isEmpty();
    }

    @Test
    void find_clockSetBack_doesNotMakeAWithdrawnKeyYoung() {
        set.find(FIRST.keyId());
        server.publish(SECOND);

        clock.pass(SOFT);
        clock.leap(Duration.ofHours(-1));
        assertThat(set.find(FIRST.keyId())).isEmpty();
    }

    @Test
    void find_machineSlept_doesNotMakeAWithdrawnKeyYoung() {
        set.find(FIRST.keyId());
        server.publish(SECOND);

        clock.leap(Duration.ofHours(8));
        assertThat(set.find(FIRST.keyId())).isEmpty();
        assertThat(server.keyFetches()).isEqualTo(2);
    }

    @Test
    void find_unchangedSet_isNotSentAgain() {
        server.answerBy(request -> "\"v1\"".equals(request.headers().get("If-None-Match"))
                ? Answer.text(304, "").header("Cache-Control", "max-age=600")
                : KeyServer.keys(FIRST).header("ETag", "\"v1\""));
        set.find(FIRST.keyId());
        clock.pass(SOFT);
        assertThat(set.find(FIRST.keyId())).isPresent();
        server.publish(SECOND);

        clock.pass(Duration.ofSeconds(440));
        assertThat(set.find(FIRST.keyId())).as("the 304 renewed it, for 600 s").isPresent();
        clock.pass(Duration.ofSeconds(160));
        assertThat(set.find(FIRST.keyId())).isEmpty();
        assertThat(server.requests().get(server.requests().size() - 1).headers())
                .as("the entity tag lasts through a 304 that has none")
                .containsEntry("If-None-Match", "\"v1\"");
    }

    @Test
    void find_304ThatNobodyAskedFor_isAFailure() {
        server.answer(Answer.text(304, ""));

        assertUnavailable(FIRST.keyId(), "answered HTTP 304");
    }

    @Test
    void find_keysInUse_areRenewedInTheBackground() throws Exception {
        set.find(FIRST.keyId());
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch answer = new CountDownLatch(1);
        server.answerBy(request -> {
            asked.countDown();
            await(answer);
            return KeyServer.keys(FIRST, SECOND);
        });

        clock.pass(SOFT.multipliedBy(9).dividedBy(10));
        assertThat(set.find(FIRST.keyId())).as("nobody waits").isPresent();
        assertThat(asked.await(10, TimeUnit.SECONDS)).isTrue();
        assertThat(set.find(FIRST.keyId())).as("nobody waits").isPresent();
        answer.countDown();

        eventually(() -> set.find(SECOND.keyId()).isPresent());
        assertThat(server.keyFetches()).isEqualTo(2);
    }

    @Test
    void find_issuerAnswers503_knownKeyServesAndUnknownIsUnavailable() {
        set.find(FIRST.keyId());
        server.answer(Answer.text(503, "later"));

        clock.pass(Duration.ofMinutes(10));
        assertThat(set.find(FIRST.keyId())).isPresent();
        assertUnavailable(SECOND.keyId(), "answered HTTP 503, expected 200");
    }

    @Test
    void find_issuerFails_isAskedAgainAfterEverLongerPauses() {
        server.answer(Answer.text(503, "later"));
        List<Long> fetches = new ArrayList<>();
        for (int second = 0; second < 600; second++) {
            assertUnavailable(FIRST.keyId(), "answered HTTP 503");
            fetches.add(server.keyFetches());
            clock.pass(Duration.ofSeconds(1));
        }

        assertThat(fetches.get(0)).isEqualTo(1);
        assertThat(fetches.get(10)).isBetween(3L, 6L);
        // Between once a minute and once in half a minute, after the first six.
        assertThat(fetches.get(599)).isBetween(6L + 540 / 60, 6L + 600 / 30);
    }

    @Test
    void find_issuerComesBack_isNoticedAfterThePause() {
        server.answer(Answer.text(503, "later"));
        assertUnavailable(FIRST.keyId(), "HTTP 503");
        server.publish(FIRST);

        assertUnavailable(FIRST.keyId(), "HTTP 503");
        assertThat(server.keyFetches()).isEqualTo(1);
        clock.pass(Duration.ofSeconds(1));
        assertThat(set.find(FIRST.keyId())).isPresent();
        assertThat(set.health().failuresInARow()).isZero();
    }

    @ParameterizedTest
    @CsvSource({"120, 120", "86400, 300", "date, 90"})
    void find_issuerAsksToBeLeftAlone_isLeftAlone(String header, long seconds) {
        String date = DateTimeFormatter.RFC_1123_DATE_TIME.format(
                ManualClock.START.plusSeconds(90).atOffset(ZoneOffset.UTC));
        server.answer(Answer.text(429, "").header("Retry-After", header.equals("date") ? date : header));
        assertUnavailable(FIRST.keyId(), "HTTP 429");
        server.publish(FIRST);

        clock.pass(Duration.ofSeconds(seconds).minusNanos(1));
        assertUnavailable(FIRST.keyId(), "HTTP 429");
        clock.pass(Duration.ofNanos(1));
        assertThat(set.find(FIRST.keyId())).isPresent();
    }

    @Test
    void find_unknownKeysWhileTheIssuerFails_doNotDelayTheRenewal() throws Exception {
        set.find(FIRST.keyId());
        server.answer(Answer.text(503, ""));
        for (int second = 0; second < 300; second++) {
            clock.pass(Duration.ofSeconds(1));
            assertThat(set.find(FIRST.keyId())).isPresent();
            String unknown = "k" + second;
            if (second >= 4) {
                assertUnavailable(unknown, "HTTP 503");
            }
        }
        awaitBackground();
        server.publish(SECOND);

        clock.pass(Duration.ofSeconds(60));
        set.find(FIRST.keyId());
        eventually(() -> set.health().keyIds().equals(Set.of(SECOND.keyId())));
    }

    @Test
    void find_manyAtOnce_isOneFetch() throws Exception {
        int callers = 200;
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
    void find_callerIsInterrupted_theFetchGoesOnForTheOthers() throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch answer = new CountDownLatch(1);
        server.answerBy(request -> {
            asked.countDown();
            await(answer);
            return KeyServer.keys(FIRST);
        });
        FutureTask<Boolean> leading = new FutureTask<>(() -> {
            assertUnavailable(FIRST.keyId(), "The thread was interrupted");
            return Thread.interrupted();
        });
        FutureTask<Optional<PublicJwk>> following = new FutureTask<>(() -> set.find(FIRST.keyId()));
        Thread leader = start(leading);
        asked.await();
        Thread follower = start(following);
        eventually(() -> follower.getState() == Thread.State.TIMED_WAITING);

        leader.interrupt();

        assertThat(leading.get()).as("the thread stays interrupted").isTrue();
        answer.countDown();
        assertThat(following.get(20, TimeUnit.SECONDS)).isPresent();
        assertThat(server.keyFetches()).isEqualTo(1);
    }

    @Test
    void find_callersGiveUpOneAfterTheOther_isOneFetch() throws Exception {
        set.find(FIRST.keyId());
        clock.pass(Duration.ofSeconds(4));
        CountDownLatch answer = new CountDownLatch(1);
        server.answerBy(request -> {
            await(answer);
            return KeyServer.keys(FIRST);
        });
        for (int i = 0; i < 20; i++) {
            String keyId = "invented-" + i;
            FutureTask<Optional<PublicJwk>> asking = new FutureTask<>(() -> set.find(keyId));
            Thread caller = start(asking);
            eventually(() -> caller.getState() == Thread.State.TIMED_WAITING);
            caller.interrupt();
            assertThatThrownBy(asking::get).hasMessageContaining("The thread was interrupted");
        }
        answer.countDown();

        eventually(() -> set.health().age().orElseThrow().isZero());
        assertThat(server.keyFetches()).isEqualTo(2);
    }

    @Test
    void find_dueLongAfterOneFailure_isAskedForBeforeAWithdrawnKeyIsFound() {
        set.find(FIRST.keyId());
        clock.pass(Duration.ofSeconds(10));
        server.answer(Answer.text(503, ""));
        assertUnavailable("invented", "HTTP 503");
        server.publish(SECOND);

        clock.pass(SOFT);
        assertThat(set.find(FIRST.keyId())).isEmpty();
    }

    @Test
    void find_dueRightAfterAFailure_servesWithoutAWait() throws Exception {
        set.find(FIRST.keyId());
        clock.pass(SOFT.minusSeconds(60));
        server.answer(Answer.text(503, ""));
        assertUnavailable("invented", "HTTP 503");
        CountDownLatch answer = new CountDownLatch(1);
        server.answerBy(request -> {
            await(answer);
            return KeyServer.keys(SECOND);
        });

        clock.pass(Duration.ofSeconds(119));
        assertThat(set.find(FIRST.keyId()))
                .as("the outage is two minutes old at most")
                .isPresent();
        answer.countDown();
        eventually(() -> set.health().keyIds().equals(Set.of(SECOND.keyId())));
    }

    @Test
    void find_manyWaitForOneNewKeyThatIsLate_isAskedForAgainAfterTheInterval() throws Exception {
        set.find(FIRST.keyId());
        clock.pass(Duration.ofSeconds(4));
        CountDownLatch answer = new CountDownLatch(1);
        server.answerBy(request -> {
            await(answer);
            return KeyServer.keys(FIRST);
        });
        List<FutureTask<Optional<PublicJwk>>> waiting = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
            FutureTask<Optional<PublicJwk>> task = new FutureTask<>(() -> set.find(SECOND.keyId()));
            waiting.add(task);
            Thread caller = start(task);
            eventually(() -> caller.getState() == Thread.State.TIMED_WAITING);
        }
        answer.countDown();
        for (FutureTask<Optional<PublicJwk>> task : waiting) {
            assertThat(task.get()).isEmpty();
        }
        server.publish(FIRST, SECOND);

        clock.pass(Duration.ofSeconds(4));
        assertThat(set.find(SECOND.keyId())).isPresent();
    }

    @Test
    void find_newKeyWhileTheIssuerFailed_isAskedForAgainAfterTheInterval() {
        set.find(FIRST.keyId());
        server.answer(Answer.text(503, ""));
        for (int i = 0; i < 3; i++) {
            clock.pass(Duration.ofSeconds(4));
            assertUnavailable(SECOND.keyId(), "HTTP 503");
        }
        server.publish(FIRST, SECOND);

        clock.pass(Duration.ofSeconds(4));
        assertThat(set.find(SECOND.keyId())).isPresent();
    }

    @Test
    void find_inventedKeysWhileTheKeysMove_doNotKeepTheAbandonedPlaceFresh() {
        server.answer(KeyServer.keys(FIRST).header("Cache-Control", "max-age=900"));
        set.find(FIRST.keyId());
        try (KeyServer moved = new KeyServer(SECOND)) {
            server.describe(
                    KeyServer.document(server.issuer().value(), moved.issuer().value() + "/jwks"));
            clock.pass(Duration.ofSeconds(449));
            assertThat(set.find("invented")).isEmpty();
            assertThat(server.keyFetches()).as("asked at the old place").isEqualTo(2);

            clock.pass(Duration.ofSeconds(451));
            assertThat(set.find(FIRST.keyId())).isEmpty();
            assertThat(set.find(SECOND.keyId())).isPresent();
        }
    }

    @Test
    void find_manyNewKeysAtASlowIssuer_holdOnlySixteenThreads() throws Exception {
        set.find(FIRST.keyId());
        clock.pass(Duration.ofSeconds(4));
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch answer = new CountDownLatch(1);
        server.answerBy(request -> {
            asked.countDown();
            await(answer);
            return KeyServer.keys(FIRST);
        });
        ExecutorService threads = Executors.newFixedThreadPool(40);
        try {
            List<Future<String>> outcomes = new ArrayList<>();
            for (int i = 0; i < 40; i++) {
                String keyId = "invented-" + i;
                outcomes.add(threads.submit(() -> {
                    try {
                        return set.find(keyId).isEmpty() ? "none" : "found";
                    } catch (TokenRejectedException e) {
                        return e.getMessage();
                    }
                }));
            }
            asked.await();
            eventually(() -> outcomes.stream().filter(Future::isDone).count() == 24);
            assertThat(set.find(FIRST.keyId())).as("the known key").isPresent();

            answer.countDown();
            int refused = 0;
            for (Future<String> outcome : outcomes) {
                refused += outcome.get().contains("too many tokens wait") ? 1 : 0;
            }
            assertThat(refused).isEqualTo(24);
        } finally {
            answer.countDown();
            threads.shutdownNow();
        }
    }

    @Test
    void find_discoveryTakesAllTheTime_leavesNoneForTheKeys() {
        server.describe(
                KeyServer.document(server.issuer().value(), server.issuer().value() + "/jwks"));
        try (RemoteJwkSets slow = RemoteJwkSets.builder()
                .nanoTime(() ->
                        server.requests().isEmpty() ? 0 : Duration.ofSeconds(5).toNanos())
                .build()) {
            assertThatThrownBy(() -> slow.of(server.issuer()).find(FIRST.keyId()))
                    .hasMessageContaining("no time is left");
        }
        assertThat(server.keyFetches()).isZero();
    }

    @Test
    void find_goodDocumentWithABadStatus_isUnavailable() {
        server.describe(new Answer(
                503,
                Map.of("Retry-After", "1"),
                KeyServer.document(server.issuer().value(), server.issuer().value() + "/jwks")
                        .body(),
                Answer.Manner.WHOLE));

        assertUnavailable(FIRST.keyId(), "openid-configuration\" answered HTTP 503");
        assertThat(server.keyFetches()).isZero();
    }

    @Test
    void find_privateAddress_isRefusedUnlessAllowed() {
        // The same server, named as an issuer of the internet would be: nothing says that loopback is meant.
        IssuerUrl asIfPublic = IssuerUrl.of(server.issuer().value().replace("http:", "https:"));

        assertThatThrownBy(() -> sets.of(asIfPublic).find(FIRST.keyId()))
                .hasMessageContaining("is at an address inside a network, expected a public one");
        assertThat(server.requests()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "http://keys.example/jwks", "file:///etc/passwd", "ftp://127.0.0.1/", "not a uri", "//x/jwks"
            })
    void find_badJwksUri_isUnavailable(String jwksUri) {
        server.describe(KeyServer.document(server.issuer().value(), jwksUri));

        assertUnavailable(FIRST.keyId(), "expected an https address");
        assertThat(server.requests()).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"https://10.0.0.1/jwks", "https://[fd00::1]/jwks", "https://169.254.169.254/jwks"})
    void find_jwksUriInsideANetwork_isNotCalled(String jwksUri) {
        server.describe(KeyServer.document(server.issuer().value(), jwksUri));

        assertUnavailable(FIRST.keyId(), "is at an address inside a network");
    }

    @Test
    void find_afterClose_isUnavailable() {
        set.find(FIRST.keyId());
        sets.close();
        sets.close();

        assertUnavailable(FIRST.keyId(), "the key sets were closed");
        assertThat(server.keyFetches()).isEqualTo(1);
    }

    @Test
    void health_tellsKeysAgeAndFailure() {
        assertThat(set.health())
                .isEqualTo(new JwkSetHealth(
                        server.issuer(), Set.of(), Optional.empty(), Optional.empty(), 0, Optional.empty()));

        set.find(FIRST.keyId());
        clock.pass(SOFT);
        server.answer(Answer.text(500, "secret detail"));
        set.find(FIRST.keyId());

        JwkSetHealth health = sets.health().get(0);
        assertThat(health.isHealthy()).isFalse();
        assertThat(health.keyIds()).containsExactly(FIRST.keyId());
        assertThat(health.age()).contains(SOFT);
        assertThat(health.usableFor()).contains(HARD.minus(SOFT));
        assertThat(health.failuresInARow()).isEqualTo(1);
        assertThat(health.lastFailure())
                .hasValueSatisfying(
                        why -> assertThat(why).contains("answered HTTP 500").doesNotContain("secret detail"));
    }

    @Test
    void of_sameIssuer_isTheSameSet() {
        assertThat(sets.of(server.issuer())).isSameAs(set);
    }

    @Test
    void builder_outOfRange_isRefused() {
        RemoteJwkSets.Builder builder = RemoteJwkSets.builder();

        for (Duration interval : List.of(Duration.ofMillis(999), Duration.ofMillis(60_001))) {
            assertThatThrownBy(() -> builder.refetchInterval(interval))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("The refetchInterval must be PT1S to PT1M; it was " + interval);
        }
        for (Duration window :
                List.of(Duration.ofMillis(-1), Duration.ofHours(23).plusMillis(1))) {
            assertThatThrownBy(() -> builder.outageWindow(window))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("The outageWindow must be PT0S to PT23H; it was " + window);
        }
        builder.refetchInterval(Duration.ofSeconds(1)).refetchInterval(Duration.ofMinutes(1));
        builder.outageWindow(Duration.ZERO).outageWindow(Duration.ofHours(23));
    }

    private void assertUnavailable(String keyId, String why) {
        assertThatThrownBy(() -> set.find(keyId))
                .isInstanceOfSatisfying(
                        TokenRejectedException.class,
                        e -> assertThat(e.reason()).isEqualTo(Reason.KEYS_UNAVAILABLE))
                .hasMessageContaining("issuer \"" + server.issuer() + "\"")
                .hasMessageContaining(why);
    }

    private static Thread start(Runnable task) {
        Thread thread = new Thread(task);
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    /** Waits until no renewal is under way: both threads are here at once. */
    private void awaitBackground() throws Exception {
        CyclicBarrier both = new CyclicBarrier(3);
        for (int i = 0; i < 2; i++) {
            sets.runInBackground(() -> meet(both));
        }
        both.await(20, TimeUnit.SECONDS);
    }

    private static void meet(CyclicBarrier others) {
        try {
            others.await();
        } catch (InterruptedException | BrokenBarrierException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Waits for what another thread is about to do. */
    private static void eventually(Callable<Boolean> condition) throws Exception {
        long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (!condition.call()) {
            assertThat(System.nanoTime()).as("the end of the wait").isLessThan(end);
            Thread.onSpinWait();
        }
    }
}
