package io.dynamiccredentials.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.dynamiccredentials.Secret;
import io.dynamiccredentials.aws.AwsProvider;
import io.dynamiccredentials.aws.AwsTrustPolicy;
import io.dynamiccredentials.config.Delivery;
import io.dynamiccredentials.run.DynamicCredentials;
import io.dynamiccredentials.run.RunLease;
import io.dynamiccredentials.testkit.aws.FakeAws;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.auth.credentials.AnonymousCredentialsProvider;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.regions.providers.DefaultAwsRegionProviderChain;
import software.amazon.awssdk.services.sts.StsClient;
import software.amazon.awssdk.services.sts.auth.StsWebIdentityTokenFileCredentialsProvider;

/** The environment of a run, used by the official SDK as it is. The clock is the system's, which the SDK goes by. */
class AwsToolsTest {
    private static final String ROLE = "arn:aws:iam::123456789012:role/deploy";
    private static final String TARGET = "arn:aws:iam::210987654321:role/teams/target";
    private static final String ASSUMED = "arn:aws:sts::123456789012:assumed-role/deploy/run-1";
    private static final Map<String, String> VARIABLES =
            Map.of("TFC_AWS_PROVIDER_AUTH", "true", "TFC_AWS_RUN_ROLE_ARN", ROLE);

    private final TestIssuer issuer = TestIssuer.start(Clock.systemUTC());
    private final FakeAws aws = FakeAws.start(Clock.systemUTC())
            .role(
                    ROLE,
                    new AwsTrustPolicy(issuer.url(), Set.of("aws.workload.identity"), Runs.SUBJECTS).withSessionTags())
            .chainedRole(TARGET, Set.of(ROLE), "acme:17/x=y");

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
    void variables_defaultChainInAProcessOfItsOwn_worksWithoutSettings() throws Exception {
        AwsProvider provider = provider().delivery(Delivery.VARIABLES).build();
        try (RunLease lease = door(provider).open(Runs.plan(), VARIABLES)) {
            assertThat(run(lease)).isEqualTo(ASSUMED);
            assertThat(aws.live()).hasSize(1);
        }
    }

    @Test
    void chainedRole_defaultChainInAProcessOfItsOwn_worksWithoutSettings() throws Exception {
        Map<String, String> variables = new TreeMap<>(VARIABLES);
        variables.put("DYNAMIC_CREDENTIALS_AWS_RUN_CHAINED_ROLE_ARN", TARGET);
        variables.put("DYNAMIC_CREDENTIALS_AWS_RUN_EXTERNAL_ID", "acme:17/x=y");
        variables.put("DYNAMIC_CREDENTIALS_AWS_SESSION_TAGS", "terraform_project_name");
        AwsProvider provider = provider().build();
        try (RunLease lease = door(provider).open(Runs.plan(), variables)) {
            assertThat(run(lease)).isEqualTo("arn:aws:sts::210987654321:assumed-role/target/run-1");
            // Two sessions for the host, which proved both roles, and two that the tool asked for.
            assertThat(aws.live()).hasSize(4);
        }
    }

    @Test
    void sessionPolicyInVariables_defaultChainInAProcessOfItsOwn_worksWithinIt() throws Exception {
        Map<String, String> variables = new TreeMap<>(VARIABLES);
        variables.put("DYNAMIC_CREDENTIALS_AWS_RUN_CHAINED_ROLE_ARN", TARGET);
        variables.put("DYNAMIC_CREDENTIALS_AWS_RUN_EXTERNAL_ID", "acme:17/x=y");
        variables.put("DYNAMIC_CREDENTIALS_AWS_RUN_SESSION_POLICY", "{\"Statement\":[]}");
        variables.put("DYNAMIC_CREDENTIALS_AWS_SESSION_TAGS", "terraform_project_name");
        AwsProvider provider = provider().delivery(Delivery.VARIABLES).build();
        try (RunLease lease = door(provider).open(Runs.plan(), variables)) {
            assertThat(run(lease)).isEqualTo("arn:aws:sts::210987654321:assumed-role/target/run-1");
            String key = reveal(lease.environment().variables(), "AWS_ACCESS_KEY_ID");
            assertThat(aws.session(key).policy()).hasValue("{\"Statement\":[]}");
            assertThat(aws.session(key).tags().all()).isEqualTo(Map.of("terraform_project_name", "shop"));
        }
    }

