package io.dynamiccredentials.jdbc;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.util.concurrent.TimeUnit.SECONDS;

import io.dynamiccredentials.IssuerUrl;
import io.dynamiccredentials.Secret;
import io.dynamiccredentials.fixtures.ChildJvm;
import io.dynamiccredentials.fixtures.ManualClock;
import io.dynamiccredentials.jwk.JwkSet;
import io.dynamiccredentials.jwk.SigningAlgorithm;
import io.dynamiccredentials.keys.ActiveKey;
import io.dynamiccredentials.keys.KeyHealth;
import io.dynamiccredentials.keys.KeyState;
import io.dynamiccredentials.keys.RotatingSigningKeys;
import io.dynamiccredentials.keys.RotationPolicy;
import io.dynamiccredentials.keys.SigningKeyFactory;
import io.dynamiccredentials.keys.SigningKeyStore;
import io.dynamiccredentials.keys.StoreEncryption;
import io.dynamiccredentials.keys.StoredKeys;
import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;
import org.postgresql.ds.PGPoolingDataSource;

/**
 * A JVM of its own with real signing keys in PostgreSQL. It acts when a line on its standard input tells it the time,
 * and answers one line.
 */
final class RotationProcess implements AutoCloseable {
    /** Tokens outlive some ticks, and what a node read outlives one. */
    static final RotationPolicy POLICY = RotationPolicy.builder()
            .period(Duration.ofDays(10))
            .maxTokenLifetime(Duration.ofHours(12))
            .maxStaleness(Duration.ofHours(8))
            .build();

    private static final long PATIENCE_SECONDS = 60;
    private static final String READY = "ready";
    private static final String ENDED = "ended";
    private static final String ROTATE = "rotate ";
    private static final String MAINTAIN = "maintain ";

    private final Process process;
    private final Path errors;
    private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();

    private RotationProcess(Process process, Path errors) {
        this.process = process;
        this.errors = errors;
    }

