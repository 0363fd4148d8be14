package io.dynamiccredentials.broker;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dynamiccredentials.Secret;
import io.dynamiccredentials.broker.CredentialBroker.LeaseEndpoints;
import io.dynamiccredentials.broker.RawClient.Reply;
import io.dynamiccredentials.environment.LoopbackAnswer;
import io.dynamiccredentials.environment.LoopbackEndpoint;
import io.dynamiccredentials.fixtures.ManualClock;
import java.io.IOException;
import java.net.ConnectException;
import java.net.Socket;
import java.time.Duration;
import java.util.Base64;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CredentialBrokerTest {
    private static final String BODY = "{\"value\":\"marker-of-the-answer\"}";

    private final ManualClock clock = new ManualClock();
    private final CredentialBroker broker = CredentialBroker.of(clock);
    private final Heard heard = new Heard();
    private final LeaseEndpoints lease = broker.open(heard);

    @AfterEach
    void close() {
        broker.close();
    }

    @Test
    void request_withTheBearer_getsTheAnswer() throws IOException {
        Reply reply = client("token", answer()).get();

        assertThat(reply.status()).isEqualTo(200);
        assertThat(reply.body()).isEqualTo(BODY);
        assertThat(reply.head().lines())
                .contains(
                        "Content-Type: application/json",
                        "Content-Length: " + BODY.length(),
                        "Cache-Control: no-store",
                        "Connection: close");
        assertThat(heard.events()).containsExactly("token HANDED_OUT");
    }

    @Test
    void publish_always_isOnLoopbackWithABearerOf32Bytes() {
        LoopbackEndpoint endpoint = lease.publish("token", answer());

        assertThat(endpoint.url().toString()).matches("http://127\\.0\\.0\\.1:\\d+/token");
        assertThat(Base64.getUrlDecoder().decode(endpoint.bearer().reveal())).hasSize(32);
        assertThat(lease.publish("token_PROD", answer()).bearer()).isEqualTo(endpoint.bearer());
        assertThat(lease.toString() + broker + endpoint)
                .doesNotContain(endpoint.bearer().reveal());
    }

    @Test
    void publish_sameName_replacesTheAnswer() throws IOException {
        LoopbackEndpoint first = lease.publish("token", answer());
        LoopbackEndpoint second = lease.publish("token", json("{\"value\":\"newer\"}"));

        assertThat(second).isEqualTo(first);
        assertThat(new RawClient(first).get().body()).isEqualTo("{\"value\":\"newer\"}");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "Token", "../token", "a/b", "a?b", "a b", "token_", "-a"})
    void publish_nameThatIsNone_isRefused(String name) {
        assertThatThrownBy(() -> lease.publish(name, answer()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("the name was \"" + name + "\"");
    }

    @ParameterizedTest
    @ValueSource(strings = {"text", "text/html\r\nX: y", "a/b; c", ""})
    void answer_mediaTypeThatIsNone_isRefused(String mediaType) {
        LoopbackAnswer good = answer();

        assertThatThrownBy(() -> new LoopbackAnswer(mediaType, good.body(), good.expiresAt(), good.audience()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("application/json");
    }

    @ParameterizedTest
    @ValueSource(strings = {"Bearer ", "bearer ", "BEARER ", ""})
    void authorization_anySpellingOfTheScheme_isTaken(String scheme) throws IOException {
        RawClient client = client("token", answer());

        assertThat(client.send(withAuthorization(client, scheme + bearer(client)))
                        .status())
                .isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(strings = {"Basic ", "Bearer", "Bearer  ", "Bearer Bearer ", "x"})
    void authorization_anotherScheme_isRefused(String scheme) throws IOException {
        RawClient client = client("token", answer());

        assertUnauthorized(client.send(withAuthorization(client, scheme + bearer(client))));
        assertThat(heard.events()).containsExactly("- WRONG_BEARER");
    }

    @Test
    void authorization_wrongInItsLastCharacter_isRefused() throws IOException {
        RawClient client = client("token", answer());
        String bearer = bearer(client);

        assertUnauthorized(client.send(withAuthorization(client, bearer.substring(0, bearer.length() - 1))));
        assertUnauthorized(client.send(withAuthorization(client, bearer + "A")));
    }

    @Test
    void authorization_absent_isRefused() throws IOException {
        RawClient client = client("token", answer());

        assertUnauthorized(client.send(RawClient.raw("GET /token HTTP/1.1", "Host: 127.0.0.1:" + client.port())));
    }

    @Test
    void authorization_ofAnotherLease_isRefused() throws IOException {
        RawClient client = client("token", answer());
        try (LeaseEndpoints other = broker.open(new Heard())) {
            RawClient others = new RawClient(other.publish("token", answer()));

            assertUnauthorized(client.send(withAuthorization(client, bearer(others))));
        }
    }

    @Test
    void path_unknown_isNotFoundAndOnlyForTheBearer() throws IOException {
        RawClient client = client("token", answer());

        assertRefusal(client.send(client.headOf("/other")), 404, "NotFound");
        assertRefusal(client.send(client.headOf("/token/")), 404, "NotFound");
        assertRefusal(client.send(client.headOf("/%74oken")), 404, "NotFound");
        assertUnauthorized(client.send(RawClient.raw("GET /other HTTP/1.1", "Host: 127.0.0.1:" + client.port())));
        assertThat(heard.events()).contains("- UNKNOWN_ENDPOINT", "- WRONG_BEARER");
    }

    @Test
    void answer_atItsEnd_isGivenNoMore() throws IOException {
        RawClient client = client("token", answer());

        clock.pass(Duration.ofMinutes(5).minusMillis(1));
        assertThat(client.get().status()).isEqualTo(200);
        clock.pass(Duration.ofMillis(1));
        Reply reply = client.get();
        assertRefusal(reply, 503, "Expired");
        assertThat(reply.head()).contains("\r\nRetry-After: 1");
        assertThat(reply.body()).doesNotContain("marker");
        assertThat(heard.events()).containsExactly("token HANDED_OUT", "token ENDED");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "?",
                "?api-version=2.0",
                "?audience=api%3A%2F%2Fx%2By",
                "?audience=api://x%2by",
                "?api-version=2.0&audience=api://x+y",
                "?audience=api://x+y&audience=api://x%2By"
            })
    void audience_absentOrEqual_isAnswered(String query) throws IOException {
        RawClient client = client("token", answer().forAudience("api://x+y"));

        assertThat(client.send(client.headOf("/token" + query)).body()).isEqualTo(BODY);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "?audience=",
                "?audience",
                "?audience=other",
                "?audience=api://X+Y",
                "?audience=other&audience=api://x+y",
                "?audience=api://x+y&audience=other"
            })
    void audience_another_isRefusedWithTheExpectedOne(String query) throws IOException {
        RawClient client = client("token", answer().forAudience("api://x+y"));

        Reply reply = client.send(client.headOf("/token" + query));

        assertRefusal(reply, 403, "WrongAudience");
        assertThat(reply.body()).contains("api://x+y").doesNotContain("marker");
        assertThat(heard.events()).containsExactly("token WRONG_AUDIENCE");
    }

    @Test
    void audience_ofAnEndpointWithoutOne_isIgnored() throws IOException {
        RawClient client = client("token", answer());

        assertThat(client.send(client.headOf("/token?audience=whatever")).status())
                .isEqualTo(200);
    }

    @Test
    void host_localhostWithThePort_isTaken() throws IOException {
        RawClient client = client("token", answer());

        assertThat(client.send(withHost(client, "localhost:" + client.port())).status())
                .isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "evil.example",
                "evil.example:PORT",
                "127.0.0.1",
                "localhost",
                "LOCALHOST:PORT",
                "[::1]:PORT",
                "127.0.0.1:PORT.evil.example",
                "127.0.0.1:1",
                "0.0.0.0:PORT",
                ""
            })
    void host_another_isRefusedEvenWithTheBearer(String host) throws IOException {
        RawClient client = client("token", answer());

        assertRefusal(
                client.send(withHost(client, host.replace("PORT", "" + client.port()))), 421, "MisdirectedRequest");
        assertThat(heard.events()).containsExactly("- FOREIGN_HOST");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"Origin: null", "Origin: http://127.0.0.1", "Sec-Fetch-Site: none", "sec-fetch-site: same-origin"
            })
    void header_ofBrowsers_isRefusedEvenWithTheBearer(String header) throws IOException {
        RawClient client = client("token", answer());

        assertRefusal(client.send(client.head(header)), 403, "Forbidden");
        assertThat(heard.events()).containsExactly("- BROWSER");
    }

    @ParameterizedTest
    @ValueSource(strings = {"HEAD", "POST", "OPTIONS", "get", "DELETE"})
    void method_another_isRefused(String method) throws IOException {
        RawClient client = client("token", answer());

        Reply reply = client.send(client.head().replaceFirst("GET", method));
        assertRefusal(reply, 405, "MethodNotAllowed");
        assertThat(reply.head()).contains("\r\nAllow: GET");
    }

    @ParameterizedTest
    @CsvSource({"8192,200", "8193,431", "60000,431"})
    void head_ofSomeLength_isTakenUpToEightKibibytes(int length, int status) throws IOException {
        RawClient client = client("token", answer());
        String start = "X-Padding: ";
        String padding = "p".repeat(length - client.head(start).length());

        assertThat(client.send(client.head(start + padding)).status()).isEqualTo(status);
    }

    @Test
    void head_byteByByte_isAnsweredWhenItIsWhole() throws IOException {
        RawClient client = client("token", answer());

        try (Socket socket = client.connect()) {
            for (char c : client.head().toCharArray()) {
                socket.getOutputStream().write(c);
                socket.getOutputStream().flush();
            }
            assertThat(new String(socket.getInputStream().readAllBytes(), UTF_8))
                    .startsWith("HTTP/1.1 200 OK\r\n")
                    .endsWith(BODY);
        }
    }

    @Test
    void requests_pipelined_onlyTheFirstIsAnswered() throws IOException {
        RawClient client = client("token", answer());

        String answers = client.exchange(client.head() + client.head());

        assertThat(answers.split("HTTP/1\\.1 ", -1)).hasSize(2);
        assertThat(answers).endsWith(BODY);
        assertThat(heard.events()).containsExactly("token HANDED_OUT");
    }

    @Test
    void close_lease_refusesConnectionsAndCutsThoseThatAreOpen() throws IOException {
        RawClient client = client("token", answer());
        try (Socket half = client.connect()) {
            half.getOutputStream().write("GET /token HTT".getBytes(US_ASCII));
            // Whoever is answered after it shows that the broker has it.
            assertThat(client.get().status()).isEqualTo(200);

            lease.close();

            assertThatThrownBy(client::connect).isInstanceOf(ConnectException.class);
            assertThat(half.getInputStream().read()).isEqualTo(-1);
        }
        assertThatThrownBy(() -> lease.publish("token", answer()))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("closed");
        lease.close();
    }

    @Test
    void close_leaseOfAnInterruptedThread_closesAllTheSame() {
        RawClient client = client("token", answer());

        Thread.currentThread().interrupt();
        lease.close();

        assertThat(Thread.interrupted()).isTrue();
        assertThatThrownBy(client::connect).isInstanceOf(ConnectException.class);
    }

    @Test
    void close_broker_closesItsLeasesAndOpensNoOther() {
        RawClient client = client("token", answer());

        broker.close();

        assertThatThrownBy(client::connect).isInstanceOf(ConnectException.class);
        assertThatThrownBy(() -> lease.publish("token", answer())).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> broker.open(heard))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("This broker is closed");
        broker.close();
    }

    @Test
    void observer_thatThrows_breaksNoAnswer() throws IOException {
        try (LeaseEndpoints own = broker.open((endpoint, outcome) -> {
            throw new AssertionError("a host's mistake");
        })) {
            RawClient client = new RawClient(own.publish("token", answer()));

            assertThat(client.get().status()).isEqualTo(200);
            assertThat(client.get().status()).isEqualTo(200);
        }
    }

    @Test
    void observer_thatClosesItsLease_blocksNobody() throws IOException {
        AtomicReference<LeaseEndpoints> own = new AtomicReference<>(lease);
        own.set(broker.open(
                (endpoint, outcome) -> Objects.requireNonNull(own.get()).close()));
        RawClient closing = new RawClient(Objects.requireNonNull(own.get()).publish("token", answer()));
        RawClient client = client("token", answer());

        closing.exchange(closing.head());

        assertThat(client.get().status()).isEqualTo(200);
        assertThatThrownBy(closing::connect).isInstanceOf(ConnectException.class);
    }

    private static void assertUnauthorized(Reply reply) {
        assertRefusal(reply, 401, "Unauthorized");
        assertThat(reply.body()).contains("The bearer of the lease is required");
    }

    private static void assertRefusal(Reply reply, int status, String code) {
        assertThat(reply.status()).isEqualTo(status);
        assertThat(reply.body()).startsWith("{\"code\":\"" + code + "\",\"message\":\"");
        assertThat(reply.head()).contains("Content-Type: application/json", "Connection: close", "no-store");
    }

    private RawClient client(String name, LoopbackAnswer answer) {
        return new RawClient(lease.publish(name, answer));
    }

    private LoopbackAnswer answer() {
        return json(BODY);
    }

    private LoopbackAnswer json(String body) {
        return LoopbackAnswer.json(Secret.of(body), clock.instant().plusSeconds(300));
    }

    private static String bearer(RawClient client) {
        return client.endpoint().bearer().reveal();
    }

    private static String withAuthorization(RawClient client, String authorization) {
        return RawClient.raw(
                "GET /token HTTP/1.1", "Host: 127.0.0.1:" + client.port(), "Authorization: " + authorization);
    }

    private static String withHost(RawClient client, String host) {
        return RawClient.raw("GET /token HTTP/1.1", "Host: " + host, "Authorization: " + bearer(client));
    }
}
