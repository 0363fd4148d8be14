package io.dynamiccredentials.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.dynamiccredentials.Secret;
import io.dynamiccredentials.aws.AwsProvider;
import io.dynamiccredentials.azure.AzureProvider;
import io.dynamiccredentials.config.Delivery;
import io.dynamiccredentials.fixtures.SimulatedTime;
import io.dynamiccredentials.gcp.GcpProvider;
import io.dynamiccredentials.journal.FileLeaseJournal;
import io.dynamiccredentials.journal.LeaseFact;
import io.dynamiccredentials.journal.LeaseJournal;
import io.dynamiccredentials.journal.LeaseRecord;
import io.dynamiccredentials.run.DynamicCredentials;
import io.dynamiccredentials.run.LeaseEvent;
import io.dynamiccredentials.run.QuickDoor;
import io.dynamiccredentials.run.RunLease;
import io.dynamiccredentials.token.IdentityToken;
import io.dynamiccredentials.vault.VaultBackedProvider;
import io.dynamiccredentials.vault.VaultProvider;
import io.dynamiccredentials.wire.BoundedHttpClient;
import io.dynamiccredentials.workload.TerraformRun;
import io.dynamiccredentials.workload.Workload;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.HttpURLConnection;
import java.net.Proxy;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/**
 * Looks for secrets in all that is printed and left by random runs in which anything fails. The property
 * {@code dynamiccredentials.leak.runs} tells how many, and {@code dynamiccredentials.seed} repeats them, as far as
 * threads of theirs come in the same order.
 */
@Isolated("captures the log of everything in this JVM")
@Timeout(1800)
class RandomRunsLeakTest {
    private static final int RUNS = Integer.getInteger("dynamiccredentials.leak.runs", 300);
    private static final int OF_WHICH_OVER_HTTP = 10;

    @TempDir
    Path temporary;

    private final long seed = Long.getLong("dynamiccredentials.seed", new Random().nextLong());
    private final Map<String, Long> counts = new TreeMap<>();
    private final SimulatedTime time = new SimulatedTime();
    private final MemoryProvider memory = new MemoryProvider(time.clock());
    private final MirrorPlatforms mirror = new MirrorPlatforms(time.clock());
    private final LeakDetector detector = new LeakDetector();
    private Random random = new Random(seed);
    private Markers markers = new Markers(random);
    private int faultsOfTen;
    private int issued;
    private Path leases;
    private Path journals;
    private LeaseJournal journal;

