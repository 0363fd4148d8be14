package io.dynamiccredentials.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.dynamiccredentials.aws.AwsProvider;
import io.dynamiccredentials.aws.AwsTrustPolicy;
import io.dynamiccredentials.fixtures.Answer;
import io.dynamiccredentials.fixtures.ScriptedServer;
import io.dynamiccredentials.fixtures.ScriptedServer.Request;
import io.dynamiccredentials.gcp.GcpProvider;
import io.dynamiccredentials.gcp.WorkloadIdentityProvider;
import io.dynamiccredentials.run.DynamicCredentials;
import io.dynamiccredentials.run.RunLease;
import io.dynamiccredentials.testkit.aws.FakeAws;
import io.dynamiccredentials.testkit.gcp.FakeGoogleCloud;
import io.dynamiccredentials.wire.BoundedHttpClient;
import java.net.http.HttpRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Clock;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The real Terraform keeps its state with one identity, while its providers work with another. */
class TerraformStateTest {
    private static final String ROLE = "arn:aws:iam::123456789012:role/deploy";
    private static final String STATE_ROLE = "arn:aws:iam::123456789012:role/state";
    private static final LoopbackTls TLS = LoopbackTls.create();
    private static final BoundedHttpClient HTTP =
            BoundedHttpClient.builder().sslContext(TLS.clientContext()).build();
    private static final String POLICY = "{\"Version\":\"2012-10-17\",\"Statement\":[]}";
    private static final Pattern KEY_ID = Pattern.compile("Credential=(\\w+)/");

    private final TestIssuer issuer = TestIssuer.start(Clock.systemUTC());
    private final Map<String, String> objects = new ConcurrentHashMap<>();

    @TempDir
    private static Path directory;

    private Terraform terraform;

    @BeforeEach
    void find() throws Exception {
        terraform = Terraform.find(directory);
    }

    @AfterEach
    void stop() throws Exception {
        Terraform.unlink(directory);
        issuer.close();
    }

    @Test
    void s3_stateAndProviderOfOneRun_haveTheirOwnRoles() throws Exception {
        AwsTrustPolicy policy = new AwsTrustPolicy(issuer.url(), Set.of("aws.workload.identity"), Runs.SUBJECTS);
        Map<String, String> variables = Map.of(
                "TFC_AWS_PROVIDER_AUTH", "true",
                "TFC_AWS_RUN_ROLE_ARN", ROLE,
                "TFC_AWS_PROVIDER_AUTH_STATE", "true",
                "TFC_AWS_RUN_ROLE_ARN_STATE", STATE_ROLE,
                // The mark of its sessions.
                "DYNAMIC_CREDENTIALS_AWS_RUN_SESSION_POLICY_STATE", POLICY);
        try (ScriptedServer s3 = ScriptedServer.http(this::s3);
                FakeAws aws =
                        FakeAws.start(Clock.systemUTC()).role(ROLE, policy).role(STATE_ROLE, policy);
                RunLease lease = DynamicCredentials.builder(issuer)
                        .provider(AwsProvider.builder("eu-central-1")
                                .endpoint(aws.address())
                                .build())
                        .directory(Files.createTempDirectory(directory, "leases-"))
                        .stateBackend("STATE")
                        .build()
                        .open(
                                Runs.apply(),
                                and(
                                        variables,
                                        "AWS_ENDPOINT_URL_S3",
                                        s3.address().toString()))) {
            Path module = Terraform.module(directory, "s3-state.tf");
            terraform.run(lease, module, "init");
            terraform.run(lease, module, "apply", "-auto-approve");

            assertThat(objects.get("/states/shop.tfstate")).contains("assumed-role/deploy/run-1");
            assertThat(s3.requests()).isNotEmpty();
            for (Request request : s3.requests()) {
                assertThat(aws.session(keyId(request)).policy()).contains(POLICY);
            }
        }
    }

