package example.ciserver;

import io.dynamiccredentials.IssuerUrl;
import io.dynamiccredentials.aws.AwsProvider;
import io.dynamiccredentials.aws.AwsTrustPolicy;
import io.dynamiccredentials.config.CredentialProvider;
import io.dynamiccredentials.testkit.HandedOut;
import io.dynamiccredentials.testkit.aws.FakeAws;
import io.dynamiccredentials.testkit.vault.FakeVault;
import io.dynamiccredentials.testkit.vault.FakeVaultAws;
import io.dynamiccredentials.testkit.vault.FakeVaultPolicy.Capability;
import io.dynamiccredentials.vault.VaultBackedProvider;
import io.dynamiccredentials.vault.VaultJwtRole;
import io.dynamiccredentials.vault.VaultProvider;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * One run with six configurations: three tagged ones of AWS, two namespaces of one Vault, and a role of AWS whose keys
 * Vault makes.
 */
final class ManyConfigurations implements AutoCloseable {
    private static final String ACCOUNT = "123456789012";
    private static final List<String> TAGS = List.of("DNS", "LOGS", "WEB");

    private final FakeAws aws;
    private final FakeVault vault;

    private ManyConfigurations(IssuerUrl issuer, String workspace) {
        Clock clock = Clock.systemUTC();
        String anyPhase = workspace + ":run_phase:*";
        this.aws =
                FakeAws.start(clock).chainedRole(roleArn("backup"), Set.of("arn:aws:iam::" + ACCOUNT + ":user/vault"));
        for (String tag : TAGS) {
            aws.role(roleArn(tag), new AwsTrustPolicy(issuer, Set.of("aws.workload.identity"), anyPhase));
        }
        VaultJwtRole ci = VaultJwtRole.of("ci", Set.of("vault.workload.identity"), anyPhase, Duration.ofMinutes(20));
        this.vault = FakeVault.start(clock);
        vault.namespace("bank").trust(issuer).role(ci);
        vault.namespace("shop")
                .trust(issuer)
                .role(ci)
                .engine(FakeVaultAws.builder()
                        .assumedRole("backup", roleArn("backup"))
                        .keysOf(aws, ACCOUNT)
                        .build())
                .permit("aws/*", Capability.READ, Capability.UPDATE);
    }

    /** Starts an AWS and a Vault that trust {@code issuer} for one workspace. */
    static ManyConfigurations start(IssuerUrl issuer, String workspace) {
        return new ManyConfigurations(issuer, workspace);
    }

    List<CredentialProvider> providers() {
        VaultProvider provider = VaultProvider.builder(vault.address()).build();
        return List.of(
                AwsProvider.builder("eu-central-1").endpoint(aws.address()).build(),
                provider,
                VaultBackedProvider.aws(provider));
    }

    /** Returns the variables of the workspace. */
    Map<String, String> variables() {
        Map<String, String> variables = new TreeMap<>(Map.of("AWS_REGION", "eu-central-1"));
        for (String tag : TAGS) {
            variables.put("TFC_AWS_PROVIDER_AUTH_" + tag, "true");
            variables.put("TFC_AWS_RUN_ROLE_ARN_" + tag, roleArn(tag));
        }
        variables.put("TFC_DEFAULT_VAULT_ADDR", vault.address().toString());
        variables.put("TFC_DEFAULT_VAULT_RUN_ROLE", "ci");
        for (String namespace : List.of("shop", "bank")) {
            variables.put("TFC_VAULT_PROVIDER_AUTH_" + namespace, "true");
            variables.put("TFC_VAULT_NAMESPACE_" + namespace, namespace);
        }
        variables.put("TFC_VAULT_BACKED_AWS_AUTH", "true");
        variables.put("TFC_VAULT_BACKED_AWS_AUTH_TYPE", "assumed_role");
        variables.put("TFC_VAULT_BACKED_AWS_RUN_VAULT_ROLE", "backup");
        variables.put("TFC_VAULT_BACKED_AWS_RUN_ROLE_ARN", roleArn("backup"));
        variables.put("TFC_VAULT_BACKED_AWS_VAULT_CONFIG", "shop");
        return variables;
    }

    /** Returns how the identity of each configuration begins. */
    Map<String, String> identities(String runId) {
        Map<String, String> identities = new TreeMap<>();
        TAGS.forEach(tag -> identities.put("tfc_aws " + tag, assumed(tag) + runId));
        identities.put("tfc_vault shop", "shop/ci");
        identities.put("tfc_vault bank", "bank/ci");
        identities.put("tfc_vault_backed_aws", assumed("backup") + "vault-backup-");
        return identities;
    }

    /** Returns the tokens of Vault that it would honour now. */
    List<HandedOut> liveVaultTokens() {
        return vault.live();
    }

    @Override
    public void close() {
        vault.close();
        aws.close();
    }

    private static String roleArn(String role) {
        return "arn:aws:iam::" + ACCOUNT + ":role/" + role;
    }

    private static String assumed(String role) {
        return "arn:aws:sts::" + ACCOUNT + ":assumed-role/" + role + "/";
    }
}
