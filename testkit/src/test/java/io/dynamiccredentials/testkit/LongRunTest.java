package io.dynamiccredentials.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.dynamiccredentials.Secret;
import io.dynamiccredentials.aws.AwsProvider;
import io.dynamiccredentials.aws.AwsTrustPolicy;
import io.dynamiccredentials.azure.AzureProvider;
import io.dynamiccredentials.azure.FederatedIdentityCredential;
import io.dynamiccredentials.config.Delivery;
import io.dynamiccredentials.gcp.GcpProvider;
import io.dynamiccredentials.gcp.WorkloadIdentityProvider;
import io.dynamiccredentials.run.DynamicCredentials;
import io.dynamiccredentials.run.RunLease;
import io.dynamiccredentials.testkit.aws.FakeAws;
import io.dynamiccredentials.testkit.azure.FakeEntra;
import io.dynamiccredentials.testkit.gcp.FakeGoogleCloud;
import io.dynamiccredentials.testkit.vault.FakeVault;
import io.dynamiccredentials.vault.VaultJwtRole;
import io.dynamiccredentials.vault.VaultProvider;
import io.dynamiccredentials.vault.VaultTokenParameters;
import io.dynamiccredentials.wire.BoundedHttpClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/**
 * Processes that run more than five times longer than what they are given lives, in real time: sessions, access tokens
 * and Vault tokens of 5 seconds. Identity tokens live 12, since Google's STS takes none that has less than 3 left.
 *
 * <p>{@code -Dlong.run.seconds} lets them run longer than 26 seconds; with 61 also five times longer than an identity
 * token lives.
 */
@Isolated("Credentials live for seconds")
@Timeout(600)
class LongRunTest {
    private static final Duration LIFE = Duration.ofSeconds(5);
    private static final Duration TOKEN_LIFE = Duration.ofSeconds(12);
    private static final long RUN_SECONDS = Long.getLong("long.run.seconds", LIFE.toSeconds() * 5 + 1);

    /** Vault's tokens are replaced least often, each after 6 to 7 seconds. */
    private static final int FEWEST_CREDENTIALS = 4;

    private static final LoopbackTls TLS = FourPlatforms.TLS;
    private static final String PASSWORD = "loopback";
    private static final String AUDIENCE = "api://AzureADTokenExchange";

    private final Clock clock = Clock.systemUTC();

    // Issued in the past, so that they end soon: an issuer makes none that live less than a minute.
    private final TestIssuer issuer = TestIssuer.start(Clock.offset(clock, TOKEN_LIFE.minus(Duration.ofMinutes(10))));
    private final FakeAws aws = FakeAws.start(clock)
            .role(
                    FourPlatforms.ROLE_ARN,
                    new AwsTrustPolicy(issuer.url(), Set.of("aws.workload.identity"), Runs.SUBJECTS))
            .sessionsEndAfter(LIFE);
    private final FakeGoogleCloud google = FakeGoogleCloud.start(clock, TLS)
            .provider(WorkloadIdentityProvider.of(FourPlatforms.GCP_PROVIDER, issuer.url(), Runs.SUBJECTS))
            .serviceAccount(FourPlatforms.SERVICE_ACCOUNT, FourPlatforms.GCP_EVERYBODY)
            .accessTokensEndAfter(LIFE);
    private final FakeEntra entra = FakeEntra.start(clock, TLS)
            .tenant(FourPlatforms.TENANT)
            .application(
                    FourPlatforms.TENANT,
                    FourPlatforms.CLIENT,
                    FederatedIdentityCredential.exact(
                            "shop-prod-plan", issuer.url(), Runs.plan().subject(), AUDIENCE))
            .accessTokensEndAfter(LIFE);
    private final FakeVault vault = FakeVault.start(clock)
            .trust(issuer.url())
            .role(VaultJwtRole.builder("replaced", "sub")
                    .boundAudiences(Set.of("vault.workload.identity"))
                    .globs()
                    .boundClaim("sub", Runs.SUBJECTS)
                    .tokens(VaultTokenParameters.builder()
                            .ttl(LIFE)
                            .maxTtl(LIFE.plusSeconds(3))
                            .build())
                    .build())
            .role(VaultJwtRole.of("prolonged", Set.of("vault.workload.identity"), Runs.SUBJECTS, LIFE));

    @TempDir
    Path directory;

    @AfterEach
    void stop() {
        vault.close();
        entra.close();
        google.close();
        aws.close();
        issuer.close();
    }

    @Test
    void process_fiveTimesLongerThanItsCredentialsLive_neverFails() throws Exception {
        TLS.writeTrustStore(directory.resolve("trust.p12"), PASSWORD);
        try (RunLease brokered = open("brokered", Delivery.BROKER, Delivery.FILES, "replaced");
                RunLease filed = open("filed", Delivery.FILES, Delivery.VARIABLES, "prolonged")) {
            Process first = start(brokered, "brokered");
            Process second = start(filed, "filed");

            Map<String, Used> byBroker = read(first, "brokered");
            Map<String, Used> byFile = read(second, "filed");

            assertThat(byBroker).containsOnlyKeys("aws", "google", "azure", "vault");
            byBroker.forEach(LongRunTest::assertReplaced);
            assertThat(byFile).containsOnlyKeys("aws", "google", "azure", "vault");
            Used prolonged = Objects.requireNonNull(byFile.get("vault"));
            assertThat(prolonged.credentials()).isEqualTo(1);
            assertThat(prolonged.firstIsRefused()).isFalse();
            Stream.of("aws", "google", "azure")
                    .forEach(name -> assertReplaced(name, Objects.requireNonNull(byFile.get(name))));
            assertFakesAgree(List.of(byBroker, byFile));
        }
        assertThat(vault.live()).isEmpty();
    }

