package io.dynamiccredentials.vault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dynamiccredentials.CredentialExchangeException;
import io.dynamiccredentials.CredentialExchangeException.Kind;
import io.dynamiccredentials.Secret;
import io.dynamiccredentials.exchange.Revocation;
import io.dynamiccredentials.fixtures.Answer;
import io.dynamiccredentials.fixtures.ManualClock;
import io.dynamiccredentials.fixtures.ScriptedServer;
import io.dynamiccredentials.token.IdentityToken;
import io.dynamiccredentials.wire.BoundedHttpClient;
import io.dynamiccredentials.wire.Timeouts;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Login, reading, renewal and revocation, request by request. */
class VaultBackedExchangerTest {
    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
    private static final String LOGIN = "/v1/auth/jwt/login";
    private static final String RENEW_LOGIN = "/v1/auth/token/renew-self";
    private static final String REVOKE_LOGIN = "/v1/auth/token/revoke-self";
    private static final String RENEW_LEASE = "/v1/sys/leases/renew";
    private static final String REVOKE_LEASE = "/v1/sys/leases/revoke";
    private static final String CREDS = "/v1/aws/creds/deploy";
    private static final String STS = "/v1/aws/sts/deploy";
    private static final String FORBIDDEN = "{\"errors\":[\"1 error occurred:\\n\\t* permission denied\\n\\n\"]}";
    private static final String DEAD =
            "{\"errors\":[\"2 errors occurred:\\n\\t* permission denied\\n\\t* invalid token\\n\\n\"]}";

    private static final String REQUEST_ID = "0b6a7d2e-5a5c-4f0e-9d6d-1f2e3d4c5b6a";
    private static final String USER = "{\"request_id\":\"" + REQUEST_ID
            + "\",\"lease_id\":\"aws/creds/deploy/l1\",\"renewable\":true,"
            + "\"lease_duration\":3600,\"data\":{\"access_key\":\"AKIA0123456789ABCDEF\","
            + "\"secret_key\":\"MARKER-secret\",\"security_token\":null}}";
    private static final String SESSION = "{\"lease_id\":\"\",\"renewable\":false,\"lease_duration\":0,"
            + "\"data\":{\"access_key\":\"ASIA0123456789ABCDEF\",\"secret_key\":\"MARKER-secret\","
            + "\"security_token\":\"MARKER-session\",\"ttl\":900}}";

    private static final IdentityToken TOKEN = new IdentityToken(
            Secret.of("e.e.e"),
            "https://ci.example",
            "sub",
            "vault.workload.identity",
            "jti-1",
            NOW,
            NOW.plusSeconds(60));

    private final ManualClock clock = new ManualClock();
    private final Map<String, Answer> answers = new ConcurrentHashMap<>(Map.of(
            LOGIN, Answer.json(200, auth(1200, true, "service")),
            RENEW_LOGIN, Answer.json(200, auth(1200, true, "service")),
            REVOKE_LOGIN, Answer.json(204, ""),
            RENEW_LEASE, Answer.json(200, lease("aws/creds/deploy/l1", 3600)),
            REVOKE_LEASE, Answer.json(204, ""),
            CREDS, Answer.json(200, USER),
            STS, Answer.json(200, SESSION)));
    private final ScriptedServer server =
            ScriptedServer.http(request -> answers.getOrDefault(request.path(), Answer.json(404, "{\"errors\":[]}")));

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void exchange_user_isReadWithTheLoginToken() {
        VaultBackedCredentials<AwsKeys> credentials = user().exchange(TOKEN);

        assertThat(paths()).containsExactly(LOGIN, CREDS);
        assertThat(server.requests().get(1).method()).isEqualTo("GET");
        assertThat(server.requests().get(1).headers())
                .containsEntry("X-Vault-Token", "hvs.login")
                .containsEntry("X-Vault-Namespace", "team")
                .containsEntry("X-Vault-Request", "true");
        assertThat(credentials.secret().accessKeyId()).isEqualTo("AKIA0123456789ABCDEF");
        assertThat(credentials.principal())
                .isEqualTo("access key \"AKIA0123456789ABCDEF\" (lease \"aws/creds/deploy/l1\")");
        // The lease would live for an hour; it dies with its token.
        assertThat(credentials.expiresAt()).isEqualTo(NOW.plusSeconds(1200));
        assertThat(credentials.toString()).doesNotContain("MARKER", "hvs.login");
    }

