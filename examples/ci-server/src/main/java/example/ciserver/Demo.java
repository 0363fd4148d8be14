package example.ciserver;

import static java.time.temporal.ChronoUnit.SECONDS;

import com.sun.net.httpserver.HttpServer;
import io.dynamiccredentials.CredentialExchangeException;
import io.dynamiccredentials.IssuerUrl;
import io.dynamiccredentials.discovery.DiscoveryEndpoint;
import io.dynamiccredentials.discovery.JdkHttpDiscovery;
import io.dynamiccredentials.jwk.SigningAlgorithm;
import io.dynamiccredentials.keys.SigningKeys;
import io.dynamiccredentials.run.CloseReport;
import io.dynamiccredentials.run.DynamicCredentials;
import io.dynamiccredentials.run.RunLease;
import io.dynamiccredentials.testkit.HandedOut;
import io.dynamiccredentials.token.JwtTokenIssuer;
import io.dynamiccredentials.token.TokenIssuer;
import io.dynamiccredentials.wire.BoundedHttpClient;
import io.dynamiccredentials.workload.Phase;
import io.dynamiccredentials.workload.TerraformRun;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The main job: a plan and an apply of one workload on four platforms, from token to teardown, a stranger who is
 * refused, and a run with six configurations.
 *
 * <p>Everything is real but the platforms: tokens, discovery, SDKs, child processes, files. Exits with 1 if anything is
 * not as the table says.
 */
public final class Demo {
    private static final String WORKSPACE = "organization:acme:project:shop:workspace:prod";
    private static final Set<PosixFilePermission> OWNER_ONLY = PosixFilePermissions.fromString("rw-------");
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("HH:mm:ss").withZone(ZoneOffset.UTC);

    private final PrintStream out;
    private final FakePlatforms platforms;
    private final ManyConfigurations configurations;
    private final TokenIssuer issuer;
    private final Path leases;
    private final DynamicCredentials dynamicCredentials;
    private final ChildProgram child;
    private final Path workingDirectory;
    private final List<String> surprises = new ArrayList<>();

    private Demo(
            PrintStream out,
            FakePlatforms platforms,
            ManyConfigurations configurations,
            TokenIssuer issuer,
            Path leases,
            ChildProgram child,
            Path directory) {
        this.out = out;
        this.platforms = platforms;
        this.configurations = configurations;
        this.issuer = issuer;
        this.leases = leases;
        this.child = child;
        this.workingDirectory = directory;
        DynamicCredentials.Builder door = DynamicCredentials.builder(issuer).directory(leases);
        platforms.providers().forEach(door::provider);
        this.dynamicCredentials = door.build();
    }

