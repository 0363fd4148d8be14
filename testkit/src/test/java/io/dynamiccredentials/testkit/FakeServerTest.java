package io.dynamiccredentials.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class FakeServerTest {
    private static final String BODY = "{\"answer\":\"0123456789012345678901234567890123456789\"}";

    private final AtomicInteger done = new AtomicInteger();
    private final FakeServer server = FakeServer.start(new Service());
    private final HttpClient client = HttpClient.newHttpClient();

    /** Answers always the same, and counts how often. */
    private final class Service implements FakeService {
        @Override
        public String operation(FakeRequest request) {
            return request.path().substring(1);
        }

        @Override
        public FakeAnswer answer(FakeRequest request) {
            if (request.path().equals("/broken")) {
                throw new IllegalStateException("broken");
            }
            done.incrementAndGet();
            return FakeAnswer.of(200, "application/json", BODY).header("X-Length", "" + request.bodyBytes().length);
        }

        @Override
        public FakeAnswer throttled(FakeRequest request, Optional<Duration> retryAfter) {
            FakeAnswer slower = FakeAnswer.of(429, "text/plain", "slower");
            return retryAfter
                    .map(time -> slower.header("Retry-After", "" + time.toSeconds()))
                    .orElse(slower);
        }

        @Override
        public FakeAnswer failed(FakeRequest request, int status) {
            return FakeAnswer.of(status, "text/plain", "failed");
        }
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void answer_noFault_isThatOfTheService() throws Exception {
        HttpResponse<String> answer = post("/login", "hello");

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).isEqualTo(BODY);
        assertThat(answer.headers().firstValue("X-Length")).contains("5");
        assertThat(server.calls().all()).containsExactly(new CallLog.Call("login", 200));
    }

    @Test
    void throttled_withAndWithoutTime_isThePlatformsOwn() throws Exception {
        server.faults().next(Fault.throttled(Duration.ofSeconds(7)), Fault.throttled());

        HttpResponse<String> first = post("/login", "");
        HttpResponse<String> second = post("/login", "");

        assertThat(first.statusCode()).isEqualTo(429);
        assertThat(first.body()).isEqualTo("slower");
        assertThat(first.headers().firstValue("Retry-After")).contains("7");
        assertThat(second.headers().firstValue("Retry-After")).isEmpty();
        assertThat(done).hasValue(0);
        assertThat(server.calls().refused()).isEqualTo(2);
    }

    @Test
    void failed_status_isThatAndNothingWasDone() throws Exception {
        server.faults().next(Fault.failed(503));

        assertThat(post("/login", "").statusCode()).isEqualTo(503);
        assertThat(done).hasValue(0);
    }

    @Test
    void answered_anything_isSent() throws Exception {
        server.faults()
                .next(Fault.answered(FakeAnswer.of(302, "text/html", "<p>").header("Location", "/x")));

        HttpResponse<String> answer = post("/login", "");

        assertThat(answer.statusCode()).isEqualTo(302);
        assertThat(answer.headers().firstValue("Location")).contains("/x");
        assertThat(done).hasValue(0);
    }

    @Test
    void reset_requestNeverArrived() {
        server.faults().always(Fault.reset());

        assertThatThrownBy(() -> post("/login", "")).isInstanceOf(IOException.class);
        assertThat(done).hasValue(0);
        assertThat(server.calls().all()).contains(new CallLog.Call("login", 0));
        assertThat(server.calls().refused()).isZero();
    }

    @Test
    void lost_requestArrivedAndTheAnswerDidNot() {
        server.faults().always(Fault.lost());

        assertThatThrownBy(() -> post("/login", "")).isInstanceOf(IOException.class);
        assertThat(done.get()).isPositive();
    }

    @Test
    void truncated_answerBreaksOff() {
        server.faults().always(Fault.truncated());

        assertThatThrownBy(() -> post("/login", "")).isInstanceOf(IOException.class);
        assertThat(done.get()).isPositive();
    }

    @Test
    void malformed_answerIsWholeByItsLength() throws Exception {
        server.faults().next(Fault.malformed());

        HttpResponse<String> answer = post("/login", "");

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).isEqualTo(BODY.substring(0, BODY.length() / 2));
    }

    @Test
    void oversized_answerHasBlanksBehind() throws Exception {
        server.faults().next(Fault.oversized(1_000_000));

        assertThat(post("/login", "").body()).isEqualTo(BODY + " ".repeat(1_000_000));
    }

    @Test
    void stalled_halfAnAnswerIsAllThatComes() throws Exception {
        server.faults().next(Fault.stalled());

        assertThatThrownBy(() -> client.sendAsync(request("/login", ""), BodyHandlers.ofString())
                        .get(300, TimeUnit.MILLISECONDS))
                .isInstanceOf(TimeoutException.class);
        assertThat(post("/login", "").statusCode()).isEqualTo(200);
    }

    @Test
    void delayed_longerThanTheClientWaits_isTooLate() throws Exception {
        server.faults().next(Fault.delayed(Duration.ofMinutes(1)));
        HttpRequest impatient = HttpRequest.newBuilder(server.address().resolve("/login"))
                .timeout(Duration.ofMillis(200))
                .build();

        assertThatThrownBy(() -> client.send(impatient, BodyHandlers.ofString()))
                .isInstanceOf(HttpTimeoutException.class);
        assertThat(done).hasValue(0);
    }

    @Test
    void delayed_aLittle_isAnsweredAllTheSame() throws Exception {
        server.faults().next(Fault.delayed(Duration.ofMillis(20)));

        long start = System.nanoTime();
        assertThat(post("/login", "").body()).isEqualTo(BODY);
        assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(20_000_000);
    }

    @Test
    void answer_serviceFallsOver_isAFailure() throws Exception {
        assertThat(post("/broken", "").statusCode()).isEqualTo(500);
    }

    @Test
    void answer_percentSignThatEncodesNothing_isTakenAsItComes() throws Exception {
        assertThat(post("/login", "{\"password\":\"x=50%&y=%zz\"}").statusCode())
                .isEqualTo(200);
        assertThat(post("/login?a=%&b=%41", "").statusCode()).isEqualTo(200);
        assertThat(server.calls().count()).isEqualTo(2);
    }

    @Test
    void answer_giantBody_isRefusedUnread() throws Exception {
        assertThat(post("/login", "x".repeat(FakeRequest.MAX_BODY_BYTES)).statusCode())
                .isEqualTo(200);
        assertThat(post("/login", "x".repeat(FakeRequest.MAX_BODY_BYTES + 1)).statusCode())
                .isEqualTo(413);
        assertThat(server.calls().all()).last().isEqualTo(new CallLog.Call("too large", 413));
    }

    @Test
    void reset_ofTheServer_forgetsCallsAndFaults() throws Exception {
        server.faults().always(Fault.failed(500));
        post("/login", "");

        server.reset();

        assertThat(server.calls().count()).isZero();
        assertThat(post("/login", "").statusCode()).isEqualTo(200);
    }

    @Test
    void calls_ofOneOperation_areCounted() throws Exception {
        for (String operation : List.of("login", "renew", "login")) {
            post("/" + operation, "");
        }

        assertThat(server.calls().count("login")).isEqualTo(2);
        assertThat(server.calls().count("revoke")).isZero();
        assertThat(server.calls().count()).isEqualTo(3);
    }

    @Test
    void close_whileAnAnswerIsDelayed_doesNotWait() throws Exception {
        server.faults().next(Fault.delayed(Duration.ofDays(1)));
        var answer = client.sendAsync(request("/login", ""), BodyHandlers.ofString());

        server.close();
        server.close();

        assertThatThrownBy(() -> answer.get(10, TimeUnit.SECONDS)).hasCauseInstanceOf(IOException.class);
    }

    @Test
    void toString_requestAndAnswer_showNoBody() {
        assertThat(FakeAnswer.of(200, "text/plain", "secret")).hasToString("FakeAnswer[200]");
    }

    private HttpResponse<String> post(String path, String body) throws IOException, InterruptedException {
        return client.send(request(path, body), BodyHandlers.ofString());
    }

    private HttpRequest request(String path, String body) {
        return HttpRequest.newBuilder(server.address().resolve(path.replace("%", "%25")))
                .POST(BodyPublishers.ofString(body))
                .build();
    }
}
