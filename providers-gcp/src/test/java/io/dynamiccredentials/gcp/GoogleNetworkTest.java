package io.dynamiccredentials.gcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.dynamiccredentials.CredentialExchangeException;
import io.dynamiccredentials.CredentialExchangeException.Kind;
import io.dynamiccredentials.fixtures.Answer;
import io.dynamiccredentials.fixtures.Answer.Manner;
import io.dynamiccredentials.fixtures.ScriptedServer;
import io.dynamiccredentials.wire.BoundedHttpClient;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Servers that don't answer, or not to the end, or never stop. */
class GoogleNetworkTest {
    private static final Duration SOON = Duration.ofSeconds(5);

    @ParameterizedTest
    @EnumSource(
            value = Manner.class,
            names = {"STALLED", "STALLED_BODY", "DRIPPING_BODY", "TRUNCATED"})
    void exchange_stsDoesNotFinish_isUnreachableInTime(Manner manner) {
        CredentialExchangeException e = failureOf(Google.federated().manner(manner), Google.impersonated(), 1);

        assertThat(e).hasMessageStartingWith("Google Cloud gave no whole answer about the token for provider");
    }

    @ParameterizedTest
    @EnumSource(
            value = Manner.class,
            names = {"STALLED", "STALLED_BODY", "DRIPPING_BODY", "TRUNCATED"})
    void exchange_iamDoesNotFinish_isUnreachableInTime(Manner manner) {
        CredentialExchangeException e =
                failureOf(Google.federated(), Google.impersonated().manner(manner), 2);

        assertThat(e).hasMessageStartingWith("Google Cloud gave no whole answer about the impersonation");
    }

    @Test
    void exchange_oversizedAnswer_isRefused() {
        String body = Google.federatedBody("3598,\"scope\":\"" + "x".repeat(300 * 1024) + '"');

        assertThat(failureOf(Answer.json(200, body), Google.impersonated(), 1))
                .hasMessageContaining("larger than 262144 bytes");
    }

    @Test
    void exchange_compressedAnswer_isNotUncompressed() {
        // 1 MiB of blanks would fit into 1 KiB on the wire, and past the bound.
        Answer answer = Google.federated().header("Content-Encoding", "gzip");
        try (ScriptedServer server = ScriptedServer.https(answer)) {
            assertThat(Google.exchanger(server).build().exchange(Google.token()).expiresAt())
                    .isEqualTo(Google.NOW.plusSeconds(3598));
        }
    }

    @Test
    void exchange_nobodyListens_isUnreachable() throws IOException {
        int port;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = socket.getLocalPort();
        }
        GcpWorkloadIdentityExchanger exchanger = Google.exchanger(
                        URI.create("https://localhost:" + port), Google.http(Google.SHORT))
                .build();

        CredentialExchangeException e =
                catchThrowableOfType(CredentialExchangeException.class, () -> exchanger.exchange(Google.token()));

        assertThat(e.kind()).isEqualTo(Kind.UNREACHABLE);
        assertThat(e.retryable()).isTrue();
        assertThat(e.status()).isEmpty();
        assertThat(e).hasCauseInstanceOf(IOException.class);
    }

    @Test
    void exchange_untrustedCertificate_isUnreachableAndSendsNothing() {
        try (ScriptedServer server = ScriptedServer.https(Google.federated())) {
            GcpWorkloadIdentityExchanger exchanger = Google.exchanger(
                            server.address(), BoundedHttpClient.builder().build())
                    .build();

            CredentialExchangeException e =
                    catchThrowableOfType(CredentialExchangeException.class, () -> exchanger.exchange(Google.token()));

            assertThat(e.kind()).isEqualTo(Kind.UNREACHABLE);
            assertThat(e).hasMessageContaining("no TLS connection").hasMessageContaining("certificate");
            assertThat(server.requests()).isEmpty();
        }
    }

    @Test
    void exchange_interrupted_keepsTheFlagAndIsNotRetryable() throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        try (ScriptedServer server = ScriptedServer.https(request -> {
            asked.countDown();
            return Google.federated().manner(Manner.STALLED);
        })) {
            GcpWorkloadIdentityExchanger exchanger = Google.exchanger(server).build();
            CompletableFuture<CredentialExchangeException> failure = new CompletableFuture<>();
            CompletableFuture<Boolean> flag = new CompletableFuture<>();
            Thread thread = new Thread(() -> {
                failure.complete(catchThrowableOfType(
                        CredentialExchangeException.class, () -> exchanger.exchange(Google.token())));
                flag.complete(Thread.currentThread().isInterrupted());
            });
            thread.start();
            asked.await();
            thread.interrupt();

            assertThat(failure.get().kind()).isEqualTo(Kind.UNREACHABLE);
            assertThat(failure.get().retryable()).isFalse();
            assertThat(flag.get()).isTrue();
        }
    }

    private static CredentialExchangeException failureOf(Answer sts, Answer iam, int requests) {
        try (ScriptedServer server = ScriptedServer.https(Google.script(sts, iam))) {
            GcpWorkloadIdentityExchanger exchanger = Google.exchanger(server.address(), Google.http(Google.SHORT))
                    .serviceAccount(Google.ACCOUNT)
                    .build();
            long start = System.nanoTime();
            CredentialExchangeException e =
                    catchThrowableOfType(CredentialExchangeException.class, () -> exchanger.exchange(Google.token()));
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(SOON);
            assertThat(e.kind()).isEqualTo(Kind.UNREACHABLE);
            assertThat(e.retryable()).isTrue();
            assertThat(server.requests()).hasSize(requests);
            return e;
        }
    }
}
