package example.ciserver;

import com.sun.net.httpserver.HttpServer;
import io.dynamiccredentials.IssuerUrl;
import io.dynamiccredentials.aws.AwsProvider;
import io.dynamiccredentials.azure.AzureProvider;
import io.dynamiccredentials.discovery.DiscoveryEndpoint;
import io.dynamiccredentials.discovery.JdkHttpDiscovery;
import io.dynamiccredentials.gcp.GcpProvider;
import io.dynamiccredentials.jwk.SigningAlgorithm;
import io.dynamiccredentials.keys.SigningKeys;
import io.dynamiccredentials.run.CloseReport;
import io.dynamiccredentials.run.DynamicCredentials;
import io.dynamiccredentials.run.RunLease;
import io.dynamiccredentials.token.JwtTokenIssuer;
import io.dynamiccredentials.vault.VaultProvider;
import io.dynamiccredentials.workload.Phase;
import io.dynamiccredentials.workload.TerraformRun;
import java.io.IOException;
import java.net.URI;
import java.util.Map;

/** The example of the README, word for word; a test compares them. */
final class Embedding {

    private Embedding() {}

    // README: begin
    static CloseReport plan(HttpServer web, Map<String, String> variables) throws IOException, InterruptedException {
        // Once, when the platform starts.
        IssuerUrl url = IssuerUrl.of("https://ci.example");
        SigningKeys keys = SigningKeys.generate(SigningAlgorithm.RS256);
        web.createContext("/.well-known/", JdkHttpDiscovery.of(DiscoveryEndpoint.of(url, keys)));
        DynamicCredentials dynamicCredentials = DynamicCredentials.builder(
                        JwtTokenIssuer.builder(url, keys).build())
                .provider(AwsProvider.builder("eu-central-1").build())
                .provider(AzureProvider.builder().build())
                .provider(GcpProvider.builder().build())
                .provider(VaultProvider.builder(URI.create("https://vault.example:8200"))
                        .build())
                .build();

        // For each run. The variables are those of HCP Terraform: TFC_AWS_PROVIDER_AUTH=true,
        // TFC_AWS_RUN_ROLE_ARN=arn:…
        TerraformRun run = TerraformRun.builder("acme", "shop", "prod", "run-7f3a")
                .phase(Phase.PLAN)
                .build();
        RunLease lease = dynamicCredentials.open(run, variables);
        try (lease) {
            lease.start(new ProcessBuilder("terraform", "plan").inheritIO()).waitFor();
        } // Vault tokens revoked, files gone
        return lease.report(); // what outlives the run, and until when
    }
    // README: end
}
