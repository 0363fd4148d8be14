package io.dynamiccredentials.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.dynamiccredentials.Secret;
import io.dynamiccredentials.aws.AwsProvider;
import io.dynamiccredentials.aws.AwsTrustPolicy;
import io.dynamiccredentials.run.DynamicCredentials;
import io.dynamiccredentials.run.RunLease;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.auth.credentials.AnonymousCredentialsProvider;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.sts.StsClient;
import software.amazon.awssdk.services.sts.auth.StsWebIdentityTokenFileCredentialsProvider;

/** The environment of a run, used by the official SDK as it is. The clock is the system's, which the SDK goes by. */
class AwsToolsTest {
    private static final String ROLE = "arn:aws:iam::123456789012:role/deploy";
    private static final String ASSUMED = "arn:aws:sts::123456789012:assumed-role/deploy/run-1";
    private static final Map<String, String> VARIABLES =
            Map.of("TFC_AWS_PROVIDER_AUTH", "true", "TFC_AWS_RUN_ROLE_ARN", ROLE);

    private final TestIssuer issuer = TestIssuer.start(Clock.systemUTC());
    private final FakeAws aws = FakeAws.builder(issuer.url(), Clock.systemUTC())
            .role(ROLE, new AwsTrustPolicy(issuer.url(), Set.of("aws.workload.identity"), Runs.SUBJECTS))
            .start();

    @TempDir
    private Path directory;

    @AfterEach
    void stop() {
        aws.close();
        issuer.close();
    }

    @Test
    void tokenFile_providerOfTheSdk_assumesTheRoleItself() {
        AwsProvider provider = provider().build();
        try (RunLease lease = door(provider).open(Runs.plan(), VARIABLES)) {
            Map<String, Secret> variables = lease.environment().variables();
            try (StsClient anonymous = StsClient.builder()
                            .region(Region.of(reveal(variables, "AWS_REGION")))
                            .endpointOverride(aws.address())
                            .httpClientBuilder(UrlConnectionHttpClient.builder())
                            .credentialsProvider(AnonymousCredentialsProvider.create())
                            .build();
                    StsWebIdentityTokenFileCredentialsProvider credentials =
                            StsWebIdentityTokenFileCredentialsProvider.builder()
                                    .stsClient(anonymous)
                                    .roleArn(reveal(variables, "AWS_ROLE_ARN"))
                                    .roleSessionName(reveal(variables, "AWS_ROLE_SESSION_NAME"))
                                    .webIdentityTokenFile(Path.of(reveal(variables, "AWS_WEB_IDENTITY_TOKEN_FILE")))
                                    .build();
                    StsClient signed = StsClient.builder()
                            .region(Region.EU_CENTRAL_1)
                            .endpointOverride(aws.address())
                            .httpClientBuilder(UrlConnectionHttpClient.builder())
                            .credentialsProvider(credentials)
                            .build()) {
                assertThat(signed.getCallerIdentity().arn()).isEqualTo(ASSUMED);
            }
            // One session for the host, which proved the role, and one that the tool asked for.
            assertThat(aws.live()).hasSize(2);
        }
    }

    @Test
    void tokenFile_defaultChainInAProcessOfItsOwn_worksWithoutSettings() throws Exception {
        AwsProvider provider = provider().build();
        try (RunLease lease = door(provider).open(Runs.plan(), VARIABLES)) {
            assertThat(run(lease)).isEqualTo(ASSUMED);
            assertThat(aws.live()).hasSize(2);
        }
    }

    @Test
    void sessionVariables_defaultChainInAProcessOfItsOwn_worksWithoutSettings() throws Exception {
        AwsProvider provider = provider().sessionVariables().build();
        try (RunLease lease = door(provider).open(Runs.plan(), VARIABLES)) {
            assertThat(run(lease)).isEqualTo(ASSUMED);
            assertThat(aws.live()).hasSize(1);
        }
    }

    /** What a tool does that knows nothing of this library. */
    static final class WhoAmI {
        private WhoAmI() {}

        public static void main(String[] arguments) {
            try (StsClient client = StsClient.create()) {
                System.out.print(client.getCallerIdentity().arn());
            }
        }
    }

    private String run(RunLease lease) throws Exception {
        Path work = java.nio.file.Files.createDirectory(directory.resolve("work"));
        Process process = lease.start(new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        WhoAmI.class.getName())
                .directory(work.toFile())
                .redirectError(ProcessBuilder.Redirect.DISCARD));
        String output = new String(process.getInputStream().readAllBytes(), UTF_8);
        assertThat(process.waitFor()).isZero();
        return output.lines().reduce("", (first, last) -> last);
    }

    private AwsProvider.Builder provider() {
        return AwsProvider.builder("eu-central-1").endpoint(aws.address());
    }

    private DynamicCredentials door(AwsProvider provider) {
        return DynamicCredentials.builder(issuer)
                .provider(provider)
                .directory(directory)
                .build();
    }

    private static String reveal(Map<String, Secret> variables, String name) {
        Secret value = variables.get(name);
        assertThat(value).as(name).isNotNull();
        return value == null ? "" : value.reveal();
    }
}
