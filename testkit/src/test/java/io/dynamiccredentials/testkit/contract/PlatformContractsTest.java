package io.dynamiccredentials.testkit.contract;

import io.dynamiccredentials.aws.AwsProvider;
import io.dynamiccredentials.aws.AwsSessionCredentials;
import io.dynamiccredentials.aws.AwsSts;
import io.dynamiccredentials.aws.AwsTrustPolicy;
import io.dynamiccredentials.aws.AwsWebIdentityExchanger;
import io.dynamiccredentials.azure.AzureAccessCredentials;
import io.dynamiccredentials.azure.AzureFederatedExchanger;
import io.dynamiccredentials.azure.AzureProvider;
import io.dynamiccredentials.azure.FederatedIdentityCredential;
import io.dynamiccredentials.config.CredentialProvider;
import io.dynamiccredentials.exchange.CredentialExchanger;
import io.dynamiccredentials.exchange.Credentials;
import io.dynamiccredentials.gcp.GcpAccessCredentials;
import io.dynamiccredentials.gcp.GcpProvider;
import io.dynamiccredentials.gcp.GcpWorkloadIdentityExchanger;
import io.dynamiccredentials.gcp.WorkloadIdentityProvider;
import io.dynamiccredentials.testkit.FakePlatform;
import io.dynamiccredentials.testkit.FourPlatforms;
import io.dynamiccredentials.testkit.Runs;
import io.dynamiccredentials.testkit.SecretSource;
import io.dynamiccredentials.testkit.TestIssuer;
import io.dynamiccredentials.testkit.aws.FakeAws;
import io.dynamiccredentials.testkit.azure.FakeEntra;
import io.dynamiccredentials.testkit.gcp.FakeGoogleCloud;
import io.dynamiccredentials.testkit.vault.FakeVault;
import io.dynamiccredentials.token.IdentityToken;
import io.dynamiccredentials.token.TokenIssuer;
import io.dynamiccredentials.vault.VaultJwtExchanger;
import io.dynamiccredentials.vault.VaultJwtRole;
import io.dynamiccredentials.vault.VaultProvider;
import io.dynamiccredentials.vault.VaultTokenCredentials;
import io.dynamiccredentials.wire.BoundedHttpClient;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;

/** The contracts, held by the exchangers and providers of the four platforms. */
class PlatformContractsTest {
    private static final BoundedHttpClient HTTP = BoundedHttpClient.builder()
            .sslContext(FourPlatforms.TLS.clientContext())
            .build();
    /** The port of discard, where nothing listens. */
    private static final String NOBODY = "127.0.0.1:9";

    private static final String ROLE = "arn:aws:iam::123456789012:role/ci";
    private static final String PROVIDER =
            "projects/1234567890/locations/global/workloadIdentityPools/ci-pool/providers/ci-1";
    private static final String ACCOUNT = "ci@shop-prod.iam.gserviceaccount.com";
    private static final String TENANT = "11111111-2222-4333-8444-555555555555";
    private static final String CLIENT = "aaaaaaaa-0000-4000-8000-000000000001";
    private static final Set<String> AWS_AUDIENCES = Set.of("aws.workload.identity");
    private static final Set<String> VAULT_AUDIENCES = Set.of("vault.workload.identity");

    private static FakeAws trust(FakeAws aws, TestIssuer issuer) {
        return aws.role(ROLE, new AwsTrustPolicy(issuer.url(), AWS_AUDIENCES, Runs.SUBJECTS));
    }

    private static FakeGoogleCloud trust(FakeGoogleCloud google, TestIssuer issuer) {
        return google.provider(WorkloadIdentityProvider.of(PROVIDER, issuer.url(), Runs.SUBJECTS))
                .serviceAccount(
                        ACCOUNT,
                        "principalSet://iam.googleapis.com/projects/1234567890/locations/global/workloadIdentityPools/ci-pool/*");
    }

