package io.dynamiccredentials.broker;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.dynamiccredentials.Secret;
import io.dynamiccredentials.broker.CredentialBroker.LeaseEndpoints;
import io.dynamiccredentials.environment.LoopbackAnswer;
import io.dynamiccredentials.fixtures.ManualClock;
import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a hostile process can take from others, and what it can't. The time that passes is the test's. */
class BrokerLimitsTest {
    private static final String BODY = "{\"value\":\"x\"}";

    private final ManualClock clock = new ManualClock();
    private final AtomicLong nanos = new AtomicLong();
    private final CredentialBroker broker = new CredentialBroker(clock, nanos::get);
    private final Heard heard = new Heard();
    private final LeaseEndpoints lease = broker.open(heard);
    private final List<Socket> sockets = new ArrayList<>();

    @AfterEach
    void close() throws IOException {
        broker.close();
        for (Socket socket : sockets) {
            socket.close();
        }
    }

    @Test
    void head_notWholeInTenSeconds_isCut() throws IOException {
        RawClient client = client();
        Socket half = client.connect();
        sockets.add(half);
        half.getOutputStream().write("GET /tok".getBytes(US_ASCII));
        assertThat(client.get().status()).isEqualTo(200);

        pass(Duration.ofSeconds(10).minusNanos(1));
        assertThat(client.get().status()).isEqualTo(200);
        half.getOutputStream().write("en HTTP/1.1".getBytes(US_ASCII));
        pass(Duration.ofNanos(1));
        assertThat(client.get().status()).isEqualTo(200);

        assertThat(half.getInputStream().read()).isEqualTo(-1);
        assertThat(heard.events())
                .containsExactlyInAnyOrder("token HANDED_OUT", "token HANDED_OUT", "token HANDED_OUT", "- TOO_SLOW");
    }

    @Test
    void answer_notReadInTenSeconds_isCut() throws IOException {
        RawClient client = client();
        // More than the buffers of both sides take.
        String huge = "x".repeat(32 * 1024 * 1024);
        RawClient slow = new RawClient(lease.publish("huge", answer(huge)));
        Socket reader = slow.connect();
        sockets.add(reader);
        reader.getOutputStream().write(slow.head().getBytes(US_ASCII));
        assertThat(reader.getInputStream().read()).isEqualTo('H');

        pass(Duration.ofSeconds(10));
        assertThat(client.get().status()).isEqualTo(200);

        assertThat(reader.getInputStream().readAllBytes().length).isLessThan(huge.length());
        assertThat(heard.events()).contains("huge HANDED_OUT", "- TOO_SLOW");
    }

    @Test
    void answer_large_arrivesWhole() throws IOException {
        String large = "y".repeat(4 * 1024 * 1024);

        assertThat(new RawClient(lease.publish("large", answer(large))).get().body())
                .isEqualTo(large);
    }

    @Test
    void requests_moreThanFiftyAtOnce_areRefusedUntilTimePasses() throws IOException {
        RawClient client = client();
        for (int i = 0; i < 50; i++) {
            assertThat(client.get().status()).isEqualTo(200);
        }

        RawClient.Reply refused = client.get();
        assertThat(refused.status()).isEqualTo(429);
        assertThat(refused.head()).contains("\r\nRetry-After: 1");
        assertThat(refused.body()).startsWith("{\"code\":\"TooManyRequests\"");
        pass(Duration.ofMillis(100).minusNanos(1));
        assertThat(client.get().status()).isEqualTo(429);
        pass(Duration.ofNanos(1));
        assertThat(client.get().status()).isEqualTo(200);
        assertThat(client.get().status()).isEqualTo(429);
        assertThat(heard.events().stream().filter(event -> event.endsWith("TOO_MANY_REQUESTS")))
                .hasSize(1);
    }

    @Test
    void requests_ofStrangersWithoutTheBearer_useUpTheirOwnShareOnly() throws IOException {
        RawClient client = client();
        String strange = RawClient.raw("GET /token HTTP/1.1", "Host: 127.0.0.1:" + client.port());
        for (int i = 0; i < 50; i++) {
            assertThat(client.send(strange).status()).isEqualTo(401);
        }

        assertThat(client.send(strange).status()).isEqualTo(429);
        assertThat(client.send("x\n").status()).isEqualTo(429);
        assertThat(client.get().status()).isEqualTo(200);
    }

    @Test
    void requests_ofOneLease_useUpNothingOfAnother() throws IOException {
        RawClient client = client();
        for (int i = 0; i < 51; i++) {
            client.get();
        }
        try (LeaseEndpoints other = broker.open(new Heard())) {
            assertThat(new RawClient(other.publish("token", answer(BODY))).get().status())
                    .isEqualTo(200);
        }
        assertThat(client.get().status()).isEqualTo(429);
    }

    @Test
    void client_thatGoesOnSending_isCutAfterTheAnswer() throws IOException {
        RawClient client = client();
        Socket talker = client.connect();
        sockets.add(talker);
        talker.getOutputStream().write((client.head() + "more").getBytes(US_ASCII));
        byte[] answer = talker.getInputStream().readAllBytes();
        assertThat(new String(answer, US_ASCII)).endsWith(BODY);

        pass(Duration.ofSeconds(1));
        assertThat(client.get().status()).isEqualTo(200);
        // The connection no longer counts among the sixteen.
        for (int i = 0; i < 15; i++) {
            sockets.add(client.connect());
        }
        assertThat(client.get().status()).isEqualTo(200);
    }

    @Test
    void publish_byFourThreads_neverGivesATornBody() throws Exception {
        CredentialBroker fast = new CredentialBroker(clock, () -> nanos.addAndGet(100_000_000));
        LeaseEndpoints own = fast.open(new Heard());
        RawClient client = new RawClient(own.publish("token", answer(body(0))));
        AtomicBoolean over = new AtomicBoolean();
        List<Thread> writers = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            LoopbackAnswer answer = answer(body(i));
            writers.add(new Thread(() -> {
                while (!over.get()) {
                    own.publish("token", answer);
                }
            }));
        }
        writers.forEach(Thread::start);
        try {
            for (int i = 0; i < 500; i++) {
                assertThat(client.get().body()).isIn(body(0), body(1), body(2), body(3));
            }
        } finally {
            over.set(true);
            for (Thread writer : writers) {
                writer.join();
            }
            fast.close();
        }
    }

    private static String body(int writer) {
        return String.valueOf((char) ('a' + writer)).repeat(20_000 + writer);
    }

    private RawClient client() {
        return new RawClient(lease.publish("token", answer(BODY)));
    }

    private LoopbackAnswer answer(String body) {
        return LoopbackAnswer.json(Secret.of(body), clock.instant().plusSeconds(300));
    }

    private void pass(Duration duration) {
        nanos.addAndGet(duration.toNanos());
    }
}
