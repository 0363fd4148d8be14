package io.dynamiccredentials.gcp;

import io.dynamiccredentials.Secret;
import io.dynamiccredentials.config.ConfiguredPlatform;
import io.dynamiccredentials.config.CredentialProvider;
import io.dynamiccredentials.config.EnvironmentRenderer;
import io.dynamiccredentials.config.PlatformSettings;
import io.dynamiccredentials.config.Setting;
import io.dynamiccredentials.wire.BoundedHttpClient;
import io.dynamiccredentials.wire.StrictJson;
import io.dynamiccredentials.workload.Workload;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Plugs Google Cloud in. Reads {@code TFC_GCP_WORKLOAD_PROVIDER_NAME} (or {@code TFC_GCP_PROJECT_NUMBER},
 * {@code TFC_GCP_WORKLOAD_POOL_ID} and {@code TFC_GCP_WORKLOAD_PROVIDER_ID}), {@code TFC_GCP_PRINCIPAL_TYPE},
 * {@code TFC_GCP_RUN_SERVICE_ACCOUNT_EMAIL} (or {@code PLAN}, {@code APPLY}) and
 * {@code TFC_GCP_WORKLOAD_IDENTITY_AUDIENCE}; gives a run {@code GOOGLE_APPLICATION_CREDENTIALS} and
 * {@code CLOUDSDK_AUTH_CREDENTIAL_FILE_OVERRIDE}.
 *
 * <p>Both name an {@code external_account} file, from which the run's tools do the exchange themselves as often as they
 * need it. The access token of the first exchange only proves that the trust stands, and is not handed out: the tools
 * could not renew it. Addresses are the host's, never a workspace variable's. Safe for use by many threads.
 */
public final class GcpProvider implements CredentialProvider {
    private static final String UNIFIED_NAME = "WORKLOAD_PROVIDER_NAME";
    private static final String PROJECT_NUMBER = "PROJECT_NUMBER";
    private static final String POOL_ID = "WORKLOAD_POOL_ID";
    private static final String PROVIDER_ID = "WORKLOAD_PROVIDER_ID";
    private static final String EMAIL = "SERVICE_ACCOUNT_EMAIL";
    private static final String SERVICE_ACCOUNT = "service_account";
    private static final String WORKLOAD_POOL = "workload_pool";

    private final BoundedHttpClient http;
    private final @Nullable URI tokenUrl;
    private final @Nullable URI iamCredentialsUrl;
    private final @Nullable Duration tokenLifetime;
    private final Clock clock;

    private GcpProvider(Builder builder) {
        this.http = builder.http == null ? BoundedHttpClient.builder().build() : builder.http;
        this.tokenUrl = builder.tokenUrl;
        this.iamCredentialsUrl = builder.iamCredentialsUrl;
        this.tokenLifetime = builder.tokenLifetime;
        this.clock = builder.clock;
    }

    /** Starts a provider that speaks to Google's own addresses. */
    public static Builder builder() {
        return new Builder();
    }

    @Override
    public String platform() {
        return "GCP";
    }

    @Override
    public ConfiguredPlatform<GcpAccessCredentials> configure(PlatformSettings settings, Workload workload) {
        GcpWorkloadIdentityExchanger.Builder builder = GcpWorkloadIdentityExchanger.builder(
                        providerName(settings), http)
                .clock(clock);
        serviceAccount(settings).ifPresent(email -> {
            builder.serviceAccount(email);
            if (tokenLifetime != null) {
                builder.tokenLifetime(tokenLifetime);
            }
        });
        settings.optional("WORKLOAD_IDENTITY_AUDIENCE")
                .ifPresent(audience -> builder.audience(audience.require(
                        GcpWorkloadIdentityExchanger::isAudience, GcpWorkloadIdentityExchanger.EXPECTED_AUDIENCE)));
        if (tokenUrl != null) {
            builder.tokenUrl(tokenUrl);
        }
        if (iamCredentialsUrl != null) {
            builder.iamCredentialsUrl(iamCredentialsUrl);
        }
        GcpWorkloadIdentityExchanger exchanger = builder.build();
        return new ConfiguredPlatform<>(exchanger, renderer(exchanger));
    }

    private static String providerName(PlatformSettings settings) {
        Optional<Setting> unified = settings.optional(UNIFIED_NAME);
        // Asked for even where the unified name wins, so that none of them counts as a typing error.
        List<Optional<Setting>> parts =
                List.of(settings.optional(PROJECT_NUMBER), settings.optional(POOL_ID), settings.optional(PROVIDER_ID));
        if (unified.isPresent()) {
            return unified.get().require(ProviderName::isWellFormed, ProviderName.EXPECTED);
        }
        if (parts.stream().allMatch(Optional::isEmpty)) {
            return settings.required(UNIFIED_NAME).value();
        }
        String id = "4 to 32 lower-case letters, digits and hyphens, such as \"ci-pool\"";
        String number = settings.required(PROJECT_NUMBER)
                .require(ProviderName::isProjectNumber, "the project's number and not its id, such as \"123456789\"");
        String pool = settings.required(POOL_ID).require(ProviderName::isId, id);
        return new ProviderName(number, pool, settings.required(PROVIDER_ID).require(ProviderName::isId, id)).value();
    }

