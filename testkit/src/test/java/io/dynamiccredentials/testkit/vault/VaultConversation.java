package io.dynamiccredentials.testkit.vault;

import static io.dynamiccredentials.jwk.SigningAlgorithm.ES256;
import static io.dynamiccredentials.testkit.vault.FakeVaultPolicy.Capability.READ;
import static io.dynamiccredentials.testkit.vault.FakeVaultPolicy.Capability.UPDATE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.JsonNode;
import io.dynamiccredentials.testkit.Runs;
import io.dynamiccredentials.testkit.SettableClock;
import io.dynamiccredentials.testkit.TestIssuer;
import io.dynamiccredentials.vault.VaultJwtRole;
import io.dynamiccredentials.vault.VaultTokenParameters;
import io.dynamiccredentials.wire.BoundedHttpClient;
import io.dynamiccredentials.wire.HttpReply;
import io.dynamiccredentials.wire.StrictJson;
import io.github.jopenlibs.vault.Vault;
import io.github.jopenlibs.vault.VaultConfig;
import io.github.jopenlibs.vault.VaultException;
import io.github.jopenlibs.vault.response.VaultResponse;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** What the conversations with a fake Vault share: a Vault with an issuer, and two clients. */
abstract class VaultConversation {
    static final String AUDIENCE = "vault.workload.identity";
    static final Duration TTL = Duration.ofMinutes(20);

    /** Between a status and a body, in the messages of the driver. */
    private static final String BODY = "Response body: ";

    final SettableClock clock = SettableClock.at(Runs.NOW);
    final BoundedHttpClient http = BoundedHttpClient.builder().build();
    final TestIssuer issuer = TestIssuer.start(ES256, clock);
    final FakeVault vault = FakeVault.start(clock);

    @BeforeEach
    void start() {
        vault.trust(issuer.url())
                .role(role().build())
                .permit("+/*", READ, UPDATE)
                .permit("sys/leases/+", UPDATE)
                .permit("auth/token/+", READ, UPDATE);
    }

    @AfterEach
    void stop() {
        vault.close();
        issuer.close();
        http.close();
    }

    /** The role "ci" of the tests, to be made more of. */
    static VaultJwtRole.Builder role() {
        return VaultJwtRole.builder("ci", "sub")
                .boundAudiences(Set.of(AUDIENCE))
                .tokens(VaultTokenParameters.builder().ttl(TTL).build());
    }

    static VaultTokenParameters.Builder tokens() {
        return VaultTokenParameters.builder().ttl(TTL);
    }

    String jwt() {
        return issuer.issue(Runs.plan(), AUDIENCE).compact().reveal();
    }

    String jwtWith(String claim, Object value) {
        return issuer.bad()
                .withClaim(Runs.plan(), AUDIENCE, claim, value)
                .compact()
                .reveal();
    }

    /** Returns the widely used driver, with a token or without. */
    Vault driver(String token) throws VaultException {
        VaultConfig config =
                new VaultConfig().address(vault.address().toString()).engineVersion(1);
        return Vault.create((token.isEmpty() ? config : config.token(token)).build());
    }

    String login() throws VaultException {
        return login("ci", jwt());
    }

    String login(String role, String jwt) throws VaultException {
        return driver("").auth().loginByJwt("jwt", role, jwt).getAuthClientToken();
    }

    /** Asserts what the driver makes of a refusal. */
    static void assertRefused(ThrowingCallable call, int status, String text) {
        VaultException refusal = catchThrowableOfType(VaultException.class, call);
        assertThat(refusal).isNotNull();
        assertThat(refusal.getHttpStatusCode()).isEqualTo(status);
        String message = String.valueOf(refusal.getMessage());
        assertThat(message).contains(BODY);
        assertThat(error(message.substring(message.indexOf(BODY) + BODY.length())))
                .isEqualTo(text);
    }

    /** Asserts a refusal of which the driver tells no more than the status. */
    static void assertStatus(ThrowingCallable call, int status) {
        VaultException refusal = catchThrowableOfType(VaultException.class, call);
        assertThat(refusal).isNotNull();
        assertThat(refusal.getHttpStatusCode()).isEqualTo(status);
    }

    /** Asserts a refusal to read, which the driver takes for an answer. */
    static void assertNotRead(VaultResponse answer, int status, String text) {
        assertThat(answer.getRestResponse().getStatus()).isEqualTo(status);
        assertThat(error(new String(answer.getRestResponse().getBody(), UTF_8))).isEqualTo(text);
    }

    void assertLoginRefused(String jwt, String text) {
        assertRefused(() -> login("ci", jwt), 400, text);
    }

    static String error(String body) {
        JsonNode errors = StrictJson.parseObject(body).path("errors");
        return errors.isEmpty() ? "" : errors.path(0).textValue();
    }

    static void assertAnswer(HttpReply reply, int status, String text) {
        assertThat(reply.status()).isEqualTo(status);
        assertThat(error(reply.body())).isEqualTo(text);
    }

    static JsonNode json(HttpReply reply) {
        assertThat(reply.status()).isEqualTo(200);
        return StrictJson.parseObject(reply.body());
    }

    HttpReply get(String path, String token, String... headers) throws Exception {
        return send("GET", path, token, "", headers);
    }

    HttpReply post(String path, String token, Map<String, ?> body, String... headers) throws Exception {
        return send("POST", path, token, StrictJson.write(new TreeMap<>(body)), headers);
    }

    HttpReply send(String method, String path, String token, String body, String... headers) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(vault.address() + "/v1/" + path))
                .method(method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
        if (!token.isEmpty()) {
            request.header("X-Vault-Token", token);
        }
        if (headers.length > 0) {
            request.headers(headers);
        }
        return http.send(request);
    }
}