    @Test
    void gcs_onlyTheStateHasAnIdentity_providersFindNone() throws Exception {
        String pool = "projects/123456789/locations/global/workloadIdentityPools/ci-pool";
        Clock clock = Clock.systemUTC();
        Map<String, String> variables = Map.of(
                "TFC_GCP_PROVIDER_AUTH_STATE", "true",
                "TFC_GCP_WORKLOAD_PROVIDER_NAME_STATE", pool + "/providers/ci-issuer",
                "TFC_GCP_PRINCIPAL_TYPE_STATE", "workload_pool");
        try (ScriptedServer gcs = ScriptedServer.http(TerraformStateTest::gcs);
                FakeGoogleCloud google = FakeGoogleCloud.start(clock, TLS)
                        .provider(WorkloadIdentityProvider.of(
                                pool + "/providers/ci-issuer", issuer.url(), Runs.SUBJECTS));
                RunLease lease = DynamicCredentials.builder(issuer)
                        .provider(GcpProvider.builder()
                                .http(HTTP)
                                .tokenUrl(google.tokenUrl())
                                .iamCredentialsUrl(google.address())
                                .build())
                        .directory(Files.createTempDirectory(directory, "leases-"))
                        .hostEnvironment(Map.of(
                                "PATH",
                                System.getenv("PATH"),
                                "SSL_CERT_FILE",
                                certificate().toString()))
                        .stateBackend("STATE")
                        .build()
                        .open(Runs.plan(), variables)) {
            Path module = Terraform.module(directory, "gcs-state.tf");
            Path file = module.resolve("gcs-state.tf");
            Files.writeString(
                    file,
                    Files.readString(file)
                            .replace("http://127.0.0.1:1", gcs.address().toString()));
            terraform.run(lease, module, "init");

            assertThat(gcs.requests()).isNotEmpty();
            for (Request request : gcs.requests()) {
                assertThat(whoAmI(google, request))
                        .contains("/subject/" + Runs.plan().subject());
            }
            assertThat(lease.environment().variables())
                    .doesNotContainKeys("GOOGLE_APPLICATION_CREDENTIALS", "TF_VAR_tfc_gcp_dynamic_credentials");
        }
    }

    private static String whoAmI(FakeGoogleCloud google, Request request) throws Exception {
        String authorization = Objects.requireNonNull(request.headers().get("Authorization"));
        return HTTP.send(HttpRequest.newBuilder(google.whoAmI()).header("Authorization", authorization))
                .body();
    }

    /** Writes the certificate that Terraform has to trust. */
    private static Path certificate() throws Exception {
        Path store = directory.resolve("trust.p12");
        TLS.writeTrustStore(store, "changeit");
        KeyStore trusted = KeyStore.getInstance(store.toFile(), "changeit".toCharArray());
        String name = trusted.aliases().nextElement();
        String text = Base64.getMimeEncoder()
                .encodeToString(trusted.getCertificate(name).getEncoded());
        return Files.writeString(
                directory.resolve("trust.pem"),
                "-----BEGIN CERTIFICATE-----\n" + text + "\n-----END CERTIFICATE-----\n");
    }

    private static Answer gcs(Request request) {
        return switch (request.method()) {
            case "GET" ->
                request.path().contains("prefix=") ? Answer.json(200, "{\"items\": []}") : Answer.json(404, "{}");
            case "POST" -> Answer.json(200, "{\"bucket\": \"states\", \"name\": \"lock\", \"generation\": \"1\"}");
            default -> Answer.text(204, "");
        };
    }

    private Answer s3(Request request) {
        String path = request.path().replaceFirst("[?].*", "");
        if (request.method().equals("PUT")) {
            objects.put(path, request.body());
            return Answer.xml(200, "");
        }
        String object = objects.get(path);
        if (object != null) {
            return Answer.text(200, object);
        }
        return path.equals("/states")
                ? Answer.xml(200, "<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>")
                : Answer.xml(404, "<Error><Code>NoSuchKey</Code></Error>");
    }

    private static String keyId(Request request) {
        Matcher matcher = KEY_ID.matcher(
                Objects.requireNonNull(request.headers().get("Authorization"), "A request is not signed"));
        assertThat(matcher.find()).isTrue();
        return Objects.requireNonNull(matcher.group(1));
    }

    private static Map<String, String> and(Map<String, String> variables, String name, String value) {
        Map<String, String> all = new HashMap<>(variables);
        all.put(name, value);
        return all;
    }
}
