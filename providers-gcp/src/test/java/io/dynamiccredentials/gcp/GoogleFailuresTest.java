package io.dynamiccredentials.gcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.dynamiccredentials.CredentialExchangeException;
import io.dynamiccredentials.CredentialExchangeException.Kind;
import io.dynamiccredentials.fixtures.Answer;
import io.dynamiccredentials.fixtures.ScriptedServer;
import io.dynamiccredentials.fixtures.Verbs;
import io.dynamiccredentials.wire.StrictJson;
import java.time.Duration;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of Google's documented and observed refusals, and of answers that are none of Google's. */
class GoogleFailuresTest {

    static Stream<Arguments> refusalsOfSts() {
        return Stream.of(
                sts(
                        "invalid_request",
                        "Invalid value for \"audience\". This value should be the full resource name of the Identity "
                                + "Provider.",
                        Kind.MISCONFIGURED,
                        false,
                        "the project's number and not its id"),
                sts(
                        "invalid_request",
                        "The size of mapped attribute google.subject exceeds the 127 bytes limit.",
                        Kind.MISCONFIGURED,
                        false,
                        Google.SUBJECT + "\" has 60 bytes"),
                sts(
                        "invalid_target",
                        "The target service indicated by the \"audience\" parameters is invalid.",
                        Kind.MISCONFIGURED,
                        false,
                        "neither disabled nor deleted"),
                sts("invalid_scope", "Some requested scopes were invalid.", Kind.MISCONFIGURED, false, "the scopes"),
                sts(
                        "unauthorized_client",
                        "The given credential is rejected by the attribute condition.",
                        Kind.REFUSED,
                        false,
                        "attribute condition of provider \"" + Google.PROVIDER + "\" against subject \""
                                + Google.SUBJECT),
                sts(
                        "invalid_grant",
                        "The audience in ID Token [other] does not match the expected audience.",
                        Kind.REFUSED,
                        false,
                        "include \"" + Google.RESOURCE + '"'),
                sts(
                        "invalid_grant",
                        "The issuer in ID Token https://a.example does not match the expected one in config: https://b.example",
                        Kind.REFUSED,
                        false,
                        "is exactly \"https://ci.example\""),
                sts(
                        "invalid_grant",
                        "The issuer in ID Token https://a.example does not match the expected ones: https://b.example",
                        Kind.REFUSED,
                        false,
                        "is exactly \"https://ci.example\""),
                sts(
                        "invalid_grant",
                        "ID Token issued at 1713260741 is stale to sign-in.",
                        Kind.REFUSED,
                        true,
                        "Issue a new token: this one ran from 2026-03-01T12:00:00Z to 2026-03-01T12:10:00Z"),
                sts("invalid_grant", "The token is Expired or so.", Kind.REFUSED, true, "Issue a new token"),
                sts(
                        "invalid_grant",
                        "Unable to verify the ID Token signature.",
                        Kind.REFUSED,
                        false,
                        "the keys that \"https://ci.example\" publishes"),
                sts(
                        "invalid_grant",
                        "Error connecting to the given credential's issuer.",
                        Kind.REFUSED,
                        true,
                        "https://ci.example/.well-known/openid-configuration"),
                sts("invalid_grant", "Something new.", Kind.REFUSED, false, "trusts issuer \"https://ci.example\""),
                sts("something_new", "Something new.", Kind.REFUSED, false, "trusts issuer \"https://ci.example\""));
    }

    @ParameterizedTest
    @MethodSource("refusalsOfSts")
    void exchange_refusedBySts_saysWhyAndWhatToCheck(
            String code, String words, Kind kind, boolean retryable, String remedy) {
        Answer answer = Answer.json(400, StrictJson.write(Map.of("error", code, "error_description", words)))
                .header("X-Request-Id", "req-7");

        CredentialExchangeException e = failureOf(answer, Google.impersonated(), 1);

        assertThat(e.platform()).isEqualTo("Google Cloud");
        assertThat(e.kind()).isEqualTo(kind);
        assertThat(e.status()).hasValue(400);
        assertThat(e.code()).contains(code);
        assertThat(e.requestId()).contains("req-7");
        assertThat(e.retryable()).isEqualTo(retryable);
        assertThat(e.needsFreshToken()).isEqualTo(remedy.startsWith("Issue a new token"));
        assertThat(e.retryAfter()).isEmpty();
        assertThat(e.remedy()).contains(remedy);
        assertThat(e)
                .hasMessageStartingWith("Google Cloud " + Verbs.of(kind) + " the token for provider \""
                        + Google.PROVIDER + "\": " + code + " (HTTP 400): \"" + words.substring(0, 13));
    }

