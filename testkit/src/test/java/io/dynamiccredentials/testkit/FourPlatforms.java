package io.dynamiccredentials.testkit;

import static io.dynamiccredentials.testkit.vault.FakeVaultPolicy.Capability.READ;
import static io.dynamiccredentials.testkit.vault.FakeVaultPolicy.Capability.UPDATE;

import io.dynamiccredentials.aws.AwsProvider;
import io.dynamiccredentials.aws.AwsTrustPolicy;
import io.dynamiccredentials.azure.AzureProvider;
import io.dynamiccredentials.azure.FederatedIdentityCredential;
import io.dynamiccredentials.config.CredentialProvider;
import io.dynamiccredentials.config.Delivery;
import io.dynamiccredentials.gcp.GcpProvider;
import io.dynamiccredentials.gcp.WorkloadIdentityProvider;
import io.dynamiccredentials.run.DynamicCredentials;
import io.dynamiccredentials.testkit.aws.FakeAws;
import io.dynamiccredentials.testkit.azure.FakeEntra;
import io.dynamiccredentials.testkit.gcp.FakeGoogleCloud;
import io.dynamiccredentials.testkit.vault.FakeVault;
import io.dynamiccredentials.testkit.vault.FakeVaultAws;
import io.dynamiccredentials.testkit.vault.FakeVaultAzure;
import io.dynamiccredentials.testkit.vault.FakeVaultGcp;
import io.dynamiccredentials.vault.VaultJwtRole;
import io.dynamiccredentials.vault.VaultProvider;
import io.dynamiccredentials.wire.BoundedHttpClient;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/** The four fakes with a door to all of them, for tests that need the whole pipeline. */
public final class FourPlatforms implements AutoCloseable {
    public static final LoopbackTls TLS = LoopbackTls.create();
    static final String ROLE_ARN = "arn:aws:iam::123456789012:role/ci";
    static final String GCP_POOL = "projects/1234567890/locations/global/workloadIdentityPools/ci-pool";
    static final String GCP_EVERYBODY = "principalSet://iam.googleapis.com/" + GCP_POOL + "/*";
    static final String GCP_PROVIDER = GCP_POOL + "/providers/ci-1";
    static final String SERVICE_ACCOUNT = "ci@shop-prod.iam.gserviceaccount.com";
    static final String TENANT = "11111111-2222-4333-8444-555555555555";
    static final String CLIENT = "aaaaaaaa-0000-4000-8000-000000000001";

    final Clock clock = Clock.systemUTC();
    final TestIssuer issuer = TestIssuer.start(clock);
    final FakeAws aws = FakeAws.start(clock)
            .role(ROLE_ARN, new AwsTrustPolicy(issuer.url(), Set.of("aws.workload.identity"), Runs.SUBJECTS));
    final FakeGoogleCloud google = FakeGoogleCloud.start(clock, TLS)
            .provider(WorkloadIdentityProvider.of(GCP_PROVIDER, issuer.url(), Runs.SUBJECTS))
            .serviceAccount(SERVICE_ACCOUNT, GCP_EVERYBODY);
    final FakeEntra entra = FakeEntra.start(clock, TLS)
            .tenant(TENANT)
            .application(
                    TENANT,
                    CLIENT,
                    FederatedIdentityCredential.exact(
                            "shop-prod-plan", issuer.url(), Runs.plan().subject(), "api://AzureADTokenExchange"));
    final FakeVault vault = FakeVault.start(clock)
            .trust(issuer.url())
            .role(VaultJwtRole.of("ci", Set.of("vault.workload.identity"), Runs.SUBJECTS, Duration.ofMinutes(20)))
            .engine(FakeVaultAws.builder()
                    .iamUser("ci", Duration.ofHours(1))
                    .keysOf(aws, "123456789012")
                    .build())
            .engine(FakeVaultGcp.builder(clock).roleset("ci").build())
            .engine(FakeVaultAzure.builder().role("ci", Duration.ofHours(1)).build())
            .permit("+/*", READ, UPDATE);

    /** Returns what a host would configure for the real platforms, with the fakes' addresses in their place. */
    List<CredentialProvider> providers() {
        BoundedHttpClient http =
                BoundedHttpClient.builder().sslContext(TLS.clientContext()).build();
        return List.of(
                VaultProvider.builder(vault.address()).build(),
                AwsProvider.builder("eu-central-1")
                        .endpoint(aws.address())
                        .delivery(Delivery.VARIABLES)
                        .build(),
                GcpProvider.builder()
                        .tokenUrl(google.tokenUrl())
                        .iamCredentialsUrl(google.address())
                        .http(http)
                        .build(),
                AzureProvider.builder()
                        .authorityHost(entra.address())
                        .http(http)
                        .build());
    }

    /** Returns a door to all four, whose leases have their files below {@code directory}. */
    DynamicCredentials door(Path directory) {
        DynamicCredentials.Builder door = DynamicCredentials.builder(issuer).directory(directory);
        providers().forEach(door::provider);
        return door.build();
    }

    /** Returns the variables that turn all four on, to be changed by a test. */
    Map<String, String> variables() {
        return new HashMap<>(Map.ofEntries(
                Map.entry("TFC_AWS_PROVIDER_AUTH", "true"),
                Map.entry("TFC_AWS_RUN_ROLE_ARN", ROLE_ARN),
                Map.entry("TFC_GCP_PROVIDER_AUTH", "true"),
                Map.entry("TFC_GCP_WORKLOAD_PROVIDER_NAME", GCP_PROVIDER),
                Map.entry("TFC_GCP_RUN_SERVICE_ACCOUNT_EMAIL", SERVICE_ACCOUNT),
                Map.entry("TFC_AZURE_PROVIDER_AUTH", "true"),
                Map.entry("TFC_AZURE_RUN_CLIENT_ID", CLIENT),
                Map.entry("ARM_TENANT_ID", TENANT),
                Map.entry("TFC_VAULT_PROVIDER_AUTH", "true"),
                Map.entry("TFC_VAULT_ADDR", vault.address().toString()),
                Map.entry("TFC_VAULT_RUN_ROLE", "ci")));
    }

    /** Returns all credentials that one of the four would honour now. */
    List<HandedOut> live() {
        return Stream.of(aws.live(), google.live(), entra.live(), vault.live())
                .flatMap(List::stream)
                .toList();
    }

    @Override
    public void close() {
        vault.close();
        entra.close();
        google.close();
        aws.close();
        issuer.close();
    }
}
