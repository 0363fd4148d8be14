package io.dynamiccredentials.vault;

import io.dynamiccredentials.config.ConfiguredPlatform;
import io.dynamiccredentials.config.PlatformSettings;
import io.dynamiccredentials.config.SettingRule;
import io.dynamiccredentials.config.VariableFamily;
import io.dynamiccredentials.environment.ConfigurationEnvironment;
import io.dynamiccredentials.workload.Workload;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** Tokens and keys of Google Cloud that Vault makes. */
final class VaultBackedGcp implements VaultBackedPlatform {
    /** Google's libraries know no variable for a token, and would go on to ask for this machine's identity. */
    private static final String NO_CREDENTIALS = "/dev/null";

    private static final SettingRule TYPE = SettingRule.builder("AUTH_TYPE", "the type of the credentials")
            .required()
            .form(GcpEngine.Type.TYPES::containsKey, "one of " + new TreeSet<>(GcpEngine.Type.TYPES.keySet()))
            .build();
    private static final SettingRule ROLESET = SettingRule.builder("VAULT_ROLESET", "the roleset in the secrets engine")
            .perPhase()
            .requiredWhen("with an AUTH_TYPE that begins with roleset/", settings -> isOfRoleset(settings, true))
            .voidWhen("with an AUTH_TYPE that begins with static_account/", settings -> isOfRoleset(settings, false))
            .form(VaultBackedSettings.engineName(), VaultBackedSettings.EXPECTED_NAME)
            .build();
    private static final SettingRule STATIC_ACCOUNT = SettingRule.builder(
                    "VAULT_STATIC_ACCOUNT", "the static account in the secrets engine")
            .perPhase()
            .requiredWhen(
                    "with an AUTH_TYPE that begins with static_account/", settings -> isOfRoleset(settings, false))
            .voidWhen("with an AUTH_TYPE that begins with roleset/", settings -> isOfRoleset(settings, true))
            .form(VaultBackedSettings.engineName(), VaultBackedSettings.EXPECTED_NAME)
            .build();
    private static final SettingRule MOUNT = VaultBackedSettings.mountPath("gcp");
    private static final VariableFamily FAMILY = VariableFamily.builder("VAULT_BACKED_GCP")
            .switchName("AUTH")
            .tools("GCP")
            .rules(TYPE, ROLESET, STATIC_ACCOUNT, MOUNT, VaultBackedSettings.VAULT_CONFIG)
            .input("tfc_vault_backed_gcp_dynamic_credentials", "credentials", "access_token")
            .build();

    @Override
    public VariableFamily family() {
        return FAMILY;
    }

    @Override
    public ConfiguredPlatform<VaultBackedCredentials<GcpSecret>> configure(
            PlatformSettings settings, Workload workload, VaultConnection vault) {
        for (String variable : List.of("GOOGLE_CLOUD_UNIVERSE_DOMAIN", "CLOUDSDK_CORE_UNIVERSE_DOMAIN")) {
            settings.requireNoDetour(variable, Set.of("googleapis.com"));
        }
        GcpEngine.Type type = type(settings).orElseThrow();
        String account =
                settings.required(type.isOfRoleset() ? ROLESET : STATIC_ACCOUNT).value();
        GcpEngine engine = new GcpEngine(VaultBackedSettings.mount(settings, MOUNT), account, type);
        return new ConfiguredPlatform<>(
                workload,
                new VaultBackedExchanger<>("Vault-backed GCP", vault, engine),
                (credentials, token, environment) -> render(credentials.secret(), environment));
    }

    private static Optional<GcpEngine.Type> type(PlatformSettings settings) {
        return settings.optional(TYPE).flatMap(own -> Optional.ofNullable(GcpEngine.Type.TYPES.get(own.value())));
    }

    /** Tells whether the type is known, and of a roleset or not of one. */
    private static boolean isOfRoleset(PlatformSettings settings, boolean expected) {
        return type(settings).filter(type -> type.isOfRoleset() == expected).isPresent();
    }

    private static void render(GcpSecret secret, ConfigurationEnvironment environment) {
        environment.sharedVariable("CLOUDSDK_CORE_CHECK_GCE_METADATA", "false");
        if (secret.isKey()) {
            // The path and not the JSON itself: every tool reads the file, and variables show in more places.
            String file = environment.file("vault-gcp-key.json", secret.text()).toString();
            environment
                    .variableOr("GOOGLE_APPLICATION_CREDENTIALS", file, NO_CREDENTIALS)
                    .variable("CLOUDSDK_AUTH_CREDENTIAL_FILE_OVERRIDE", file)
                    .input("credentials", file)
                    .backend(Map.of("credentials", file));
        } else {
            environment
                    .secretVariable("GOOGLE_OAUTH_ACCESS_TOKEN", secret.text())
                    .secretVariable("CLOUDSDK_AUTH_ACCESS_TOKEN", secret.text())
                    .sharedVariable("GOOGLE_APPLICATION_CREDENTIALS", NO_CREDENTIALS)
                    .secretInput("access_token", secret.text());
        }
    }
}
