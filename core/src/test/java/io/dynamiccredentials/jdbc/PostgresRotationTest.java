package io.dynamiccredentials.jdbc;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.dynamiccredentials.IssuerUrl;
import io.dynamiccredentials.Secret;
import io.dynamiccredentials.jwk.PublicJwk;
import io.dynamiccredentials.jwk.SigningAlgorithm;
import io.dynamiccredentials.keys.KeyRevocation;
import io.dynamiccredentials.keys.RotatingSigningKeys;
import io.dynamiccredentials.keys.SigningKeyFactory;
import io.dynamiccredentials.keys.StoreEncryption;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Lets processes rotate the keys in one table for a year, all at the same moments, and kills one now and then. */
@Timeout(300)
class PostgresRotationTest {
    private static final Instant START = Instant.parse("2026-03-01T00:00:00Z");
    private static final Duration TICK = Duration.ofHours(4);
    private static final int DAYS = 365;
    private static final int TICKS = DAYS * 6;
    private static final int NODES = 5;
    private static final int KILLS = 12;
    private static final int LARGEST_SKEW_SECONDS = 299;

    /** The keys before each third rotation are not left to sign for their period. */
    private static final int ROTATIONS_FOR_ONE_ASKED = 3;

    private final Random random = new Random(20260301);
    private final PostgresSchema schema = PostgresSchema.create();
    private final String storeKey = randomKey();
    private final List<Node> nodes = new ArrayList<>();
    private final RotationWitness witness =
            new RotationWitness(RotationProcess.POLICY, TICK, Duration.ofSeconds(2 * LARGEST_SKEW_SECONDS));
    private volatile String served = "";
    private Instant lastAt = START;
    private boolean lastWasWhole = true;
    private long lostRaces;
    private int kills;

    @TempDir
    Path temporary;

    @AfterEach
    void dropSchema() {
        schema.close();
    }

    @Test
    void maintain_fiveProcessesForAYear_loseNoKeyAndMakeNoneTwice() throws Exception {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        IssuerUrl issuer =
                IssuerUrl.loopback("http://127.0.0.1:" + server.getAddress().getPort());
        String document = "{\"issuer\":\"" + issuer + "\",\"jwks_uri\":\"" + issuer.keySet() + "\"}";
        server.createContext("/.well-known/jwks", exchange -> serve(exchange, served));
        server.createContext("/.well-known/openid-configuration", exchange -> serve(exchange, document));
        server.start();
        JdbcSigningKeyStore store =
                JdbcSigningKeyStore.builder(schema.dataSource(), issuer.value()).build();
        store.createSchema();
        try {
            for (int i = 0; i < NODES; i++) {
                nodes.add(new Node(issuer, "node " + i));
            }
            for (Node node : nodes) {
                node.join();
            }
            runForAYear();
            Instant end = START.plus(TICK.multipliedBy(TICKS));
            // What was due then, is done by the first of these; so nothing moves in the second.
            tick(end, nodes, Optional.empty());
            Map<String, NodeAnswer> last = tick(end, nodes, Optional.empty());
            requireStored(issuer, store, end, last);
            report(store);
        } finally {
            nodes.forEach(node -> node.process.close());
            server.stop(0);
        }
    }

    private void runForAYear() throws Exception {
        int perKill = TICKS / KILLS;
        int killAt = 0;
        int backAt = 0;
        Node victim = nodes.get(0);
        for (int i = 0; i < TICKS; i++) {
            if (i % perKill == 0) {
                victim = nodes.get(random.nextInt(NODES));
                killAt = i + 1 + random.nextInt(perKill / 2);
                backAt = killAt + 1 + random.nextInt(perKill / 3);
            }
            if (i == backAt) {
                victim.join();
                // In public stays what was there: others acted before some of them knew what a second look would show.
                act(lastAt, List.of(victim), Optional.empty());
            }
            List<Node> up = nodes.stream().filter(node -> node.up).toList();
            tick(START.plus(TICK.multipliedBy(i)), up, i == killAt ? Optional.of(victim) : Optional.empty());
        }
    }

    private Map<String, NodeAnswer> tick(Instant at, List<Node> up, Optional<Node> victim) throws Exception {
        serveWhatOneShows();
        return act(at, up, victim);
    }

    /** Lets nodes act at the same moment, and kills one of them while they do. */
    private Map<String, NodeAnswer> act(Instant at, List<Node> up, Optional<Node> victim) throws Exception {
        boolean asked = at.isAfter(START) && (witness.rotations() + 1) % ROTATIONS_FOR_ONE_ASKED == 0;
        for (Node node : up) {
            node.act(at.plusSeconds(node.skewSeconds), asked);
        }
        Map<String, NodeAnswer> answers = new TreeMap<>();
        if (victim.isPresent()) {
            waitForAMoment();
            String name = victim.get().name;
            victim.get().kill().ifPresent(answer -> answers.put(name, answer));
            kills++;
        }
        for (Node node : up) {
            if (node.up) {
                NodeAnswer answer = node.answer();
                answers.put(node.name, answer);
            }
        }
        lostRaces += answers.values().stream().mapToLong(NodeAnswer::lostRaces).sum();
        witness.hear(at, lastWasWhole ? at : lastAt, asked, answers);
        lastWasWhole = answers.size() == up.size();
        lastAt = at;
        return answers;
    }

