package io.dynamiccredentials.azure;

import io.dynamiccredentials.config.ConfiguredPlatform;
import io.dynamiccredentials.config.CredentialProvider;
import io.dynamiccredentials.config.Delivery;
import io.dynamiccredentials.config.PlatformSettings;
import io.dynamiccredentials.config.Setting;
import io.dynamiccredentials.config.SettingRule;
import io.dynamiccredentials.config.VariableFamily;
import io.dynamiccredentials.exchange.CredentialExchanger;
import io.dynamiccredentials.wire.BoundedHttpClient;
import io.dynamiccredentials.workload.Workload;
import java.net.URI;
import java.time.Clock;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Plugs Azure in. Reads {@code TFC_AZURE_RUN_CLIENT_ID} (or {@code PLAN}, {@code APPLY}),
 * {@code TFC_AZURE_WORKLOAD_IDENTITY_AUDIENCE} and the workspace's own {@code ARM_TENANT_ID} and
 * {@code ARM_SUBSCRIPTION_ID}; beyond HCP Terraform's, {@code DYNAMIC_CREDENTIALS_AZURE_} with {@code TENANT_ID},
 * {@code SUBSCRIPTION_ID}, {@code CLOUD}, {@code SCOPE} and {@code EXPECTED_TENANT_ID}. Gives a run the {@code ARM_*}
 * variables of Terraform's providers and the {@code AZURE_*} variables of Microsoft's SDKs.
 *
 * <p>Both sets name one file, {@code azure-token}, with the identity token: the tools trade it by themselves, as they
 * know which resource they need. The access token of the exchange is the proof that they can, and is not handed on. The
 * ways to another identity, the CLI's and the machine's, are shut.
 *
 * <p>With {@link Delivery#BROKER} Terraform's providers get {@code ARM_OIDC_REQUEST_URL} and
 * {@code ARM_OIDC_REQUEST_TOKEN} in place of {@code ARM_OIDC_TOKEN_FILE_PATH}, by which they ask an endpoint on
 * loopback as they ask GitHub Actions. Microsoft's SDKs know no such address, and several configurations no variables:
 * the file is there all the same.
 *
 * <p>Of several configurations each has its files and its members of the Terraform input, among them {@code tenant_id},
 * {@code subscription_id} and {@code environment}, which are to be given to the aliases of the Terraform provider. No
 * variable says then whose tenant, subscription or cloud it is, unless the workspace sets it. An address of Entra that
 * the host sets is the same for all. A workspace may choose only clouds that the host allows, and
 * {@code ARM_METADATA_HOSTNAME} is refused. Safe for use by many threads.
 */
public final class AzureProvider implements CredentialProvider {
    private final Optional<String> tenantId;
    private final Optional<URI> authorityHost;
    private final Set<AzureCloud> allowedClouds;
    private final String scope;
    private final Delivery delivery;
    private final BoundedHttpClient http;
    private final Clock clock;

    private AzureProvider(Builder builder) {
        this.tenantId = Optional.ofNullable(builder.tenantId);
        this.authorityHost = Optional.ofNullable(builder.authorityHost);
        this.allowedClouds = EnumSet.copyOf(builder.allowedClouds);
        this.scope = builder.scope;
        this.delivery = builder.delivery;
        this.http = builder.http == null ? BoundedHttpClient.builder().build() : builder.http;
        this.clock = builder.clock;
    }

    /** Starts a provider for the public cloud, whose workspaces name their tenant. */
    public static Builder builder() {
        return new Builder();
    }

    @Override
    public VariableFamily family() {
        return AzureRules.FAMILY;
    }

    @Override
    public ConfiguredPlatform<AzureAccessCredentials> configure(PlatformSettings settings, Workload workload) {
        AzureWorkspace workspace = new AzureWorkspace(settings);
        Optional<AzureCloud> named = settings.optional(AzureRules.CLOUD).map(this::allowed);
        AzureCloud cloud = named.orElse(AzureCloud.PUBLIC);
        workspace.requireNoDetour(Optional.of(cloud).filter(any -> authorityHost.isEmpty()));
        String tenant = workspace.tenant(tenantId);
        Optional<String> subscription = workspace.subscription();
        AzureFederatedExchanger exchanger = AzureFederatedExchanger.builder(
                        tenant, settings.required(AzureRules.CLIENT).value(), http)
                .authorityHost(authorityHost.orElse(cloud.authorityHost()))
                .audience(valueOr(settings, AzureRules.AUDIENCE, cloud.audience()))
                .scope(valueOr(settings, AzureRules.SCOPE, cloud == AzureCloud.PUBLIC ? scope : cloud.scope()))
                .clock(clock)
                .build();
        return new ConfiguredPlatform<>(
                        workload,
                        guarded(settings, exchanger, tenant),
                        new AzureRenderer(
                                delivery,
                                subscription,
                                named,
                                authorityHost,
                                moreInputs(settings, tenant, subscription),
                                workspace.variables()))
                .handingOnToken();
    }

    /** Terraform's input tells of each configuration what HCP Terraform has no settings for, and what is true then. */
    private static Map<String, String> moreInputs(
            PlatformSettings settings, String tenant, Optional<String> subscription) {
        Map<String, String> inputs = new LinkedHashMap<>();
        if (isSet(settings, AzureRules.TENANT, AzureRules.TEST_TENANT)) {
            inputs.put("tenant_id", tenant);
        }
        if (isSet(settings, AzureRules.SUBSCRIPTION, AzureRules.TEST_SUBSCRIPTION)) {
            subscription.ifPresent(id -> inputs.put("subscription_id", id));
        }
        settings.optional(AzureRules.CLOUD).ifPresent(own -> inputs.put("environment", own.value()));
        return inputs;
    }

    private static boolean isSet(PlatformSettings settings, SettingRule... rules) {
        return Stream.of(rules).anyMatch(rule -> settings.optional(rule).isPresent());
    }

    private AzureCloud allowed(Setting setting) {
        if (authorityHost.isPresent()) {
            setting.require(
                    id -> false, "removed from the workspace, since the host sends tokens to an address of its own");
        }
        AzureCloud cloud = AzureCloud.named(setting.value()).orElseThrow();
        setting.require(
                id -> allowedClouds.contains(cloud),
                "one of the clouds that this host allows, "
                        + allowedClouds.stream().map(AzureCloud::id).toList());
        return cloud;
    }

    private static CredentialExchanger<AzureAccessCredentials> guarded(
            PlatformSettings settings, AzureFederatedExchanger exchanger, String tenant) {
        Optional<Setting> expected = settings.optional(AzureRules.EXPECTED_TENANT);
        if (expected.isEmpty()) {
            return exchanger;
        }
        expected.get()
                .require(
                        id -> id.equalsIgnoreCase(tenant) || !AzureFederatedExchanger.isGuid(tenant),
                        "the tenant of the run, which is \"" + tenant + "\"");
        return new ExpectedTenant(exchanger, expected.get().value(), tenant);
    }

    private static String valueOr(PlatformSettings settings, SettingRule rule, String otherwise) {
        return settings.optional(rule).map(Setting::value).orElse(otherwise);
    }

    /** Collects the settings of a provider. Not safe for use by several threads. */
    public static final class Builder {
        private @Nullable String tenantId;
        private @Nullable URI authorityHost;
        private final Set<AzureCloud> allowedClouds = EnumSet.of(AzureCloud.PUBLIC);
        private String scope = AzureFederatedExchanger.STANDARD_SCOPE;
        private Delivery delivery = Delivery.FILES;
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
         * Lets workspaces choose one more cloud, by {@code DYNAMIC_CREDENTIALS_AZURE_CLOUD}. Default: the public one
         * only.
         */
        public Builder allowCloud(AzureCloud cloud) {
            allowedClouds.add(cloud);
            return this;
        }

        /**
         * Sets the address of Entra, for example {@code https://login.microsoftonline.us/}, for this host and for its
         * runs, which can't choose a cloud then. Give it its {@link #scope} too. Default: that of the cloud.
         *
         * @throws IllegalArgumentException if it is not https, or has more than a host and a port
         */
        public Builder authorityHost(URI authorityHost) {
            this.authorityHost = AzureFederatedExchanger.requireAuthority(authorityHost);
            return this;
        }

        /**
         * Sets which access token proves that a run's identity works, where neither the run nor its cloud says
         * otherwise. Default {@value AzureFederatedExchanger#STANDARD_SCOPE}.
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

        /**
         * Sets how Terraform's providers come by the identity token. Default {@link Delivery#FILES}.
         *
         * @throws IllegalArgumentException if it is neither that nor {@link Delivery#BROKER}
         */
        public Builder delivery(Delivery delivery) {
            this.delivery = delivery.requireOneOf(Set.of(Delivery.FILES, Delivery.BROKER), "Azure");
            return this;
        }

        /** Sets the clock. Default: the system's. */
        public Builder clock(Clock clock) {
            this.clock = clock;
            return this;
        }

        /**
         * Returns the provider.
         *
         * @throws IllegalArgumentException if there are both an authority host and a further cloud to choose
         */
        public AzureProvider build() {
            if (authorityHost != null && allowedClouds.size() > 1) {
                throw new IllegalArgumentException("authorityHost is " + authorityHost + " and allowCloud allows "
                        + allowedClouds + ", but with an address of the host's own no run can choose a cloud");
            }
            return new AzureProvider(this);
        }
    }
}