    /** Runs the demo; the only argument is the folder into which {@code who-am-i} was built. */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        List<String> surprises = run(System.out, Path.of(arguments[0]));
        System.exit(surprises.isEmpty() ? 0 : 1);
    }

    /** Runs the demo, prints its table to {@code out} and returns everything that was not as it should be. */
    static List<String> run(PrintStream out, Path whoAmI) throws IOException, InterruptedException {
        HttpServer web = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        IssuerUrl issuer =
                IssuerUrl.loopback("http://127.0.0.1:" + web.getAddress().getPort());
        SigningKeys keys = SigningKeys.generate(SigningAlgorithm.RS256);
        web.createContext("/.well-known/", JdkHttpDiscovery.of(DiscoveryEndpoint.of(issuer, keys)));
        web.start();
        Path scratch = Files.createTempDirectory("demo");
        try (FakePlatforms platforms = FakePlatforms.start(issuer, WORKSPACE);
                ManyConfigurations configurations = ManyConfigurations.start(issuer, WORKSPACE)) {
            Path trustStore = scratch.resolve("trust.p12");
            platforms.tls().writeTrustStore(trustStore, ChildProgram.TRUST_STORE_PASSWORD);
            TokenIssuer tokens = JwtTokenIssuer.builder(issuer, keys).build();
            Path leases = Files.createDirectory(scratch.resolve("leases"));
            out.println("Issuer " + issuer + ", key "
                    + keys.active(Instant.now()).key().publicJwk().keyId());
            Path workspace = Files.createDirectory(scratch.resolve("workspace"));
            ChildProgram child = new ChildProgram(whoAmI, trustStore);
            return new Demo(out, platforms, configurations, tokens, leases, child, workspace).run();
        } finally {
            web.stop(0);
            delete(scratch);
        }
    }

    private List<String> run() throws IOException, InterruptedException {
        phase(run("shop", Phase.PLAN), "planner");
        phase(run("shop", Phase.APPLY), "deployer");
        stranger(run("bank", Phase.PLAN));
        severalConfigurations(run("shop", Phase.PLAN));
        surprises.forEach(surprise -> out.println("NOT AS EXPECTED: " + surprise));
        out.println(
                surprises.isEmpty()
                        ? "All is as expected: each session, token and file is what the table says."
                        : surprises.size() + " things are not as expected.");
        return surprises;
    }

    private void phase(TerraformRun run, String role) throws IOException, InterruptedException {
        Map<String, String> variables = new HashMap<>();
        platforms.variables().values().forEach(variables::putAll);
        RunLease lease = dynamicCredentials.open(run, variables);
        List<Path> files = lease.environment().files();
        String vaultToken = Objects.requireNonNull(
                        lease.environment().variables().get("VAULT_TOKEN"))
                .reveal();
        Map<String, String> identities;
        try (lease) {
            for (Path file : files) {
                expect(
                        file.getFileName() + " is 0600",
                        Files.getPosixFilePermissions(file).equals(OWNER_ONLY));
            }
            identities = child.whoAmI(lease, workingDirectory);
            expect("Vault honours the token while the run lasts", lookup(vaultToken) == 200);
        }
        expect("the child is who its phase's roles say", identities.equals(platforms.identities(role, run.runId())));

        heading(run.phase().id() + " of " + run.runId(), run.subject());
        Table table = new Table();
        table.row("PLATFORM", "THE CHILD PROCESS WAS", "AFTER CLOSE, THE PLATFORM SAYS");
        identities.forEach((platform, identity) -> table.row(platform, identity, afterwards(platform, run)));
        table.row("files", files.size() + " files, 0600", filesGone(files) ? "gone" : "STILL THERE");
        table.row("tokens", "4 identity tokens", "whoever has a copy may trade it until " + lastToken(lease.report()));
        table.print(out);
        expect("Vault refuses the token after close", lookup(vaultToken) == 403);
        report(lease.report());
    }

    /** Asks the platform itself, not the report, what it would still honour. */
    private String afterwards(String platform, TerraformRun run) {
        Optional<Instant> last = platforms.live().getOrDefault(platform, List.of()).stream()
                .filter(handedOut -> handedOut.subject().equals(run.subject()))
                .map(HandedOut::expiresAt)
                .max(Comparator.naturalOrder());
        expect(platform + " sessions live on, Vault tokens do not", last.isPresent() != platform.equals("Vault"));
        return last.map(end -> "a session lives until " + TIME.format(end.truncatedTo(SECONDS)) + " UTC")
                .orElse("dead");
    }

    private boolean filesGone(List<Path> files) {
        boolean gone = files.stream().noneMatch(Files::exists)
                && files.stream().noneMatch(file -> Files.exists(file.getParent()));
        expect("the files are gone", gone && !files.isEmpty());
        return gone;
    }

    private static String lastToken(CloseReport report) {
        return report.items().stream()
                .filter(item -> item.thing() == CloseReport.Thing.IDENTITY_TOKEN)
                .flatMap(item -> item.until().stream())
                .max(Comparator.naturalOrder())
                .map(end -> TIME.format(end) + " UTC")
                .orElse("never");
    }

    private void report(CloseReport report) {
        long failed = report.items().stream()
                .filter(item -> item.outcome() == CloseReport.Outcome.FAILED)
                .count();
        expect("nothing failed at close", failed == 0);
        long revoked = report.items().stream()
                .filter(item -> item.outcome() == CloseReport.Outcome.REVOKED)
                .count();
        expect("exactly the Vault token was revoked", revoked == 1);
    }

    private void stranger(TerraformRun run) {
        heading("a run of another project asks for the same roles", run.subject());
        Table table = new Table();
        table.row("PLATFORM", "REFUSED WITH", "REMEDY");
        platforms.variables().forEach((platform, variables) -> {
            try (RunLease lease = dynamicCredentials.open(run, variables)) {
                expect(platform + " refuses a stranger, not " + lease, false);
            } catch (CredentialExchangeException e) {
                expect(platform + " names itself", e.platform().equals(platform));
                expect(platform + " says it is a refusal", e.kind() == CredentialExchangeException.Kind.REFUSED);
                table.row(
                        platform,
                        e.code().map(code -> code + ", ").orElse("") + "HTTP "
                                + e.status().orElse(0),
                        e.remedy());
            }
        });
        table.print(out);
    }

    /** One run that asks for three roles of AWS, two namespaces of Vault, and a role of AWS through Vault. */
    private void severalConfigurations(TerraformRun run) throws IOException, InterruptedException {
        heading("a run with six configurations", run.subject());
        DynamicCredentials.Builder door = DynamicCredentials.builder(issuer).directory(leases);
        configurations.providers().forEach(door::provider);
        Map<String, String> identities;
        RunLease lease = door.build().open(run, configurations.variables());
        try (lease) {
            identities = child.whoAreWe(lease, workingDirectory);
            expect("three Vault tokens live while the run lasts", liveTokens() == 3);
        }
        Table table = new Table();
        table.row("CONFIGURATION", "THE CHILD IS");
        Map<String, String> expected = configurations.identities(run.runId());
        expect("the child has six identities", identities.keySet().equals(expected.keySet()));
        identities.forEach((configuration, identity) -> {
            expect(
                    configuration + " is who its role says",
                    identity.startsWith(expected.getOrDefault(configuration, "nobody")));
            table.row(configuration, identity);
        });
        table.print(out);
        expect("no Vault token lives after close", liveTokens() == 0);
        expect(
                "nothing failed at close",
                lease.report().items().stream().noneMatch(item -> item.outcome() == CloseReport.Outcome.FAILED));
    }

    private int liveTokens() {
        return configurations.liveVaultTokens().size();
    }

    private int lookup(String vaultToken) throws IOException, InterruptedException {
        URI address = URI.create(platforms.vault().address() + "/v1/auth/token/lookup-self");
        return BoundedHttpClient.builder()
                .build()
                .send(HttpRequest.newBuilder(address).header("X-Vault-Token", vaultToken))
                .status();
    }

    private void heading(String what, String subject) {
        out.println();
        out.println(what + "  (" + subject + ")");
    }

    private void expect(String what, boolean holds) {
        if (!holds) {
            surprises.add(what);
        }
    }

    private static TerraformRun run(String project, Phase phase) {
        return TerraformRun.builder("acme", project, "prod", "run-" + project + "-" + phase.id())
                .phase(phase)
                .build();
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> all = Files.walk(directory)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