    @Test
    void sessionPolicyByTheBroker_defaultChainInAProcessOfItsOwn_worksWithinIt() throws Exception {
        Map<String, String> variables = new TreeMap<>(VARIABLES);
        variables.put("DYNAMIC_CREDENTIALS_AWS_RUN_CHAINED_ROLE_ARN", TARGET);
        variables.put("DYNAMIC_CREDENTIALS_AWS_RUN_EXTERNAL_ID", "acme:17/x=y");
        variables.put("DYNAMIC_CREDENTIALS_AWS_RUN_SESSION_POLICY", "{\"Statement\":[]}");
        variables.put("DYNAMIC_CREDENTIALS_AWS_SESSION_TAGS", "terraform_project_name");
        AwsProvider provider = provider().delivery(Delivery.BROKER).build();
        try (RunLease lease = door(provider).open(Runs.plan(), variables)) {
            assertThat(lease.environment().variables())
                    .containsKey("AWS_CONTAINER_CREDENTIALS_FULL_URI")
                    .doesNotContainKeys("AWS_ACCESS_KEY_ID", "AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_ROLE_ARN");

            String[] words = run(lease, Map.of("MY_KEY", "told")).split(" ", -1);

            assertThat(words[0]).isEqualTo("arn:aws:sts::210987654321:assumed-role/target/run-1");
            assertThat(aws.session(words[1]).policy()).hasValue("{\"Statement\":[]}");
            assertThat(aws.session(words[1]).tags().all()).isEqualTo(Map.of("terraform_project_name", "shop"));
            // The host's two sessions, and none that the tool could have asked for without the policy.
            assertThat(aws.live()).hasSize(2);
        }
    }

    @Test
    void taggedConfigurations_profileOfTheSdk_haveEachItsRole() throws Exception {
        Map<String, String> variables = new TreeMap<>(VARIABLES);
        variables.put("TFC_AWS_PROVIDER_AUTH_OTHER", "true");
        variables.put("TFC_AWS_RUN_ROLE_ARN_OTHER", ROLE);
        variables.put("DYNAMIC_CREDENTIALS_AWS_RUN_CHAINED_ROLE_ARN_OTHER", TARGET);
        variables.put("DYNAMIC_CREDENTIALS_AWS_RUN_EXTERNAL_ID_OTHER", "acme:17/x=y");
        AwsProvider provider = provider().build();
        try (RunLease lease = door(provider).open(Runs.plan(), variables)) {
            assertThat(lease.environment().variables()).doesNotContainKeys("AWS_ROLE_ARN", "AWS_REGION");
            assertThat(Path.of(reveal(lease.environment().variables(), "AWS_CONFIG_FILE")))
                    .doesNotExist();
            Path config = lease.environment().files().stream()
                    .filter(file -> file.endsWith("aws-config_OTHER"))
                    .findFirst()
                    .orElseThrow();
            assertThat(run(lease, Map.of("MY_CONFIG", config.toString())))
                    .isEqualTo("arn:aws:sts::210987654321:assumed-role/target/run-1 eu-central-1");
        }
    }

    /** What a tool does that knows nothing of this library. */
    static final class WhoAmI {
        private WhoAmI() {}

        public static void main(String[] arguments) {
            String config = System.getenv("MY_CONFIG");
            if (config != null) {
                // What a Terraform configuration does that is told of several files.
                System.setProperty("aws.configFile", config);
                System.out.print(whoAmI() + " " + new DefaultAwsRegionProviderChain().getRegion());
            } else if (System.getenv("MY_KEY") != null) {
                System.out.print(whoAmI() + " "
                        + DefaultCredentialsProvider.builder()
                                .build()
                                .resolveCredentials()
                                .accessKeyId());
            } else {
                System.out.print(whoAmI());
            }
        }

        private static String whoAmI() {
            try (StsClient client = StsClient.create()) {
                return client.getCallerIdentity().arn();
            }
        }
    }

    private String run(RunLease lease) throws Exception {
        return run(lease, Map.of());
    }

    private String run(RunLease lease, Map<String, String> own) throws Exception {
        Path work = java.nio.file.Files.createDirectory(directory.resolve("work"));
        ProcessBuilder builder = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        WhoAmI.class.getName())
                .directory(work.toFile())
                .redirectError(ProcessBuilder.Redirect.DISCARD);
        builder.environment().putAll(own);
        Process process = lease.start(builder);
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
