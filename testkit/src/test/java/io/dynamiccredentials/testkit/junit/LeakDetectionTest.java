package io.dynamiccredentials.testkit.junit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.dynamiccredentials.IssuerUrl;
import io.dynamiccredentials.Secret;
import io.dynamiccredentials.testkit.FakeTokenIssuer;
import io.dynamiccredentials.testkit.Runs;
import io.dynamiccredentials.testkit.SettableClock;
import io.dynamiccredentials.testkit.TestIssuer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/** Test classes that leak, each in one way, and one that does not. */
class LeakDetectionTest {
    @TempDir
    private static Path directory = Path.of("");

    private final LeakDetector detector = LeakDetector.start();
    private final Secret secret = Secret.of("s3cr3t-of-" + System.nanoTime());

    @AfterEach
    void stop() {
        detector.close();
    }

    @Test
    void test_leaksNothing_passes() {
        assertThat(FakePlatformsTest.failures(Tight.class)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            classes = {
                OnOut.class,
                OnErr.class,
                ToTheLog.class,
                ToTheJdksLog.class,
                AsBase64.class,
                InAnException.class,
                InAField.class,
                InAFile.class
            })
    void test_leaks_failsAndDoesNotRepeatTheSecret(Class<?> tests) {
        Leaky.lastToken = "";

        List<Throwable> failures = FakePlatformsTest.failures(tests);

        List<Throwable> findings = failures.stream()
                .flatMap(failure -> Stream.concat(Stream.of(failure), Arrays.stream(failure.getSuppressed())))
                .filter(failure -> String.valueOf(failure.getMessage()).startsWith("Expected no secret"))
                .toList();
        assertThat(findings).hasSize(1);
        assertThat(findings.get(0).getMessage())
                .contains("[a secret of ")
                .doesNotContain(Leaky.lastToken)
                .doesNotContain(Leaky.lastToken.split("\\.", -1)[2]);
    }

    @Test
    void leaks_secretOfTheLibrarysFeed_isFound() {
        detector.mask("run-1", Set.of(secret));
        assertThat(detector.leaks()).isEmpty();

        detector.inspect("somebody's text", "before " + secret.reveal() + " after");

        assertThat(detector.leaks())
                .singleElement()
                .asString()
                .contains("somebody's text")
                .contains("before [a secret of")
                .contains(" after");
    }

    @Test
    void leaks_encodedInAnyWay_isFound() {
        detector.watch(secret);
        for (String form : List.of(
                Base64.getEncoder().encodeToString(secret.reveal().getBytes(UTF_8)),
                Base64.getEncoder().encodeToString(("x" + secret.reveal()).getBytes(UTF_8)),
                HexFormat.of().formatHex(secret.reveal().getBytes(UTF_8)))) {
            try (LeakDetector one = LeakDetector.start().watch(secret)) {
                one.inspect("text", form);

                assertThat(one.leaks()).as(form).hasSize(1);
            }
        }
    }

    @Test
    void leaks_causeOfAnException_isFound() {
        detector.watch(secret);

        detector.inspect(new IllegalStateException("outer", new IOException("inner " + secret.reveal())));

        assertThat(detector.leaks()).hasSize(1);
    }

    @Test
    void leaks_otherSecretNearby_isNotShown() {
        Secret other = Secret.of("another-secret-" + System.nanoTime());
        detector.watch(secret).watch(other);

        detector.inspect("text", other.reveal() + " " + secret.reveal());

        assertThat(detector.leaks().toString()).doesNotContain(other.reveal()).doesNotContain(secret.reveal());
    }

    @Test
    void leaks_contextOfALogEvent_isFound() {
        detector.watch(secret);
        MDC.put("who", secret.reveal());
        LoggerFactory.getLogger("embedder").error("hello");
        MDC.clear();

        assertThat(detector.leaks()).isNotEmpty();
    }

    @Test
    void close_lastListener_restoresOutput() {
        try (LeakDetector one = LeakDetector.start()) {
            assertThat(one.leaks()).isEmpty();
        }
        detector.close();
        detector.close();
        // Others may listen at this moment, and then the tap is still in its place.
        assertThat(System.out).isNotNull();
    }

    /** Has a token, and does something with it. */
    @ExtendWith(FakePlatforms.class)
    abstract static class Leaky {
        static String lastToken = "";

        @RegisterExtension
        static final LeakDetection LEAKS = LeakDetection.below(directory);

        @Test
        void test(TestIssuer issuer) throws Exception {
            lastToken = issuer.issue(Runs.plan(), "a").compact().reveal();
            leak(lastToken);
        }

        abstract void leak(String token) throws Exception;
    }

    static class Tight extends Leaky {
        @Override
        void leak(String token) {
            LoggerFactory.getLogger("embedder").error("A token of {} characters", token.length());
        }
    }

    static class OnOut extends Leaky {
        @Override
        @SuppressWarnings("SystemOut")
        void leak(String token) {
            System.out.println("Token: " + token);
        }
    }

    static class OnErr extends Leaky {
        @Override
        @SuppressWarnings("SystemOut")
        void leak(String token) {
            System.err.print("Token: " + token);
        }
    }

    static class ToTheLog extends Leaky {
        @Override
        void leak(String token) {
            LoggerFactory.getLogger("embedder").error("Token {}", token);
        }
    }

    static class ToTheJdksLog extends Leaky {
        @Override
        void leak(String token) {
            java.util.logging.Logger.getLogger("embedder").severe("Token " + token);
        }
    }

    static class AsBase64 extends Leaky {
        @Override
        void leak(String token) {
            LoggerFactory.getLogger("embedder")
                    .error("Basic {}", Base64.getEncoder().encodeToString(("me:" + token).getBytes(UTF_8)));
        }
    }

    static class InAnException extends Leaky {
        @Override
        void leak(String token) throws IOException {
            throw new IOException("Refused", new IllegalStateException("bad token " + token));
        }
    }

    static class InAField extends Leaky {
        private final FakeTokenIssuer own =
                FakeTokenIssuer.of(IssuerUrl.of("https://ci.example"), SettableClock.at(Runs.NOW));
        private Kept kept = new Kept("");

        private record Kept(String token) {}

        @Override
        void leak(String token) {
            kept = new Kept(own.issue(Runs.plan(), "a").compact().reveal());
            assertThat(kept.token()).isNotEqualTo(token);
            lastToken = kept.token();
        }
    }

    static class InAFile extends Leaky {
        @Override
        void leak(String token) throws IOException {
            Path deep = Files.createDirectories(directory.resolve("a/b"));
            Files.writeString(deep.resolve("log.txt"), "Token " + token);
        }
    }
}