    /**
     * Nothing was refused but what each client tried in the end with its first credentials, and in the beginning the
     * one of AWS with keys that are none.
     */
    private void assertFakesAgree(List<Map<String, Used>> children) {
        assertThat(List.of(
                        aws.calls().refused(),
                        google.calls().refused(),
                        entra.calls().refused(),
                        vault.calls().refused()))
                .as("refusals of AWS, Google, Entra and Vault")
                .containsExactly(4, 2, 2, 1);
        assertThat(aws.handedOut().size()).isGreaterThanOrEqualTo(sum(children, "aws"));
        assertThat(google.handedOut().size()).isGreaterThanOrEqualTo(2 * sum(children, "google"));
        assertThat(entra.handedOut().size()).isGreaterThanOrEqualTo(sum(children, "azure"));
        assertThat(vault.handedOut().size()).isGreaterThanOrEqualTo(sum(children, "vault"));
        assertThat(vault.tokenRenewals()).isGreaterThanOrEqualTo((int) (RUN_SECONDS / LIFE.toSeconds()));
    }

    private static int sum(List<Map<String, Used>> children, String name) {
        return children.stream()
                .mapToInt(child -> Objects.requireNonNull(child.get(name)).credentials())
                .sum();
    }

    private static void assertReplaced(String name, Used used) {
        assertThat(used.calls()).as(name).isGreaterThan((int) RUN_SECONDS / 4);
        assertThat(used.credentials()).as(name).isGreaterThanOrEqualTo(FEWEST_CREDENTIALS);
        assertThat(used.firstIsRefused()).as(name).isTrue();
    }

    /** What a client says of its run. */
    private record Used(int calls, int credentials, boolean firstIsRefused) {}

    private Map<String, Used> read(Process process, String name) throws Exception {
        String output = new String(process.getInputStream().readAllBytes(), UTF_8);
        int status = process.waitFor();
        assertThat(status).as("%s%n%s", output, Files.readString(errors(name))).isZero();
        return output.lines()
                .map(line -> Arrays.asList(line.split(" ", -1)))
                .collect(Collectors.toMap(
                        words -> words.get(0),
                        words -> new Used(
                                Integer.parseInt(words.get(1)),
                                Integer.parseInt(words.get(2)),
                                words.get(3).equals("refused"))));
    }

    private Process start(RunLease lease, String name) throws IOException {
        Map<String, Secret> variables = lease.environment().variables();
        String home = Objects.requireNonNull(variables.get("HOME")).reveal();
        return lease.start(new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-Djavax.net.ssl.trustStore=" + directory.resolve("trust.p12"),
                        "-Djavax.net.ssl.trustStorePassword=" + PASSWORD,
                        // A JVM takes the account's home for its own, whatever HOME says.
                        "-Duser.home=" + home,
                        "-cp",
                        System.getProperty("java.class.path"),
                        LongRunningTool.class.getName(),
                        "" + RUN_SECONDS,
                        google.whoAmI().toString(),
                        entra.whoAmI().toString())
                .directory(
                        Files.createDirectory(directory.resolve("work-" + name)).toFile())
                .redirectError(errors(name).toFile()));
    }

    private Path errors(String name) {
        return directory.resolve("errors-" + name);
    }

    private RunLease open(String name, Delivery delivery, Delivery ofVault, String vaultRole) throws IOException {
        BoundedHttpClient http =
                BoundedHttpClient.builder().sslContext(TLS.clientContext()).build();
        return DynamicCredentials.builder(issuer)
                .provider(AwsProvider.builder("eu-central-1")
                        .endpoint(aws.address())
                        .delivery(delivery)
                        .build())
                .provider(GcpProvider.builder()
                        .tokenUrl(google.tokenUrl())
                        .iamCredentialsUrl(google.address())
                        .http(http)
                        .delivery(delivery)
                        .build())
                .provider(AzureProvider.builder()
                        .authorityHost(entra.address())
                        .http(http)
                        .delivery(delivery)
                        .build())
                .provider(
                        VaultProvider.builder(vault.address()).delivery(ofVault).build())
                .directory(Files.createDirectory(directory.resolve(name)))
                .build()
                .open(Runs.plan(), variables(vaultRole));
    }

    private Map<String, String> variables(String vaultRole) {
        return Map.ofEntries(
                Map.entry("TFC_AWS_PROVIDER_AUTH", "true"),
                Map.entry("TFC_AWS_RUN_ROLE_ARN", FourPlatforms.ROLE_ARN),
                Map.entry("TFC_GCP_PROVIDER_AUTH", "true"),
                Map.entry("TFC_GCP_WORKLOAD_PROVIDER_NAME", FourPlatforms.GCP_PROVIDER),
                Map.entry("TFC_GCP_RUN_SERVICE_ACCOUNT_EMAIL", FourPlatforms.SERVICE_ACCOUNT),
                Map.entry("TFC_AZURE_PROVIDER_AUTH", "true"),
                Map.entry("TFC_AZURE_RUN_CLIENT_ID", FourPlatforms.CLIENT),
                Map.entry("ARM_TENANT_ID", FourPlatforms.TENANT),
                Map.entry("TFC_VAULT_PROVIDER_AUTH", "true"),
                Map.entry("TFC_VAULT_ADDR", vault.address().toString()),
                Map.entry("TFC_VAULT_RUN_ROLE", vaultRole));
    }
}
