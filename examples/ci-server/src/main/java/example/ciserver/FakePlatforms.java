package example.ciserver;

import io.dynamiccredentials.IssuerUrl;
import io.dynamiccredentials.aws.AwsProvider;
import io.dynamiccredentials.aws.AwsTrustPolicy;
import io.dynamiccredentials.azure.AzureProvider;
import io.dynamiccredentials.azure.FederatedIdentityCredential;
import io.dynamiccredentials.config.CredentialProvider;
import io.dynamiccredentials.gcp.GcpProvider;
import io.dynamiccredentials.gcp.WorkloadIdentityProvider;
import io.dynamiccredentials.testkit.HandedOut;
import io.dynamiccredentials.testkit.LoopbackTls;
import io.dynamiccredentials.testkit.aws.FakeAws;
import io.dynamiccredentials.testkit.azure.FakeEntra;
import io.dynamiccredentials.testkit.gcp.FakeGoogleCloud;
import io.dynamiccredentials.testkit.vault.FakeVault;
import io.dynamiccredentials.vault.VaultJwtRole;
import io.dynamiccredentials.vault.VaultProvider;
import io.dynamiccredentials.wire.BoundedHttpClient;
import java.time.Clock;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The four platforms of the demo, each with one role that only a plan may have and one that only an apply may have. */
final class FakePlatforms implements AutoCloseable {
    private static final String ACCOUNT = "123456789012";
    private static final String POOL = "projects/1234567890/locations/global/workloadIdentityPools/ci-pool";
    private static final String PROVIDER = POOL + "/providers/ci-server";
    private static final String TENANT = "11111111-2222-4333-8444-555555555555";
    private static final String PLAN_APPLICATION = "aaaaaaaa-0000-4000-8000-000000000001";
    private static final String APPLY_APPLICATION = "aaaaaaaa-0000-4000-8000-000000000002";

    private final LoopbackTls tls;
    private final FakeAws aws;
    private final FakeEntra entra;
    private final FakeGoogleCloud google;
    private final FakeVault vault;

    private FakePlatforms(IssuerUrl issuer, String workspace, LoopbackTls tls) {
        String plan = workspace + ":run_phase:plan";
        String apply = workspace + ":run_phase:apply";
        Clock clock = Clock.systemUTC();
        this.tls = tls;
        this.aws = FakeAws.start(clock)
                .role(roleArn("planner"), new AwsTrustPolicy(issuer, Set.of("aws.workload.identity"), plan))
                .role(roleArn("deployer"), new AwsTrustPolicy(issuer, Set.of("aws.workload.identity"), apply));
        this.google = FakeGoogleCloud.start(clock, tls)
                .provider(WorkloadIdentityProvider.of(PROVIDER, issuer, workspace + ":*"))
                .serviceAccount(serviceAccount("planner"), principal(plan))
                .serviceAccount(serviceAccount("deployer"), principal(apply));
        this.entra = FakeEntra.start(clock, tls)
                .tenant(TENANT)
                .application(TENANT, PLAN_APPLICATION, federatedCredential(issuer, "plan", plan))
                .application(TENANT, APPLY_APPLICATION, federatedCredential(issuer, "apply", apply));
        this.vault = FakeVault.start(clock)
                .trust(issuer)
                .role(vaultRole("planner", plan))
                .role(vaultRole("deployer", apply));
    }

    /** Starts platforms that trust {@code issuer} for one workspace. */
    static FakePlatforms start(IssuerUrl issuer, String workspace) {
        return new FakePlatforms(issuer, workspace, LoopbackTls.create());
    }

    LoopbackTls tls() {
        return tls;
    }

    FakeVault vault() {
        return vault;
    }

