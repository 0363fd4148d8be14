package io.dynamiccredentials.aws;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.dynamiccredentials.CredentialExchangeException;
import io.dynamiccredentials.CredentialExchangeException.Kind;
import io.dynamiccredentials.fixtures.Answer;
import io.dynamiccredentials.fixtures.ScriptedServer;
import io.dynamiccredentials.wire.Timeouts;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.Charset;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a server may do to the SDK's HTTP client and parser. */
class StsHttpClientTest {
    private static final String CHUNKED =
            "HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nTransfer-Encoding: chunked\r\n\r\n";
    private static final String CHUNK = "4\r\n<a/>\r\n";

    static List<Named<Supplier<RawServer>>> drips() {
        return List.of(
                Named.of("status line", () -> RawServer.dripping("HTTP/1.1 200 ", "O")),
                Named.of("header", () -> RawServer.dripping("HTTP/1.1 200 OK\r\nX: ", "x")),
                Named.of("headers", () -> RawServer.dripping("HTTP/1.1 200 OK\r\n", "X: y\r\n")),
                Named.of("100 Continue", () -> RawServer.dripping("", "HTTP/1.1 100 Continue\r\n\r\n")),
                Named.of("chunk extension", () -> RawServer.dripping(CHUNKED + "4;x=", "x")),
                Named.of("chunks", () -> RawServer.dripping(CHUNKED, CHUNK)));
    }

    static List<Named<Supplier<RawServer>>> floods() {
        return List.of(
                Named.of("headers", () -> RawServer.flooding("HTTP/1.1 200 OK\r\n", "X-Y: zzzzzzzz\r\n")),
                Named.of("100 Continue", () -> RawServer.flooding("", "HTTP/1.1 100 Continue\r\n\r\n")),
                Named.of("chunk extension", () -> RawServer.flooding(CHUNKED + "4;x=", "xxxxxxxx")),
                Named.of("chunks", () -> RawServer.flooding(CHUNKED, CHUNK)));
    }

    static List<Named<Supplier<RawServer>>> trailers() {
        return List.of(
                Named.of("one drips", () -> RawServer.dripping(CHUNKED + CHUNK + "0\r\nX: ", "x")),
                Named.of("many drip", () -> RawServer.dripping(CHUNKED + CHUNK + "0\r\n", "X: y\r\n")),
                Named.of("many flood", () -> RawServer.flooding(CHUNKED + CHUNK + "0\r\n", "X-Y: zzzzzzzz\r\n")));
    }

    @ParameterizedTest
    @MethodSource({"drips", "floods"})
    @Timeout(value = 10, unit = SECONDS)
    void exchange_answerWithoutEnd_isUnreachableInTime(Supplier<RawServer> attack) {
        try (RawServer server = attack.get()) {
            CredentialExchangeException e = failure(server.address(), Sts.SHORT);

            assertThat(e.kind()).isEqualTo(Kind.UNREACHABLE);
            assertThat(e.retryable()).isTrue();
            assertThat(e).hasMessageStartingWith("AWS gave no whole answer about the token for role");
        }
    }

    @ParameterizedTest
    @MethodSource("trailers")
    @Timeout(value = 10, unit = SECONDS)
    void exchange_trailersWithoutEnd_endsInTime(Supplier<RawServer> attack) {
        try (RawServer server = attack.get()) {
            // The JDK's client of 17 reads no trailers; whether the body was whole then is its own decision.
            assertThat(failure(server.address(), Sts.SHORT).kind()).isIn(Kind.UNREACHABLE, Kind.UNINTELLIGIBLE);
        }
    }

    @ParameterizedTest
    @MethodSource("drips")
    @Timeout(value = 10, unit = SECONDS)
    void exchange_interruptedInAnAnswerWithoutEnd_endsAtOnce(Supplier<RawServer> attack) throws Exception {
        Duration minute = Duration.ofSeconds(60);
        try (RawServer server = attack.get()) {
            CompletableFuture<CredentialExchangeException> thrown = new CompletableFuture<>();
            CompletableFuture<Boolean> flag = new CompletableFuture<>();
            Thread thread = new Thread(() -> {
                thrown.complete(failure(server.address(), new Timeouts(minute, minute, minute)));
                flag.complete(Thread.currentThread().isInterrupted());
            });
            thread.start();
            server.awaitRequest();
            thread.interrupt();

            assertThat(thrown.get(2, SECONDS).kind()).isEqualTo(Kind.UNREACHABLE);
            assertThat(thrown.get().retryable()).isFalse();
            assertThat(thrown.get()).hasMessageContaining("interrupted");
            assertThat(flag.get(2, SECONDS)).isTrue();
        }
    }

