package io.dynamiccredentials.aws;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.dynamiccredentials.CredentialExchangeException;
import io.dynamiccredentials.CredentialExchangeException.Kind;
import io.dynamiccredentials.fixtures.Answer;
import io.dynamiccredentials.fixtures.Answer.Manner;
import io.dynamiccredentials.fixtures.ScriptedServer;
import io.dynamiccredentials.fixtures.Verbs;
import io.dynamiccredentials.wire.Timeouts;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class AwsFailuresTest {
    private static final String NO_KEY = "Couldn't retrieve verification key from your identity provider,  please "
            + "reference AssumeRoleWithWebIdentity documentation for requirements";

    static List<Arguments> documentedErrors() {
        String issuer = "issuer \"https://ci.example\"";
        String provider = "has an OIDC identity provider for " + issuer + " with client id \"aws.workload.identity\"";
        return List.of(
                row(400, "InvalidIdentityToken", "Incorrect token audience", Kind.REFUSED, false, provider),
                row(
                        400,
                        "InvalidIdentityToken",
                        "No OpenIDConnect provider found in your account for https://ci.example",
                        Kind.REFUSED,
                        false,
                        "account 123456789012 has an OIDC identity provider for exactly " + issuer),
                row(400, "InvalidIdentityToken", NO_KEY, Kind.REFUSED, true, "within 5 seconds, and that the key"),
                row(
                        400,
                        "InvalidIdentityToken",
                        "The ID Token provided is not a valid JWT.",
                        Kind.REFUSED,
                        false,
                        provider),
                row(400, "InvalidIdentityToken", "Missing a required claim: iat", Kind.REFUSED, false, provider),
                row(
                        400,
                        "InvalidIdentityToken",
                        "OpenIDConnect provider's HTTPS certificate doesn't match configured thumbprint",
                        Kind.REFUSED,
                        false,
                        provider),
                row(400, "ExpiredTokenException", "Token expired: current date/time 1", Kind.REFUSED, true, "clock"),
                row(400, "IDPCommunicationError", "error communicating", Kind.UNREACHABLE, true, "discovery document"),
                row(403, "IDPRejectedClaim", "responded with HTTP/1.1 400", Kind.REFUSED, false, "claims of the token"),
                row(400, "MalformedPolicyDocument", "bad", Kind.MISCONFIGURED, false, "session tags"),
                row(400, "PackedPolicyTooLarge", "Packed size", Kind.MISCONFIGURED, false, "session tags"),
                row(403, "RegionDisabledException", "STS is not activated", Kind.MISCONFIGURED, false, "Activate STS"),
                row(
                        403,
                        "AccessDenied",
                        "Not authorized to perform sts:AssumeRoleWithWebIdentity",
                        Kind.REFUSED,
                        false,
                        "match audience \"aws.workload.identity\" and subject \"organization:acme:workspace:prod\""),
                row(
                        400,
                        "ValidationError",
                        "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
                        Kind.MISCONFIGURED,
                        false,
                        "maximum session duration"),
                row(400, "MissingParameter", "missing", Kind.MISCONFIGURED, false, "role's ARN"),
                row(400, "InvalidAction", "Could not find operation", Kind.MISCONFIGURED, false, "role's ARN"),
                row(400, "Throttling", "Rate exceeded", Kind.THROTTLED, true, "later"),
                row(400, "RequestLimitExceeded", "Rate exceeded", Kind.THROTTLED, true, "later"),
                row(429, "TooManyRequestsException", "slow", Kind.THROTTLED, true, "later"),
                row(500, "InternalFailure", "Unknown error", Kind.UNREACHABLE, true, "side of STS"),
                row(500, "InternalError", "Unknown error", Kind.UNREACHABLE, true, "side of STS"),
                row(400, "ThrottlingException", "Rate exceeded", Kind.THROTTLED, true, "later"),
                row(400, "ExpiredToken", "Token too old: 441398", Kind.REFUSED, true, "clock"),
                row(503, "ServiceUnavailable", "busy", Kind.UNREACHABLE, true, "side of STS"),
                row(400, "RequestTimeout", "late", Kind.UNREACHABLE, true, "side of STS"),
                row(403, "SomethingNew", "words", Kind.REFUSED, false, "trusts " + issuer));
    }

    private static Arguments row(int status, String code, String words, Kind kind, boolean retryable, String remedy) {
        return Arguments.of(status, code, words, kind, retryable, remedy);
    }

    @ParameterizedTest
    @MethodSource("documentedErrors")
    void exchange_documentedError_isMapped(
            int status, String code, String words, Kind kind, boolean retryable, String remedy) {
        try (ScriptedServer server = ScriptedServer.http(Sts.error(status, code, words))) {
            AwsSts sts = Sts.at(server.address());

            CredentialExchangeException e = failure(sts);

            assertThat(e.platform()).isEqualTo("AWS");
            assertThat(e.kind()).isEqualTo(kind);
            assertThat(e.status()).hasValue(status);
            assertThat(e.code()).hasValue(code);
            assertThat(e.requestId()).hasValue(Sts.REQUEST_ID);
            assertThat(e.retryable()).isEqualTo(retryable);
            assertThat(e.needsFreshToken()).isEqualTo(code.startsWith("ExpiredToken"));
            assertThat(e.retryAfter()).isEmpty();
            assertThat(e.remedy()).contains(remedy);
            assertThat(e)
                    .hasMessageStartingWith("AWS " + Verbs.of(kind) + " the token for role \"" + Sts.ROLE + "\": "
                            + code + " (HTTP " + status + "): \"" + words.substring(0, Math.min(60, words.length())))
                    .hasMessageEndingWith(e.remedy())
                    .hasNoCause();
            assertThat(server.requests()).hasSize(1);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "500,UNREACHABLE",
        "502,UNREACHABLE",
        "503,UNREACHABLE",
        "429,THROTTLED",
        "400,UNINTELLIGIBLE",
        "401,UNINTELLIGIBLE",
        "403,UNINTELLIGIBLE",
        "404,UNINTELLIGIBLE",
        "407,UNINTELLIGIBLE"
    })
    void exchange_errorOfAProxy_isAskedOnceAndMapped(int status, Kind kind) {
        Answer answer = Answer.text(status, "<html>proxy</html>").header("WWW-Authenticate", "Basic realm=\"x\"");
        try (ScriptedServer server = ScriptedServer.http(answer)) {
            AwsSts sts = Sts.at(server.address());

            CredentialExchangeException e = failure(sts);

            assertThat(e.kind()).isEqualTo(kind);
            assertThat(e.status()).hasValue(status);
            assertThat(e.code()).isEmpty();
            assertThat(server.requests()).hasSize(1);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "400 | Throttling         | 7                             | 7",
                "429 | TooManyRequests    | 9999                          | 300",
                "503 | ServiceUnavailable | Sun, 01 Mar 2026 12:00:30 GMT | 30",
                "500 | InternalFailure    | 0                             | 0"
            })
    void exchange_answerWithRetryAfter_carriesIt(int status, String code, String header, int seconds) {
        Answer answer = Sts.error(status, code, "Wait").header("Retry-After", header);
        try (ScriptedServer server = ScriptedServer.http(answer)) {
            AwsSts sts = Sts.at(server.address());

            CredentialExchangeException e = failure(sts);

            assertThat(e.retryable()).isTrue();
            assertThat(e.retryAfter()).contains(Duration.ofSeconds(seconds));
            assertThat(server.requests()).hasSize(1);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {301, 302, 303, 307, 308})
    void exchange_redirect_reachesNoOtherHost(int status) {
        try (ScriptedServer target = ScriptedServer.http(Sts.success());
                ScriptedServer server = ScriptedServer.http(
                        Answer.redirect(status, target.address().toString()))) {
            AwsSts sts = Sts.at(server.address());

            CredentialExchangeException e = failure(sts);

            assertThat(e.kind()).isEqualTo(Kind.MISCONFIGURED);
            assertThat(e.status()).hasValue(status);
            assertThat(e).hasMessageContaining("redirect to " + target.address());
            assertThat(server.requests()).hasSize(1);
            assertThat(target.requests()).isEmpty();
        }
    }

    @ParameterizedTest
    @CsvSource({"400,InvalidIdentityToken", "403,AccessDenied", "500,InternalFailure"})
    void exchange_serverEchoesTheToken_keepsItOutOfTheStackTrace(int status, String code) {
        String signature = Sts.JWT.substring(Sts.JWT.lastIndexOf('.') + 1);
        String words = signature + " " + Sts.JWT + " " + signature;
        try (ScriptedServer server = ScriptedServer.http(Sts.error(status, code, words))) {
            AwsSts sts = Sts.at(server.address());

            assertSilent(failure(sts));
        }
    }

    @Test
    void exchange_halfASession_keepsItOutOfTheStackTrace() {
        String broken = Sts.session().replace("</Expiration>", "</Expiration><" + Sts.JWT);
        String unreadableEnd = Sts.session().replace("2026-03-01T13:00:00Z", Sts.SESSION_TOKEN);
        for (String body : List.of(broken, unreadableEnd, Sts.JWT)) {
            try (ScriptedServer server = ScriptedServer.http(Answer.xml(200, body))) {
                AwsSts sts = Sts.at(server.address());

                assertSilent(failure(sts));
            }
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Manner.class,
            names = {"WHOLE"},
            mode = EnumSource.Mode.EXCLUDE)
    @Timeout(value = 5, unit = SECONDS)
    void exchange_noWholeAnswer_isUnreachableInTime(Manner manner) {
        for (Answer answer : List.of(Sts.success(), Sts.error(400, "AccessDenied", "no"))) {
            try (ScriptedServer server = ScriptedServer.http(answer.manner(manner))) {
                AwsSts sts = quick(server.address());

                CredentialExchangeException e = failure(sts);

                assertThat(e.kind()).isEqualTo(Kind.UNREACHABLE);
                assertThat(e.retryable()).isTrue();
                assertThat(e.status()).isEmpty();
                assertThat(e)
                        .hasMessageStartingWith(
                                "AWS gave no whole answer about the token for role \"" + Sts.ROLE + "\"");
                assertThat(Thread.currentThread().isInterrupted()).isFalse();
                assertThat(server.requests()).hasSize(1);
            }
        }
    }

    @Test
    @Timeout(value = 5, unit = SECONDS)
    void exchange_bodyWithoutEnd_isRefused() throws Exception {
        String start = "HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n\r\n<a>";
        try (ServerSocket endless = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            AwsSts sts = Sts.at(URI.create("http://127.0.0.1:" + endless.getLocalPort()));

            CompletableFuture<Void> served = CompletableFuture.runAsync(() -> {
                try (var connection = endless.accept()) {
                    connection.getOutputStream().write(start.getBytes(UTF_8));
                    while (true) {
                        connection.getOutputStream().write(new byte[8192]);
                    }
                } catch (IOException e) {
                    return;
                }
            });

            CredentialExchangeException e = failure(sts);
            assertThat(e.kind()).isEqualTo(Kind.UNREACHABLE);
            assertThat(e).hasMessageContaining("larger than 262144 bytes");
            // The server's loop ends because the client hung up.
            served.join();
        }
    }

    @Test
    void exchange_nobodyListens_isUnreachable() throws Exception {
        int port;
        try (ServerSocket closed = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = closed.getLocalPort();
        }
        AwsSts sts = quick(URI.create("http://127.0.0.1:" + port));
        CredentialExchangeException e = failure(sts);

        assertThat(e.kind()).isEqualTo(Kind.UNREACHABLE);
        assertThat(e).hasMessageContaining("refuses the connection").hasCauseInstanceOf(IOException.class);
    }

    @Test
    void exchange_hangUpWithoutAnswer_isNotSentTwice() throws Exception {
        try (ServerSocket rude = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            AwsSts sts = quick(URI.create("http://127.0.0.1:" + rude.getLocalPort()));

            rude.setSoTimeout(2_000);
            CompletableFuture<Integer> connections = CompletableFuture.supplyAsync(() -> countConnections(rude));

            assertThat(failure(sts).kind()).isEqualTo(Kind.UNREACHABLE);
            assertThat(connections.join()).isEqualTo(1);
        }
    }

    private static int countConnections(ServerSocket server) {
        int count = 0;
        try {
            while (true) {
                try (var connection = server.accept()) {
                    count++;
                    assertThat(connection.getInputStream().read()).isEqualTo('P');
                }
                server.setSoTimeout(500);
            }
        } catch (IOException e) {
            return count;
        }
    }

    @Test
    @Timeout(value = 10, unit = SECONDS)
    void exchange_interrupted_restoresTheFlagAndIsNotRetryable() throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        try (ScriptedServer server = ScriptedServer.http(request -> {
            asked.countDown();
            return Sts.success().manner(Manner.DRIPPING_BODY);
        })) {
            AwsSts sts = AwsSts.builder("eu-central-1")
                    .endpoint(server.address())
                    .http(Sts.http(new Timeouts(Duration.ofSeconds(1), Duration.ofSeconds(1), Duration.ofSeconds(60))))
                    .build();

            CompletableFuture<Boolean> flag = new CompletableFuture<>();
            CompletableFuture<CredentialExchangeException> thrown = new CompletableFuture<>();
            Thread thread = new Thread(() -> {
                thrown.complete(failure(sts));
                flag.complete(Thread.currentThread().isInterrupted());
            });
            thread.start();
            asked.await();
            thread.interrupt();

            assertThat(thrown.join().kind()).isEqualTo(Kind.UNREACHABLE);
            assertThat(thrown.join().retryable()).isFalse();
            assertThat(thrown.join()).hasMessageContaining("interrupted");
            assertThat(flag.join()).isTrue();
        }
    }

    @Test
    void exchange_certificateOfAStranger_isUnreachable() {
        try (ScriptedServer server = ScriptedServer.https(Sts.success())) {
            AwsSts sts = Sts.at(server.address());

            CredentialExchangeException e = failure(sts);

            assertThat(e.kind()).isEqualTo(Kind.UNREACHABLE);
            assertThat(e).hasMessageContaining("no TLS connection");
            assertThat(server.requests()).isEmpty();
        }
    }

    private static AwsSts quick(URI endpoint) {
        return AwsSts.builder("eu-central-1")
                .endpoint(endpoint)
                .http(Sts.http(Sts.SHORT))
                .build();
    }

    private static CredentialExchangeException failure(AwsSts sts) {
        return catchThrowableOfType(
                CredentialExchangeException.class, () -> Sts.exchanger(sts).exchange(Sts.token()));
    }

    private static void assertSilent(CredentialExchangeException e) {
        ByteArrayOutputStream trace = new ByteArrayOutputStream();
        e.printStackTrace(new PrintStream(trace, true, UTF_8));
        assertThat(trace.toString(UTF_8))
                .contains("CredentialExchangeException")
                .doesNotContain(
                        "eyJ", Sts.JWT.substring(Sts.JWT.lastIndexOf('.') + 1), Sts.SECRET_KEY, Sts.SESSION_TOKEN);
    }
}