    private static FakeEntra trust(FakeEntra entra, TestIssuer issuer) {
        return entra.tenant(TENANT)
                .application(
                        TENANT,
                        CLIENT,
                        FederatedIdentityCredential.exact(
                                "plan", issuer.url(), Runs.plan().subject(), "api://AzureADTokenExchange"));
    }

    private static FakeVault trust(FakeVault vault, TestIssuer issuer) {
        return vault.trust(issuer.url())
                .role(VaultJwtRole.of("ci", VAULT_AUDIENCES, Runs.SUBJECTS, Duration.ofMinutes(20)));
    }

    private static boolean isLive(FakePlatform platform, Credentials credentials) {
        return platform.live().stream()
                .anyMatch(live -> live.principal().equals(credentials.principal())
                        && live.expiresAt().equals(credentials.expiresAt()));
    }

    /** An exchanger whose platform is a fake that trusts the runs of one workspace. */
    abstract static class OfAFake<C extends Credentials> extends CredentialExchangerContract<C> {
        protected final TestIssuer issuer = TestIssuer.start(clock);

        abstract FakePlatform platform();

        @AfterEach
        void stop() {
            platform().close();
            issuer.close();
        }

        @Override
        protected final IdentityToken goodToken(String audience) {
            return issuer.issue(Runs.plan(), audience);
        }

        @Override
        protected final IdentityToken badToken(String audience) {
            return issuer.issue(Runs.ofOtherProject(), audience);
        }

        @Override
        protected final boolean honours(C credentials) {
            return isLive(platform(), credentials);
        }
    }

    @Nested
    class OfAws extends OfAFake<AwsSessionCredentials> {
        private final FakeAws aws = trust(FakeAws.start(clock), issuer);

        @Override
        FakePlatform platform() {
            return aws;
        }

        @Override
        protected CredentialExchanger<AwsSessionCredentials> exchanger() {
            return exchanger(aws.address());
        }

        @Override
        protected CredentialExchanger<AwsSessionCredentials> unreachable() {
            return exchanger(URI.create("http://" + NOBODY));
        }

        private CredentialExchanger<AwsSessionCredentials> exchanger(URI address) {
            return AwsWebIdentityExchanger.builder(
                            ROLE,
                            AwsSts.builder("eu-central-1").endpoint(address).build())
                    .clock(clock)
                    .build();
        }
    }

    @Nested
    class OfGoogleCloud extends OfAFake<GcpAccessCredentials> {
        private final FakeGoogleCloud google = trust(FakeGoogleCloud.start(clock, FourPlatforms.TLS), issuer);

        @Override
        FakePlatform platform() {
            return google;
        }

        @Override
        protected CredentialExchanger<GcpAccessCredentials> exchanger() {
            return exchanger(google.tokenUrl(), google.address());
        }

        @Override
        protected CredentialExchanger<GcpAccessCredentials> unreachable() {
            URI nobody = URI.create("https://" + NOBODY);
            return exchanger(nobody.resolve("/v1/token"), nobody);
        }

        private CredentialExchanger<GcpAccessCredentials> exchanger(URI tokenUrl, URI iam) {
            return GcpWorkloadIdentityExchanger.builder(PROVIDER, HTTP)
                    .serviceAccount(ACCOUNT)
                    .tokenUrl(tokenUrl)
                    .iamCredentialsUrl(iam)
                    .clock(clock)
                    .build();
        }
    }

    @Nested
    class OfEntra extends OfAFake<AzureAccessCredentials> {
        private final FakeEntra entra = trust(FakeEntra.start(clock, FourPlatforms.TLS), issuer);

        @Override
        FakePlatform platform() {
            return entra;
        }

        @Override
        protected CredentialExchanger<AzureAccessCredentials> exchanger() {
            return exchanger(entra.address());
        }

        @Override
        protected CredentialExchanger<AzureAccessCredentials> unreachable() {
            return exchanger(URI.create("https://" + NOBODY));
        }

        private CredentialExchanger<AzureAccessCredentials> exchanger(URI address) {
            return AzureFederatedExchanger.builder(TENANT, CLIENT, HTTP)
                    .authorityHost(address)
                    .clock(clock)
                    .build();
        }
    }

