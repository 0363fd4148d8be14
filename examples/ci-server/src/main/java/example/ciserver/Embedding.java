package example.ciserver;

import com.sun.net.httpserver.HttpServer;
import io.dynamiccredentials.IssuerUrl;
import io.dynamiccredentials.Secret;
import io.dynamiccredentials.aws.AwsProvider;
import io.dynamiccredentials.azure.AzureProvider;
import io.dynamiccredentials.discovery.DiscoveryEndpoint;
import io.dynamiccredentials.discovery.JdkHttpDiscovery;
import io.dynamiccredentials.gcp.GcpProvider;
import io.dynamiccredentials.keys.FileSigningKeyStore;
import io.dynamiccredentials.keys.RotatingSigningKeys;
import io.dynamiccredentials.keys.SigningKeyStore;
import io.dynamiccredentials.keys.StoreEncryption;
import io.dynamiccredentials.run.DynamicCredentials;
import io.dynamiccredentials.run.RunLease;
import io.dynamiccredentials.token.JwtTokenIssuer;
import io.dynamiccredentials.vault.VaultProvider;
import io.dynamiccredentials.workload.Phase;
import io.dynamiccredentials.workload.TerraformRun;
import java.io.File;
import java.net.URI;
import java.nio.file.Path;
import java.util.Map;

/** The example of the README, word for word; a test compares them. */
final class Embedding {

    private Embedding() {}

    // README: begin
    static void plan(HttpServer web, Secret passphrase, Map<String, String> variables, File workspace)
            throws Exception {
        // Once, when the platform starts.
        IssuerUrl url = IssuerUrl.of("https://ci.example");
        SigningKeyStore store = FileSigningKeyStore.at(Path.of("/var/lib/ci/signing-keys"));
        RotatingSigningKeys keys = RotatingSigningKeys.builder(url, store, StoreEncryption.passphrase(passphrase))
                .start();
        web.createContext("/.well-known/", JdkHttpDiscovery.of(DiscoveryEndpoint.of(url, keys)));
        DynamicCredentials dynamicCredentials = DynamicCredentials.builder(
                        JwtTokenIssuer.builder(url, keys).build())
                .provider(AwsProvider.builder("eu-central-1").build())
                .provider(AzureProvider.builder().build())
                .provider(GcpProvider.builder().build())
                .provider(VaultProvider.builder(URI.create("https://vault.example:8200"))
                        .build())
                .build();

        // For each run. The variables are those of HCP Terraform: TFC_AWS_PROVIDER_AUTH=true, …
        TerraformRun run = TerraformRun.builder("acme", "shop", "prod", "run-7f3a")
                .phase(Phase.PLAN)
                .build();
        RunLease lease = dynamicCredentials.open(run, variables);
        try (lease) {
            ProcessBuilder terraform = new ProcessBuilder("terraform", "plan");
            lease.start(terraform.directory(workspace).inheritIO()).waitFor();
        } finally { // here Vault's token is revoked and the files are gone, or close() threw
            lease.report().items().forEach(System.out::println); // what outlives the run, and until when
        }
    }
    // README: end
}