    /** Returns what a host would configure for the real platforms, with the fakes' addresses in their place. */
    List<CredentialProvider> providers() {
        BoundedHttpClient http =
                BoundedHttpClient.builder().sslContext(tls.clientContext()).build();
        return List.of(
                AwsProvider.builder("eu-central-1").endpoint(aws.address()).build(),
                GcpProvider.builder()
                        .tokenUrl(google.tokenUrl())
                        .iamCredentialsUrl(google.address())
                        .http(http)
                        .build(),
                AzureProvider.builder()
                        .authorityHost(entra.address())
                        .http(http)
                        .build(),
                VaultProvider.builder(vault.address()).build());
    }

    /** Returns the variables of the workspace by platform: those that HCP Terraform's users set. */
    Map<String, Map<String, String>> variables() {
        Map<String, Map<String, String>> variables = new LinkedHashMap<>();
        variables.put(
                "AWS",
                Map.of(
                        "TFC_AWS_PROVIDER_AUTH", "true",
                        "TFC_AWS_PLAN_ROLE_ARN", roleArn("planner"),
                        "TFC_AWS_APPLY_ROLE_ARN", roleArn("deployer")));
        variables.put(
                "Google Cloud",
                Map.of(
                        "TFC_GCP_PROVIDER_AUTH", "true",
                        "TFC_GCP_WORKLOAD_PROVIDER_NAME", PROVIDER,
                        "TFC_GCP_PLAN_SERVICE_ACCOUNT_EMAIL", serviceAccount("planner"),
                        "TFC_GCP_APPLY_SERVICE_ACCOUNT_EMAIL", serviceAccount("deployer"),
                        "WHO_AM_I_GOOGLE_CLOUD", google.whoAmI().toString()));
        variables.put(
                "Azure",
                Map.of(
                        "TFC_AZURE_PROVIDER_AUTH", "true",
                        "TFC_AZURE_PLAN_CLIENT_ID", PLAN_APPLICATION,
                        "TFC_AZURE_APPLY_CLIENT_ID", APPLY_APPLICATION,
                        "ARM_TENANT_ID", TENANT,
                        "WHO_AM_I_AZURE", entra.whoAmI().toString()));
        variables.put(
                "Vault",
                Map.of(
                        "TFC_VAULT_PROVIDER_AUTH", "true",
                        "TFC_VAULT_ADDR", vault.address().toString(),
                        "TFC_VAULT_PLAN_ROLE", "planner",
                        "TFC_VAULT_APPLY_ROLE", "deployer"));
        return variables;
    }

    /** Returns who a child process must be on each platform, given the name of its phase's role. */
    Map<String, String> identities(String role, String runId) {
        Map<String, String> identities = new LinkedHashMap<>();
        identities.put("AWS", "arn:aws:sts::" + ACCOUNT + ":assumed-role/" + role + "/" + runId);
        identities.put("Google Cloud", serviceAccount(role));
        identities.put("Azure", role.equals("planner") ? PLAN_APPLICATION : APPLY_APPLICATION);
        identities.put("Vault", role);
        return identities;
    }

    /** Asks each platform which credentials it would still honour now. */
    Map<String, List<HandedOut>> live() {
        Map<String, List<HandedOut>> live = new LinkedHashMap<>();
        live.put("AWS", aws.live());
        live.put("Google Cloud", google.live());
        live.put("Azure", entra.live());
        live.put("Vault", vault.live());
        return live;
    }

    @Override
    public void close() {
        vault.close();
        entra.close();
        google.close();
        aws.close();
    }

    private static String roleArn(String role) {
        return "arn:aws:iam::" + ACCOUNT + ":role/" + role;
    }

    private static String serviceAccount(String role) {
        return role + "@shop-prod.iam.gserviceaccount.com";
    }

    private static String principal(String subject) {
        return "principal://iam.googleapis.com/" + POOL + "/subject/" + subject;
    }

    private static FederatedIdentityCredential federatedCredential(IssuerUrl issuer, String name, String subject) {
        return FederatedIdentityCredential.exact("shop-prod-" + name, issuer, subject, "api://AzureADTokenExchange");
    }

    private static VaultJwtRole vaultRole(String role, String subject) {
        return VaultJwtRole.of(role, Set.of("vault.workload.identity"), subject, Duration.ofMinutes(20));
    }
}
