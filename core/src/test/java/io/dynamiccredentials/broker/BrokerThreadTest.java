package io.dynamiccredentials.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.dynamiccredentials.Secret;
import io.dynamiccredentials.broker.CredentialBroker.LeaseEndpoints;
import io.dynamiccredentials.environment.LoopbackAnswer;
import io.dynamiccredentials.fixtures.ManualClock;
import java.io.IOException;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

/** Counts threads, so that no other test may have a broker meanwhile. */
@Isolated
class BrokerThreadTest {
    private static final String BODY = "{\"value\":\"x\"}";

    private final ManualClock clock = new ManualClock();
    private final AtomicLong nanos = new AtomicLong();
    private final CredentialBroker broker = new CredentialBroker(clock, nanos::get);
    private final Heard heard = new Heard();
    private final LeaseEndpoints lease = broker.open(heard);
    private final List<Socket> sockets = new ArrayList<>();

    @BeforeEach
    void awaitThreadsOfOtherTests() throws InterruptedException {
        for (Thread thread : threads()) {
            thread.join(10_000);
        }
    }

    @AfterEach
    void close() throws IOException {
        broker.close();
        for (Socket socket : sockets) {
            socket.close();
        }
    }

    @Test
    void leases_fiveHundred_haveOneThreadUntilTheLastIsClosed() throws Exception {
        assertThat(threads()).isEmpty();
        List<LeaseEndpoints> leases = new ArrayList<>();
        List<RawClient> clients = new ArrayList<>();
        for (int i = 0; i < 500; i++) {
            LeaseEndpoints own = broker.open(new Heard());
            leases.add(own);
            clients.add(new RawClient(own.publish("token", answer(BODY + i))));
        }

        for (int i = 0; i < 500; i++) {
            assertThat(clients.get(i).get().body()).isEqualTo(BODY + i);
        }
        assertThat(clients.stream()
                        .map(client -> client.endpoint().bearer().reveal())
                        .distinct())
                .hasSize(500);
        assertThat(threads()).singleElement().matches(Thread::isDaemon);
        Thread thread = threads().get(0);
        leases.subList(1, 500).forEach(LeaseEndpoints::close);
        assertThat(clients.get(0).get().status()).isEqualTo(200);
        leases.get(0).close();
        thread.join(10_000);
        assertThat(thread.isAlive()).isFalse();

        RawClient later = new RawClient(lease.publish("token", answer(BODY)));
        assertThat(later.get().status()).isEqualTo(200);
    }

    @Test
    void leases_thatPublishNothing_haveNoThread() {
        broker.open(heard);

        assertThat(threads()).isEmpty();
    }

    @Test
    void connections_thatSayNothing_areSixteenAndKeepNobodyWaiting() throws IOException {
        RawClient hostile = client();
        try (LeaseEndpoints other = broker.open(new Heard())) {
            RawClient served = new RawClient(other.publish("token", answer(BODY)));
            for (int i = 0; i < 16; i++) {
                sockets.add(hostile.connect());
            }
            for (int i = 16; i < 10_000; i++) {
                hostile.connect().close();
                if (i % 500 == 0) {
                    assertThat(served.get().status()).isEqualTo(200);
                    assertThat(hostile.get().status()).isEqualTo(200);
                }
            }
        }
        for (Socket first : sockets) {
            assertThat(first.getInputStream().read()).isEqualTo(-1);
        }
        assertThat(heard.events()).startsWith("- TOO_MANY_CONNECTIONS").contains("token HANDED_OUT");
        assertThat(threads()).hasSize(1);
    }

    private RawClient client() {
        return new RawClient(lease.publish("token", answer(BODY)));
    }

    private LoopbackAnswer answer(String body) {
        return LoopbackAnswer.json(Secret.of(body), clock.instant().plusSeconds(300));
    }

    private static List<Thread> threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals(BrokerLoop.THREAD))
                .toList();
    }
}
