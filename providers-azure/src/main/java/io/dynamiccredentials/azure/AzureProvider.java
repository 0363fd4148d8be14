package io.dynamiccredentials.azure;

import io.dynamiccredentials.Secret;
import io.dynamiccredentials.config.ConfiguredPlatform;
import io.dynamiccredentials.config.CredentialProvider;
import io.dynamiccredentials.config.EnvironmentRenderer;
import io.dynamiccredentials.config.PlatformSettings;
import io.dynamiccredentials.config.Setting;
import io.dynamiccredentials.config.SettingRule;
import io.dynamiccredentials.config.VariableFamily;
import io.dynamiccredentials.environment.ConfigurationEnvironment;
import io.dynamiccredentials.wire.BoundedHttpClient;
import io.dynamiccredentials.workload.Workload;
import java.net.URI;
import java.time.Clock;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Plugs Azure in. Reads {@code TFC_AZURE_RUN_CLIENT_ID} (or {@code PLAN}, {@code APPLY}),
 * {@code TFC_AZURE_WORKLOAD_IDENTITY_AUDIENCE} and the workspace's own {@code ARM_TENANT_ID}; gives a run the
 * {@code ARM_*} variables of Terraform's providers and the {@code AZURE_*} variables of Microsoft's SDKs.
 *
 * <p>Both sets name one file, {@code azure-token}, with the identity token: the tools trade it by themselves, as they
 * know which resource they need. The access token of the exchange is the proof that they can, and is not handed on. The
 * ways to another identity, the CLI's and the machine's, are shut. Safe for use by many threads.
 */
public final class AzureProvider implements CredentialProvider {
    private static final String ARM_TENANT = "ARM_TENANT_ID";
    private static final String AZURE_TENANT = "AZURE_TENANT_ID";

    private static final SettingRule CLIENT = SettingRule.builder("CLIENT_ID", "the client id of the application")
            .perPhase()
            .required()
            .form(AzureFederatedExchanger::isClient, AzureFederatedExchanger.CLIENT_FORM)
            .build();
    private static final SettingRule AUDIENCE = SettingRule.builder(
                    "WORKLOAD_IDENTITY_AUDIENCE", "the audience of the token, that of the federated credential")
            .defaultsTo(AzureFederatedExchanger.STANDARD_AUDIENCE)
            .form(AzureFederatedExchanger::isAudience, AzureFederatedExchanger.EXPECTED_AUDIENCE)
            .build();
    private static final VariableFamily FAMILY = VariableFamily.builder("AZURE")
            .rules(CLIENT, AUDIENCE)
            .input("tfc_azure_dynamic_credentials", "client_id_file_path", "oidc_token_file_path")
            .build();

    private final @Nullable String tenantId;
    private final @Nullable URI authorityHost;
    private final String scope;
    private final BoundedHttpClient http;
    private final Clock clock;

    private AzureProvider(Builder builder) {
        this.tenantId = builder.tenantId;
        this.authorityHost = builder.authorityHost;
        this.scope = builder.scope;
        this.http = builder.http == null ? BoundedHttpClient.builder().build() : builder.http;
        this.clock = builder.clock;
    }

    /** Starts a provider for the public cloud, whose workspaces name their tenant. */
    public static Builder builder() {
        return new Builder();
    }

    @Override
    public VariableFamily family() {
        return FAMILY;
    }

    @Override
    public ConfiguredPlatform<AzureAccessCredentials> configure(PlatformSettings settings, Workload workload) {
        String clientId = settings.required(CLIENT).value();
        AzureFederatedExchanger.Builder builder = AzureFederatedExchanger.builder(tenant(settings), clientId, http)
                .scope(scope)
                .clock(clock);
        if (authorityHost != null) {
            builder.authorityHost(authorityHost);
        }
        settings.optional(AUDIENCE).map(Setting::value).ifPresent(builder::audience);
        boolean armIsSet = settings.workspaceVariable(ARM_TENANT).isPresent();
        boolean azureIsSet = settings.workspaceVariable(AZURE_TENANT).isPresent();
        return new ConfiguredPlatform<>(workload, builder.build(), renderer(armIsSet, azureIsSet));
    }

