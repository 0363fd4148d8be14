package io.dynamiccredentials.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dynamiccredentials.fixtures.Answer;
import io.dynamiccredentials.fixtures.LoopbackCertificate;
import io.dynamiccredentials.fixtures.ScriptedServer;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.http.HttpRequest;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class BoundedHttpClientTest {
    private static final Timeouts SHORT =
            new Timeouts(Duration.ofMillis(500), Duration.ofMillis(400), Duration.ofMillis(700));

    private final BoundedHttpClient client =
            BoundedHttpClient.builder().timeouts(SHORT).maxBodyBytes(1000).build();

    @Test
    void send_wholeAnswer_isReturned() throws Exception {
        try (ScriptedServer server =
                ScriptedServer.http(Answer.json(418, "{\"ä\":1}").header("X-Id", "7"))) {
            HttpReply reply = client.send(HttpRequest.newBuilder(server.address()));

            assertThat(reply.status()).isEqualTo(418);
            assertThat(reply.body()).isEqualTo("{\"ä\":1}");
            assertThat(reply.header("x-id")).contains("7");
            assertThat(reply).hasToString("HttpReply[status=418]");
            assertThat(server.requests().get(0).headers()).doesNotContainKey("Upgrade");
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Answer.Manner.class,
            names = {"STALLED", "STALLED_BODY"})
    void send_stalledAnswer_endsInTime(Answer.Manner manner) {
        try (ScriptedServer server = ScriptedServer.http(Answer.json(200, "{}").manner(manner))) {
            long start = System.nanoTime();

            assertThatThrownBy(() -> client.send(HttpRequest.newBuilder(server.address())))
                    .isInstanceOf(IOException.class);
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
        }
    }

    @Test
    void send_drippingBody_endsInTime() {
        try (ScriptedServer server = ScriptedServer.http(Answer.json(200, "{}").manner(Answer.Manner.DRIPPING_BODY))) {
            assertThatThrownBy(() -> client.send(HttpRequest.newBuilder(server.address())))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("0.7 s");
        }
    }

    @Test
    void send_truncatedBody_fails() {
        try (ScriptedServer server = ScriptedServer.http(Answer.json(200, "{}").manner(Answer.Manner.TRUNCATED))) {
            assertThatThrownBy(() -> client.send(HttpRequest.newBuilder(server.address())))
                    .isInstanceOf(IOException.class);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/1.1 200 OK\r\nContent-Length: marker\r\n\r\n",
                "HTTP/1.1 marker",
                "marker",
                "HTTP/1.1 102 Processing\r\n\r\nmarker",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nmarker\r\n"
            })
    void send_answerThatIsNoHttp_isNotRepeated(String answer) {
        try (ScriptedServer server = ScriptedServer.http(Answer.raw(answer))) {
            assertThatThrownBy(() -> client.send(HttpRequest.newBuilder(server.address())))
                    .isInstanceOf(IOException.class)
                    .hasNoCause()
                    .satisfies(e -> {
                        StringWriter trace = new StringWriter();
                        e.printStackTrace(new PrintWriter(trace));
                        assertThat(trace.toString()).doesNotContain("marker");
                    });
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1000, 1001})
    void send_bodyAtTheLimit_isReadAndAboveItRefused(int bytes) throws Exception {
        try (ScriptedServer server = ScriptedServer.http(Answer.text(200, "x".repeat(bytes)))) {
            HttpRequest.Builder request = HttpRequest.newBuilder(server.address());
            if (bytes == 1000) {
                assertThat(client.send(request).body()).hasSize(1000);
            } else {
                assertThatThrownBy(() -> client.send(request))
                        .isInstanceOf(IOException.class)
                        .hasStackTraceContaining("larger than 1000 bytes");
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {301, 302, 303, 307, 308})
    void send_redirect_isNotFollowed(int status) throws Exception {
        try (ScriptedServer target = ScriptedServer.http(Answer.json(200, "{}"));
                ScriptedServer server = ScriptedServer.http(
                        Answer.redirect(status, target.address().toString()))) {
            assertThat(client.send(HttpRequest.newBuilder(server.address())).status())
                    .isEqualTo(status);
            assertThat(target.requests()).isEmpty();
        }
    }

    @Test
    void send_untrustedCertificate_fails() {
        try (ScriptedServer server = ScriptedServer.https(Answer.json(200, "{}"))) {
            assertThatThrownBy(() -> client.send(HttpRequest.newBuilder(server.address())))
                    .isInstanceOf(IOException.class);
            assertThat(server.requests()).isEmpty();
        }
    }

    @Test
    void send_trustedCertificate_works() throws Exception {
        BoundedHttpClient trusting = BoundedHttpClient.builder()
                .sslContext(LoopbackCertificate.shared().sslContext())
                .build();
        try (ScriptedServer server = ScriptedServer.https(Answer.json(200, "{}"))) {
            assertThat(trusting.send(HttpRequest.newBuilder(server.address())).status())
                    .isEqualTo(200);
        }
    }

    @Test
    void trusting_otherRoots_replacesThem() throws Exception {
        try (ScriptedServer server = ScriptedServer.https(Answer.json(200, "{}"));
                BoundedHttpClient jvms = BoundedHttpClient.builder().build();
                BoundedHttpClient derived =
                        jvms.trusting(LoopbackCertificate.shared().sslContext())) {
            assertThat(derived.send(HttpRequest.newBuilder(server.address())).status())
                    .isEqualTo(200);
            BoundedHttpClient back = derived.trusting(SSLContext.getDefault());
            assertThatThrownBy(() -> back.send(HttpRequest.newBuilder(server.address())))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("no TLS connection");
        }
    }

    @Test
    void trusting_limits_stay() {
        BoundedHttpClient small = BoundedHttpClient.builder()
                .maxBodyBytes(2)
                .build()
                .trusting(LoopbackCertificate.shared().sslContext());
        try (ScriptedServer server = ScriptedServer.https(Answer.json(200, "{ }"))) {
            assertThatThrownBy(() -> small.send(HttpRequest.newBuilder(server.address())))
                    .hasMessageContaining("larger than 2 bytes");
        }
    }

    @Test
    void waiting_shorterOrLonger_boundsTheAnswer() throws Exception {
        BoundedHttpClient hasty = BoundedHttpClient.builder()
                .timeouts(new Timeouts(Duration.ofMillis(100), Duration.ofMillis(100), Duration.ofMillis(100)))
                .build();
        BoundedHttpClient patient = hasty.waiting(Duration.ofSeconds(30));
        try (ScriptedServer slow = ScriptedServer.http(request -> {
                    LockSupport.parkNanos(Duration.ofMillis(300).toNanos());
                    return Answer.json(200, "{}");
                });
                ScriptedServer silent = ScriptedServer.http(Answer.json(200, "").manner(Answer.Manner.STALLED))) {
            assertThat(patient.send(HttpRequest.newBuilder(slow.address())).status())
                    .isEqualTo(200);
            assertThatThrownBy(
                            () -> patient.waiting(Duration.ofMillis(50)).send(HttpRequest.newBuilder(silent.address())))
                    .isInstanceOf(IOException.class)
                    .hasMessageMatching("no (whole )?answer within 0.05 s");
        }
    }

    @Test
    void waiting_noTime_isRefused() {
        BoundedHttpClient client = BoundedHttpClient.builder().build();

        assertThatThrownBy(() -> client.waiting(Duration.ZERO)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void send_interrupted_throwsAtOnce() throws Exception {
        BoundedHttpClient patient = BoundedHttpClient.builder()
                .timeouts(new Timeouts(Duration.ofSeconds(50), Duration.ofSeconds(50), Duration.ofSeconds(50)))
                .build();
        CompletableFuture<Thread> sender = new CompletableFuture<>();
        AtomicReference<Exception> failure = new AtomicReference<>();
        try (ScriptedServer server = ScriptedServer.http(request -> {
            sender.join().interrupt();
            return Answer.json(200, "").manner(Answer.Manner.STALLED);
        })) {
            Thread thread = new Thread(() -> {
                sender.complete(Thread.currentThread());
                try {
                    patient.send(HttpRequest.newBuilder(server.address()));
                } catch (IOException | InterruptedException e) {
                    failure.set(e);
                }
            });
            thread.start();
            thread.join(TimeUnit.SECONDS.toMillis(30));

            assertThat(failure.get()).isInstanceOf(InterruptedException.class);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -1, 16 * 1024 * 1024 + 1})
    void maxBodyBytes_outOfRange_isRefused(int bytes) {
        assertThatThrownBy(() -> BoundedHttpClient.builder().maxBodyBytes(bytes))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(String.valueOf(bytes));
    }

    @Test
    void timeouts_totalShorterThanRead_isRefused() {
        assertThatThrownBy(() -> new Timeouts(Duration.ofSeconds(1), Duration.ofSeconds(3), Duration.ofSeconds(2)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("PT3S")
                .hasMessageContaining("PT2S");
    }

    @Test
    void timeouts_zero_isRefused() {
        assertThatThrownBy(() -> new Timeouts(Duration.ZERO, Duration.ofSeconds(3), Duration.ofSeconds(3)))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