    @Test
    void exchange_interruptedBefore_sendsNothing() throws Exception {
        try (ScriptedServer server = ScriptedServer.http(Sts.success())) {
            CompletableFuture<CredentialExchangeException> thrown = new CompletableFuture<>();
            CompletableFuture<Boolean> flag = new CompletableFuture<>();
            Thread thread = new Thread(() -> {
                Thread.currentThread().interrupt();
                thrown.complete(failure(server.address(), Sts.SHORT));
                flag.complete(Thread.currentThread().isInterrupted());
            });
            thread.start();

            assertThat(thrown.get(5, SECONDS)).hasMessageContaining("interrupted");
            assertThat(thrown.get().retryable()).isFalse();
            assertThat(flag.get(5, SECONDS)).isTrue();
            assertThat(server.requests()).isEmpty();
        }
    }

    static List<Arguments> hostileBodies() {
        String namespace = "<a xmlns='https://sts.amazonaws.com/doc/2011-06-15/'>";
        return List.of(
                Arguments.of(Named.of("deep", "<a>".repeat(80_000)), "nested deeper than 32"),
                Arguments.of(Named.of("deep, closed", "<a>".repeat(9_000) + "</a>".repeat(9_000)), "nested deeper"),
                Arguments.of(Named.of("33 levels", "<a>".repeat(33) + "</a>".repeat(33)), "nested deeper"),
                Arguments.of(Named.of("deep, in pretence", "<a><!--</a>-->".repeat(9_000)), "nested deeper"),
                Arguments.of(Named.of("deep, in CDATA", "<a><![CDATA[</a>]]>".repeat(9_000)), "nested deeper"),
                Arguments.of(Named.of("deep, in values", "<a b='</a>'>".repeat(9_000)), "no answer of STS"),
                Arguments.of(Named.of("deep, with namespaces", namespace.repeat(4_000)), "nested deeper"),
                Arguments.of(Named.of("deep, in EBCDIC", ebcdic("<_>".repeat(20_000))), "no answer of STS"),
                Arguments.of(Named.of("deep, in UTF-16", "\0<\0?\0x" + "\0<\0a\0>".repeat(20_000)), "no answer of STS"),
                Arguments.of(Named.of("XML 1.1", "<?xml version='1.1'?>" + Sts.session()), "no answer of STS"),
                Arguments.of(Named.of("ISO-8859-1", declared("ISO-8859-1") + Sts.session()), "no answer of STS"),
                Arguments.of(Named.of("DOCTYPE", "<!DOCTYPE a><a/>"), "DOCTYPE"),
                Arguments.of(
                        Named.of("entities", "<!DOCTYPE a [<!ENTITY b \"bb\"><!ENTITY c \"&b;&b;\">]><a>&c;</a>"),
                        "DOCTYPE"),
                Arguments.of(
                        Named.of("file", "<!DOCTYPE a [<!ENTITY b SYSTEM \"file:///etc/hostname\">]><a>&b;</a>"),
                        "DOCTYPE"),
                Arguments.of(Named.of("text after the end", Sts.session() + "<a>"), "no answer of STS"));
    }

    @ParameterizedTest
    @MethodSource("hostileBodies")
    void exchange_hostileXmlInASuccess_isUnintelligible(String body, String why) {
        try (ScriptedServer server =
                ScriptedServer.http(Answer.xml(200, body).header("x-amzn-RequestId", Sts.REQUEST_ID))) {
            CredentialExchangeException e = failure(server.address(), Timeouts.standard());

            assertThat(e.kind()).isEqualTo(Kind.UNINTELLIGIBLE);
            assertThat(e.status()).hasValue(200);
            assertThat(e.requestId()).hasValue(Sts.REQUEST_ID);
            assertThat(e).hasMessageContaining(why).hasNoCause();
        }
    }

    @ParameterizedTest
    @MethodSource("hostileBodies")
    void exchange_hostileXmlInARefusal_isUnintelligible(String body, String why) {
        assertThat(why).isNotEmpty();
        try (ScriptedServer server = ScriptedServer.http(Answer.xml(400, body))) {
            CredentialExchangeException e = failure(server.address(), Timeouts.standard());

            assertThat(e.kind()).isEqualTo(Kind.UNINTELLIGIBLE);
            assertThat(e.status()).hasValue(400);
            assertThat(e).hasMessageContaining("no error code of STS").hasNoCause();
        }
    }

    @Test
    void exchange_32Levels_reachTheParser() {
        String body = "<a>".repeat(32) + "</a>".repeat(32);
        try (ScriptedServer server = ScriptedServer.http(Answer.xml(200, body))) {
            assertThat(failure(server.address(), Timeouts.standard())).hasMessageContaining("Credentials are absent");
        }
    }

