package io.dynamiccredentials.azure;

import static io.dynamiccredentials.azure.Samples.ACCESS_TOKEN;
import static io.dynamiccredentials.azure.Samples.JWT;
import static io.dynamiccredentials.azure.Samples.token;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.dynamiccredentials.CredentialExchangeException;
import io.dynamiccredentials.CredentialExchangeException.Kind;
import io.dynamiccredentials.fixtures.Answer;
import io.dynamiccredentials.fixtures.Answer.Manner;
import io.dynamiccredentials.fixtures.ScriptedServer;
import io.dynamiccredentials.fixtures.Verbs;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class AzureFailureTest {

    /**
     * Every row of Microsoft's documents and of what users saw: HTTP status, OAuth error, number, and what we make of
     * it.
     */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "400|invalid_request|90002|MISCONFIGURED|false|is the tenant's id or domain",
                "400|invalid_tenant|90002|MISCONFIGURED|false|is the tenant's id or domain",
                "400|invalid_request|900023|MISCONFIGURED|false|is the tenant's id or domain",
                "400|unauthorized_client|700016|MISCONFIGURED|false|is the application (client) id",
                "400|invalid_request|70021|REFUSED|false|federated identity credential with exactly",
                "401|invalid_client|70021|REFUSED|false|federated identity credential with exactly",
                "401|unauthorized_client|70021|REFUSED|false|federated identity credential with exactly",
                "401|invalid_client|700211|REFUSED|false|It is the issuer",
                "401|invalid_client|700212|REFUSED|false|It is the audience",
                "401|invalid_client|700213|REFUSED|false|It is the subject that",
                "401|invalid_client|7002138|REFUSED|false|by letter case only",
                "401|invalid_client|700024|REFUSED|true|Check this machine's clock",
                "400|invalid_request|70023|REFUSED|false|25 hours",
                "401|invalid_client|7000272|REFUSED|true|publishes the key that signs",
                "401|invalid_client|700027|REFUSED|false|publishes the very key that signs",
                "400|invalid_grant|50013|REFUSED|false|publishes the very key that signs",
                "400|invalid_request|90061|UNREACHABLE|true|answers requests from the internet",
                "400|invalid_request|50166|UNREACHABLE|true|answers requests from the internet",
                "400|invalid_request|501661|UNREACHABLE|true|answers requests from the internet",
                "400|invalid_request|5002727|REFUSED|false|typ \"JWT\"",
                "400|invalid_request|5002738|REFUSED|false|RS256",
                "400|invalid_request|50027|REFUSED|false|signed JWT",
                "400|invalid_request|700222|REFUSED|false|no tokens of its own",
                "400|invalid_scope|70011|MISCONFIGURED|false|https://management.azure.com/.default",
                "401|invalid_client|7000218|MISCONFIGURED|false|no proxy takes fields",
                "400|invalid_request|900144|MISCONFIGURED|false|no proxy takes fields",
                "400|invalid_resource|500011|MISCONFIGURED|false|https://management.azure.com/.default",
                "503|temporarily_unavailable|90006|UNREACHABLE|true|Try again later",
                "500|server_error|90012|UNREACHABLE|true|Try again later",
                "400|server_error|90024|UNREACHABLE|true|Try again later",
                "503|temporarily_unavailable|90033|UNREACHABLE|true|Try again later",
                "500|server_error|90090|UNREACHABLE|true|Try again later",
                "500|server_error|90091|UNREACHABLE|true|Try again later",
                "503|temporarily_unavailable|90055|THROTTLED|true|Try again later",
                "401|invalid_client|7000215|REFUSED|false|federated identity credential with exactly",
                "400|unsupported_grant_type|70003|MISCONFIGURED|false|is the tenant's id or domain",
            })
    void exchange_documentedError_isTold(
            int status, String error, int number, Kind kind, boolean retryable, String remedy) {
        CredentialExchangeException e = failure(Samples.error(status, error, number, "Words of its own."));

        assertThat(e.platform()).isEqualTo("Azure");
        assertThat(e.kind()).isEqualTo(kind);
        assertThat(e.status()).hasValue(status);
        assertThat(e.code()).hasValue("AADSTS" + number);
        assertThat(e.requestId()).hasValue("11111111-aaaa-bbbb-cccc-000000000000");
        assertThat(e.retryable()).isEqualTo(retryable);
        assertThat(e.needsFreshToken()).isEqualTo(number == 700024 || number == 7000272);
        assertThat(e.retryAfter()).isEmpty();
        assertThat(e.remedy()).contains(remedy);
        assertThat(e)
                .hasMessageStartingWith(
                        "Azure " + Verbs.of(kind) + " the token for application \"" + Samples.CLIENT + "\" in tenant \""
                                + Samples.TENANT + "\": AADSTS" + number + " (HTTP " + status
                                + "): \"Words of its own.\". ");
    }

    @Test
    void exchange_noFederatedCredential_tellsAllThreePartsOfTheToken() {
        assertThat(failure(Samples.error(401, "invalid_client", 700213, "No match."))
                        .remedy())
                .contains("issuer \"https://ci.example\"")
                .contains("subject \"" + Samples.SUBJECT + "\"")
                .contains("audience \"api://AzureADTokenExchange\"")
                .contains("takes some minutes");
    }

    @Test
    void exchange_idsOnOneLine_areLeftOutOfTheWords() {
        Answer answer = Answer.json(
                400, "{\"error\":\"x\",\"error_description\":\"AADSTS50027: Bad. Trace ID: 1 Correlation ID: 2\"}");

        assertThat(failure(answer)).hasMessageContaining("AADSTS50027 (HTTP 400): \"Bad.\". ");
    }

    @Test
    void exchange_numberInTheListOnly_isFound() {
        CredentialExchangeException e =
                failure(Answer.json(400, "{\"error\":\"invalid_request\",\"error_codes\":[90002]}")
                        .header("x-ms-request-id", "from-header"));

        assertThat(e.code()).hasValue("AADSTS90002");
        assertThat(e.requestId()).hasValue("from-header");
    }

    @ParameterizedTest
    @CsvSource({
        "400, invalid_scope, MISCONFIGURED",
        "401, invalid_client, REFUSED",
        "400, temporarily_unavailable, UNREACHABLE"
    })
    void exchange_errorWithoutNumber_isToldByItsOAuthError(int status, String error, Kind kind) {
        CredentialExchangeException e = failure(Answer.json(status, "{\"error\":\"" + error + "\"}"));

        assertThat(e.kind()).isEqualTo(kind);
        assertThat(e.code()).hasValue(error);
    }

    @ParameterizedTest
    @CsvSource({
        "429, THROTTLED, true",
        "500, UNREACHABLE, true",
        "502, UNREACHABLE, true",
        "503, UNREACHABLE, true",
        "504, UNREACHABLE, true",
        "408, UNREACHABLE, true",
        "404, UNINTELLIGIBLE, false",
        "204, UNINTELLIGIBLE, false"
    })
    void exchange_plainTextAnswer_isOneRequestAndToldByItsStatus(int status, Kind kind, boolean retryable) {
        try (ScriptedServer server = ScriptedServer.https(Answer.text(status, status == 204 ? "" : "Too bad"))) {
            CredentialExchangeException e = failure(server);

            assertThat(e.kind()).isEqualTo(kind);
            assertThat(e.status()).hasValue(status);
            assertThat(e.retryable()).isEqualTo(retryable);
            assertThat(server.requests()).hasSize(1);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "429 | 0             | 7                             | 7",
                "503 | 90006         | 120                           | 120",
                "503 | 90055         | 9999                          | 300",
                "500 | 90012         | Sun, 01 Mar 2026 12:00:30 GMT | 30",
                "400 | 90061         | 5                             | 5"
            })
    void exchange_answerWithRetryAfter_carriesIt(int status, int number, String header, int seconds) {
        CredentialExchangeException e =
                failure(Samples.error(status, "error", number, "Words.").header("Retry-After", header));

        assertThat(e.retryable()).isTrue();
        assertThat(e.retryAfter()).contains(Duration.ofSeconds(seconds));
    }

    @Test
    void exchange_throttledWithDelay_tellsTheDelay() {
        assertThat(failure(Answer.text(429, "Too Many Requests").header("Retry-After", "60")))
                .hasMessageContaining("(HTTP 429): \"an answer that is no JSON: 17 characters\". Try again after 60 s");
        assertThat(failure(Answer.text(429, "").header("Retry-After", "soon"))).hasMessageContaining("Try again later");
    }

    @ParameterizedTest
    @ValueSource(ints = {301, 302, 303, 307, 308})
    void exchange_redirect_isRefusedAndNothingReachesTheTarget(int status) {
        try (ScriptedServer target = ScriptedServer.https(Samples.granted(ACCESS_TOKEN));
                ScriptedServer server = ScriptedServer.https(Answer.redirect(status, target.address() + "/stolen"))) {
            CredentialExchangeException e = failure(server);

            assertThat(e.kind()).isEqualTo(Kind.MISCONFIGURED);
            assertThat(e).hasMessageContaining("redirect to https://localhost");
            assertThat(server.requests()).hasSize(1);
            assertThat(target.requests()).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{}",
                "[]",
                "null",
                "<html>hello</html>",
                "{\"token_type\":\"Bearer\",\"expires_in\":3599}",
                "{\"token_type\":\"Bearer\",\"expires_in\":3599,\"access_token\":\"\"}",
                "{\"token_type\":\"Bearer\",\"expires_in\":3599,\"access_token\":7}",
                "{\"token_type\":\"Bearer\",\"expires_in\":3599,\"access_token\":\"a\\r\\nX-Y: z\"}",
                "{\"token_type\":\"Bearer\",\"expires_in\":3599,\"access_token\":\"a\\u0000\"}",
                "{\"token_type\":\"mac\",\"expires_in\":3599,\"access_token\":\"a\"}",
                "{\"expires_in\":3599,\"access_token\":\"a\"}",
                "{\"token_type\":\"Bearer\",\"access_token\":\"a\"}",
                "{\"token_type\":\"Bearer\",\"expires_in\":0,\"access_token\":\"a\"}",
                "{\"token_type\":\"Bearer\",\"expires_in\":-1,\"access_token\":\"a\"}",
                "{\"token_type\":\"Bearer\",\"expires_in\":172801,\"access_token\":\"a\"}",
                "{\"token_type\":\"Bearer\",\"expires_in\":99999999999999999999,\"access_token\":\"a\"}",
                "{\"token_type\":\"Bearer\",\"expires_in\":1.5,\"access_token\":\"a\"}",
                "{\"token_type\":\"Bearer\",\"expires_in\":\"soon\",\"access_token\":\"a\"}",
                "{\"token_type\":\"Bearer\",\"expires_in\":3599,\"access_token\":\"a\",\"access_token\":\"b\"}"
            })
    void exchange_unusableSuccess_isUnintelligible(String body) {
        CredentialExchangeException e = failure(Answer.json(200, body));

        assertThat(e.kind()).isEqualTo(Kind.UNINTELLIGIBLE);
        assertThat(e.status()).hasValue(200);
        assertThat(e.retryable()).isFalse();
        assertThat(e).hasMessageContaining("gave no usable answer about the token");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 172_800})
    void exchange_lifetimeAtTheLimit_isTaken(int seconds) {
        Answer answer =
                Answer.json(200, "{\"token_type\":\"bearer\",\"expires_in\":" + seconds + ",\"access_token\":\"a\"}");
        try (ScriptedServer server = ScriptedServer.https(answer)) {
            assertThat(Samples.exchanger(server).exchange(token()).expiresAt())
                    .isEqualTo(Samples.NOW.plusSeconds(seconds));
        }
    }

    @Test
    void exchange_furtherMembersAreNonsense_reachNobody() {
        Answer answer = Answer.json(
                200,
                "{\"token_type\":\"Bearer\",\"expires_in\":3599,\"access_token\":\"" + ACCESS_TOKEN
                        + "\",\"refresh_in\":\"" + JWT + "\",\"client_info\":[]}");
        try (ScriptedServer server = ScriptedServer.https(answer);
                LogCapture log = new LogCapture()) {
            assertThat(Samples.exchanger(server).exchange(token()).accessToken().reveal())
                    .isEqualTo(ACCESS_TOKEN);
            assertThat(log.text()).doesNotContain(JWT).doesNotContain(ACCESS_TOKEN);
        }
    }

    @ParameterizedTest
    @EnumSource(names = "WHOLE", mode = EnumSource.Mode.EXCLUDE)
    @Timeout(20)
    void exchange_answerNeverComplete_isUnreachableInTime(Manner manner) {
        try (ScriptedServer server = ScriptedServer.https(Answer.json(200, "{}").manner(manner))) {
            // The first exchange of a JVM loads the SDK's classes, which is not what is timed.
            failure(Answer.text(500, ""));
            long start = System.nanoTime();

            assertThatThrownBy(
                            () -> Samples.exchanger(server, Samples.impatient()).exchange(token()))
                    .isInstanceOfSatisfying(CredentialExchangeException.class, e -> {
                        assertThat(e.kind()).isEqualTo(Kind.UNREACHABLE);
                        assertThat(e.retryable()).isTrue();
                    });
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
            assertThat(server.requests()).hasSize(1);
        }
    }

    @Test
    void exchange_oversizedBody_isUnreachable() {
        assertThat(failure(Answer.json(200, " ".repeat(256 * 1024 + 1))))
                .hasMessageContaining("larger than 262144 bytes")
                .extracting(CredentialExchangeException::kind)
                .isEqualTo(Kind.UNREACHABLE);
    }

    @Test
    void exchange_nobodyListens_isUnreachable() {
        ScriptedServer server = ScriptedServer.https(Answer.text(500, ""));
        server.close();

        assertThat(failure(server).kind()).isEqualTo(Kind.UNREACHABLE);
    }

    @Test
    void exchange_interruptedBefore_keepsTheFlagAndSaysSo() {
        try (ScriptedServer server = ScriptedServer.https(Samples.granted(ACCESS_TOKEN))) {
            Thread.currentThread().interrupt();
            CredentialExchangeException e = failure(server);

            assertThat(Thread.interrupted()).isTrue();
            assertThat(e.kind()).isEqualTo(Kind.UNREACHABLE);
            assertThat(e.retryable()).isFalse();
        }
    }

    @Test
    @Timeout(20)
    void exchange_interruptedWhileWaiting_endsAtOnce() throws Exception {
        CountDownLatch arrived = new CountDownLatch(1);
        try (ScriptedServer server = ScriptedServer.https(request -> {
            arrived.countDown();
            return Answer.text(200, "").manner(Manner.STALLED);
        })) {
            CompletableFuture<Boolean> flag = new CompletableFuture<>();
            Thread caller = new Thread(() -> {
                CredentialExchangeException e = failure(server);
                flag.complete(Thread.currentThread().isInterrupted() && !e.retryable());
            });
            caller.start();
            assertThat(arrived.await(10, TimeUnit.SECONDS)).isTrue();

            caller.interrupt();

            assertThat(flag.get(4, TimeUnit.SECONDS)).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {400, 401, 429, 500, 503})
    void exchange_errorEchoesTheToken_tellsItToNobody(int status) {
        String words = "Assertion " + JWT + " and " + ACCESS_TOKEN + " are bad";
        assertSilent(Samples.error(status, "invalid_client", 700213, words));
        assertSilent(Samples.error(status, JWT, 1, words).header("x-ms-request-id", JWT));
        assertSilent(Answer.text(status, words));
        assertSilent(Answer.json(status, "{\"error\":\"" + JWT + "\",\"trace_id\":\"" + ACCESS_TOKEN + "\"}"));
    }

    @Test
    void exchange_restOfAnAnswer_isNotInTheMessage() {
        assertThat(failure(Answer.text(400, "h7Gk2LqVt9\"}")))
                .hasMessageContaining("12 characters")
                .hasMessageNotContaining("h7Gk2LqVt9");
    }

    @Test
    void exchange_brokenHeaderEchoesTheToken_tellsItToNobody() {
        assertSilent(Samples.granted(ACCESS_TOKEN).header("No header " + JWT, ACCESS_TOKEN));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"token_type\":\"" + JWT + "\",\"expires_in\":3599,\"access_token\":\"" + ACCESS_TOKEN + "\"}",
                "{\"token_type\":\"Bearer\",\"expires_in\":\"" + JWT + "\",\"access_token\":\"" + ACCESS_TOKEN + "\"}",
                "{\"access_token\":\"" + ACCESS_TOKEN + "\""
            })
    void exchange_brokenSuccess_tellsTheTokenToNobody(String body) {
        assertSilent(Answer.json(200, body));
    }

    @Test
    void exchange_granted_tellsTheTokensToNobody() {
        try (ScriptedServer server = ScriptedServer.https(Samples.granted(ACCESS_TOKEN));
                LogCapture log = new LogCapture()) {
            assertThat(Samples.exchanger(server).exchange(token()).toString()).doesNotContain(ACCESS_TOKEN);
            assertThat(log.text())
                    .contains("com.microsoft.aad.msal4j")
                    .doesNotContain(JWT)
                    .doesNotContain(ACCESS_TOKEN);
        }
    }

    private static void assertSilent(Answer answer) {
        try (LogCapture log = new LogCapture()) {
            StringWriter all = new StringWriter();
            failure(answer).printStackTrace(new PrintWriter(all, true));

            assertThat(all.toString()).doesNotContain(JWT).doesNotContain(ACCESS_TOKEN);
            assertThat(log.text()).contains("ERROR").doesNotContain(JWT).doesNotContain(ACCESS_TOKEN);
        }
    }

    private static CredentialExchangeException failure(Answer answer) {
        try (ScriptedServer server = ScriptedServer.https(answer)) {
            return failure(server);
        }
    }

    private static CredentialExchangeException failure(ScriptedServer server) {
        return catchThrowableOfType(
                CredentialExchangeException.class,
                () -> Samples.exchanger(server).exchange(token()));
    }
}