    @Test
    void exchange_leaseShorterThanTheToken_endsWithTheLease() {
        answers.put(CREDS, Answer.json(200, USER.replace("3600", "300")));

        assertThat(user().exchange(TOKEN).expiresAt()).isEqualTo(NOW.plusSeconds(300));
    }

    @Test
    void exchange_session_livesAsLongAsItSaysAndNotItsLoginToken() {
        answers.put(LOGIN, Answer.json(200, auth(60, true, "service")));
        VaultBackedCredentials<AwsKeys> credentials = session().exchange(TOKEN);

        assertThat(credentials.expiresAt()).isEqualTo(NOW.plusSeconds(900));
        assertThat(credentials.lease()).isEmpty();
        assertThat(credentials.principal()).isEqualTo("access key \"ASIA0123456789ABCDEF\"");
    }

    @Test
    void exchange_sessionWithALease_endsWithWhatIsFirst() {
        answers.put(
                STS,
                Answer.json(
                        200, SESSION.replace("\"\"", "\"aws/sts/deploy/l1\"").replace(":0", ":600")));

        assertThat(session().exchange(TOKEN).expiresAt()).isEqualTo(NOW.plusSeconds(600));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            400 | Role \\"deploy\\" not found                                         | MISCONFIGURED | role exists
            400 | did not supply a role_arn parameter and unable to determine one     | MISCONFIGURED | role exists
            400 | role_arn \\"x\\" not in allowed role arns for Vault role \\"deploy\\" | MISCONFIGURED | role exists
            400 | something else                                                      | REFUSED       | secrets engine
            403 | permission denied                                                   | REFUSED       | policies
            404 | no handler for route                                                | MISCONFIGURED | mounted
            429 | lease count quota exceeded                                          | THROTTLED     | quota
            500 | the platform said no                                                | UNREACHABLE   | may make
            503 | Vault is sealed                                                     | UNREACHABLE   | unsealed
            """)
    void exchange_engineRefuses_loginTokenIsRevoked(int status, String text, Kind kind, String remedy) {
        answers.put(CREDS, Answer.json(status, "{\"errors\":[\"" + text + "\"]}"));

        assertThatThrownBy(() -> user().exchange(TOKEN))
                .isInstanceOfSatisfying(CredentialExchangeException.class, e -> {
                    assertThat(e.kind()).isEqualTo(kind);
                    assertThat(e.remedy()).contains(remedy);
                })
                .hasMessageContaining("the request for \"aws/creds/deploy\" at \"" + server.address() + "\"");
        assertThat(paths()).containsExactly(LOGIN, CREDS, REVOKE_LOGIN);
    }

    @Test
    void exchange_engineSilent_loginTokenIsRevoked() {
        answers.put(CREDS, Answer.json(200, "").manner(Answer.Manner.STALLED));

        assertThatThrownBy(() -> user().exchange(TOKEN)).isInstanceOf(CredentialExchangeException.class);
        assertThat(paths()).containsExactly(LOGIN, CREDS, REVOKE_LOGIN);
    }

    @Test
    void exchange_loginTokenCantBeRevokedEither_saysBoth() {
        answers.put(CREDS, Answer.json(403, FORBIDDEN));
        answers.put(REVOKE_LOGIN, Answer.json(500, "{}"));

        assertThatThrownBy(() -> user().exchange(TOKEN))
                .hasMessageContaining("refused the request for")
                .satisfies(e -> assertThat(e.getSuppressed())
                        .singleElement()
                        .satisfies(other -> assertThat(other).hasMessageContaining("the revocation of the token")));
    }

    @Test
    void exchange_interruptedMeanwhile_loginTokenIsRevokedAllTheSame() {
        Thread caller = Thread.currentThread();
        try (ScriptedServer interrupting = ScriptedServer.http(request -> {
            if (request.path().equals(CREDS)) {
                caller.interrupt();
                return Answer.json(200, "").manner(Answer.Manner.STALLED);
            }
            return answers.getOrDefault(request.path(), Answer.json(404, ""));
        })) {
            assertThatThrownBy(() -> user(interrupting).exchange(TOKEN))
                    .isInstanceOf(CredentialExchangeException.class)
                    .hasMessageContaining("interrupted");
            assertThat(Thread.interrupted()).isTrue();
            assertThat(interrupting.requests())
                    .extracting(ScriptedServer.Request::path)
                    .containsExactly(LOGIN, CREDS, REVOKE_LOGIN);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "<html>",
                "{\"data\":null}",
                "{\"data\":{},\"lease_duration\":1}",
                "{\"wrap_info\":{\"token\":\"hvs.MARKER\"},\"data\":null}",
                "{\"data\":{\"access_key\":\"AKIA0123456789ABCDEF\",\"secret_key\":\"MARKER\"}}",
                "{\"lease_id\":\"l\",\"data\":{\"access_key\":\"AKIA0123456789ABCDEF\",\"secret_key\":\"MARKER\"}}"
            })
    void exchange_unusableAnswer_isRefusedAndTheLoginTokenRevoked(String body) {
        answers.put(CREDS, Answer.json(200, body));

        assertThatThrownBy(() -> user().exchange(TOKEN))
                .isInstanceOfSatisfying(
                        CredentialExchangeException.class,
                        e -> assertThat(e.kind()).isEqualTo(Kind.UNINTELLIGIBLE))
                .hasMessageNotContaining("MARKER");
        assertThat(paths()).startsWith(LOGIN, CREDS).endsWith(REVOKE_LOGIN);
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "-1", "1.5", "\"3600\"", "true", "315360001", "9e9"})
    void exchange_leaseWithoutATime_isRefused(String duration) {
        answers.put(CREDS, Answer.json(200, USER.replace("3600", duration)));

        assertThatThrownBy(() -> user().exchange(TOKEN)).hasMessageContaining("lease_duration");
    }

    @Test
    void exchange_unusableAnswerWithALease_revokesThatFirst() {
        answers.put(CREDS, Answer.json(200, USER.replace("MARKER-secret", "MARKER secret")));

        assertThatThrownBy(() -> user().exchange(TOKEN))
                .hasMessageContaining("data.secret_key")
                .hasMessageNotContaining("MARKER");
        assertThat(paths()).containsExactly(LOGIN, CREDS, REVOKE_LEASE, REVOKE_LOGIN);
        assertThat(server.requests().get(2).body()).contains("aws/creds/deploy/l1", "\"sync\":true");
    }

    @Test
    void exchange_unusableAnswerWhoseLeaseCantBeRevoked_revokesTheLoginTokenAllTheSame() {
        answers.put(CREDS, Answer.json(200, USER.replace("AKIA", "A*IA")));
        answers.put(REVOKE_LEASE, Answer.json(500, "{}"));

        assertThatThrownBy(() -> user().exchange(TOKEN))
                .hasMessageContaining("data.access_key")
                .satisfies(e -> assertThat(e.getSuppressed()).hasSize(1));
        assertThat(paths()).containsExactly(LOGIN, CREDS, REVOKE_LEASE, REVOKE_LOGIN);
    }

    @Test
    void exchange_sessionWithoutAnEnd_isRefused() {
        answers.put(STS, Answer.json(200, SESSION.replace(",\"ttl\":900", "")));

        assertThatThrownBy(() -> session().exchange(TOKEN)).hasMessageContaining("does not say when it ends");
    }

    @Test
    void revoke_allowed_isConfirmed() {
        VaultBackedCredentials<AwsKeys> credentials = user().exchange(TOKEN);

        assertThat(user().revoke(credentials)).isEqualTo(new Revocation.Revoked());
        assertThat(paths()).containsExactly(LOGIN, CREDS, REVOKE_LEASE, REVOKE_LOGIN);
        assertThat(server.requests().get(2).body()).isEqualTo("{\"lease_id\":\"aws/creds/deploy/l1\",\"sync\":true}");
    }

    @Test
    void revoke_forbiddenByThePolicy_isOrderedByTheLoginTokensEnd() {
        answers.put(REVOKE_LEASE, Answer.json(403, FORBIDDEN));
        VaultBackedCredentials<AwsKeys> credentials = user().exchange(TOKEN);

        assertThat(user().revoke(credentials)).isEqualTo(new Revocation.Ordered(NOW.plusSeconds(1200)));
        assertThat(paths()).endsWith(REVOKE_LEASE, REVOKE_LOGIN);
    }

    @Test
    void revoke_loginTokenDead_isOrdered() {
        answers.put(REVOKE_LEASE, Answer.json(403, DEAD));
        answers.put(REVOKE_LOGIN, Answer.json(403, DEAD));
        VaultBackedCredentials<AwsKeys> credentials = user().exchange(TOKEN);

        assertThat(user().revoke(credentials)).isEqualTo(new Revocation.Ordered(NOW.plusSeconds(1200)));
    }

    @Test
    void revoke_acceptedAndNotDone_isOrdered() {
        answers.put(REVOKE_LEASE, Answer.json(202, ""));
        VaultBackedCredentials<AwsKeys> credentials = user().exchange(TOKEN);

        assertThat(user().revoke(credentials)).isEqualTo(new Revocation.Ordered(NOW.plusSeconds(1200)));
    }

    @ParameterizedTest
    @CsvSource({"400, REFUSED", "500, UNREACHABLE", "503, UNREACHABLE", "302, MISCONFIGURED"})
    void revoke_leaseFails_isSaidAndTheLoginTokenRevoked(int status, Kind kind) {
        answers.put(REVOKE_LEASE, Answer.json(status, "{}"));
        VaultBackedCredentials<AwsKeys> credentials = user().exchange(TOKEN);

        assertThatThrownBy(() -> user().revoke(credentials))
                .isInstanceOfSatisfying(
                        CredentialExchangeException.class,
                        e -> assertThat(e.kind()).isEqualTo(kind))
                .hasMessageContaining("the revocation of lease \"aws/creds/deploy/l1\"");
        assertThat(paths()).endsWith(REVOKE_LEASE, REVOKE_LOGIN);
    }

    @Test
    void revoke_interruptedMeanwhile_revokesTheLoginTokenAllTheSame() {
        VaultBackedCredentials<AwsKeys> credentials = user().exchange(TOKEN);
        Thread caller = Thread.currentThread();
        try (ScriptedServer interrupting = ScriptedServer.http(request -> {
            if (request.path().equals(REVOKE_LEASE)) {
                caller.interrupt();
                return Answer.json(200, "").manner(Answer.Manner.STALLED);
            }
            return answers.getOrDefault(request.path(), Answer.json(404, ""));
        })) {
            assertThatThrownBy(() -> user(interrupting).revoke(credentials))
                    .isInstanceOf(CredentialExchangeException.class)
                    .hasMessageContaining("interrupted");
            assertThat(Thread.interrupted()).isTrue();
            assertThat(interrupting.requests())
                    .extracting(ScriptedServer.Request::path)
                    .containsExactly(REVOKE_LEASE, REVOKE_LOGIN);
        }
    }

    @Test
    void revoke_leaseAndLoginTokenFail_saysBoth() {
        answers.put(REVOKE_LEASE, Answer.json(500, "{}"));
        answers.put(REVOKE_LOGIN, Answer.json(500, "{}"));
        VaultBackedCredentials<AwsKeys> credentials = user().exchange(TOKEN);

        assertThatThrownBy(() -> user().revoke(credentials))
                .hasMessageContaining("of lease")
                .satisfies(e -> assertThat(e.getSuppressed()).hasSize(1));
    }

    @ParameterizedTest
    @ValueSource(ints = {204, 403})
    void revoke_loginTokenFails_isSaid(int ofLease) {
        answers.put(REVOKE_LEASE, Answer.json(ofLease, ofLease == 204 ? "" : FORBIDDEN));
        answers.put(REVOKE_LOGIN, Answer.json(500, "{}"));
        VaultBackedCredentials<AwsKeys> credentials = user().exchange(TOKEN);

        assertThatThrownBy(() -> user().revoke(credentials))
                .isInstanceOf(CredentialExchangeException.class)
                .hasMessageContaining("the revocation of the token of accessor \"acc-1\"");
    }

    @Test
    void revoke_batchTokenThatMayNot_livesUntilItsEnd() {
        answers.put(LOGIN, Answer.json(200, auth(1200, false, "batch")));
        answers.put(REVOKE_LEASE, Answer.json(403, FORBIDDEN));
        VaultBackedCredentials<AwsKeys> credentials = user().exchange(TOKEN);

        assertThat(user().revoke(credentials)).isEqualTo(new Revocation.LivesUntil(NOW.plusSeconds(1200)));
        assertThat(paths()).doesNotContain(REVOKE_LOGIN);
    }

    @Test
    void revoke_session_livesUntilItsEndAndTheLoginTokenIsRevoked() {
        VaultBackedCredentials<AwsKeys> credentials = session().exchange(TOKEN);

        assertThat(session().revoke(credentials)).isEqualTo(new Revocation.LivesUntil(NOW.plusSeconds(900)));
        assertThat(paths()).containsExactly(LOGIN, STS, REVOKE_LOGIN);
    }

    @Test
    void renewalDueIn_leased_isTwoThirdsOfWhatEndsFirst() {
        assertThat(user().renewalDueIn(user().exchange(TOKEN))).contains(Duration.ofSeconds(800));
        answers.put(CREDS, Answer.json(200, USER.replace("3600", "300")));
        VaultBackedCredentials<AwsKeys> shorter = user().exchange(TOKEN);
        assertThat(user().renewalDueIn(shorter)).contains(Duration.ofSeconds(200));

        clock.set(NOW.plusSeconds(150));
        assertThat(user().renewalDueIn(shorter)).contains(Duration.ofSeconds(100));
        clock.set(NOW.plusSeconds(301));
        assertThat(user().renewalDueIn(shorter)).isEmpty();
    }

    @Test
    void renewalDueIn_whatEndsFirstCantBeProlonged_isNever() {
        answers.put(CREDS, Answer.json(200, USER.replace("3600", "300").replace("true", "false")));
        assertThat(user().renewalDueIn(user().exchange(TOKEN))).isEmpty();

        answers.put(CREDS, Answer.json(200, USER));
        answers.put(LOGIN, Answer.json(200, auth(1200, false, "service")));
        assertThat(user().renewalDueIn(user().exchange(TOKEN))).isEmpty();
        assertThat(session().renewalDueIn(session().exchange(TOKEN))).isEmpty();
    }

    @Test
    void renew_both_areProlonged() {
        VaultBackedCredentials<AwsKeys> credentials = user().exchange(TOKEN);
        clock.set(NOW.plusSeconds(800));

        VaultBackedCredentials<AwsKeys> renewed = user().renew(credentials);

        assertThat(paths()).endsWith(RENEW_LOGIN, RENEW_LEASE);
        assertThat(server.requests().get(3).body()).isEqualTo("{\"lease_id\":\"aws/creds/deploy/l1\"}");
        assertThat(renewed.expiresAt()).isEqualTo(NOW.plusSeconds(2000));
        assertThat(renewed.lease().orElseThrow().expiresAt()).isEqualTo(NOW.plusSeconds(4400));
        assertThat(renewed.secret()).isEqualTo(credentials.secret());
        assertThat(credentials.requestId()).contains(REQUEST_ID);
        assertThat(renewed.requestId()).contains(REQUEST_ID);
    }

    @Test
    void renew_leaseThatIsNotRenewable_prolongsTheLoginTokenAlone() {
        answers.put(CREDS, Answer.json(200, USER.replace("true", "false")));
        VaultBackedCredentials<AwsKeys> credentials = user().exchange(TOKEN);
        clock.set(NOW.plusSeconds(800));

        assertThat(user().renew(credentials).expiresAt()).isEqualTo(NOW.plusSeconds(2000));
        assertThat(paths()).doesNotContain(RENEW_LEASE);
    }

    @Test
    void renew_loginTokenThatIsNotRenewable_prolongsTheLeaseAlone() {
        answers.put(LOGIN, Answer.json(200, auth(1200, false, "service")));
        answers.put(CREDS, Answer.json(200, USER.replace("3600", "300")));
        VaultBackedCredentials<AwsKeys> credentials = user().exchange(TOKEN);
        clock.set(NOW.plusSeconds(200));

        assertThat(user().renew(credentials).expiresAt()).isEqualTo(NOW.plusSeconds(1200));
        assertThat(paths()).doesNotContain(RENEW_LOGIN);
    }

    @Test
    void renew_leaseRefusedThatOutlivesTheToken_prolongsTheTokenAndNotTheLease() {
        answers.put(RENEW_LEASE, Answer.json(403, FORBIDDEN));
        VaultBackedCredentials<AwsKeys> credentials = user().exchange(TOKEN);
        clock.set(NOW.plusSeconds(800));

        VaultBackedCredentials<AwsKeys> renewed = user().renew(credentials);

        assertThat(renewed.expiresAt()).isEqualTo(NOW.plusSeconds(2000));
        assertThat(renewed.lease().orElseThrow())
                .isEqualTo(new VaultLease("aws/creds/deploy/l1", false, NOW.plusSeconds(3600)));
    }

    @ParameterizedTest
    @CsvSource({"300, 403", "300, 500", "300, 200", "3600, 403", "3600, 500"})
    void renew_leaseFails_renewedLoginTokenIsNotForgotten(int life, int status) {
        answers.put(CREDS, Answer.json(200, USER.replace("3600", String.valueOf(life))));
        answers.put(RENEW_LEASE, Answer.json(status, FORBIDDEN));
        VaultBackedCredentials<AwsKeys> credentials = user().exchange(TOKEN);
        clock.set(NOW.plusSeconds(200));

        VaultBackedCredentials<AwsKeys> renewed = user().renew(credentials);

        assertThat(renewed.login().expiresAt()).isEqualTo(NOW.plusSeconds(1400));
        assertThat(renewed.login().token()).isSameAs(credentials.login().token());
        assertThat(renewed.expiresAt()).isEqualTo(NOW.plusSeconds(Math.min(life, 1400)));
        assertThat(renewed.lease().orElseThrow().expiresAt()).isEqualTo(NOW.plusSeconds(life));
        assertThat(renewed.lease().orElseThrow().renewable()).isEqualTo(status == 500);
    }

    @Test
    void renew_leaseFailsForNow_isDueSoonUntilItSucceeds() {
        answers.put(CREDS, Answer.json(200, USER.replace("3600", "300")));
        answers.put(RENEW_LEASE, Answer.json(503, "{}"));
        VaultBackedCredentials<AwsKeys> credentials = user().exchange(TOKEN);
        clock.set(NOW.plusSeconds(220));

        VaultBackedCredentials<AwsKeys> overdue = user().renew(credentials);
        assertThat(user().renewalDueIn(overdue)).contains(Duration.ofSeconds(10));

        answers.put(RENEW_LEASE, Answer.json(200, lease("aws/creds/deploy/l1", 600)));
        assertThat(user().renewalDueIn(user().renew(overdue))).contains(Duration.ofSeconds(400));
    }

    @Test
    void renew_leaseRefusedThatEndsFirst_isNotDueAgain() {
        answers.put(CREDS, Answer.json(200, USER.replace("3600", "300")));
        answers.put(RENEW_LEASE, Answer.json(403, FORBIDDEN));

        assertThat(user().renewalDueIn(user().renew(user().exchange(TOKEN)))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {403, 500})
    void renew_leaseFailsAndTheLoginTokenIsAsBefore_isSaid(int status) {
        answers.put(LOGIN, Answer.json(200, auth(1200, false, "service")));
        answers.put(CREDS, Answer.json(200, USER.replace("3600", "300")));
        answers.put(RENEW_LEASE, Answer.json(status, FORBIDDEN));
        VaultBackedCredentials<AwsKeys> credentials = user().exchange(TOKEN);

        assertThatThrownBy(() -> user().renew(credentials))
                .isInstanceOf(CredentialExchangeException.class)
                .hasMessageContaining("the renewal of lease \"aws/creds/deploy/l1\"");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{}",
                "{\"lease_id\":\"other\",\"lease_duration\":60}",
                "{\"lease_id\":\"aws/creds/deploy/l1\"}"
            })
    void renew_unusableAnswer_isRefused(String body) {
        answers.put(LOGIN, Answer.json(200, auth(1200, false, "service")));
        answers.put(CREDS, Answer.json(200, USER.replace("3600", "300")));
        answers.put(RENEW_LEASE, Answer.json(200, body));
        VaultBackedCredentials<AwsKeys> credentials = user().exchange(TOKEN);

        assertThatThrownBy(() -> user().renew(credentials))
                .isInstanceOfSatisfying(
                        CredentialExchangeException.class,
                        e -> assertThat(e.kind()).isEqualTo(Kind.UNINTELLIGIBLE));
    }

    @Test
    void renew_loginTokenRefused_isSaidBeforeTheLeaseIsTouched() {
        answers.put(RENEW_LOGIN, Answer.json(403, DEAD));
        VaultBackedCredentials<AwsKeys> credentials = user().exchange(TOKEN);

        assertThatThrownBy(() -> user().renew(credentials)).isInstanceOf(CredentialExchangeException.class);
        assertThat(paths()).doesNotContain(RENEW_LEASE);
    }

    @Test
    void renew_session_isRefused() {
        VaultBackedCredentials<AwsKeys> credentials = session().exchange(TOKEN);

        assertThatThrownBy(() -> session().renew(credentials)).isInstanceOf(IllegalArgumentException.class);
    }

    private List<String> paths() {
        return server.requests().stream().map(ScriptedServer.Request::path).toList();
    }

    private VaultBackedExchanger<AwsKeys> user() {
        return user(server);
    }

    private VaultBackedExchanger<AwsKeys> user(ScriptedServer vault) {
        return exchanger(vault, AwsEngine.Type.IAM_USER);
    }

    private VaultBackedExchanger<AwsKeys> session() {
        return exchanger(server, AwsEngine.Type.FEDERATION_TOKEN);
    }

    private VaultBackedExchanger<AwsKeys> exchanger(ScriptedServer vault, AwsEngine.Type type) {
        BoundedHttpClient http = BoundedHttpClient.builder()
                .timeouts(new Timeouts(Duration.ofMillis(500), Duration.ofMillis(500), Duration.ofSeconds(1)))
                .build();
        VaultJwtExchanger login = VaultJwtExchanger.builder(vault.address(), "ci", http)
                .namespace("team")
                .clock(clock)
                .build();
        return new VaultBackedExchanger<>(
                "Vault-backed AWS",
                new VaultConnection(login, login.client(), clock),
                new AwsEngine("aws", "deploy", type, Optional.empty()));
    }

    private static String auth(int seconds, boolean renewable, String type) {
        return "{\"auth\":{\"client_token\":\"hvs.login\",\"accessor\":\"acc-1\",\"lease_duration\":" + seconds
                + ",\"renewable\":" + renewable + ",\"token_type\":\"" + type + "\"}}";
    }

    private static String lease(String id, int seconds) {
        return "{\"lease_id\":\"" + id + "\",\"renewable\":true,\"lease_duration\":" + seconds + "}";
    }
}
