package io.dynamiccredentials.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.api.client.http.javanet.NetHttpTransport;
import com.google.auth.http.HttpTransportFactory;
import com.google.auth.oauth2.AccessToken;
import com.google.auth.oauth2.GoogleCredentials;
import com.google.auth.oauth2.IdentityPoolCredentials;
import io.dynamiccredentials.CredentialExchangeException;
import io.dynamiccredentials.Secret;
import io.dynamiccredentials.gcp.GcpProvider;
import io.dynamiccredentials.gcp.WorkloadIdentityProvider;
import io.dynamiccredentials.run.DynamicCredentials;
import io.dynamiccredentials.run.RunLease;
import io.dynamiccredentials.testkit.gcp.FakeGoogleCloud;
import io.dynamiccredentials.testkit.gcp.IamRole;
import io.dynamiccredentials.wire.BoundedHttpClient;
import io.dynamiccredentials.wire.HttpReply;
import io.dynamiccredentials.workload.TerraformRun;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A run's tools: Google's own library, unmodified, with nothing but the file that the run received. */
class GoogleToolsTest {
    private static final LoopbackTls TLS = LoopbackTls.create();
    private static final String POOL = "projects/123456789/locations/global/workloadIdentityPools/ci-pool";
    private static final String PROVIDER = POOL + "/providers/ci-issuer";
    private static final String EVERYBODY = "principalSet://iam.googleapis.com/" + POOL + "/*";
    private static final String ACCOUNT = "deploy@shop-prod.iam.gserviceaccount.com";
    private static final String HUB = "hub@hub.iam.gserviceaccount.com";
    private static final String TARGET = "target@shop-prod.iam.gserviceaccount.com";
    private static final String UNIVERSE = "cloud.example";
    private static final String CUSTOM_AUDIENCE = "https://ci.example";

    // Google's library looks at the system's clock.
    private final Clock clock = Clock.systemUTC();
    private final BoundedHttpClient http =
            BoundedHttpClient.builder().sslContext(TLS.clientContext()).build();
    private final TestIssuer issuer = TestIssuer.start(clock);
    private final FakeGoogleCloud google = FakeGoogleCloud.start(clock, TLS)
            .provider(WorkloadIdentityProvider.of(PROVIDER, issuer.url(), Runs.SUBJECTS))
            .provider(WorkloadIdentityProvider.builder(PROVIDER + "-custom", issuer.url())
                    .map("google.subject", "assertion.sub")
                    .subjectPattern(Runs.SUBJECTS)
                    .allowAudience(CUSTOM_AUDIENCE)
                    .build())
            .serviceAccount(ACCOUNT, EVERYBODY)
            .serviceAccount(HUB)
            .serviceAccount(TARGET)
            .grant(ACCOUNT, IamRole.TOKEN_CREATOR, EVERYBODY)
            .grant(HUB, IamRole.TOKEN_CREATOR, "serviceAccount:" + ACCOUNT)
            .grant(TARGET, IamRole.TOKEN_CREATOR, "serviceAccount:" + HUB);

    @TempDir
    Path directory;