    static Stream<Arguments> apiErrorsOfSts() {
        return Stream.of(
                Arguments.of(500, "INTERNAL", Kind.UNREACHABLE, true, "Google's side failed"),
                Arguments.of(503, "UNAVAILABLE", Kind.UNREACHABLE, true, "Google's side failed"),
                Arguments.of(408, "DEADLINE_EXCEEDED", Kind.UNREACHABLE, true, "Google's side failed"),
                Arguments.of(429, "RESOURCE_EXHAUSTED", Kind.THROTTLED, true, "Try again later"),
                Arguments.of(403, "PERMISSION_DENIED", Kind.REFUSED, false, "Security Token Service API is enabled"),
                Arguments.of(400, "INVALID_ARGUMENT", Kind.MISCONFIGURED, false, "/v1/token"),
                Arguments.of(404, "NOT_FOUND", Kind.MISCONFIGURED, false, "/v1/token"));
    }

    @ParameterizedTest
    @MethodSource("apiErrorsOfSts")
    void exchange_apiErrorOfSts_isOneRequest(int status, String code, Kind kind, boolean retryable, String remedy) {
        CredentialExchangeException e = failureOf(apiError(status, code, "Words."), Google.impersonated(), 1);

        assertThat(e.kind()).isEqualTo(kind);
        assertThat(e.status()).hasValue(status);
        assertThat(e.code()).contains(code);
        assertThat(e.requestId()).contains("rpc-9");
        assertThat(e.retryable()).isEqualTo(retryable);
        assertThat(e.remedy()).contains(remedy);
        assertThat(e).hasMessageContaining("\"Words.\"");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "429 | RESOURCE_EXHAUSTED | 7                             | 7",
                "503 | UNAVAILABLE        | Sun, 01 Mar 2026 12:00:30 GMT | 30",
                "500 | INTERNAL           | 9999                          | 300",
                "502 | INTERNAL           | 1                             | 1",
                "504 | DEADLINE_EXCEEDED  | 2                             | 2"
            })
    void exchange_answerWithRetryAfter_carriesIt(int status, String code, String header, int seconds) {
        Answer waiting = apiError(status, code, "Words.").header("Retry-After", header);

        for (CredentialExchangeException e : new CredentialExchangeException[] {
            failureOf(waiting, Google.impersonated(), 1), failureOf(Google.federated(), waiting, 2)
        }) {
            assertThat(e.retryable()).isTrue();
            assertThat(e.needsFreshToken()).isFalse();
            assertThat(e.retryAfter()).contains(Duration.ofSeconds(seconds));
        }
    }

    @Test
    void exchange_401OfSts_isOneRequestWithItsStatusAndCode() {
        Answer answer =
                Answer.json(401, "{\"error\":\"invalid_client\",\"error_description\":\"The client is unknown.\"}");

        CredentialExchangeException e = failureOf(answer, Google.impersonated(), 1);

        assertThat(e.kind()).isEqualTo(Kind.REFUSED);
        assertThat(e.status()).hasValue(401);
        assertThat(e.code()).contains("invalid_client");
    }

    static Stream<Arguments> refusalsOfIam() {
        return Stream.of(
                Arguments.of(
                        403,
                        "PERMISSION_DENIED",
                        "Permission 'iam.serviceAccounts.getAccessToken' denied on resource (or it may not exist).",
                        Kind.REFUSED,
                        false,
                        "\"" + Google.PRINCIPAL + "\" has roles/iam.workloadIdentityUser on it"),
                Arguments.of(
                        403,
                        "PERMISSION_DENIED",
                        "The caller does not have permission",
                        Kind.REFUSED,
                        false,
                        "roles/iam.workloadIdentityUser"),
                Arguments.of(
                        401,
                        "UNAUTHENTICATED",
                        "Request had invalid authentication credentials.",
                        Kind.REFUSED,
                        true,
                        "Try again"),
                Arguments.of(
                        400,
                        "INVALID_ARGUMENT",
                        "Lifetime of access token must be larger then zero.",
                        Kind.MISCONFIGURED,
                        false,
                        "Check the scopes"),
                Arguments.of(
                        400,
                        "INVALID_ARGUMENT",
                        "The token can not have lifetimes of more than 1 hour.",
                        Kind.MISCONFIGURED,
                        false,
                        "constraints/iam.allowServiceAccountCredentialLifetimeExtension"),
                Arguments.of(400, "INVALID_ARGUMENT", "Invalid scope.", Kind.MISCONFIGURED, false, "Check the scopes"),
                Arguments.of(404, "NOT_FOUND", "Not found.", Kind.MISCONFIGURED, false, Google.ACCOUNT + "\" exists"),
                Arguments.of(429, "RESOURCE_EXHAUSTED", "Quota.", Kind.THROTTLED, true, "higher quota"),
                Arguments.of(500, "INTERNAL", "Internal.", Kind.UNREACHABLE, true, "Google's side failed"),
                Arguments.of(503, "UNAVAILABLE", "Unavailable.", Kind.UNREACHABLE, true, "Google's side failed"),
                Arguments.of(409, "ABORTED", "Aborted.", Kind.UNINTELLIGIBLE, false, "no proxy answers for it"));
    }

    @ParameterizedTest
    @MethodSource("refusalsOfIam")
    void exchange_refusedByIam_isOneRequestEach(
            int status, String code, String words, Kind kind, boolean retryable, String remedy) {
        CredentialExchangeException e = failureOf(Google.federated(), apiError(status, code, words), 2);

        assertThat(e.kind()).isEqualTo(kind);
        assertThat(e.status()).hasValue(status);
        assertThat(e.code()).contains(code);
        assertThat(e.requestId()).contains("rpc-9");
        assertThat(e.retryable()).isEqualTo(retryable);
        assertThat(e.remedy()).contains(remedy);
        assertThat(e)
                .hasMessageStartingWith("Google Cloud " + Verbs.of(kind) + " the impersonation of service account \""
                        + Google.ACCOUNT + "\": " + code + " (HTTP " + status + "): \"" + words.substring(0, 6));
    }

    static Stream<Arguments> badAnswersOfSts() {
        return Stream.of(
                Arguments.of("", "it is empty"),
                Arguments.of("{}", "access_token is absent"),
                Arguments.of("[]", "not an object"),
                Arguments.of("<html>busy</html>", "not a JSON object"),
                Arguments.of("{\"access_token\":\"a\",\"access_token\":\"b\"}", "not a JSON object"),
                Arguments.of(sts("", "access_token", "Bearer", "3598"), "access_token is absent"),
                Arguments.of(sts("a\\nb", "access_token", "Bearer", "3598"), "characters that no token has"),
                Arguments.of(sts("tö", "access_token", "Bearer", "3598"), "characters that no token has"),
                Arguments.of(sts("t", "id_token", "Bearer", "3598"), "issued_token_type is"),
                Arguments.of(sts("t", "access_token", "mac", "3598"), "token_type is \"mac\""),
                Arguments.of(sts("t", "access_token", "", "3598"), "token_type is \"\""),
                Arguments.of(sts("t", "access_token", "Bearer", ""), "expires_in is absent"),
                Arguments.of(sts("t", "access_token", "Bearer", "0"), "expires_in is 0"),
                Arguments.of(sts("t", "access_token", "Bearer", "-5"), "expires_in is -5"),
                Arguments.of(sts("t", "access_token", "Bearer", "86401"), "expires_in is 86401"),
                Arguments.of(sts("t", "access_token", "Bearer", "99999999999999999999"), "expires_in is 9999"),
                Arguments.of(sts("t", "access_token", "Bearer", "3598.5"), "expires_in is 3598.5"),
                Arguments.of(sts("t", "access_token", "Bearer", "null"), "expires_in is null"),
                Arguments.of(sts("t", "access_token", "Bearer", "\"3598\""), "expected 1 to 86400"),
                // Passes our checks and not those of Google's library.
                Arguments.of(sts("t", "access_token", "Bearer", "3598,\"scope\":7"), "library can't read it"));
    }

    @ParameterizedTest
    @MethodSource("badAnswersOfSts")
    void exchange_badAnswerOfSts_isUnintelligible(String body, String why) {
        // Nothing of it may reach IAM Credentials either.
        CredentialExchangeException e = failureOf(Answer.json(200, body), Google.impersonated(), 1);

        assertThat(e.kind()).isEqualTo(Kind.UNINTELLIGIBLE);
        assertThat(e.status()).hasValue(200);
        assertThat(e.retryable()).isFalse();
        assertThat(e).hasMessageContaining("gave no usable answer about").hasMessageContaining(why);
    }

    static Stream<Arguments> badAnswersOfIam() {
        return Stream.of(
                Arguments.of("", "it is empty"),
                Arguments.of("{}", "accessToken is absent"),
                Arguments.of("busy", "not a JSON object"),
                Arguments.of(Google.impersonatedBody("", "2026-03-01T13:00:00Z"), "accessToken is absent"),
                Arguments.of(
                        Google.impersonatedBody("a\\r\\nb", "2026-03-01T13:00:00Z"), "characters that no token has"),
                Arguments.of("{\"accessToken\":\"t\"}", "expireTime is absent"),
                Arguments.of(Google.impersonatedBody("t", "soon"), "no time of RFC 3339"),
                Arguments.of(
                        Google.impersonatedBody("t", "2026-03-01T12:00:00Z"), "expireTime is 2026-03-01T12:00:00Z"),
                Arguments.of(Google.impersonatedBody("t", "2025-03-01T12:00:00Z"), "expected is a time after that"),
                Arguments.of(Google.impersonatedBody("t", "2026-03-02T12:00:01Z"), "by less than a day"));
    }

    @ParameterizedTest
    @MethodSource("badAnswersOfIam")
    void exchange_badAnswerOfIam_isUnintelligible(String body, String why) {
        CredentialExchangeException e = failureOf(Google.federated(), Answer.json(200, body), 2);

        assertThat(e.kind()).isEqualTo(Kind.UNINTELLIGIBLE);
        assertThat(e.retryable()).isFalse();
        assertThat(e).hasMessageContaining("service account").hasMessageContaining(why);
    }

    @Test
    void exchange_restOfAnAnswer_isNotInTheMessage() {
        CredentialExchangeException e = failureOf(Answer.text(400, "h7Gk2LqVt9\"}"), Google.impersonated(), 1);

        assertThat(e).hasMessageContaining("no JSON: 12 characters").hasMessageNotContaining("h7Gk2LqVt9");
    }

    @Test
    void exchange_pageOfAProxy_isUnintelligible() {
        CredentialExchangeException e = failureOf(Answer.text(400, "<html>Blocked</html>"), Google.impersonated(), 1);

        assertThat(e.kind()).isEqualTo(Kind.UNINTELLIGIBLE);
        assertThat(e).hasMessageContaining("no JSON: <html>Blocked</html>").hasMessageContaining("no proxy answers");
    }

    @Test
    void exchange_emptyNotFound_blamesTheAddress() {
        CredentialExchangeException e = failureOf(Answer.text(404, ""), Google.impersonated(), 1);

        assertThat(e.kind()).isEqualTo(Kind.MISCONFIGURED);
        assertThat(e.remedy()).contains("token URL");
    }

    @ParameterizedTest
    @ValueSource(ints = {301, 302, 303, 307, 308})
    void exchange_redirectOfEither_reachesNoOtherServer(int status) {
        try (ScriptedServer other = ScriptedServer.https(Google.federated())) {
            Answer redirect = Answer.redirect(status, other.address() + "/v1/token");

            CredentialExchangeException ofSts = failureOf(redirect, Google.impersonated(), 1);
            CredentialExchangeException ofIam = failureOf(Google.federated(), redirect, 2);

            assertThat(ofSts.kind()).isEqualTo(Kind.MISCONFIGURED);
            assertThat(ofSts.status()).hasValue(status);
            assertThat(ofSts).hasMessageContaining("Redirects are not followed");
            assertThat(ofIam.kind()).isEqualTo(Kind.MISCONFIGURED);
            assertThat(other.requests()).isEmpty();
        }
    }

    /** Asks with a service account and returns the failure, after counting the requests. */
    private static CredentialExchangeException failureOf(Answer sts, Answer iam, int requests) {
        try (ScriptedServer server = ScriptedServer.https(Google.script(sts, iam))) {
            GcpWorkloadIdentityExchanger exchanger =
                    Google.exchanger(server).serviceAccount(Google.ACCOUNT).build();
            CredentialExchangeException failure =
                    catchThrowableOfType(CredentialExchangeException.class, () -> exchanger.exchange(Google.token()));
            assertThat(server.requests()).hasSize(requests);
            assertThat(failure).isNotNull();
            return failure;
        }
    }

    private static Arguments sts(String code, String words, Kind kind, boolean retryable, String remedy) {
        return Arguments.of(code, words, kind, retryable, remedy);
    }

    private static String sts(String token, String type, String tokenType, String lifetime) {
        return """
                {"access_token":"%s","issued_token_type":"urn:ietf:params:oauth:token-type:%s","token_type":"%s"%s}""".formatted(token, type, tokenType, lifetime.isEmpty() ? "" : ",\"expires_in\":" + lifetime);
    }

    private static Answer apiError(int status, String code, String words) {
        Map<String, Object> detail =
                Map.of("@type", "type.googleapis.com/google.rpc.RequestInfo", "requestId", "rpc-9");
        return Answer.json(
                status,
                StrictJson.write(Map.of(
                        "error",
                        Map.of("code", status, "message", words, "status", code, "details", new Object[] {detail}))));
    }
}