    @ParameterizedTest
    @CsvSource({"503,UNREACHABLE,true", "429,THROTTLED,true", "307,MISCONFIGURED,false", "407,UNINTELLIGIBLE,false"})
    void exchange_pageOfAProxyWithADoctype_goesByTheStatus(int status, Kind kind, boolean retryable) {
        Answer page =
                Answer.text(status, "<!DOCTYPE html><html><br></html>").header("Location", "https://evil.example");
        try (ScriptedServer server = ScriptedServer.http(page)) {
            CredentialExchangeException e = failure(server.address(), Timeouts.standard());

            assertThat(e.kind()).isEqualTo(kind);
            assertThat(e.status()).hasValue(status);
            assertThat(e.retryable()).isEqualTo(retryable);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {200, 400})
    @Timeout(value = 10, unit = SECONDS)
    void exchange_gzipBomb_isNotUnpacked(int status) throws Exception {
        byte[] bomb = gzip(64 * 1024 * 1024);
        assertThat(bomb).hasSizeLessThan(256 * 1024);
        for (String headers : List.of("Content-Encoding: gzip\r\n", "content-encoding: x-gzip\r\n", "")) {
            try (RawServer server = RawServer.once(packed(status, headers, bomb))) {
                // Packed bytes are no UTF-8, which is found out first.
                assertThat(failure(server.address(), Timeouts.standard()).kind())
                        .isEqualTo(Kind.UNREACHABLE);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"gzip", "deflate", "br", "identity"})
    void exchange_contentEncoding_isUnintelligible(String encoding) {
        Answer answer = Sts.success().header("Content-Encoding", encoding);
        try (ScriptedServer server = ScriptedServer.http(answer)) {
            CredentialExchangeException e = failure(server.address(), Timeouts.standard());

            assertThat(e.kind()).isEqualTo(Kind.UNINTELLIGIBLE);
            assertThat(e).hasMessageContaining("Content-Encoding");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "<?xml version=\"1.0\"?>",
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n",
                "<?xml version='1.0' encoding='utf-8' standalone='yes'?>",
                "\n<!-- STS -->"
            })
    void exchange_declaredXml_isRead(String start) {
        try (ScriptedServer server = ScriptedServer.http(Answer.xml(200, start + Sts.session()))) {
            AwsSts sts = Sts.at(server.address());

            assertThat(Sts.exchanger(sts).exchange(Sts.token()).assumedRoleArn())
                    .isEqualTo(Sts.ASSUMED);
        }
    }

    @Test
    void exchange_headersThatTheSdkHeeds_changeNothing() {
        Answer answer = Sts.success()
                .header("x-amz-crc32", "1")
                .header("Date", "Thu, 01 Jan 1970 00:00:00 GMT")
                .header("Retry-After", "1000");
        try (ScriptedServer server = ScriptedServer.http(answer)) {
            AwsSts sts = Sts.at(server.address());

            assertThat(Sts.exchanger(sts).exchange(Sts.token()).assumedRoleArn())
                    .isEqualTo(Sts.ASSUMED);
        }
    }

    @Test
    void exchange_request_offersNoCompressionAndIsSentOnTheCallingThread() {
        try (ScriptedServer server = ScriptedServer.http(Sts.success())) {
            Sts.exchanger(Sts.at(server.address())).exchange(Sts.token());

            assertThat(server.requests()).singleElement().satisfies(request -> {
                assertThat(request.headers()).doesNotContainKeys("Accept-Encoding", "Expect");
                assertThat(request.headers()).containsKeys("amz-sdk-invocation-id", "User-Agent");
            });
            assertThat(Thread.getAllStackTraces().keySet())
                    .extracting(Thread::getName)
                    .noneMatch(name -> name.startsWith("sdk-") || name.startsWith("idle-connection"));
        }
    }

    private static CredentialExchangeException failure(URI address, Timeouts timeouts) {
        AwsSts sts = AwsSts.builder("eu-central-1")
                .endpoint(address)
                .http(Sts.http(timeouts))
                .build();
        return catchThrowableOfType(
                CredentialExchangeException.class, () -> Sts.exchanger(sts).exchange(Sts.token()));
    }

    /** Returns a text whose UTF-8 bytes a parser takes for {@code body} once it believes the declaration. */
    private static String ebcdic(String body) {
        return declared("IBM037") + new String(body.getBytes(Charset.forName("IBM037")), UTF_8);
    }

    private static String declared(String encoding) {
        return "<?xml version='1.0' encoding='" + encoding + "'?>";
    }

    private static byte[] packed(int status, String headers, byte[] body) throws IOException {
        ByteArrayOutputStream answer = new ByteArrayOutputStream();
        answer.write(("HTTP/1.1 " + status + " X\r\n" + headers + "Content-Length: " + body.length + "\r\n\r\n")
                .getBytes(ISO_8859_1));
        answer.write(body);
        return answer.toByteArray();
    }

    private static byte[] gzip(int zeros) throws IOException {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(packed)) {
            gzip.write(new byte[zeros]);
        }
        return packed.toByteArray();
    }
}
