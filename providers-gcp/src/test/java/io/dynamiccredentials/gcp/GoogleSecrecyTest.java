package io.dynamiccredentials.gcp;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.dynamiccredentials.CredentialExchangeException;
import io.dynamiccredentials.fixtures.Answer;
import io.dynamiccredentials.fixtures.LoopbackCertificate;
import io.dynamiccredentials.fixtures.ScriptedServer;
import io.dynamiccredentials.wire.StrictJson;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Servers that repeat what they were sent, in all the places where a message could pick it up. */
class GoogleSecrecyTest {

    static Stream<Answer> echoes() {
        return Stream.of(
                Answer.json(
                        400,
                        StrictJson.write(Map.of("error", "invalid_grant", "error_description", "got " + Google.JWT))),
                Answer.json(400, StrictJson.write(Map.of("error", Google.JWT, "error_description", Google.JWT))),
                Answer.json(
                        403,
                        StrictJson.write(
                                Map.of("error", Map.of("status", "PERMISSION_DENIED", "message", Google.JWT)))),
                Answer.text(400, Google.JWT),
                Answer.text(500, Google.JWT),
                Answer.text(200, Google.JWT),
                Answer.redirect(307, "https://other.example/" + Google.JWT),
                Answer.json(400, "{\"error\":\"invalid_grant\"}").header("X-Request-Id", Google.JWT),
                Answer.json(200, Google.federatedBody('"' + Google.JWT + '"')),
                Answer.json(200, Google.federatedBody("3598").replace("Bearer", Google.JWT)),
                Answer.json(200, Google.federatedBody("3598,\"scope\":[\"" + Google.JWT + "\"]")));
    }

    @ParameterizedTest
    @MethodSource("echoes")
    void exchange_stsEchoesTheToken_nothingShowsIt(Answer answer) {
        try (ScriptedServer server = ScriptedServer.https(answer)) {
            assertSilent(Google.exchanger(server).build());
        }
    }

    @Test
    void exchange_iamEchoesTheFederatedToken_nothingShowsIt() {
        Answer iam = Answer.json(
                403,
                StrictJson.write(Map.of("error", Map.of("status", Google.FEDERATED, "message", Google.FEDERATED))));
        try (ScriptedServer server = ScriptedServer.https(Google.script(Google.federated(), iam))) {
            assertSilent(Google.exchanger(server).serviceAccount(Google.ACCOUNT).build());
        }
    }

    @Test
    void exchange_statusLineEchoesTheToken_nothingShowsIt() throws IOException {
        try (ServerSocket socket = LoopbackCertificate.shared()
                .sslContext()
                .getServerSocketFactory()
                .createServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Thread server = new Thread(() -> answer(socket, Google.JWT + "\r\n\r\n"));
            server.setDaemon(true);
            server.start();

            assertSilent(Google.exchanger(
                            URI.create("https://localhost:" + socket.getLocalPort()), Google.http(Google.SHORT))
                    .build());
        }
    }

    @Test
    void exchange_atAnyLogLevel_logsNoSecret() {
        List<String> lines = new CopyOnWriteArrayList<>();
        Handler handler = recording(lines);
        Logger logger = Logger.getLogger("com.google");
        Level before = logger.getLevel();
        logger.setLevel(Level.ALL);
        logger.addHandler(handler);
        try (ScriptedServer server = ScriptedServer.https(Google.script(Google.federated(), Google.impersonated()));
                ScriptedServer refusing = ScriptedServer.https(Answer.json(401, Google.JWT))) {
            Google.exchanger(server).serviceAccount(Google.ACCOUNT).build().exchange(Google.token());
            assertSilent(
                    Google.exchanger(refusing).serviceAccount(Google.ACCOUNT).build());
        } finally {
            logger.removeHandler(handler);
            logger.setLevel(before);
        }
        assertThat(String.join("\n", lines)).doesNotContain(Google.JWT, Google.FEDERATED, Google.IMPERSONATED);
    }

    private static void assertSilent(GcpWorkloadIdentityExchanger exchanger) {
        CredentialExchangeException e =
                catchThrowableOfType(CredentialExchangeException.class, () -> exchanger.exchange(Google.token()));
        StringWriter trace = new StringWriter();
        e.printStackTrace(new PrintWriter(trace));

        assertThat(trace.toString() + e.code() + e.requestId() + e.remedy())
                .contains("Google Cloud")
                .doesNotContain(Google.JWT, Google.FEDERATED, "c2lnbmF0dXJl", "-marker");
    }

    private static void answer(ServerSocket socket, String head) {
        try (Socket connection = socket.accept()) {
            connection.getInputStream().read();
            connection.getOutputStream().write(head.getBytes(UTF_8));
            connection.getOutputStream().flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Handler recording(List<String> lines) {
        return new Handler() {
            @Override
            public void publish(LogRecord entry) {
                lines.add(entry.getLoggerName() + ' ' + entry.getMessage() + ' ' + entry.getThrown());
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
    }
}