    private static Optional<String> serviceAccount(PlatformSettings settings) {
        String type = settings.optional("PRINCIPAL_TYPE")
                .map(setting -> setting.require(
                        value -> value.equals(SERVICE_ACCOUNT) || value.equals(WORKLOAD_POOL),
                        '"' + SERVICE_ACCOUNT + "\" or \"" + WORKLOAD_POOL + '"'))
                .orElse(SERVICE_ACCOUNT);
        if (type.equals(SERVICE_ACCOUNT)) {
            return Optional.of(settings.requiredForPhase(EMAIL)
                    .require(
                            GcpWorkloadIdentityExchanger::isServiceAccount,
                            GcpWorkloadIdentityExchanger.EXPECTED_SERVICE_ACCOUNT));
        }
        // Also one of another phase: a plan must not pass where the apply would be refused.
        for (String phase : List.of("RUN_", "PLAN_", "APPLY_")) {
            settings.optional(phase + EMAIL).ifPresent(email -> {
                throw new IllegalArgumentException(email.variable() + " is set to \"" + email.value()
                        + "\" while the principal type is \"" + WORKLOAD_POOL
                        + "\", which uses no service account. Remove one of them");
            });
        }
        return Optional.empty();
    }

    private static EnvironmentRenderer<GcpAccessCredentials> renderer(GcpWorkloadIdentityExchanger exchanger) {
        return (credentials, token, environment) -> {
            Path tokenFile = environment.file("gcp-token", token.compact());
            Path file = environment.file("gcp-credentials.json", Secret.of(externalAccount(exchanger, tokenFile)));
            environment.variable("GOOGLE_APPLICATION_CREDENTIALS", file.toString());
            environment.variable("CLOUDSDK_AUTH_CREDENTIAL_FILE_OVERRIDE", file.toString());
        };
    }

    private static String externalAccount(GcpWorkloadIdentityExchanger exchanger, Path tokenFile) {
        Map<String, Object> members = new LinkedHashMap<>();
        members.put("type", "external_account");
        // Names the provider to STS. It is not the audience of the token, which the workspace may set.
        members.put("audience", exchanger.provider().resource());
        members.put("subject_token_type", GcpWorkloadIdentityExchanger.SUBJECT_TOKEN_TYPE);
        members.put("token_url", exchanger.tokenUrl().toString());
        exchanger.impersonationUrl().ifPresent(url -> {
            members.put("service_account_impersonation_url", url);
            members.put(
                    "service_account_impersonation",
                    Map.of("token_lifetime_seconds", exchanger.tokenLifetime().toSeconds()));
        });
        Map<String, Object> source = new LinkedHashMap<>();
        source.put("file", tokenFile.toString());
        source.put("format", Map.of("type", "text"));
        members.put("credential_source", source);
        return StrictJson.write(members);
    }

    /** Collects the settings of a provider. Not safe for use by several threads. */
    public static final class Builder {
        private @Nullable BoundedHttpClient http;
        private @Nullable URI tokenUrl;
        private @Nullable URI iamCredentialsUrl;
        private @Nullable Duration tokenLifetime;
        private Clock clock = Clock.systemUTC();

        private Builder() {}

        /** Sets the HTTP client, for other time-outs or a private certificate authority. */
        public Builder http(BoundedHttpClient http) {
            this.http = http;
            return this;
        }

        /** Sets the address of STS, https. Default {@code https://sts.googleapis.com/v1/token}. */
        public Builder tokenUrl(URI tokenUrl) {
            this.tokenUrl = GcpWorkloadIdentityExchanger.requireTokenUrl(tokenUrl);
            return this;
        }

        /**
         * Sets the address of IAM Credentials, https and without a path. Default
         * {@code https://iamcredentials.googleapis.com}.
         */
        public Builder iamCredentialsUrl(URI iamCredentialsUrl) {
            this.iamCredentialsUrl = GcpWorkloadIdentityExchanger.requireIamCredentialsUrl(iamCredentialsUrl);
            return this;
        }

        /**
         * Sets how long tokens of service accounts live, 600 to 43200 seconds; more than an hour needs an organization
         * policy. Default 3600 seconds.
         */
        public Builder tokenLifetime(Duration tokenLifetime) {
            this.tokenLifetime = GcpWorkloadIdentityExchanger.requireTokenLifetime(tokenLifetime);
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