    @BeforeEach
    void start() throws IOException {
        leases = Files.createDirectory(temporary.resolve("leases"));
        journals = Files.createDirectory(
                temporary.resolve("journals"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        journal = FileLeaseJournal.open(journals);
    }

    @AfterEach
    void stop() {
        detector.close();
        journal.close();
        mirror.close();
    }

    @Test
    void randomRuns_whateverFails_printAndLeaveNoSecret() throws Exception {
        List<DynamicCredentials> doors = List.of(door(Delivery.FILES), door(Delivery.BROKER), door(Delivery.VARIABLES));
        for (int run = 0; run < RUNS; run++) {
            begin(run);
            boolean overHttp = run % OF_WHICH_OVER_HTTP == 0;
            run(doors.get(random.nextInt(doors.size())), variables(overHttp), run);
            detector.printThreads();
            detector.printFiles(journals, true);
            detector.printCommandLine(ProcessHandle.current());
            assertThat(detector.leak()).as("run %d of seed %d", run, seed).isEmpty();
            assertThat(leases).as("run %d of seed %d", run, seed).isEmptyDirectory();
        }
        // Without these, runs that fail at once and logs that hear nothing would pass.
        assertThat(counts.keySet()).contains("opened", "refused", "closed", "renewed");
        assertThat(detector.loggers())
                .anyMatch(name -> name.startsWith("software.amazon.awssdk"))
                .anyMatch(name -> name.startsWith("com.azure"))
                .anyMatch(name -> name.startsWith("io.dynamiccredentials"))
                .contains("com.sun.net.httpserver");
        Files.createDirectories(Path.of("target"));
        Files.writeString(Path.of("target", "leak-runs.txt"), RUNS + " random runs leaked nothing: " + counts + "\n");
    }

    private void begin(int run) {
        random = new Random(seed + run);
        markers = new Markers(random);
        faultsOfTen = random.nextInt(4);
        memory.begin(random, markers, faultsOfTen);
        mirror.begin(random, markers, faultsOfTen);
    }

    private void run(DynamicCredentials door, Map<String, String> variables, int run) throws Exception {
        if (fails(40)) {
            Thread.currentThread().interrupt();
        }
        try (RunLease lease = door.open(
                TerraformRun.builder("acme", "shop", "prod", "run-" + run).build(), variables)) {
            count("opened");
            use(lease);
            close(lease);
        } catch (RuntimeException e) {
            count("refused");
            detector.print(e);
        } finally {
            Thread.interrupted();
        }
    }

    private void use(RunLease lease) throws Exception {
        look(lease);
        ask(lease);
        start(lease);
        time.pass(Duration.ofSeconds(random.nextInt(1500)));
        look(lease);
        detector.printFiles(journals, true);
    }

    /** Looks at whatever a host may print. */
    private void look(RunLease lease) throws IOException {
        detector.print(lease);
        detector.print(lease.environment());
        detector.print(lease.environment().variables());
        detector.print(lease.environment().files());
        detector.print(lease.environment().terraformInputsFile());
        detector.print(lease.provenance());
        detector.printFiles(leases, false);
        try (Stream<Path> files = Files.walk(leases)) {
            for (Path file : files.filter(each -> !each.equals(leases)).toList()) {
                boolean link = Files.isSymbolicLink(file);
                String mode = Files.isDirectory(file) ? "rwx------" : "rw-------";
                assertThat(link || Files.getPosixFilePermissions(file).equals(PosixFilePermissions.fromString(mode)))
                        .as("the mode of %s", file)
                        .isTrue();
            }
        }
    }

    /** Asks an endpoint of the run's as its tools do, and as nobody should. */
    private void ask(RunLease lease) throws IOException {
        Secret url = lease.environment().variables().get("AWS_CONTAINER_CREDENTIALS_FULL_URI");
        Secret bearer = lease.environment().variables().get("AWS_CONTAINER_AUTHORIZATION_TOKEN");
        if (url == null || bearer == null) {
            return;
        }
        String asked = url.reveal() + (random.nextBoolean() ? "?token=" + markers.text(60) : "");
        HttpURLConnection connection =
                (HttpURLConnection) URI.create(asked).toURL().openConnection(Proxy.NO_PROXY);
        connection.setRequestProperty("Authorization", random.nextBoolean() ? bearer.reveal() : markers.jwt());
        connection.setRequestProperty("X-" + markers.text(20), markers.text(50));
        count("asked " + connection.getResponseCode());
    }

    private void start(RunLease lease) throws Exception {
        ProcessBuilder builder = new ProcessBuilder("sleep", fails(2) ? "0" : "60").directory(temporary.toFile());
        switch (random.nextInt(60)) {
            case 0 -> builder.command("no-such-program");
            case 1 -> builder.environment().put("HOME", markers.text(30));
            case 2 ->
                builder.directory(
                        Files.createDirectories(temporary.resolve("work")).toFile());
            default -> {
                return;
            }
        }
        try {
            Process process = lease.start(builder);
            detector.printCommandLine(process.toHandle());
            process.onExit()
                    .completeOnTimeout(process, random.nextInt(20), TimeUnit.MILLISECONDS)
                    .join();
            detector.print(process);
            detector.print(builder.environment().keySet());
        } catch (IOException | RuntimeException e) {
            detector.print(e);
        }
    }

    private void close(RunLease lease) {
        try {
            lease.close();
            count("closed");
        } catch (RuntimeException e) {
            count("not closed");
            detector.print(e);
        }
        detector.print(lease);
        detector.print(lease.report());
    }

    private Map<String, String> variables(boolean overHttp) {
        Map<String, String> variables = new TreeMap<>();
        variables.put("DATABASE_PASSWORD", markers.text(20));
        variables.put("TF_VAR_key", markers.text(10) + "\n\"é" + markers.text(20));
        if (!overHttp) {
            variables.put("TFC_ACME_PROVIDER_AUTH", "true");
            return variables;
        }
        Map<String, String> all = platformVariables();
        for (String platform : List.of("VAULT", "AWS", "GCP", "AZURE")) {
            all.put("TFC_" + platform + "_PROVIDER_AUTH", String.valueOf(random.nextInt(3) > 0));
        }
        boolean vault = "true".equals(all.get("TFC_VAULT_PROVIDER_AUTH"));
        all.put("TFC_VAULT_BACKED_AWS_AUTH", String.valueOf(vault && random.nextBoolean()));
        all.put("TFC_VAULT_BACKED_AZURE_AUTH", String.valueOf(vault && random.nextBoolean()));
        variables.putAll(all);
        return variables;
    }

    private Map<String, String> platformVariables() {
        return new TreeMap<>(Map.ofEntries(
                Map.entry("TFC_AWS_RUN_ROLE_ARN", FourPlatforms.ROLE_ARN),
                Map.entry("TFC_GCP_WORKLOAD_PROVIDER_NAME", FourPlatforms.GCP_PROVIDER),
                Map.entry("TFC_GCP_RUN_SERVICE_ACCOUNT_EMAIL", FourPlatforms.SERVICE_ACCOUNT),
                Map.entry("TFC_AZURE_RUN_CLIENT_ID", FourPlatforms.CLIENT),
                Map.entry("ARM_TENANT_ID", FourPlatforms.TENANT),
                Map.entry("TFC_VAULT_ADDR", mirror.plain().toString()),
                Map.entry("TFC_VAULT_RUN_ROLE", "ci"),
                Map.entry("TFC_VAULT_BACKED_AWS_AUTH_TYPE", "iam_user"),
                Map.entry("TFC_VAULT_BACKED_AWS_RUN_VAULT_ROLE", "ci"),
                Map.entry("TFC_VAULT_BACKED_AZURE_RUN_VAULT_ROLE", "ci")));
    }

    private DynamicCredentials door(Delivery delivery) {
        BoundedHttpClient http = BoundedHttpClient.builder()
                .sslContext(FourPlatforms.TLS.clientContext())
                .build();
        VaultProvider vault = VaultProvider.builder(mirror.plain())
                .http(http)
                .clock(time.clock())
                .build();
        Delivery file = delivery == Delivery.VARIABLES ? Delivery.FILES : delivery;
        return QuickDoor.at(time, DynamicCredentials.builder(this::issue))
                .provider(memory)
                .provider(vault)
                .provider(VaultBackedProvider.aws(vault))
                .provider(VaultBackedProvider.azure(vault))
                .provider(AwsProvider.builder("eu-central-1")
                        .endpoint(mirror.plain())
                        .delivery(delivery)
                        .clock(time.clock())
                        .build())
                .provider(GcpProvider.builder()
                        .tokenUrl(URI.create(mirror.secure() + "/v1/token"))
                        .iamCredentialsUrl(mirror.secure())
                        .http(http)
                        .delivery(file)
                        .clock(time.clock())
                        .build())
                .provider(AzureProvider.builder()
                        .authorityHost(mirror.secure())
                        .http(http)
                        .delivery(file)
                        .clock(time.clock())
                        .build())
                .directory(leases)
                .journal(new FaultyJournal())
                .listener(this::hear)
                .secretSink(this::mask)
                .build();
    }

    private IdentityToken issue(Workload workload, String audience) {
        if (fails(30)) {
            throw new IllegalStateException("The signer is away");
        }
        return new IdentityToken(
                Secret.of(markers.jwt()),
                "https://ci.example",
                workload.subject(),
                audience,
                "token-" + ++issued,
                time.clock().instant(),
                time.clock().instant().plusSeconds(600));
    }

    private void mask(String runId, Set<Secret> forms) {
        detector.learn(forms);
        if (fails(60)) {
            throw new IllegalStateException("The masks of " + runId + " are full");
        }
    }

    private void hear(LeaseEvent event) {
        detector.print(event);
        if (event.kind() == LeaseEvent.Kind.REFRESHED) {
            count("renewed");
        }
        if (fails(20)) {
            throw new IllegalStateException("The audit log is full");
        }
    }

    private boolean fails(int once) {
        return random.nextInt(once) == 0 && faultsOfTen > 0;
    }

    private void count(String what) {
        counts.merge(what, 1L, Long::sum);
    }

    /** A journal whose disk is full now and then. */
    private final class FaultyJournal implements LeaseJournal {
        @Override
        public Entry begin(LeaseRecord lease) {
            Entry entry = journal.begin(lease);
            return new Entry() {
                @Override
                public void add(LeaseFact fact) {
                    detector.print(fact);
                    if (fails(40)) {
                        throw new UncheckedIOException(new IOException("No space left on device"));
                    }
                    entry.add(fact);
                }

                @Override
                public void end() {
                    entry.end();
                }
            };
        }

        @Override
        public TakenOver takeOver() {
            return journal.takeOver();
        }

        @Override
        public void close() {}
    }
}
