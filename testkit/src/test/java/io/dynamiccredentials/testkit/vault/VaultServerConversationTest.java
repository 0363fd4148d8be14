package io.dynamiccredentials.testkit.vault;

import static io.dynamiccredentials.testkit.vault.FakeVault.State.ACTIVE;
import static io.dynamiccredentials.testkit.vault.FakeVault.State.DR_SECONDARY;
import static io.dynamiccredentials.testkit.vault.FakeVault.State.PERFORMANCE_STANDBY;
import static io.dynamiccredentials.testkit.vault.FakeVault.State.SEALED;
import static io.dynamiccredentials.testkit.vault.FakeVault.State.STANDBY;
import static io.dynamiccredentials.testkit.vault.FakeVault.State.UNINITIALIZED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.JsonNode;
import io.dynamiccredentials.CredentialExchangeException;
import io.dynamiccredentials.CredentialExchangeException.Kind;
import io.dynamiccredentials.Secret;
import io.dynamiccredentials.testkit.Conversation;
import io.dynamiccredentials.testkit.Fault;
import io.dynamiccredentials.testkit.Runs;
import io.dynamiccredentials.vault.VaultJwtExchanger;
import io.dynamiccredentials.wire.HttpReply;
import io.dynamiccredentials.wire.StrictJson;
import io.github.jopenlibs.vault.VaultException;
import io.github.jopenlibs.vault.response.HealthResponse;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The server: its states, its headers, its limits and its namespaces, line by line. */
class VaultServerConversationTest extends VaultConversation {

    @Conversation(value = "D4 sys/health: 200 active", sdk = true)
    void health_active() throws Exception {
        HealthResponse health = driver("").debug().health();

        assertThat(health.getRestResponse().getStatus()).isEqualTo(200);
        assertThat(health.getInitialized()).isTrue();
        assertThat(health.getSealed()).isFalse();
        assertThat(health.getStandby()).isFalse();
        assertThat(health.getServerTimeUTC()).isEqualTo(Runs.NOW.getEpochSecond());
        JsonNode body = json(get("sys/health", ""));
        assertThat(body.has("performance_standby") && body.has("replication_performance_mode"))
                .isTrue();
        assertThat(body.path("version").textValue()).isNotEmpty();
        assertThat(body.path("cluster_name").textValue()).isNotEmpty();
        assertThat(body.path("cluster_id").textValue()).isNotEmpty();
    }

    @Conversation(value = "D4 sys/health: 429 standby", sdk = true)
    void health_standby() throws Exception {
        vault.become(STANDBY);

        assertThat(driver("").debug().health().getRestResponse().getStatus()).isEqualTo(429);
        assertHealth("standbyok=true", 200);
        assertHealth("standbyok=false", 429);
        assertHealth("standbycode=299", 299);
        assertHealth("standbyok=perhaps", 400);
    }

    @Conversation("D4 sys/health: 472 DR secondary")
    void health_drSecondary() throws Exception {
        vault.become(DR_SECONDARY);

        assertHealth("", 472);
        assertHealth("drsecondarycode=250", 250);
        assertThat(get("auth/token/lookup-self", "x").status()).isEqualTo(400);
    }

    @Conversation("D4 sys/health: 473 performance standby")
    void health_performanceStandby() throws Exception {
        vault.become(PERFORMANCE_STANDBY);

        assertHealth("", 473);
        assertHealth("perfstandbyok=true", 200);
        assertHealth("perfstandbyok=true&activecode=201", 201);
        assertHealth("performancestandbycode=250", 250);
        assertThat(login()).as("it serves").startsWith("hvs.");
    }

    @Conversation("D4 sys/health: 501 not initialised")
    void health_uninitialized() throws Exception {
        vault.become(UNINITIALIZED);

        assertHealth("", 501);
        assertHealth("uninitcode=250", 250);
        assertThat(StrictJson.parseObject(get("sys/health", "").body())
                        .path("initialized")
                        .booleanValue())
                .isFalse();
    }

    @Conversation(value = "D4 sys/health: 503 sealed", sdk = true)
    void health_sealed() throws Exception {
        vault.become(SEALED);

        assertThat(driver("").debug().health().getSealed()).isTrue();
        assertHealth("", 503);
        assertHealth("sealedcode=250", 250);
        assertHealth("sealedcode=x", 400);
    }

    @Conversation("D4 sys/health: HEAD, and activecode")
    void health_head() throws Exception {
        HttpReply reply = send("HEAD", "sys/health?activecode=204", "", "");

        assertThat(reply.status()).isEqualTo(204);
        assertThat(reply.body()).isEmpty();
        assertThat(send("DELETE", "sys/health", "", "").status()).isEqualTo(405);
    }