    /** Starts a node, which soon waits for its first tick. Its standard error goes to the file {@code errors}. */
    static RotationProcess start(IssuerUrl issuer, String schema, String storeKey, Path errors) throws IOException {
        List<String> command = ChildJvm.command(
                List.of("-Dhttp.proxyHost=127.0.0.1", "-Dhttp.proxyPort=9", "-Dhttp.nonProxyHosts=127.*"),
                RotationProcess.class);
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.appendTo(errors.toFile()))
                .start();
        RotationProcess started = new RotationProcess(process, errors);
        Thread reader = new Thread(started::readLines, "rotation-process");
        reader.setDaemon(true);
        reader.start();
        started.tell(issuer.value() + "\t" + schema + "\t" + storeKey);
        return started;
    }

    void awaitReady() throws InterruptedException, IOException {
        String line = nextLine();
        if (!line.equals(READY)) {
            throw failure("did not start, but told \"" + line + "\"");
        }
    }

    /** Tells the node what its clock shows now, and to maintain the keys. */
    void maintain(Instant now) throws IOException {
        tell(MAINTAIN + now);
    }

    /** Tells the node what its clock shows now, to maintain the keys, and to rotate them at once if it can. */
    void rotate(Instant now) throws IOException {
        tell(ROTATE + now);
    }

    NodeAnswer answer() throws InterruptedException, IOException {
        String line = nextLine();
        Optional<NodeAnswer> answer = NodeAnswer.parse(line);
        if (answer.isEmpty()) {
            throw failure("told \"" + line + "\"");
        }
        return answer.get();
    }

    /** Kills the process with SIGKILL, and returns the answer if it was told already. */
    Optional<NodeAnswer> kill() throws InterruptedException, IOException {
        process.destroyForcibly();
        String line = nextLine();
        return line.equals(ENDED) ? Optional.empty() : NodeAnswer.parse(line);
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }

    private void tell(String line) throws IOException {
        try {
            OutputStream in = process.getOutputStream();
            in.write((line + "\n").getBytes(US_ASCII));
            in.flush();
        } catch (IOException e) {
            throw failure("ended early");
        }
    }

    private String nextLine() throws InterruptedException, IOException {
        String line = lines.poll(PATIENCE_SECONDS, SECONDS);
        if (line == null) {
            throw failure("told nothing for " + PATIENCE_SECONDS + " s");
        }
        return line;
    }

    private IOException failure(String what) throws IOException {
        return new IOException("A node " + what + ". On its standard error: " + Files.readString(errors));
    }

    private void readLines() {
        try (BufferedReader out = process.inputReader(US_ASCII)) {
            out.lines().forEach(lines::add);
        } catch (IOException | UncheckedIOException e) {
            // Killed: what it told is told.
        } finally {
            lines.add(ENDED);
        }
    }

    public static void main(String[] arguments) throws Exception {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, US_ASCII));
        // One write call for each line: a killed process leaves none in a buffer.
        PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), false, US_ASCII);
        String[] settings = in.readLine().split("\t", -1);
        Node node = new Node(
                IssuerUrl.loopback(settings[0]),
                new CountingStore(JdbcSigningKeyStore.builder(database(settings[1]), settings[0])
                        .timeout(Duration.ofSeconds(PATIENCE_SECONDS))
                        .build()),
                StoreEncryption.key(Secret.of(settings[2])));
        out.print(READY + "\n");
        out.flush();
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            boolean rotate = line.startsWith(ROTATE);
            Instant now = Instant.parse(line.substring((rotate ? ROTATE : MAINTAIN).length()));
            out.print(node.act(now, rotate).line() + "\n");
            out.flush();
        }
    }

    /** The driver's own pool, of one connection: a new one for each transaction would take most of the time. */
    @SuppressWarnings("deprecation")
    private static PGPoolingDataSource database(String schema) {
        PGPoolingDataSource pool = new PGPoolingDataSource();
        pool.setURL(System.getenv(PostgresSchema.VARIABLE));
        pool.setCurrentSchema(schema);
        pool.setMaxConnections(1);
        return pool;
    }

    /** What runs in the process. Not safe for use by several threads. */
    private static final class Node {
        private final IssuerUrl issuer;
        private final CountingStore store;
        private final StoreEncryption encryption;
        private final ManualClock clock = new ManualClock();
        private final List<String> events = new ArrayList<>();
        private @Nullable RotatingSigningKeys keys;
        private @Nullable JwkSet told;
        private String lastKeyId = "";

        Node(IssuerUrl issuer, CountingStore store, StoreEncryption encryption) {
            this.issuer = issuer;
            this.store = store;
            this.encryption = encryption;
        }

        NodeAnswer act(Instant now, boolean rotate) {
            clock.set(now);
            RotatingSigningKeys current = keys == null ? open() : keys;
            keys = current;
            current.maintain();
            if (rotate) {
                try {
                    current.rotateNow();
                } catch (IllegalStateException e) {
                    // Too early. The witness knows from when on it must succeed.
                }
            }
            return answer(current, now);
        }

        private RotatingSigningKeys open() {
            return RotatingSigningKeys.builder(issuer, store, encryption)
                    .policy(POLICY)
                    .factory(SigningKeyFactory.local(SigningAlgorithm.ES256))
                    .clock(clock)
                    .listener(event -> events.add(event.keyId() + ":" + event.kind()))
                    .open();
        }

        private NodeAnswer answer(RotatingSigningKeys current, Instant now) {
            ActiveKey active = current.active(now.plus(POLICY.maxTokenLifetime()));
            String keyId = active.key().publicJwk().keyId();
            // Not each time: signing would take most of the time, and every signature of a key shows the same.
            String signature = keyId.equals(lastKeyId)
                    ? ""
                    : Base64.getUrlEncoder()
                            .encodeToString(active.key().sign(now.toString().getBytes(US_ASCII)));
            lastKeyId = keyId;
            KeyHealth health = current.health();
            Map<String, KeyState> states = new HashMap<>();
            health.keys().forEach(key -> states.put(key.publicJwk().keyId(), key.state()));
            JwkSet published = current.published();
            boolean same = published.equals(told);
            told = published;
            List<String> happened = List.copyOf(events);
            events.clear();
            return new NodeAnswer(
                    now,
                    keyId,
                    active.latestExpiry(),
                    signature,
                    states,
                    same ? Optional.empty() : Optional.of(published.toJson()),
                    happened,
                    store.takeLostRaces(),
                    String.join(" ", health.problems()));
        }
    }

    /** Counts the versions for which another node was first. */
    private static final class CountingStore implements SigningKeyStore {
        private final SigningKeyStore store;
        private long lostRaces;

        CountingStore(SigningKeyStore store) {
            this.store = store;
        }

        @Override
        public Optional<StoredKeys> read() {
            return store.read();
        }

        @Override
        public boolean replace(StoredKeys next) {
            boolean stored = store.replace(next);
            lostRaces += stored ? 0 : 1;
            return stored;
        }

        long takeLostRaces() {
            long taken = lostRaces;
            lostRaces = 0;
            return taken;
        }
    }
}
