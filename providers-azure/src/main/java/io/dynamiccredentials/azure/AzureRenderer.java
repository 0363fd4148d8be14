package io.dynamiccredentials.azure;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.dynamiccredentials.Secret;
import io.dynamiccredentials.config.Delivery;
import io.dynamiccredentials.config.EnvironmentRenderer;
import io.dynamiccredentials.environment.ConfigurationEnvironment;
import io.dynamiccredentials.environment.LoopbackAnswer;
import io.dynamiccredentials.environment.LoopbackEndpoint;
import io.dynamiccredentials.token.IdentityToken;
import io.dynamiccredentials.wire.StrictJson;
import java.net.URI;
import java.net.URLEncoder;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Gives a run what Terraform's providers and Microsoft's SDKs read. Immutable.
 *
 * @param delivery how Terraform's providers come by the token; Microsoft's SDKs always read a file
 * @param subscription the subscription, if somebody names one
 * @param cloud the cloud, if a setting names it
 * @param ownAuthority the host's own address of Entra, the same for all configurations
 * @param moreInputs members of Terraform's input by which a configuration tells what its own settings say
 * @param set the variables that the workspace sets itself
 */
record AzureRenderer(
        Delivery delivery,
        Optional<String> subscription,
        Optional<AzureCloud> cloud,
        Optional<URI> ownAuthority,
        Map<String, String> moreInputs,
        Set<String> set)
        implements EnvironmentRenderer<AzureAccessCredentials> {

    @Override
    public void render(AzureAccessCredentials credentials, IdentityToken token, ConfigurationEnvironment environment) {
        moreInputs.forEach(environment::input);
        String file = environment.file("azure-token", token.compact()).toString();
        String clientId = credentials.clientId();
        environment.backend(Map.of(
                "use_oidc",
                true,
                "client_id",
                clientId,
                "tenant_id",
                credentials.tenantId(),
                "oidc_token_file_path",
                file));
        environment
                .input(
                        "client_id_file_path",
                        environment.file("azure-client-id", Secret.of(clientId)).toString())
                .input("oidc_token_file_path", file)
                // The same for all configurations: also a run with several must not find the machine's identity.
                .sharedVariable("ARM_USE_OIDC", "true")
                .sharedVariable("ARM_USE_CLI", "false")
                .sharedVariable("ARM_USE_MSI", "false")
                .variable("ARM_CLIENT_ID", clientId)
                .variable("AZURE_CLIENT_ID", clientId)
                .variable("AZURE_FEDERATED_TOKEN_FILE", file);
        if (delivery == Delivery.BROKER) {
            renderRequest(token, environment);
        } else {
            environment.variable("ARM_OIDC_TOKEN_FILE_PATH", file);
        }
        unlessSet(environment, AzureWorkspace.ARM_TENANT, credentials.tenantId());
        unlessSet(environment, AzureWorkspace.AZURE_TENANT, credentials.tenantId());
        subscription.ifPresent(id -> {
            unlessSet(environment, AzureWorkspace.ARM_SUBSCRIPTION, id);
        });
        cloud.ifPresent(named -> {
            environment.variable("AZURE_AUTHORITY_HOST", named.authorityHost() + "/");
            unlessSet(environment, AzureWorkspace.ARM_ENVIRONMENT, named.id());
        });
        ownAuthority.ifPresent(host -> environment.sharedVariable("AZURE_AUTHORITY_HOST", host + "/"));
    }

    /** The protocol of GitHub Actions, where clients add an audience to the address. */
    private static void renderRequest(IdentityToken token, ConfigurationEnvironment environment) {
        Secret body = Secret.of(StrictJson.write(Map.of("value", token.compact().reveal())));
        LoopbackEndpoint endpoint = environment.endpoint(
                "azure-token", LoopbackAnswer.json(body, token.expiresAt()).forAudience(token.audience()));
        // Terraform's providers ask for that of the public cloud, unless the address names another.
        String audience = URLEncoder.encode(token.audience(), UTF_8);
        environment
                .variable("ARM_OIDC_REQUEST_URL", endpoint.url() + "?audience=" + audience)
                .secretVariable("ARM_OIDC_REQUEST_TOKEN", endpoint.bearer());
    }

    /** What the workspace sets reaches the run by itself, and a variable that is set twice is refused. */
    private void unlessSet(ConfigurationEnvironment environment, String name, String value) {
        if (!set.contains(name)) {
            environment.variable(name, value);
        }
    }
}
