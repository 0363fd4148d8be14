package io.dynamiccredentials.gcp;

import io.dynamiccredentials.Secret;
import io.dynamiccredentials.config.ConfiguredPlatform;
import io.dynamiccredentials.config.CredentialProvider;
import io.dynamiccredentials.config.EnvironmentRenderer;
import io.dynamiccredentials.config.PlatformSettings;
import io.dynamiccredentials.config.Setting;
import io.dynamiccredentials.config.SettingRule;
import io.dynamiccredentials.config.VariableFamily;
import io.dynamiccredentials.wire.BoundedHttpClient;
import io.dynamiccredentials.wire.StrictJson;
import io.dynamiccredentials.wire.UntrustedText;
import io.dynamiccredentials.workload.Workload;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
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
    private static final String SERVICE_ACCOUNT = "service_account";
    private static final String WORKLOAD_POOL = "workload_pool";
    private static final String EXPECTED_ID = "4 to 32 lower-case letters, digits and hyphens, such as \"ci-pool\"";

    private static final SettingRule PRINCIPAL_TYPE = SettingRule.builder(
                    "PRINCIPAL_TYPE", "whether the run acts as a service account or as a principal of the pool")
            .defaultsTo(SERVICE_ACCOUNT)
            .form(
                    value -> value.equals(SERVICE_ACCOUNT) || value.equals(WORKLOAD_POOL),
                    '"' + SERVICE_ACCOUNT + "\" or \"" + WORKLOAD_POOL + '"')
            .build();
    private static final SettingRule UNIFIED_NAME = SettingRule.builder(
                    "WORKLOAD_PROVIDER_NAME", "the full name of the workload identity provider")
            .requiredWhen("unless project number, pool id and provider id are set")
            .form(ProviderName::isWellFormed, ProviderName.EXPECTED)
            .build();
    private static final SettingRule PROJECT_NUMBER = SettingRule.builder(
                    "PROJECT_NUMBER", "the number of the provider's project")
            .requiredWhen("without the provider's full name")
            .form(ProviderName::isProjectNumber, "the project's number and not its id, such as \"123456789\"")
            .build();
    private static final SettingRule POOL_ID = SettingRule.builder("WORKLOAD_POOL_ID", "the id of the provider's pool")
            .requiredWhen("without the provider's full name")
            .form(ProviderName::isId, EXPECTED_ID)
            .build();
    private static final SettingRule PROVIDER_ID = SettingRule.builder(
                    "WORKLOAD_PROVIDER_ID", "the id of the provider in its pool")
            .requiredWhen("without the provider's full name")
            .form(ProviderName::isId, EXPECTED_ID)
            .build();
    private static final SettingRule EMAIL = SettingRule.builder(
                    "SERVICE_ACCOUNT_EMAIL", "the e-mail address of the service account")
            .perPhase()
            .requiredWhen("while the principal is a service account")
            .form(GcpWorkloadIdentityExchanger::isServiceAccount, GcpWorkloadIdentityExchanger.EXPECTED_SERVICE_ACCOUNT)
            .build();
    private static final SettingRule AUDIENCE = SettingRule.builder(
                    "WORKLOAD_IDENTITY_AUDIENCE", "the audience of the token, one that the provider allows")
            .defaultsTo("the provider's name, after //iam.googleapis.com/")
            .form(GcpWorkloadIdentityExchanger::isAudience, GcpWorkloadIdentityExchanger.EXPECTED_AUDIENCE)
            .build();
    private static final VariableFamily FAMILY = VariableFamily.builder("GCP")
            .rules(PRINCIPAL_TYPE, UNIFIED_NAME, PROJECT_NUMBER, POOL_ID, PROVIDER_ID, EMAIL, AUDIENCE)
            .input("tfc_gcp_dynamic_credentials", "credentials")
            .build();

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
    public VariableFamily family() {
        return FAMILY;
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
        settings.optional(AUDIENCE).map(Setting::value).ifPresent(builder::audience);
        if (tokenUrl != null) {
            builder.tokenUrl(tokenUrl);
        }
        if (iamCredentialsUrl != null) {
            builder.iamCredentialsUrl(iamCredentialsUrl);
        }
        GcpWorkloadIdentityExchanger exchanger = builder.build();
        return new ConfiguredPlatform<>(workload, exchanger, renderer(exchanger));
    }

    private static String providerName(PlatformSettings settings) {
        Optional<Setting> unified = settings.optional(UNIFIED_NAME);
        if (unified.isPresent()) {
            return unified.get().value();
        }
        boolean none = Stream.of(PROJECT_NUMBER, POOL_ID, PROVIDER_ID)
                .map(settings::optional)
                .allMatch(Optional::isEmpty);
        if (none) {
            return settings.required(UNIFIED_NAME).value();
        }
        return new ProviderName(
                        settings.required(PROJECT_NUMBER).value(),
                        settings.required(POOL_ID).value(),
                        settings.required(PROVIDER_ID).value())
                .value();
    }

    private static Optional<String> serviceAccount(PlatformSettings settings) {
        String type = settings.optional(PRINCIPAL_TYPE).map(Setting::value).orElse(SERVICE_ACCOUNT);
        if (type.equals(SERVICE_ACCOUNT)) {
            return Optional.of(settings.required(EMAIL).value());
        }
        // Also one of another phase: a plan must not pass where the apply would be refused. A default may be for
        // others.
        settings.explicit(EMAIL).ifPresent(email -> {
            throw new IllegalArgumentException(email.variable() + " is set to " + UntrustedText.quote(email.value())
                    + " while the principal type is \"" + WORKLOAD_POOL
                    + "\", which uses no service account. Remove one of them");
        });
        return Optional.empty();
    }

    private static EnvironmentRenderer<GcpAccessCredentials> renderer(GcpWorkloadIdentityExchanger exchanger) {
        return (credentials, token, environment) -> {
            Path tokenFile = environment.file("gcp-token", token.compact());
            Path file = environment.file("gcp-credentials.json", Secret.of(externalAccount(exchanger, tokenFile)));
            environment.variable("GOOGLE_APPLICATION_CREDENTIALS", file.toString());
            environment.variable("CLOUDSDK_AUTH_CREDENTIAL_FILE_OVERRIDE", file.toString());
            environment.input("credentials", file.toString());
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
