package io.dynamiccredentials.vault;

import io.dynamiccredentials.Secret;
import io.dynamiccredentials.config.ConfiguredPlatform;
import io.dynamiccredentials.config.PlatformSettings;
import io.dynamiccredentials.config.Setting;
import io.dynamiccredentials.config.SettingRule;
import io.dynamiccredentials.config.VariableFamily;
import io.dynamiccredentials.environment.ConfigurationEnvironment;
import io.dynamiccredentials.workload.Workload;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** Secrets of applications of Entra that Vault makes. */
final class VaultBackedAzure implements VaultBackedPlatform {
    private static final String ARM_TENANT = "ARM_TENANT_ID";
    private static final String AZURE_TENANT = "AZURE_TENANT_ID";
    private static final String TENANT_FORM =
            "a tenant's id or one of its domains, such as \"contoso.onmicrosoft.com\"";

    // A GUID, or labels with a dot between them.
    private static final Pattern TENANT = Pattern.compile("[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}"
            + "-[0-9A-Fa-f]{12}|[0-9A-Za-z-]{1,63}+(?:[.][0-9A-Za-z-]{1,63}+){1,10}+");

    private static final SettingRule MOUNT = VaultBackedSettings.mountPath("azure");
    private static final VariableFamily FAMILY = VariableFamily.builder("VAULT_BACKED_AZURE")
            .switchName("AUTH")
            .tools("AZURE")
            .rules(
                    VaultBackedSettings.VAULT_ROLE,
                    MOUNT,
                    VaultBackedSettings.SLEEP_SECONDS,
                    VaultBackedSettings.VAULT_CONFIG)
            .input("tfc_vault_backed_azure_dynamic_credentials", "client_id_file_path", "client_secret_file_path")
            .build();

    @Override
    public VariableFamily family() {
        return FAMILY;
    }

    @Override
    public ConfiguredPlatform<VaultBackedCredentials<AzureClientSecret>> configure(
            PlatformSettings settings, Workload workload, VaultConnection vault) {
        settings.requireNoDetour("ARM_METADATA_HOSTNAME", Set.of());
        settings.requireNoDetour("ARM_METADATA_HOST", Set.of());
        Tenant tenant = tenant(settings);
        AzureEngine engine = new AzureEngine(
                VaultBackedSettings.mount(settings, MOUNT),
                settings.required(VaultBackedSettings.VAULT_ROLE).value());
        return new ConfiguredPlatform<>(
                        workload,
                        new VaultBackedExchanger<>("Vault-backed Azure", vault, engine),
                        (credentials, token, environment) -> render(credentials.secret(), tenant, environment))
                .settlingFor(VaultBackedSettings.settling(settings));
    }

    /**
     * The tenant, if the workspace names it.
     *
     * @param missing the variable that does not name it yet
     */
    private record Tenant(Optional<String> id, Optional<String> missing) {}

    /** Both variables or one of them may name the tenant, and both mean the same. */
    private static Tenant tenant(PlatformSettings settings) {
        Optional<Setting> arm = settings.workspaceVariable(ARM_TENANT);
        Optional<Setting> azure = settings.workspaceVariable(AZURE_TENANT);
        arm.ifPresent(own -> own.require(VaultBackedAzure::isTenant, TENANT_FORM));
        azure.ifPresent(own -> own.require(VaultBackedAzure::isTenant, TENANT_FORM));
        if (arm.isPresent() && azure.isPresent()) {
            String tenant = arm.get().value();
            azure.get()
                    .require(
                            tenant::equalsIgnoreCase,
                            "the same tenant as " + ARM_TENANT + ", \"" + tenant
                                    + "\", and written the same way, or absent");
        }
        Optional<String> missing =
                Optional.of(arm.isEmpty() ? ARM_TENANT : AZURE_TENANT).filter(name -> arm.isEmpty() != azure.isEmpty());
        return new Tenant(arm.or(() -> azure).map(Setting::value), missing);
    }

    static boolean isTenant(String text) {
        return BoundedForm.matches(TENANT, text);
    }

    private static void render(AzureClientSecret secret, Tenant tenant, ConfigurationEnvironment environment) {
        String idFile = environment
                .file("vault-azure-client-id", Secret.of(secret.clientId()))
                .toString();
        String secretFile = environment
                .file("vault-azure-client-secret", secret.clientSecret())
                .toString();
        environment
                .input("client_id_file_path", idFile)
                .input("client_secret_file_path", secretFile)
                .sharedVariable("ARM_USE_CLI", "false")
                .sharedVariable("ARM_USE_MSI", "false")
                .variable("ARM_CLIENT_ID", secret.clientId())
                .secretVariable("ARM_CLIENT_SECRET", secret.clientSecret());
        // Microsoft's SDKs take a client without a tenant for the name of this machine's own identity.
        tenant.id()
                .ifPresent(id -> environment
                        .variable("AZURE_CLIENT_ID", secret.clientId())
                        .secretVariable("AZURE_CLIENT_SECRET", secret.clientSecret()));
        tenant.missing()
                .ifPresent(name -> environment.variable(name, tenant.id().orElseThrow()));
    }
}
