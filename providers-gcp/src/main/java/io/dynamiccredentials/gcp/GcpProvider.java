package io.dynamiccredentials.gcp;

import io.dynamiccredentials.config.ConfiguredPlatform;
import io.dynamiccredentials.config.CredentialProvider;
import io.dynamiccredentials.config.Delivery;
import io.dynamiccredentials.config.PlatformSettings;
import io.dynamiccredentials.config.Setting;
import io.dynamiccredentials.config.VariableFamily;
import io.dynamiccredentials.wire.BoundedHttpClient;
import io.dynamiccredentials.workload.Workload;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Plugs Google Cloud in. Reads {@code TFC_GCP_WORKLOAD_PROVIDER_NAME} (or {@code TFC_GCP_PROJECT_NUMBER},
 * {@code TFC_GCP_WORKLOAD_POOL_ID} and {@code TFC_GCP_WORKLOAD_PROVIDER_ID}), {@code TFC_GCP_PRINCIPAL_TYPE},
 * {@code TFC_GCP_RUN_SERVICE_ACCOUNT_EMAIL} (or {@code PLAN}, {@code APPLY}) and
 * {@code TFC_GCP_WORKLOAD_IDENTITY_AUDIENCE}; beyond HCP Terraform's, {@code DYNAMIC_CREDENTIALS_GCP_} with
 * {@code TOKEN_LIFETIME_SECONDS}, {@code SCOPES}, {@code DELEGATES}, {@code UNIVERSE} and {@code EXPECTED_PROJECT}.
 * Gives a run {@code GOOGLE_APPLICATION_CREDENTIALS} and {@code CLOUDSDK_AUTH_CREDENTIAL_FILE_OVERRIDE}; and, so that
 * no tool ends at the machine's own identity, {@code CLOUDSDK_CORE_CHECK_GCE_METADATA=false}, and {@code /dev/null} for
 * the file where a run has several configurations or no file.
 *
 * <p>Both name an {@code external_account} file, from which the run's tools do the exchange themselves as often as they
 * need it. It names the file with the identity token, or with {@link Delivery#BROKER} where the newest one is found on
 * loopback. The access token of the first exchange only proves that the trust stands, and is not handed out: the tools
 * could not renew it.
 *
 * <p>Such a file can express neither scopes nor a chain of delegation. With {@code SCOPES} or {@code DELEGATES}, and
 * with {@link Delivery#VARIABLES} in any case, the run therefore receives the access token itself, and no identity
 * token: {@code GOOGLE_OAUTH_ACCESS_TOKEN} for Terraform, {@code CLOUDSDK_AUTH_ACCESS_TOKEN_FILE} for {@code gcloud}
 * and the member {@code access_token} of the Terraform input. No running process sees the variable change, so that it
 * can't outlive the token; {@code gcloud} reads the file again whenever it is started. Google's client libraries, which
 * take no token of a variable, find no credentials.
 *
 * <p>Addresses are the host's, never a workspace variable's: a universe is one that the host allows, and
 * {@code GOOGLE_CLOUD_UNIVERSE_DOMAIN} and {@code CLOUDSDK_CORE_UNIVERSE_DOMAIN} of a workspace must say the same. Safe
 * for use by many threads.
 */
public final class GcpProvider implements CredentialProvider {
    private static final List<String> UNIVERSE_VARIABLES =
            List.of("GOOGLE_CLOUD_UNIVERSE_DOMAIN", "CLOUDSDK_CORE_UNIVERSE_DOMAIN");

    private final BoundedHttpClient http;
    private final @Nullable URI tokenUrl;
    private final @Nullable URI iamCredentialsUrl;
    private final @Nullable Duration tokenLifetime;
    private final Set<String> allowedUniverses;
    private final Delivery delivery;
    private final Clock clock;

    private GcpProvider(Builder builder) {
        this.http = builder.http == null ? BoundedHttpClient.builder().build() : builder.http;
        this.tokenUrl = builder.tokenUrl;
        this.iamCredentialsUrl = builder.iamCredentialsUrl;
        this.tokenLifetime = builder.tokenLifetime;
        this.allowedUniverses = new TreeSet<>(builder.allowedUniverses);
        this.delivery = builder.delivery;
        this.clock = builder.clock;
    }

    /** Starts a provider that speaks to Google's own addresses. */
    public static Builder builder() {
        return new Builder();
    }

    @Override
    public VariableFamily family() {
        return GcpRules.FAMILY;
    }

    @Override
    public ConfiguredPlatform<GcpAccessCredentials> configure(PlatformSettings settings, Workload workload) {
        String universe = universe(settings);
        GcpPrincipal principal = new GcpPrincipal(settings);
        Optional<String> serviceAccount = principal.serviceAccount();
        principal.requireExpectedProject(serviceAccount);
        GoogleAddresses addresses = GoogleAddresses.of(universe);
        GcpWorkloadIdentityExchanger.Builder builder = GcpWorkloadIdentityExchanger.builder(
                        principal.providerName(), http)
                .tokenUrl(tokenUrl == null ? addresses.tokenUrl() : tokenUrl)
                .iamCredentialsUrl(iamCredentialsUrl == null ? addresses.iamCredentialsUrl() : iamCredentialsUrl)
                .clock(clock);
        List<String> delegates = principal.delegates(serviceAccount);
        serviceAccount.ifPresent(email -> builder.serviceAccount(email).delegates(delegates));
        lifetime(settings, serviceAccount).ifPresent(builder::tokenLifetime);
        settings.optional(GcpRules.AUDIENCE).map(Setting::value).ifPresent(builder::audience);
        Optional<Setting> scopes = settings.optional(GcpRules.SCOPES);
        scopes.map(own -> GcpRules.list(own.value())).ifPresent(builder::scopes);
        GcpWorkloadIdentityExchanger exchanger = builder.build();
        // No file can say what the token was asked for.
        Delivery possible = scopes.isPresent() || !delegates.isEmpty() ? Delivery.VARIABLES : delivery;
        ConfiguredPlatform<GcpAccessCredentials> platform = new ConfiguredPlatform<>(
                workload, exchanger, new GcpRenderer(exchanger, possible, universe, unset(settings)));
        return possible == Delivery.VARIABLES ? platform : platform.handingOnToken();
    }

    private String universe(PlatformSettings settings) {
        String universe = settings.optional(GcpRules.UNIVERSE)
                .map(own -> own.require(
                        allowedUniverses::contains, "one of the universes that this host allows, " + allowedUniverses))
                .orElse(GoogleAddresses.PUBLIC_UNIVERSE);
        boolean ofATag = settings.tag().isPresent()
                && settings.explicit(GcpRules.UNIVERSE).isPresent();
        if (!ofATag) {
            // Of a tagged configuration with a universe of its own, the workspace's variables say nothing.
            for (String name : UNIVERSE_VARIABLES) {
                settings.workspaceVariable(name)
                        .ifPresent(own -> own.require(
                                universe::equals,
                                "absent or \"" + universe
                                        + "\", as the run's universe is (DYNAMIC_CREDENTIALS_GCP_UNIVERSE)"));
            }
        }
        return universe;
    }

    private Optional<Duration> lifetime(PlatformSettings settings, Optional<String> serviceAccount) {
        return serviceAccount.flatMap(email -> settings.optional(GcpRules.LIFETIME)
                .map(own -> Duration.ofSeconds(Integer.parseInt(own.value())))
                .or(() -> Optional.ofNullable(tokenLifetime)));
    }

    private static Set<String> unset(PlatformSettings settings) {
        return UNIVERSE_VARIABLES.stream()
                .filter(name -> settings.workspaceVariable(name).isEmpty())
                .collect(Collectors.toSet());
    }

    /** Collects the settings of a provider. Not safe for use by several threads. */
    public static final class Builder {
        private @Nullable BoundedHttpClient http;
        private @Nullable URI tokenUrl;
        private @Nullable URI iamCredentialsUrl;
        private @Nullable Duration tokenLifetime;
        private final Set<String> allowedUniverses = new TreeSet<>(Set.of(GoogleAddresses.PUBLIC_UNIVERSE));
        private Delivery delivery = Delivery.FILES;
        private Clock clock = Clock.systemUTC();

        private Builder() {}

        /** Sets the HTTP client, for other time-outs or a private certificate authority. */
        public Builder http(BoundedHttpClient http) {
            this.http = http;
            return this;
        }

        /**
         * Sets the address of STS, https, whatever the universe. Default {@code https://sts.googleapis.com/v1/token}.
         */
        public Builder tokenUrl(URI tokenUrl) {
            this.tokenUrl = GoogleAddresses.requireTokenUrl(tokenUrl);
            return this;
        }

        /**
         * Sets the address of IAM Credentials, https and without a path, whatever the universe. Default
         * {@code https://iamcredentials.googleapis.com}.
         */
        public Builder iamCredentialsUrl(URI iamCredentialsUrl) {
            this.iamCredentialsUrl = GoogleAddresses.requireIamCredentialsUrl(iamCredentialsUrl);
            return this;
        }

        /**
         * Lets workspaces choose one more universe, by {@code DYNAMIC_CREDENTIALS_GCP_UNIVERSE}: a Google Cloud whose
         * addresses are {@code sts.} and {@code iamcredentials.} and this domain. Default: {@code googleapis.com} only.
         *
         * @throws IllegalArgumentException if it is not a domain in lower case
         */
        public Builder allowUniverse(String domain) {
            if (!GoogleAddresses.isUniverse(domain)) {
                throw new IllegalArgumentException(
                        "The universe must be " + GoogleAddresses.EXPECTED_UNIVERSE + "; it was \"" + domain + "\"");
            }
            allowedUniverses.add(domain);
            return this;
        }

        /**
         * Sets how long tokens of service accounts live where the run does not say it, 600 to 43200 seconds; more than
         * an hour needs an organization policy. Default 3600 seconds.
         */
        public Builder tokenLifetime(Duration tokenLifetime) {
            this.tokenLifetime = GcpWorkloadIdentityExchanger.requireTokenLifetime(tokenLifetime);
            return this;
        }

        /**
         * Sets how runs come by their identity. {@link Delivery#FILES}, the default, and {@link Delivery#BROKER} give
         * them the identity token, {@link Delivery#VARIABLES} the access token. Runs with scopes or delegates always
         * get the access token.
         */
        public Builder delivery(Delivery delivery) {
            this.delivery = delivery;
            return this;
        }

        /** Sets the clock. Default: the system's. */
        public Builder clock(Clock clock) {
            this.clock = clock;
            return this;
        }

        /** Returns the provider. */
        public GcpProvider build() {
            return new GcpProvider(this);
        }
    }
}