    @AfterEach
    void stop() {
        google.close();
        issuer.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"GOOGLE_APPLICATION_CREDENTIALS", "CLOUDSDK_AUTH_CREDENTIAL_FILE_OVERRIDE"})
    void applicationDefault_serviceAccount_getsATokenThatWorks(String variable) throws Exception {
        try (RunLease lease = open(
                Runs.apply(),
                Map.of("TFC_GCP_WORKLOAD_PROVIDER_NAME", PROVIDER, "TFC_GCP_RUN_SERVICE_ACCOUNT_EMAIL", ACCOUNT))) {
            HttpReply reply = whoAmI(credentials(lease, variable).refreshAccessToken());

            assertThat(reply.status()).isEqualTo(200);
            assertThat(reply.body()).contains("\"principal\":\"" + ACCOUNT + '"');
        }
    }

    @Test
    void applicationDefault_workloadPool_getsATokenThatWorks() throws Exception {
        try (RunLease lease = open(
                Runs.plan(),
                Map.of("TFC_GCP_WORKLOAD_PROVIDER_NAME", PROVIDER, "TFC_GCP_PRINCIPAL_TYPE", "workload_pool"))) {
            GoogleCredentials credentials = credentials(lease, "GOOGLE_APPLICATION_CREDENTIALS");

            assertThat(credentials).isInstanceOf(IdentityPoolCredentials.class);
            assertThat(whoAmI(credentials.refreshAccessToken()).body())
                    .contains("/subject/" + Runs.plan().subject());
        }
    }

    @Test
    void applicationDefault_customAudience_getsATokenThatWorks() throws Exception {
        try (RunLease lease = open(
                Runs.plan(),
                Map.of(
                        "TFC_GCP_WORKLOAD_PROVIDER_NAME",
                        PROVIDER + "-custom",
                        "TFC_GCP_PRINCIPAL_TYPE",
                        "workload_pool",
                        "TFC_GCP_WORKLOAD_IDENTITY_AUDIENCE",
                        CUSTOM_AUDIENCE))) {
            assertThat(whoAmI(credentials(lease, "GOOGLE_APPLICATION_CREDENTIALS")
                                    .refreshAccessToken())
                            .status())
                    .isEqualTo(200);
        }
    }

    @Test
    void applicationDefault_universeAndLifetime_areUnderstood() throws Exception {
        try (RunLease lease = open(
                Runs.apply(),
                Map.of(
                        "TFC_GCP_WORKLOAD_PROVIDER_NAME",
                        PROVIDER,
                        "TFC_GCP_RUN_SERVICE_ACCOUNT_EMAIL",
                        ACCOUNT,
                        "DYNAMIC_CREDENTIALS_GCP_UNIVERSE",
                        UNIVERSE,
                        "DYNAMIC_CREDENTIALS_GCP_TOKEN_LIFETIME_SECONDS",
                        "1200"))) {
            GoogleCredentials credentials = credentials(lease, "GOOGLE_APPLICATION_CREDENTIALS");
            AccessToken token = credentials.refreshAccessToken();

            assertThat(credentials.getUniverseDomain()).isEqualTo(UNIVERSE);
            assertThat(Objects.requireNonNull(token.getExpirationTime()).toInstant())
                    .isBefore(clock.instant().plusSeconds(1201));
            assertThat(whoAmI(token).body()).contains("\"principal\":\"" + ACCOUNT + '"');
        }
    }

    @Test
    void accessToken_chainOfDelegation_worksAsItsEnd() throws Exception {
        try (RunLease lease = open(Runs.apply(), chain(ACCOUNT + "," + HUB))) {
            Map<String, Secret> variables = lease.environment().variables();
            String token = Objects.requireNonNull(variables.get("GOOGLE_OAUTH_ACCESS_TOKEN"))
                    .reveal();
            Path file = Path.of(Objects.requireNonNull(variables.get("CLOUDSDK_AUTH_ACCESS_TOKEN_FILE"))
                    .reveal());

            assertThat(file).hasContent(token);
            assertThatThrownBy(() -> credentials(lease, "GOOGLE_APPLICATION_CREDENTIALS"))
                    .isInstanceOf(Exception.class)
                    .isNotInstanceOf(NullPointerException.class);
            assertThat(whoAmI(new AccessToken(token, null)).body()).contains("\"principal\":\"" + TARGET + '"');
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {ACCOUNT, HUB, HUB + "," + ACCOUNT})
    void accessToken_brokenChain_isRefused(String delegates) {
        assertThatThrownBy(() -> open(Runs.apply(), chain(delegates)))
                .isInstanceOf(CredentialExchangeException.class)
                .hasMessageContainingAll(TARGET, "roles/iam.serviceAccountTokenCreator");
        assertThat(directory).isEmptyDirectory();
    }

    private static Map<String, String> chain(String delegates) {
        return Map.of(
                "TFC_GCP_WORKLOAD_PROVIDER_NAME",
                PROVIDER,
                "TFC_GCP_RUN_SERVICE_ACCOUNT_EMAIL",
                TARGET,
                "DYNAMIC_CREDENTIALS_GCP_DELEGATES",
                delegates);
    }

    @Test
    void open_runThatNobodyTrusts_leavesNothing() {
        assertThatThrownBy(() -> open(
                        Runs.ofOtherProject(),
                        Map.of("TFC_GCP_WORKLOAD_PROVIDER_NAME", PROVIDER, "TFC_GCP_PRINCIPAL_TYPE", "workload_pool")))
                .isInstanceOf(CredentialExchangeException.class);
        assertThat(directory).isEmptyDirectory();
        assertThat(google.live()).isEmpty();
    }

    private RunLease open(TerraformRun run, Map<String, String> variables) {
        Map<String, String> all = new HashMap<>(variables);
        all.put("TFC_GCP_PROVIDER_AUTH", "true");
        return DynamicCredentials.builder(issuer)
                .provider(GcpProvider.builder()
                        .http(http)
                        .tokenUrl(google.tokenUrl())
                        .iamCredentialsUrl(google.address())
                        .allowUniverse(UNIVERSE)
                        .clock(clock)
                        .build())
                .directory(directory)
                .build()
                .open(run, all);
    }

    private static GoogleCredentials credentials(RunLease lease, String variable) throws IOException {
        Path file =
                Path.of(Objects.requireNonNull(lease.environment().variables().get(variable))
                        .reveal());
        HttpTransportFactory transport = () -> new NetHttpTransport.Builder()
                .setSslSocketFactory(TLS.clientContext().getSocketFactory())
                .build();
        try (InputStream in = Files.newInputStream(file)) {
            return GoogleCredentials.fromStream(in, transport);
        }
    }

    private HttpReply whoAmI(AccessToken token) throws Exception {
        return http.send(
                HttpRequest.newBuilder(google.whoAmI()).header("Authorization", "Bearer " + token.getTokenValue()));
    }
}
