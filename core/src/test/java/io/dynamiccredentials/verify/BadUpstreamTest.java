package io.dynamiccredentials.verify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dynamiccredentials.TokenRejectedException;
import io.dynamiccredentials.TokenRejectedException.Reason;
import io.dynamiccredentials.fixtures.Answer;
import io.dynamiccredentials.fixtures.Answer.Manner;
import io.dynamiccredentials.fixtures.ManualClock;
import io.dynamiccredentials.fixtures.ScriptedServer;
import io.dynamiccredentials.jwk.PublicJwk;
import io.dynamiccredentials.jwk.SigningAlgorithm;
import io.dynamiccredentials.keys.SigningKey;
import io.dynamiccredentials.wire.BoundedHttpClient;
import io.dynamiccredentials.wire.Timeouts;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** What an issuer may do to us once its keys are known: whatever it serves, a known key works until its hard age. */
class BadUpstreamTest {
    private static final PublicJwk KNOWN =
            SigningKey.generate(SigningAlgorithm.ES256).publicJwk();
    private static final Duration SOFT = Duration.ofMinutes(5);
    private static final Duration HARD = SOFT.plus(Duration.ofHours(1));
    private static final Duration LIMIT = Duration.ofMillis(500);
    private static final int MAX_GOOD_FETCHES = 40;

    /** Serves the key over TLS, with a certificate that the JVM does not trust. */
    private final ScriptedServer untrusted = ScriptedServer.https(KeyServer.keys(KNOWN));

    private final BoundedHttpClient hurried = BoundedHttpClient.builder()
            .timeouts(new Timeouts(LIMIT, LIMIT, LIMIT))
            .build();

    @AfterEach
    void stop() {
        hurried.close();
        untrusted.close();
    }

    @TestFactory
    Stream<DynamicTest> find_knownKeyAtABadIssuer_worksUntilTheHardAge() {
        return misdeeds().entrySet().stream()
                .map(misdeed -> DynamicTest.dynamicTest(misdeed.getKey(), () -> endure(misdeed.getValue())));
    }

    @Test
    void find_badIssuerFromTheStart_isUnavailableAndNothingElse() {
        misdeeds().forEach((name, misdeed) -> {
            try (KeyServer server = new KeyServer(KNOWN);
                    RemoteJwkSets sets = sets(new ManualClock())) {
                misdeed.accept(server);
                assertUnavailable(sets.of(server.issuer()));
            }
        });
    }

    private void endure(Consumer<KeyServer> misdeed) {
        ManualClock clock = new ManualClock();
        try (KeyServer server = new KeyServer(KNOWN);
                RemoteJwkSets sets = sets(clock)) {
            RemoteJwkSet set = sets.of(server.issuer());
            fetchHoweverBusyTheMachine(set, clock);
            misdeed.accept(server);

            clock.pass(SOFT);
            assertThat(set.find(KNOWN.keyId())).isPresent();
            assertThat(set.health().failuresInARow()).isEqualTo(1);
            clock.pass(HARD.minus(SOFT).minusMillis(1));
            assertThat(set.find(KNOWN.keyId())).isPresent();
            clock.pass(Duration.ofMillis(1));
            assertUnavailable(set);
        }
    }

    /** Repeats the good fetch while it misses the limits that are short for the sake of servers that stall. */
    private static void fetchHoweverBusyTheMachine(RemoteJwkSet set, ManualClock clock) {
        for (int i = 0; i < MAX_GOOD_FETCHES && set.health().keyIds().isEmpty(); i++) {
            try {
                set.find(KNOWN.keyId());
            } catch (TokenRejectedException e) {
                assertThat(e.reason()).isEqualTo(Reason.KEYS_UNAVAILABLE);
                clock.pass(Duration.ofMinutes(1));
            }
        }
        assertThat(set.health().keyIds()).containsExactly(KNOWN.keyId());
    }

    private static void assertUnavailable(RemoteJwkSet set) {
        assertThatThrownBy(() -> set.find(KNOWN.keyId()))
                .isInstanceOfSatisfying(
                        TokenRejectedException.class,
                        e -> assertThat(e.reason()).isEqualTo(Reason.KEYS_UNAVAILABLE));
    }

    private Map<String, Consumer<KeyServer>> misdeeds() {
        Map<String, Consumer<KeyServer>> misdeeds = new LinkedHashMap<>();
        Answer good = KeyServer.keys(KNOWN);
        answers(misdeeds, "an empty set", Answer.json(200, "{\"keys\":[]}"));
        answers(misdeeds, "an object without keys", Answer.json(200, "{}"));
        answers(misdeeds, "HTML", Answer.text(200, "<html>Sign in</html>"));
        answers(misdeeds, "a redirect to http", Answer.redirect(301, "http://keys.example/jwks"));
        answers(misdeeds, "503", Answer.text(503, "later"));
        answers(misdeeds, "a truncated body", good.manner(Manner.TRUNCATED));
        answers(misdeeds, "a gigabyte", good.manner(Manner.HUGE_BODY));
        answers(misdeeds, "a byte now and then", good.manner(Manner.DRIPPING_BODY));
        answers(misdeeds, "a body that stalls", good.manner(Manner.STALLED_BODY));
        answers(misdeeds, "no answer", good.manner(Manner.STALLED));
        answers(misdeeds, "no HTTP", Answer.raw("SSH-2.0-x\r\n"));
        answers(
                misdeeds,
                "only a symmetric key",
                Answer.json(200, "{\"keys\":[{\"kty\":\"oct\",\"k\":\"AQ\",\"kid\":\"x\"}]}"));
        answers(
                misdeeds,
                "only keys for encryption",
                Answer.json(200, good.body().replace("\"sig\"", "\"enc\"")));
        answers(misdeeds, "a deep body", Answer.json(200, "{\"keys\":" + "[".repeat(100_000)));
        answers(misdeeds, "another encoding", Answer.json(200, "\uFEFF" + good.body()));
        misdeeds.put(
                "a TLS certificate of nobody",
                server -> server.describe(KeyServer.document(server.issuer().value(), untrusted.address() + "/jwks")));
        misdeeds.put(
                "the document of another issuer",
                server -> server.describe(KeyServer.document(
                        server.issuer().value() + "/x", server.issuer().value() + "/jwks")));
        misdeeds.put("a server that is gone", KeyServer::close);
        return misdeeds;
    }

    private static void answers(Map<String, Consumer<KeyServer>> misdeeds, String name, Answer answer) {
        misdeeds.put(name, server -> server.answer(answer));
    }

    private RemoteJwkSets sets(ManualClock clock) {
        return RemoteJwkSets.builder()
                .http(hurried)
                .clock(clock)
                .nanoTime(() -> clock.elapsed().toNanos())
                .build();
    }
}