    @Conversation(value = "D8 sys/seal-status: the version", sdk = true)
    void sealStatus_inEachState() throws Exception {
        assertThat(driver("").sys().seal().sealStatus().getSealed()).isFalse();
        vault.become(SEALED);
        assertThat(driver("").sys().seal().sealStatus().getSealed()).isTrue();
        assertThat(json(get("sys/seal-status", "")).path("version").textValue()).isNotEmpty();
        vault.become(ACTIVE);
        assertThat(json(get("sys/seal-status", "")).path("sealed").booleanValue())
                .isFalse();
    }

    @Conversation(value = "D4 503: sealed", sdk = true)
    void sealed_servesNobody() throws Exception {
        String token = login();
        vault.become(SEALED);

        assertRefused(() -> driver(token).auth().lookupSelf(), 503, "Vault is sealed");
        assertThat(refusal().kind()).isEqualTo(Kind.UNREACHABLE);
        vault.become(ACTIVE);
        assertThat(driver(token).auth().lookupSelf().getTTL()).isEqualTo(1200);
    }

    @Conversation(value = "D4 503: no active node", sdk = true)
    void standby_withoutActiveNode_servesNobody() {
        vault.become(STANDBY);

        assertRefused(this::login, 503, "no active Vault instance found");
    }

    @Conversation(value = "D4 307: a standby names the active node", sdk = true)
    void standby_redirects_andOurExchangerDoesNotFollow() throws Exception {
        vault.becomeStandbyOf(URI.create("http://127.0.0.1:1"));

        HttpReply reply = send("POST", "auth/jwt/login?a=b", "", "{}");

        assertThat(reply.status()).isEqualTo(307);
        assertThat(reply.header("Location")).contains("http://127.0.0.1:1/v1/auth/jwt/login?a=b");
        assertThat(refusal()).hasMessageContaining("Give the address of the active node");
    }

    @Conversation(value = "D4 412: required index state not present", sdk = true)
    void lagging_refusesWhoAsksForAnIndex() throws Exception {
        String token = login();
        vault.lagBehind();

        assertAnswer(
                get("auth/token/lookup-self", token, "X-Vault-Index", "x"), 412, "required index state not present");
        assertThat(driver(token).auth().lookupSelf().getTTL()).isEqualTo(1200);
        vault.catchUp();
        assertThat(get("auth/token/lookup-self", token, "X-Vault-Index", "x").status())
                .isEqualTo(200);
    }

