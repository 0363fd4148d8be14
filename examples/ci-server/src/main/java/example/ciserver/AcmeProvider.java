package example.ciserver;

import io.dynamiccredentials.config.ConfiguredPlatform;
import io.dynamiccredentials.config.CredentialProvider;
import io.dynamiccredentials.config.PlatformSettings;
import io.dynamiccredentials.config.SettingRule;
import io.dynamiccredentials.config.VariableFamily;
import io.dynamiccredentials.exchange.TokenHandover;
import io.dynamiccredentials.workload.Workload;

// README: begin
/** Lets runs ask for a token of the artifact store: TFC_ACME_PROVIDER_AUTH=true, TFC_ACME_RUN_STORE=… */
final class AcmeProvider implements CredentialProvider {
    private static final SettingRule STORE = SettingRule.builder("STORE", "the store that the run may write to")
            .perPhase() // TFC_ACME_RUN_STORE, TFC_ACME_PLAN_STORE, TFC_DEFAULT_ACME_RUN_STORE, …
            .required()
            .form(name -> name.matches("[a-z0-9-]{1,40}"), "small letters, digits and \"-\", such as \"releases\"")
            .build();

    @Override
    public VariableFamily family() {
        return VariableFamily.builder("ACME")
                .rules(STORE)
                .input("tfc_acme_dynamic_credentials", "token_path", "store")
                .identityVariables("ACME_API_KEY") // acme's tools would prefer it
                .build();
    }

    @Override
    public ConfiguredPlatform<?> configure(PlatformSettings settings, Workload workload) {
        String store = settings.required(STORE).value();
        // The store takes identity tokens as they are; another platform has a CredentialExchanger here.
        return new ConfiguredPlatform<>(
                workload, new TokenHandover("Acme", "acme.example"), (credentials, token, environment) -> {
                    String file =
                            environment.file("acme-token", token.compact()).toString();
                    environment
                            .variable("ACME_TOKEN_FILE", file) // not where a run has several configurations of ACME
                            .sharedVariable("ACME_URL", "https://acme.example") // the same for all of them
                            .input("token_path", file)
                            .input("store", store);
                });
    }
}
// README: end