    private String tenant(PlatformSettings settings) {
        Optional<Setting> own = settings.workspaceVariable(ARM_TENANT);
        String tenant = own.map(setting ->
                        setting.require(AzureFederatedExchanger::isTenant, AzureFederatedExchanger.TENANT_FORM))
                .or(() -> Optional.ofNullable(tenantId))
                .orElseThrow(() -> new IllegalArgumentException(ARM_TENANT + " is required while "
                        + "TFC_AZURE_PROVIDER_AUTH is \"true\". Set it in the workspace, or let the host give its runs a "
                        + "tenant (AzureProvider.builder().tenantId)"));
        settings.workspaceVariable(AZURE_TENANT)
                .ifPresent(other -> other.require(
                        tenant::equalsIgnoreCase,
                        "the same tenant as the run's, \"" + tenant + "\", and written the same way, or absent"));
        return tenant;
    }

    private EnvironmentRenderer<AzureAccessCredentials> renderer(boolean armIsSet, boolean azureIsSet) {
        return (credentials, token, environment) -> {
            String file = environment.file("azure-token", token.compact()).toString();
            Secret clientId = Secret.of(credentials.clientId());
            environment
                    .input("oidc_token_file_path", file)
                    .input(
                            "client_id_file_path",
                            environment.file("azure-client-id", clientId).toString())
                    .variable("ARM_USE_OIDC", "true")
                    .variable("ARM_USE_CLI", "false")
                    .variable("ARM_USE_MSI", "false")
                    .variable("ARM_CLIENT_ID", credentials.clientId())
                    .variable("ARM_OIDC_TOKEN_FILE_PATH", file)
                    .variable("AZURE_CLIENT_ID", credentials.clientId())
                    .variable("AZURE_FEDERATED_TOKEN_FILE", file);
            // What the workspace sets reaches the run by itself, and a variable that is set twice is refused.
            unless(armIsSet, environment, ARM_TENANT, credentials.tenantId());
            unless(azureIsSet, environment, AZURE_TENANT, credentials.tenantId());
            if (authorityHost != null) {
                environment.sharedVariable("AZURE_AUTHORITY_HOST", authorityHost + "/");
            }
        };
    }

    private static void unless(boolean isSet, ConfigurationEnvironment environment, String name, String value) {
        if (!isSet) {
            environment.variable(name, value);
        }
    }

    /** Collects the settings of a provider. Not safe for use by several threads. */
    public static final class Builder {
        private @Nullable String tenantId;
        private @Nullable URI authorityHost;
        private String scope = AzureFederatedExchanger.STANDARD_SCOPE;
        private @Nullable BoundedHttpClient http;
        private Clock clock = Clock.systemUTC();

        private Builder() {}

        /**
         * Sets the tenant of workspaces without {@code ARM_TENANT_ID}. Default: none, and such a run is refused.
         *
         * @throws IllegalArgumentException if it is neither a tenant's id nor a domain
         */
        public Builder tenantId(String tenantId) {
            if (!AzureFederatedExchanger.isTenant(tenantId)) {
                throw new IllegalArgumentException("The Azure tenant must be " + AzureFederatedExchanger.TENANT_FORM
                        + "; it was \"" + tenantId + "\"");
            }
            this.tenantId = tenantId;
            return this;
        }

        /**
         * Sets the cloud, for example {@code https://login.microsoftonline.us/}, for this host and for its runs. Give
         * it its {@link #scope} too. Default {@code https://login.microsoftonline.com/}.
         *
         * @throws IllegalArgumentException if it is not https, or has more than a host and a port
         */
        public Builder authorityHost(URI authorityHost) {
            this.authorityHost = AzureFederatedExchanger.requireAuthority(authorityHost);
            return this;
        }

        /**
         * Sets which access token proves that a run's identity works. Default
         * {@value AzureFederatedExchanger#STANDARD_SCOPE}.
         *
         * @throws IllegalArgumentException if it does not end in {@code /.default}, or has blanks
         */
        public Builder scope(String scope) {
            this.scope = AzureFederatedExchanger.requireScope(scope);
            return this;
        }

        /** Sets the HTTP client, for other time-outs or a private certificate authority. */
        public Builder http(BoundedHttpClient http) {
            this.http = http;
            return this;
        }

        /** Sets the clock. Default: the system's. */
        public Builder clock(Clock clock) {
            this.clock = clock;
            return this;
        }

        /** Returns the provider. */
        public AzureProvider build() {
            return new AzureProvider(this);
        }
    }
}
