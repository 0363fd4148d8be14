package io.dynamiccredentials.broker;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.dynamiccredentials.Secret;
import io.dynamiccredentials.broker.CredentialBroker.LeaseEndpoints;
import io.dynamiccredentials.broker.RawClient.Reply;
import io.dynamiccredentials.environment.LoopbackAnswer;
import io.dynamiccredentials.fixtures.ManualClock;
import java.io.IOException;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What servers read in two ways, and what is no HTTP at all. */
class MalformedRequestTest {
    private final ManualClock clock = new ManualClock();
    private final CredentialBroker broker = CredentialBroker.of(clock);
    private final Heard heard = new Heard();
    private final LeaseEndpoints lease = broker.open(heard);
    private final RawClient client = new RawClient(lease.publish(
            "token", LoopbackAnswer.json(Secret.of("{}"), clock.instant().plusSeconds(300))));

    @AfterEach
    void close() {
        broker.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Content-Length: 1",
                "Content-Length: 00",
                "Content-Length: +0",
                "Content-Length: -1",
                "Content-Length:",
                "Content-Length: 0\r\nContent-Length: 0",
                "Content-Length: 0, 0",
                "Transfer-Encoding: chunked",
                "Transfer-Encoding: identity",
                "Transfer-Encoding:",
                "Authorization: x",
                "authorization: x",
                "Host: 127.0.0.1:1",
                "X: 1\r\n folded",
                "X: 1\r\n\tfolded",
                " X: 1",
                "X : 1",
                "X",
                ": 1",
                "X\t: 1",
                "X: a\0b",
                "X\0: a",
                "X: a\rb",
                "X: a\nY: b",
                "X: a\u007f",
                "X: a\u0001",
                "X: \u00e4",
                "\u00e4: x"
            })
    void header_thatSomeReadDifferently_isRefused(String header) throws IOException {
        assertMalformed(client.send(client.head(header)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET /token",
                "GET  /token HTTP/1.1",
                "GET /token HTTP/1.1 ",
                " GET /token HTTP/1.1",
                "GET /token HTTP/1.0",
                "GET /token HTTP/2.0",
                "GET /token http/1.1",
                "GET token HTTP/1.1",
                "GET * HTTP/1.1",
                "GET http://127.0.0.1/token HTTP/1.1",
                "GET /token#x HTTP/1.1",
                "GET /to\tken HTTP/1.1",
                "GET\t/token\tHTTP/1.1",
                "GET /tok\u00e4n HTTP/1.1",
                "GET /token\0 HTTP/1.1",
                "G(T /token HTTP/1.1",
                "GET /token?a=%zz HTTP/1.1",
                "GET /token?a=% HTTP/1.1",
                "GET /token?a=%1 HTTP/1.1",
                "GET /token?%=1 HTTP/1.1",
                "GET /token?a=%+1 HTTP/1.1",
                "PRI * HTTP/2.0",
                "\u0016\u0003\u0001\u0002"
            })
    void requestLine_inAnotherForm_isRefused(String line) throws IOException {
        assertMalformed(client.send(client.head().replace("GET /token HTTP/1.1", line)));
    }

    @Test
    void head_withBareLineFeeds_isRefusedAtOnce() throws IOException {
        assertMalformed(client.send(client.head().replace("\r\n", "\n")));
    }

    @Test
    void head_empty_isRefused() throws IOException {
        assertMalformed(client.send("\r\n\r\n"));
    }

    @Test
    void head_withoutHost_isRefused() throws IOException {
        assertMalformed(client.send(client.head().replaceFirst("Host: [^\r]*\r\n", "")));
    }

    @Test
    void head_withHeadersThatClientsSend_isTaken() throws IOException {
        assertThat(client.send(client.head(
                                "Content-Length: 0",
                                "Accept: */*\r\nAccept: text/x",
                                "Connection: Upgrade, HTTP2-Settings",
                                "Upgrade: h2c",
                                "X:",
                                "Y: \t a\tb \t"))
                        .status())
                .isEqualTo(200);
    }

    @Test
    void bytes_atRandom_endNothing() throws IOException {
        Random random = new Random(17);
        for (int i = 0; i < 40; i++) {
            byte[] bytes = new byte[random.nextInt(500) + 4];
            random.nextBytes(bytes);
            String noise = new String(bytes, ISO_8859_1);
            assertMalformed(client.send("GET /token HTTP/1.1\r\nX: \0" + noise + "\r\n\r\n"));
        }

        assertThat(client.get().status()).isEqualTo(200);
    }

    private void assertMalformed(Reply reply) {
        assertThat(reply.status()).isEqualTo(400);
        assertThat(reply.body()).startsWith("{\"code\":\"MalformedRequest\"");
        assertThat(heard.events()).isNotEmpty().containsOnly("- MALFORMED");
    }
}
