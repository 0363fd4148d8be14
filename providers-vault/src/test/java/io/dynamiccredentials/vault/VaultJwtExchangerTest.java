package io.dynamiccredentials.vault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dynamiccredentials.CredentialExchangeException;
import io.dynamiccredentials.CredentialExchangeException.Kind;
import io.dynamiccredentials.Secret;
import io.dynamiccredentials.exchange.Revocation;
import io.dynamiccredentials.fixtures.Answer;
import io.dynamiccredentials.fixtures.ScriptedServer;
import io.dynamiccredentials.fixtures.Verbs;
import io.dynamiccredentials.token.IdentityToken;
import io.dynamiccredentials.wire.BoundedHttpClient;
import io.dynamiccredentials.wire.HttpReply;
import io.dynamiccredentials.wire.Timeouts;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.net.http.HttpRequest;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class VaultJwtExchangerTest {
    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
    private static final String JWT = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJtYXJrZXIifQ.bWFya2VyLXNpZ25hdHVyZQ";
    private static final String VAULT_TOKEN = "hvs.MARKER0123456789abcdefghij";
    private static final String GOOD = "{\"request_id\":\"r\",\"auth\":{\"client_token\":\"" + VAULT_TOKEN
            + "\",\"accessor\":\"acc-1\",\"lease_duration\":1200,\"renewable\":true,\"token_type\":\"service\"}}";

    private static final IdentityToken TOKEN = new IdentityToken(
            Secret.of(JWT), "https://ci.example", "sub", "vault.workload.identity", "jti-1", NOW, NOW.plusSeconds(600));

    private final BoundedHttpClient http = BoundedHttpClient.builder()
            .timeouts(new Timeouts(Duration.ofMillis(500), Duration.ofMillis(500), Duration.ofSeconds(1)))
            .build();

    @Test
    void exchange_request_isVaultsLogin() {
        try (ScriptedServer server = ScriptedServer.http(Answer.json(200, GOOD))) {
            VaultTokenCredentials credentials = exchanger(server)
                    .namespace("team/a/")
                    .authPath("ci/jwt")
                    .build()
                    .exchange(TOKEN);

            ScriptedServer.Request request = server.requests().get(0);
            assertThat(request.method()).isEqualTo("POST");
            assertThat(request.path()).isEqualTo("/v1/auth/ci/jwt/login");
            assertThat(request.headers())
                    .containsEntry("X-Vault-Request", "true")
                    .containsEntry("X-Vault-Namespace", "team/a")
                    .doesNotContainKey("X-Vault-Token");
            assertThat(request.body()).contains("\"role\":\"ci\"", "\"jwt\":\"" + JWT + "\"");
            assertThat(credentials)
                    .isEqualTo(new VaultTokenCredentials(
                            Secret.of(VAULT_TOKEN), "acc-1", true, false, Optional.empty(), NOW.plusSeconds(1200)));
            assertThat(credentials.principal()).isEqualTo("accessor \"acc-1\"");
            assertThat(credentials.toString()).doesNotContain("MARKER");
        }
    }

    @Test
    void exchange_entity_isToldAndTheExpectedOneAccepted() {
        try (ScriptedServer server = ScriptedServer.http(Answer.json(200, ofEntity("entity-1")))) {
            VaultTokenCredentials credentials =
                    exchanger(server).expectedEntityId("entity-1").build().exchange(TOKEN);

            assertThat(credentials.entityId()).contains("entity-1");
            assertThat(server.requests()).hasSize(1);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"entity-2", "entity-1-and-more", ""})
    void exchange_otherEntityThanExpected_isRefusedAndTheTokenRevoked(String entity) {
        try (ScriptedServer server = ScriptedServer.http(request ->
                request.path().endsWith("/login") ? Answer.json(200, ofEntity(entity)) : Answer.json(204, ""))) {
            assertThatThrownBy(() -> exchanger(server)
                            .expectedEntityId("entity-1")
                            .build()
                            .exchange(TOKEN))
                    .isInstanceOfSatisfying(CredentialExchangeException.class, e -> {
                        assertThat(e.kind()).isEqualTo(Kind.UNINTELLIGIBLE);
                        assertThat(e.retryable()).isFalse();
                        assertThat(e.remedy()).contains("user_claim");
                    })
                    .hasMessageContaining(entity.isEmpty() ? "of no entity" : "of the entity \"" + entity + "\"")
                    .hasMessageContaining("expected \"entity-1\"");
            assertThat(server.requests()).last().satisfies(request -> {
                assertThat(request.path()).isEqualTo("/v1/auth/token/revoke-self");
                assertThat(request.headers()).containsEntry("X-Vault-Token", VAULT_TOKEN);
            });
        }
    }

    private static String ofEntity(String entity) {
        return GOOD.replace("\"accessor\"", "\"entity_id\":\"" + entity + "\",\"accessor\"");
    }

    @Test
    void exchange_defaults_areVaultsOwn() {
        try (ScriptedServer server = ScriptedServer.http(Answer.json(200, GOOD))) {
            VaultJwtExchanger exchanger = exchanger(server).build();
            exchanger.exchange(TOKEN);

            assertThat(exchanger.audience()).isEqualTo("vault.workload.identity");
            assertThat(exchanger.platform()).isEqualTo("Vault");
            assertThat(exchanger.namespace()).isEmpty();
            assertThat(server.requests().get(0).path()).isEqualTo("/v1/auth/jwt/login");
            assertThat(server.requests().get(0).headers()).doesNotContainKey("X-Vault-Namespace");
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            400 | role "x" could not be found                                        | MISCONFIGURED | false | role exists
            400 | missing role                                                       | MISCONFIGURED | false | role exists
            400 | could not load configuration                                       | MISCONFIGURED | false | configured
            400 | role with oidc role_type is not allowed                            | MISCONFIGURED | false | role exists
            400 | error configuring token validator: unreachable                     | MISCONFIGURED | false | configured
            400 | error validating token: invalid issuer (iss) claim                 | REFUSED       | false | bound_issuer
            400 | error validating token: invalid audience (aud) claim               | REFUSED       | false | bound_audiences for "vault.workload.identity"
            400 | error validating token: invalid expiration time (exp) claim: token is expired | REFUSED | true | Issue a new token
            400 | error validating claims: claim "sub" does not match any associated | REFUSED       | false | bound_claims
            403 | permission denied                                                  | REFUSED       | false | token_bound_cidrs
            404 | no handler for route "auth/jwt/login". route entry not found.      | MISCONFIGURED | false | mounted
            405 | unsupported operation                                              | MISCONFIGURED | false | mounted
            412 | required index state not present                                   | UNREACHABLE   | true  | active node
            413 | request body too large                                             | MISCONFIGURED | false | max_request_size
            418 | teapot                                                           | UNINTELLIGIBLE | false | Vault's
            429 | rate limit quota exceeded                                          | THROTTLED     | true  | quota
            429 | limited by an expired quota                                       | THROTTLED     | true  | quota
            473 | performance standby                                                | UNREACHABLE   | true  | active node
            500 | internal error                                                     | UNREACHABLE   | true  | unsealed
            501 | not initialized                                                    | UNINTELLIGIBLE | false | Vault's
            502 | upstream rate limited                                              | UNREACHABLE   | true  | unsealed
            503 | Vault is sealed                                                    | UNREACHABLE   | true  | unsealed
            504 | upstream timed out                                                 | UNREACHABLE   | true  | unsealed
            521 | origin is down                                                     | UNREACHABLE   | true  | unsealed
            400 | error validating claims: claim "exp" expired                        | REFUSED       | false | bound_claims
            """)
    void exchange_documentedError_isMapped(int status, String text, Kind kind, boolean retryable, String remedy) {
        String body = "{\"errors\":[\"" + text.replace("\"", "\\\"") + "\"]}";
        try (ScriptedServer server = ScriptedServer.http(Answer.json(status, body))) {
            assertThatThrownBy(() -> exchanger(server).build().exchange(TOKEN))
                    .isInstanceOfSatisfying(CredentialExchangeException.class, e -> {
                        assertThat(e.platform()).isEqualTo("Vault");
                        assertThat(e.kind()).isEqualTo(kind);
                        assertThat(e.status()).hasValue(status);
                        assertThat(e.retryable()).isEqualTo(retryable);
                        assertThat(e.needsFreshToken()).isEqualTo(remedy.equals("Issue a new token"));
                        assertThat(e.retryAfter()).isEmpty();
                        assertThat(e.remedy()).contains(remedy);
                    })
                    .hasMessageStartingWith("Vault " + Verbs.of(kind) + " the login for role \"ci\" at \""
                            + server.address() + "\" (HTTP " + status + "): \"")
                    .hasMessageContaining(text.replace("\"", "\\\"").substring(0, Math.min(40, text.length())));
            // No retries of our own and none of anybody else's.
            assertThat(server.requests()).hasSize(1);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "429 | 7                             | Sun, 01 Mar 2026 12:00:00 GMT | 7",
                "429 | 7                             | no date                       | 7",
                "503 | 9999                          | no date                       | 300",
                "503 | Sun, 01 Mar 2026 12:00:30 GMT | Sun, 01 Mar 2026 12:00:00 GMT | 30",
                "412 | Sun, 01 Mar 2026 12:00:30 GMT | no date                       |"
            })
    void exchange_answerWithRetryAfter_carriesIt(int status, String header, String date, @Nullable Integer seconds) {
        Answer answer = Answer.json(status, "{\"errors\":[\"wait\"]}")
                .header("Retry-After", header)
                .header("Date", date);
        try (ScriptedServer server = ScriptedServer.http(answer)) {
            assertThatThrownBy(() -> exchanger(server).build().exchange(TOKEN))
                    .isInstanceOfSatisfying(CredentialExchangeException.class, e -> {
                        assertThat(e.retryable()).isTrue();
                        assertThat(e.retryAfter())
                                .isEqualTo(Optional.ofNullable(seconds).map(Duration::ofSeconds));
                    });
        }
    }

    @ParameterizedTest
    @CsvSource({
        "0b6a7d2e-5a5c-4f0e-9d6d-1f2e3d4c5b6a, true",
        "r, false",
        "hvs.MARKER, false",
        "0b6a7d2e-5a5c-4f0e-9d6d-1f2e3d4c5b6a7, false"
    })
    void exchange_requestId_isToldIfItIsOne(String id, boolean one) {
        String body = GOOD.replace("\"request_id\":\"r\"", "\"request_id\":\"" + id + "\"");
        try (ScriptedServer server = ScriptedServer.http(Answer.json(200, body))) {
            VaultTokenCredentials credentials = exchanger(server).build().exchange(TOKEN);

            assertThat(credentials.requestId()).isEqualTo(Optional.of(id).filter(known -> one));
            assertThat(exchanger(server).build().renew(credentials).requestId()).isEqualTo(credentials.requestId());
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{}",
                "[]",
                "<html>",
                "{\"auth\":null}",
                "{\"auth\":{}}",
                "{\"auth\":{\"client_token\":\"\",\"accessor\":\"a\",\"lease_duration\":60}}",
                "{\"auth\":{\"client_token\":1,\"accessor\":\"a\",\"lease_duration\":60}}",
                "{\"auth\":{\"client_token\":\"a\\nb\",\"accessor\":\"a\",\"lease_duration\":60}}",
                "{\"auth\":{\"client_token\":\"a b\",\"accessor\":\"a\",\"lease_duration\":60}}",
                "{\"auth\":{\"client_token\":\"t\",\"lease_duration\":60}}",
                "{\"auth\":{\"client_token\":\"t\",\"accessor\":\"a\"}}",
                "{\"auth\":{\"client_token\":\"t\",\"accessor\":\"a\",\"lease_duration\":0}}",
                "{\"auth\":{\"client_token\":\"t\",\"accessor\":\"a\",\"lease_duration\":-1}}",
                "{\"auth\":{\"client_token\":\"t\",\"accessor\":\"a\",\"lease_duration\":\"60\"}}",
                "{\"auth\":{\"client_token\":\"t\",\"accessor\":\"a\",\"lease_duration\":60.5}}",
                "{\"auth\":{\"client_token\":\"t\",\"accessor\":\"a\",\"lease_duration\":99999999999}}"
            })
    void exchange_200WithoutUsableCredentials_isUnintelligible(String body) {
        try (ScriptedServer server = ScriptedServer.http(Answer.json(200, body))) {
            assertThatThrownBy(() -> exchanger(server).build().exchange(TOKEN))
                    .isInstanceOfSatisfying(
                            CredentialExchangeException.class,
                            e -> assertThat(e.kind()).isEqualTo(Kind.UNINTELLIGIBLE));
        }
    }

    @Test
    void exchange_secondFactorAsked_isRefused() {
        String body = "{\"auth\":{\"client_token\":\"\",\"mfa_requirement\":{\"mfa_request_id\":\"1\"}}}";
        try (ScriptedServer server = ScriptedServer.http(Answer.json(200, body))) {
            assertThatThrownBy(() -> exchanger(server).build().exchange(TOKEN))
                    .isInstanceOf(CredentialExchangeException.class)
                    .hasMessageContaining("second factor");
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Answer.Manner.class,
            names = {"STALLED", "STALLED_BODY", "DRIPPING_BODY", "TRUNCATED"})
    void exchange_noWholeAnswer_isUnreachableInTime(Answer.Manner manner) {
        try (ScriptedServer server = ScriptedServer.http(Answer.json(200, GOOD).manner(manner))) {
            long start = System.nanoTime();

            assertUnreachable(exchanger(server).build());
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
        }
    }

    @Test
    void exchange_nobodyListens_isUnreachable() {
        ScriptedServer server = ScriptedServer.http(Answer.json(200, GOOD));
        server.close();

        assertUnreachable(exchanger(server).build());
    }

    @Test
    void exchange_oversizedBody_isUnreachable() {
        try (ScriptedServer server = ScriptedServer.http(Answer.json(200, GOOD + " ".repeat(300 * 1024)))) {
            assertUnreachable(exchanger(server).build());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {301, 302, 303, 307, 308})
    void exchange_redirect_isRefusedAndNotFollowed(int status) {
        try (ScriptedServer target = ScriptedServer.http(Answer.json(200, GOOD));
                ScriptedServer server = ScriptedServer.http(
                        Answer.redirect(status, target.address().toString()))) {
            assertThatThrownBy(() -> exchanger(server).build().exchange(TOKEN))
                    .isInstanceOfSatisfying(
                            CredentialExchangeException.class,
                            e -> assertThat(e.kind()).isEqualTo(Kind.MISCONFIGURED))
                    .hasMessageContaining(target.address().toString());
            assertThat(target.requests()).isEmpty();
        }
    }

    @Test
    void exchange_interrupted_keepsTheFlag() {
        try (ScriptedServer server = ScriptedServer.http(Answer.json(200, GOOD).manner(Answer.Manner.STALLED))) {
            Thread.currentThread().interrupt();

            assertThatThrownBy(() -> exchanger(server).build().exchange(TOKEN))
                    .isInstanceOfSatisfying(
                            CredentialExchangeException.class,
                            e -> assertThat(e.retryable()).isFalse());
            assertThat(Thread.interrupted()).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {200, 400, 403, 500})
    void exchange_serverEchoesTheSecrets_noneIsInTheFailure(int status) {
        String echo = "{\"errors\":[\"you sent " + JWT + " and " + VAULT_TOKEN + "\"]}";
        try (ScriptedServer server = ScriptedServer.http(Answer.json(status, echo))) {
            assertThatThrownBy(() -> exchanger(server).build().exchange(TOKEN)).satisfies(e -> {
                StringWriter trace = new StringWriter();
                e.printStackTrace(new PrintWriter(trace));
                assertThat(trace.toString()).doesNotContain("MARKER", "bWFya2Vy", "eyJ");
            });
        }
    }

    @Test
    void exchange_tokenGivenWithAnUnusableAnswer_isRevoked() {
        String unusable = GOOD.replace("1200", "0");
        try (ScriptedServer server = ScriptedServer.http(
                request -> request.path().endsWith("/login") ? Answer.json(200, unusable) : Answer.json(204, ""))) {
            assertThatThrownBy(() -> exchanger(server).namespace("team").build().exchange(TOKEN))
                    .isInstanceOf(CredentialExchangeException.class)
                    .hasMessageContaining("lease_duration");
            assertThat(server.requests()).hasSize(2);
            assertThat(server.requests().get(1).path()).isEqualTo("/v1/auth/token/revoke-self");
            assertThat(server.requests().get(1).headers())
                    .containsEntry("X-Vault-Token", VAULT_TOKEN)
                    .containsEntry("X-Vault-Namespace", "team");
        }
    }

    @Test
    void exchange_interruptedBeforeAnUnusableTokenIsRevoked_revokesItAndKeepsTheFlag() throws Exception {
        try (ScriptedServer server = ScriptedServer.http(
                request -> request.path().endsWith("/login") ? Answer.json(200, GOOD) : Answer.json(204, ""))) {
            HttpReply login = http.send(HttpRequest.newBuilder(URI.create(server.address() + "/login")));
            CredentialExchangeException why = VaultFailures.ofToken("a test").unintelligible(login, "a test");
            Thread.currentThread().interrupt();

            exchanger(server).build().revokeUnusable(login, why);

            assertThat(Thread.interrupted()).isTrue();
            assertThat(why).hasNoSuppressedExceptions();
            assertThat(server.requests()).last().satisfies(request -> {
                assertThat(request.path()).isEqualTo("/v1/auth/token/revoke-self");
                assertThat(request.headers()).containsEntry("X-Vault-Token", VAULT_TOKEN);
            });
        }
    }

    @Test
    void exchange_unusableTokenThatCantBeRevoked_saysBoth() {
        try (ScriptedServer server =
                ScriptedServer.http(request -> request.path().endsWith("/login")
                        ? Answer.json(200, GOOD.replace("1200", "0"))
                        : Answer.json(200, "").manner(Answer.Manner.STALLED))) {
            assertThatThrownBy(() -> exchanger(server).build().exchange(TOKEN))
                    .hasMessageContaining("lease_duration")
                    .satisfies(e -> assertThat(e.getSuppressed())
                            .singleElement()
                            .satisfies(other -> assertThat(other).hasMessageContaining("the revocation of a token")));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"2 errors occurred:\\n\\t* permission denied\\n\\t* invalid token", "bad token"})
    void revoke_tokenThatVaultNoLongerKnows_isRevoked(String text) {
        try (ScriptedServer server = ScriptedServer.http(Answer.json(403, "{\"errors\":[\"" + text + "\"]}"))) {
            assertThat(exchanger(server).build().revoke(credentials(true, false)))
                    .isEqualTo(new Revocation.Revoked());
        }
    }

    @Test
    void revoke_restOfAnAnswer_isNotInTheMessage() {
        try (ScriptedServer server = ScriptedServer.http(Answer.json(400, "h7Gk2LqVt9\",\"accessor\":\"a\"}}"))) {
            assertThatThrownBy(() -> exchanger(server).build().revoke(credentials(true, false)))
                    .hasMessageContaining("an answer that is no JSON: 28 characters")
                    .hasMessageNotContaining("h7Gk2LqVt9");
        }
    }

    @Test
    void revoke_pageOfAProxyThatSpeaksOfTokens_isAFailure() {
        try (ScriptedServer server = ScriptedServer.http(Answer.json(403, "<html>invalid token, bad token"))) {
            assertThatThrownBy(() -> exchanger(server).build().revoke(credentials(true, false)))
                    .isInstanceOf(CredentialExchangeException.class);
        }
    }

    @Test
    void revoke_tokenThatHasEndedByItself_isRevoked() {
        try (ScriptedServer server = ScriptedServer.http(Answer.json(403, "{\"errors\":[\"permission denied\"]}"))) {
            assertThat(later(server).revoke(credentials(false, false))).isEqualTo(new Revocation.Revoked());
        }
    }

    @Test
    void revoke_forbiddenForATokenThatTheRunMayHaveProlonged_isAFailure() {
        try (ScriptedServer server = ScriptedServer.http(Answer.json(403, "{\"errors\":[\"permission denied\"]}"))) {
            assertThatThrownBy(() -> later(server).revoke(credentials(true, false)))
                    .isInstanceOfSatisfying(
                            CredentialExchangeException.class,
                            e -> assertThat(e.kind()).isEqualTo(Kind.REFUSED));
        }
    }

    private VaultJwtExchanger later(ScriptedServer server) {
        return VaultJwtExchanger.builder(server.address(), "ci", http)
                .clock(Clock.fixed(NOW.plusSeconds(60), ZoneOffset.UTC))
                .build();
    }

    @Test
    void renew_request_isRenewSelf() {
        try (ScriptedServer server = ScriptedServer.http(Answer.json(200, GOOD))) {
            VaultTokenCredentials renewed =
                    exchanger(server).namespace("team").build().renew(credentials(true, false));

            ScriptedServer.Request request = server.requests().get(0);
            assertThat(request.path()).isEqualTo("/v1/auth/token/renew-self");
            assertThat(request.headers())
                    .containsEntry("X-Vault-Token", VAULT_TOKEN)
                    .containsEntry("X-Vault-Namespace", "team");
            assertThat(renewed.expiresAt()).isEqualTo(NOW.plusSeconds(1200));
        }
    }

    @Test
    void renew_answer_changesTheTimesAndNothingElse() {
        VaultTokenCredentials old = new VaultTokenCredentials(
                Secret.of(VAULT_TOKEN), "acc-1", true, false, Optional.of("entity-1"), NOW.plusSeconds(60));
        String answer =
                GOOD.replace("\"renewable\":true", "\"renewable\":false").replace("service", "batch");
        try (ScriptedServer server = ScriptedServer.http(Answer.json(200, answer))) {
            VaultTokenCredentials renewed = exchanger(server).build().renew(old);

            assertThat(renewed)
                    .isEqualTo(new VaultTokenCredentials(
                            old.token(), "acc-1", false, false, Optional.of("entity-1"), NOW.plusSeconds(1200)));
            assertThat(renewed.token()).isSameAs(old.token());
        }
    }

    @ParameterizedTest
    @CsvSource({
        "hvs.MARKER0123456789abcdefghij, hvs.MARKER0123456789other",
        "acc-1, acc-2",
        "entity-1, entity-2",
        "'\"accessor\":\"acc-1\",', '\"token_type\":\"batch\",'"
    })
    void renew_answerAboutAnother_isRefused(String own, String other) {
        VaultTokenCredentials old = new VaultTokenCredentials(
                Secret.of(VAULT_TOKEN), "acc-1", true, false, Optional.of("entity-1"), NOW.plusSeconds(60));
        String answer = ofEntity("entity-1").replace(",\"token_type\":\"service\"", "");
        assertRenewalRefused(old, answer.replace(own, other));
    }

    @Test
    void renew_answerWithAnEntityForATokenWithoutOne_isRefused() {
        assertRenewalRefused(credentials(true, false), ofEntity("entity-1"));
    }

    private void assertRenewalRefused(VaultTokenCredentials old, String answer) {
        try (ScriptedServer server = ScriptedServer.http(Answer.json(200, answer))) {
            assertThatThrownBy(() -> exchanger(server).build().renew(old))
                    .isInstanceOfSatisfying(
                            CredentialExchangeException.class,
                            e -> assertThat(e.kind()).isEqualTo(Kind.UNINTELLIGIBLE))
                    .hasMessageContaining("about another token")
                    .hasMessageNotContaining("MARKER");
        }
    }

    @Test
    void renew_notRenewable_isRefusedWithoutARequest() {
        try (ScriptedServer server = ScriptedServer.http(Answer.json(200, GOOD))) {
            assertThatThrownBy(() -> exchanger(server).build().renew(credentials(false, false)))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThat(server.requests()).isEmpty();
        }
    }

    @Test
    void revoke_request_isRevokeSelf() {
        try (ScriptedServer server = ScriptedServer.http(Answer.json(204, ""))) {
            assertThat(exchanger(server).build().revoke(credentials(true, false)))
                    .isEqualTo(new Revocation.Revoked());

            ScriptedServer.Request request = server.requests().get(0);
            assertThat(request.path()).isEqualTo("/v1/auth/token/revoke-self");
            assertThat(request.headers()).containsEntry("X-Vault-Token", VAULT_TOKEN);
        }
    }

    @Test
    void revoke_batchToken_livesUntilItsEnd() {
        try (ScriptedServer server = ScriptedServer.http(Answer.json(204, ""))) {
            assertThat(exchanger(server).build().revoke(credentials(false, true)))
                    .isEqualTo(new Revocation.LivesUntil(NOW.plusSeconds(60)));
            assertThat(server.requests()).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {202, 403, 500})
    void revoke_anyOtherAnswer_isAFailure(int status) {
        try (ScriptedServer server = ScriptedServer.http(Answer.json(status, "{\"errors\":[\"no\"]}"))) {
            assertThatThrownBy(() -> exchanger(server).build().revoke(credentials(true, false)))
                    .isInstanceOf(CredentialExchangeException.class)
                    .hasMessageContaining("the revocation of the token of accessor \"acc-1\"");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://vault.example:8200",
                "https://vault.example/v1",
                "https://vault.example/",
                "https://vault.example?x",
                "https://user@vault.example",
                "vault.example",
                "file:///etc"
            })
    void builder_badAddress_isRefused(String address) {
        assertThatThrownBy(() -> VaultJwtExchanger.builder(URI.create(address), "ci", http))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("\"" + address + "\"");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a/b", "../x", "a b", "a?b", "a%2fb", ".", "a\n"})
    void builder_badRole_isRefused(String role) {
        URI address = URI.create("https://vault.example");

        assertThatThrownBy(() -> VaultJwtExchanger.builder(address, role, http))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("\"" + role + "\"");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "/", "a//b", "../sys", "a/../b", "a b", "a?b", "a\r\nX-Vault-Token: x"})
    void builder_badPathOrNamespace_isRefused(String path) {
        VaultJwtExchanger.Builder builder = VaultJwtExchanger.builder(URI.create("https://vault.example"), "ci", http);

        assertThatThrownBy(() -> builder.authPath(path)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> builder.namespace(path)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void builder_emptyAudience_isRefused() {
        VaultJwtExchanger.Builder builder = VaultJwtExchanger.builder(URI.create("https://vault.example"), "ci", http);

        assertThatThrownBy(() -> builder.audience(" ")).isInstanceOf(IllegalArgumentException.class);
    }

    private VaultJwtExchanger.Builder exchanger(ScriptedServer server) {
        return VaultJwtExchanger.builder(server.address(), "ci", http).clock(Clock.fixed(NOW, ZoneOffset.UTC));
    }

    private static VaultTokenCredentials credentials(boolean renewable, boolean batch) {
        return new VaultTokenCredentials(
                Secret.of(VAULT_TOKEN), "acc-1", renewable, batch, Optional.empty(), NOW.plusSeconds(60));
    }

    private static void assertUnreachable(VaultJwtExchanger exchanger) {
        assertThatThrownBy(() -> exchanger.exchange(TOKEN))
                .isInstanceOfSatisfying(CredentialExchangeException.class, e -> {
                    assertThat(e.kind()).isEqualTo(Kind.UNREACHABLE);
                    assertThat(e.retryable()).isTrue();
                    assertThat(e.status()).isEmpty();
                });
    }
}