    @Nested
    class OfVault extends OfAFake<VaultTokenCredentials> {
        private final FakeVault vault = trust(FakeVault.start(clock), issuer);

        @Override
        FakePlatform platform() {
            return vault;
        }

        @Override
        protected CredentialExchanger<VaultTokenCredentials> exchanger() {
            return exchanger(vault.address());
        }

        @Override
        protected CredentialExchanger<VaultTokenCredentials> unreachable() {
            return exchanger(URI.create("http://" + NOBODY));
        }

        private CredentialExchanger<VaultTokenCredentials> exchanger(URI address) {
            return VaultJwtExchanger.builder(address, "ci", HTTP).clock(clock).build();
        }
    }

    /** A provider whose platform is a fake that trusts the runs of one workspace. */
    abstract static class OfAProvider extends CredentialProviderContract {
        protected final TestIssuer issuer = TestIssuer.start(clock);

        abstract FakePlatform platform();

        @AfterEach
        void stop() {
            platform().close();
            issuer.close();
        }

        @Override
        protected final TokenIssuer issuer() {
            return issuer;
        }

        @Override
        protected final SecretSource secrets() {
            return platform();
        }
    }

    @Nested
    class OfAwsProvider extends OfAProvider {
        private final FakeAws aws = trust(FakeAws.start(clock), issuer);

        @Override
        FakePlatform platform() {
            return aws;
        }

        @Override
        protected CredentialProvider provider() {
            return AwsProvider.builder("eu-central-1")
                    .endpoint(aws.address())
                    .clock(clock)
                    .build();
        }

        @Override
        protected Map<String, String> variables() {
            return Map.of("TFC_AWS_PROVIDER_AUTH", "true", "TFC_AWS_RUN_ROLE_ARN", ROLE);
        }
    }

    @Nested
    class OfGcpProvider extends OfAProvider {
        private final FakeGoogleCloud google = trust(FakeGoogleCloud.start(clock, FourPlatforms.TLS), issuer);

        @Override
        FakePlatform platform() {
            return google;
        }

        @Override
        protected CredentialProvider provider() {
            return GcpProvider.builder()
                    .tokenUrl(google.tokenUrl())
                    .iamCredentialsUrl(google.address())
                    .http(HTTP)
                    .clock(clock)
                    .build();
        }

        @Override
        protected Map<String, String> variables() {
            return Map.of(
                    "TFC_GCP_PROVIDER_AUTH", "true",
                    "TFC_GCP_WORKLOAD_PROVIDER_NAME", PROVIDER,
                    "TFC_GCP_RUN_SERVICE_ACCOUNT_EMAIL", ACCOUNT);
        }
    }

    @Nested
    class OfAzureProvider extends OfAProvider {
        private final FakeEntra entra = trust(FakeEntra.start(clock, FourPlatforms.TLS), issuer);

        @Override
        FakePlatform platform() {
            return entra;
        }

        @Override
        protected CredentialProvider provider() {
            return AzureProvider.builder()
                    .authorityHost(entra.address())
                    .http(HTTP)
                    .clock(clock)
                    .build();
        }

        @Override
        protected Map<String, String> variables() {
            return Map.of(
                    "TFC_AZURE_PROVIDER_AUTH", "true",
                    "TFC_AZURE_RUN_CLIENT_ID", CLIENT,
                    "ARM_TENANT_ID", TENANT);
        }
    }

    @Nested
    class OfVaultProvider extends OfAProvider {
        private final FakeVault vault = trust(FakeVault.start(clock), issuer);

        @Override
        FakePlatform platform() {
            return vault;
        }

        @Override
        protected CredentialProvider provider() {
            return VaultProvider.builder(vault.address()).clock(clock).build();
        }

        @Override
        protected Map<String, String> variables() {
            return Map.of(
                    "TFC_VAULT_PROVIDER_AUTH", "true",
                    "TFC_VAULT_ADDR", vault.address().toString(),
                    "TFC_VAULT_RUN_ROLE", "ci");
        }
    }
}