    /** Spins for up to the time that a tick takes: a kill shall come anywhere in it. */
    private void waitForAMoment() {
        long until = System.nanoTime() + random.nextInt(10_000_000);
        while (System.nanoTime() < until) {
            Thread.onSpinWait();
        }
    }

    /** Puts in public what a node, any of them, showed at the tick before: a balancer asks one at a time. */
    private void serveWhatOneShows() {
        List<Node> showing =
                nodes.stream().filter(node -> !node.shown.isEmpty()).toList();
        if (!showing.isEmpty()) {
            served = showing.get(random.nextInt(showing.size())).shown;
        }
    }

    private static void serve(HttpExchange exchange, String text) throws IOException {
        try (exchange) {
            byte[] body = text.getBytes(UTF_8);
            exchange.sendResponseHeaders(body.length == 0 ? 503 : 200, body.length == 0 ? -1 : body.length);
            exchange.getResponseBody().write(body);
        }
    }

    private void requireStored(IssuerUrl issuer, JdbcSigningKeyStore store, Instant end, Map<String, NodeAnswer> last) {
        RotatingSigningKeys fresh = RotatingSigningKeys.builder(issuer, store, StoreEncryption.key(Secret.of(storeKey)))
                .policy(RotationProcess.POLICY)
                .factory(SigningKeyFactory.local(SigningAlgorithm.ES256))
                .clock(Clock.fixed(end, ZoneOffset.UTC))
                .open();
        assertThat(fresh.published().keys().get(0).keyId()).isEqualTo(witness.active());
        assertThat(last).hasSize(NODES);
        assertThat(last.values()).allSatisfy(answer -> {
            assertThat(answer.activeKeyId()).isEqualTo(witness.active());
            assertThat(answer.keyIds())
                    .containsExactlyInAnyOrderElementsOf(fresh.published().keys().stream()
                            .map(PublicJwk::keyId)
                            .toList());
        });
        // What each node counted went through the same versions; one that was overwritten would lack here.
        KeyRevocation revocation = fresh.revoke(witness.active());
        assertThat(revocation.brokenTokens()).isEqualTo(witness.tokensAlive(end) - NODES);
        // Each key that there ever was has signed, but for the next one: none was made twice, none was lost.
        assertThat(witness.keys()).isEqualTo(witness.rotations() + 2);
        assertThat(witness.naturalRotations()).isGreaterThan(witness.rotations() / 2);
    }

    private void report(JdbcSigningKeyStore store) {
        System.out.println("PostgreSQL: " + NODES + " processes, " + DAYS + " days, " + TICKS + " ticks, "
                + witness.rotations() + " rotations (" + witness.naturalRotations() + " by time), "
                + store.read().orElseThrow().version() + " stored versions, " + lostRaces + " lost races, "
                + witness.tokens() + " tokens, " + kills + " kills");
    }

    private static String randomKey() {
        byte[] key = new byte[32];
        new SecureRandom().nextBytes(key);
        return Base64.getUrlEncoder().encodeToString(key);
    }

    /** A node over its restarts: its name and its clock stay. */
    private final class Node {
        private final IssuerUrl issuer;
        private final String name;
        private final int skewSeconds = random.nextInt(2 * LARGEST_SKEW_SECONDS + 1) - LARGEST_SKEW_SECONDS;
        private RotationProcess process;
        private boolean up;
        private Instant clock = START;
        private String shown = "";

        Node(IssuerUrl issuer, String name) throws IOException {
            this.issuer = issuer;
            this.name = name;
            this.process = start();
        }

        /** Waits until the process that was started runs; from then on it gets each tick. */
        void join() throws InterruptedException, IOException {
            process.awaitReady();
            up = true;
        }

        void act(Instant now, boolean rotate) throws IOException {
            clock = now;
            if (rotate) {
                process.rotate(clock);
            } else {
                process.maintain(clock);
            }
        }

        NodeAnswer answer() throws InterruptedException, IOException {
            NodeAnswer answer = process.answer();
            assertThat(answer.now()).isEqualTo(clock);
            shown = answer.published().orElse(shown);
            return answer;
        }

        /** Kills the process, starts the next one and returns what the killed one could still tell. */
        Optional<NodeAnswer> kill() throws InterruptedException, IOException {
            up = false;
            shown = "";
            Optional<NodeAnswer> last = process.kill();
            process = start();
            return last;
        }

        private RotationProcess start() throws IOException {
            return RotationProcess.start(issuer, schema.name(), storeKey, temporary.resolve(name));
        }
    }
}