    @Conversation("D4 412: OpenBao has no such path")
    void lagging_openBao_doesNotKnowIt() throws Exception {
        String token = login();
        vault.lagBehind().openBao();

        assertThat(get("auth/token/lookup-self", token, "X-Vault-Index", "x").status())
                .isEqualTo(200);
        assertThatThrownBy(() -> vault.become(PERFORMANCE_STANDBY)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> vault.become(DR_SECONDARY)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(vault::lagBehind).isInstanceOf(IllegalArgumentException.class);
        assertThat(json(get("sys/health", "")).has("performance_standby")).isFalse();
    }

    @Conversation("D4 413: body too large")
    void body_tooLarge_isRefused() throws Exception {
        assertThat(send("POST", "auth/jwt/login", "", " ".repeat(1024 * 1024 + 1))
                        .status())
                .isEqualTo(413);
    }

    @Conversation(value = "D4 429: rate limit quota", sdk = true)
    void rateLimit_usedUp_tellsToWait() throws Exception {
        vault.rateLimit(1, Duration.ofSeconds(10));
        String token = login();
        clock.advance(Duration.ofSeconds(4));

        HttpReply reply = get("auth/token/lookup-self", token);

        assertAnswer(reply, 429, "rate limit quota exceeded");
        assertThat(reply.header("Retry-After")).contains("6");
        assertThat(get("sys/health", "").status()).isEqualTo(200);
        CredentialExchangeException refusal = refusal();
        assertThat(refusal.kind()).isEqualTo(Kind.THROTTLED);
        assertThat(refusal.retryAfter()).contains(Duration.ofSeconds(6));
        clock.advance(Duration.ofSeconds(6));
        assertThat(driver(token).auth().lookupSelf().getTTL()).isEqualTo(1190);
        vault.noRateLimit();
        assertThat(driver(token).auth().lookupSelf().getTTL()).isEqualTo(1190);
    }

    @Conversation(value = "D4 500: internal error, injected", sdk = true)
    void fault_failed_isVaultsOwnForm() {
        vault.faults().of("login").next(Fault.failed(500), Fault.failed(503), Fault.failed(502), Fault.throttled());

        assertRefused(this::login, 500, "1 error occurred:\n\t* internal error\n\n");
        assertRefused(this::login, 503, "Vault is sealed");
        assertRefused(this::login, 502, "");
        assertRefused(this::login, 429, "rate limit quota exceeded");
        assertThat(vault.calls().count("login")).isEqualTo(4);
    }

    @Conversation("D4 400: no JSON")
    void body_noJson_isRefused() throws Exception {
        HttpReply reply = send("POST", "auth/jwt/login", "", "role=ci");

        assertThat(reply.status()).isEqualTo(400);
        assertThat(error(reply.body())).startsWith("failed to parse JSON input");
    }

    @Conversation("D5 X-Vault-Namespace and a path with the namespace are equal")
    void namespace_byHeaderOrPath() throws Exception {
        vault.namespace("team/a").trust(issuer.url()).role(role().build());
        Map<String, String> body = Map.of("role", "ci", "jwt", jwt());

        for (String[] way : new String[][] {{"", "team/a/"}, {"team/a/", ""}, {"a/", "team"}, {"", "/team/a"}}) {
            String path = way[0] + "auth/jwt/login";
            HttpReply reply =
                    way[1].isEmpty() ? post(path, "", body) : post(path, "", body, "X-Vault-Namespace", way[1]);
            assertThat(reply.status()).as(String.join("|", way)).isEqualTo(200);
            String token = json(reply).path("auth").path("client_token").textValue();
            assertThat(json(get("auth/token/lookup-self", token, "X-Vault-Namespace", "team/a"))
                            .path("data")
                            .path("namespace_path")
                            .textValue())
                    .isEqualTo("team/a/");
            assertThat(get("auth/token/lookup-self", token).status()).isEqualTo(403);
            assertThat(reply.header("X-Vault-Namespace")).isEmpty();
        }
    }

    @Conversation("D5 X-Vault-Namespace: OpenBao echoes it")
    void namespace_openBao_isEchoed() throws Exception {
        vault.openBao().namespace("team").trust(issuer.url()).role(role().build());

        HttpReply reply = post("auth/jwt/login", "", Map.of("role", "ci", "jwt", jwt()), "X-Vault-Namespace", "team");

        assertThat(reply.header("X-Vault-Namespace")).contains("team/");
        assertThat(get("auth/token/lookup-self", "x", "X-Vault-Namespace", "team")
                        .header("X-Vault-Namespace"))
                .contains("team/");
    }

    @Conversation("D5 sys/ with a namespace: OpenBao refuses it")
    void namespace_ofHealth_isUnavailable() throws Exception {
        assertThat(get("sys/health", "", "X-Vault-Namespace", "team").status()).isEqualTo(200);
        vault.openBao();
        assertAnswer(get("sys/health", "", "X-Vault-Namespace", "team"), 400, "operation unavailable in namespaces");
    }

    @Conversation(value = "D5 namespaces, to the driver", sdk = true)
    void namespace_byTheDriver() throws Exception {
        vault.namespace("team").trust(issuer.url()).role(role().build());

        assertThat(driver("")
                        .auth()
                        .withNameSpace("team")
                        .loginByJwt("jwt", "ci", jwt())
                        .getAuthClientToken())
                .startsWith("hvs.");
        assertThat(get("auth/token/lookup-self", "x", "X-Vault-Namespace", "nowhere")
                        .status())
                .isEqualTo(404);
    }

    @Test
    void reset_keepsWhatWasConfiguredAndNothingElse() throws Exception {
        String token = login();
        vault.faults().always(Fault.failed(500));

        vault.reset();

        assertThat(vault.live()).isEmpty();
        assertThat(vault.handedOut()).isEmpty();
        assertThat(vault.calls().count()).isZero();
        assertThat(vault.secrets()).as("what may have leaked").contains(Secret.of(token));
        assertThat(get("auth/token/lookup-self", token).status()).isEqualTo(403);
        assertThat(login()).startsWith("hvs.");
        assertThat(vault.calls().count("login")).isEqualTo(1);
        assertThat(vault.calls().count("lookup-self")).isEqualTo(1);
    }

    @Test
    void wrapping_thatIsNotDone_isRefused() throws Exception {
        String token = login();

        HttpReply reply = get("auth/token/lookup-self", token, "X-Vault-Wrap-TTL", "60");

        assertThat(reply.status()).isEqualTo(400);
        assertThat(error(reply.body())).contains("leave X-Vault-Wrap-TTL out");
    }

    @Test
    void close_twice_doesNothing() {
        vault.close();
        vault.close();

        assertThatThrownBy(this::login).isInstanceOf(VaultException.class);
    }

    @Test
    void rateLimit_ofNothing_isRefused() {
        assertThatThrownBy(() -> vault.rateLimit(-1, Duration.ofSeconds(1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("it was -1");
        assertThatThrownBy(() -> vault.rateLimit(1, Duration.ZERO)).isInstanceOf(IllegalArgumentException.class);
    }

    private void assertHealth(String query, int status) throws Exception {
        assertThat(get("sys/health?" + query, "").status()).as(query).isEqualTo(status);
    }

    private CredentialExchangeException refusal() {
        CredentialExchangeException refusal = catchThrowableOfType(
                CredentialExchangeException.class,
                () -> VaultJwtExchanger.builder(vault.address(), "ci", http)
                        .build()
                        .exchange(issuer.issue(Runs.plan(), AUDIENCE)));
        assertThat(refusal).isNotNull();
        return refusal;
    }
}
