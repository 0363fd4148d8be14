package io.dynamiccredentials.vault;

import io.dynamiccredentials.Secret;
import io.dynamiccredentials.config.Delivery;
import io.dynamiccredentials.config.EnvironmentRenderer;
import io.dynamiccredentials.environment.ConfigurationEnvironment;
import io.dynamiccredentials.token.IdentityToken;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Tells a run's tools where Vault is and which token to use. Immutable.
 *
 * @param delivery how they come by the token: {@code FILES} or {@code VARIABLES}
 * @param ca the certificates that they are to trust, if the workspace named some
 */
record VaultRenderer(VaultJwtExchanger exchanger, Delivery delivery, Optional<CaCertificates> ca)
        implements EnvironmentRenderer<VaultTokenCredentials> {
    /** Where the command line and Terraform's provider look after {@code VAULT_TOKEN}. */
    private static final String AT_HOME = ".vault-token";

    @Override
    public void render(VaultTokenCredentials credentials, IdentityToken token, ConfigurationEnvironment environment) {
        Path file = environment.file("vault-token", credentials.token());
        if (delivery == Delivery.FILES) {
            environment.linkAtHome(AT_HOME, file);
        } else {
            environment.secretVariable("VAULT_TOKEN", credentials.token());
        }
        String address = exchanger.address().toString();
        environment.variable("VAULT_ADDR", address).input("address", address).input("token_filename", file.toString());
        exchanger
                .namespace()
                .ifPresent(namespace ->
                        environment.variable("VAULT_NAMESPACE", namespace).input("namespace", namespace));
        ca.ifPresent(certificates -> trust(certificates, environment));
    }

    private static void trust(CaCertificates certificates, ConfigurationEnvironment environment) {
        String file =
                environment.file("vault-ca.pem", Secret.of(certificates.pem())).toString();
        environment.variable("VAULT_CACERT", file).input("ca_cert_file", file);
    }
}
