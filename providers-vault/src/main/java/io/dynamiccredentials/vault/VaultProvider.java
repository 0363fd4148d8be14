package io.dynamiccredentials.vault;

import io.dynamiccredentials.config.ConfiguredPlatform;
import io.dynamiccredentials.config.CredentialProvider;
import io.dynamiccredentials.config.EnvironmentRenderer;
import io.dynamiccredentials.config.PlatformSettings;
import io.dynamiccredentials.config.Setting;
import io.dynamiccredentials.config.SettingRule;
import io.dynamiccredentials.config.VariableFamily;
import io.dynamiccredentials.wire.BoundedHttpClient;
import io.dynamiccredentials.workload.Workload;
import java.net.URI;
import java.time.Clock;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Plugs Vault in. Reads {@code TFC_VAULT_ADDR}, {@code TFC_VAULT_RUN_ROLE} (or {@code PLAN}, {@code APPLY}),
 * {@code TFC_VAULT_NAMESPACE}, {@code TFC_VAULT_AUTH_PATH} and {@code TFC_VAULT_WORKLOAD_IDENTITY_AUDIENCE}; gives a
 * run {@code VAULT_ADDR}, {@code VAULT_TOKEN} and {@code VAULT_NAMESPACE}.
 *
 * <p>A workspace may name only the addresses that the host allows: whoever sets the variables must not choose where
 * this machine sends tokens. Safe for use by many threads.
 */
public final class VaultProvider implements CredentialProvider {
    private static final SettingRule ADDRESS =
            SettingRule.builder("ADDR", "Vault's address").required().build();
    private static final SettingRule ROLE = SettingRule.builder("ROLE", "the role of the JWT auth method")
            .perPhase()
            .required()
            .form(VaultJwtExchanger::isRole, VaultJwtExchanger.EXPECTED_ROLE)
            .build();
    private static final SettingRule NAMESPACE = SettingRule.builder("NAMESPACE", "the namespace of the login")
            .defaultsTo("the root namespace")
            .form(VaultJwtExchanger::isPath, VaultJwtExchanger.EXPECTED_PATH)
            .build();
    private static final SettingRule AUTH_PATH = SettingRule.builder(
                    "AUTH_PATH", "the path at which the JWT auth method is mounted")
            .defaultsTo("jwt")
            .form(VaultJwtExchanger::isPath, VaultJwtExchanger.EXPECTED_PATH)
            .build();
    private static final SettingRule AUDIENCE = SettingRule.builder(
                    "WORKLOAD_IDENTITY_AUDIENCE", "the audience of the token, one of the role's bound_audiences")
            .defaultsTo(VaultJwtExchanger.STANDARD_AUDIENCE)
            .form(VaultJwtExchanger::isAudience, VaultJwtExchanger.EXPECTED_AUDIENCE)
            .build();
    private static final VariableFamily FAMILY = VariableFamily.builder("VAULT")
            .rules(ADDRESS, ROLE, NAMESPACE, AUTH_PATH, AUDIENCE)
            .input("tfc_vault_dynamic_credentials", "token_filename", "address", "namespace", "ca_cert_file")
            .build();

    private final Set<String> allowedAddresses;
    private final BoundedHttpClient http;
    private final Clock clock;

    private VaultProvider(Builder builder) {
        this.allowedAddresses = Set.copyOf(builder.allowedAddresses);
        this.http = builder.http == null ? BoundedHttpClient.builder().build() : builder.http;
        this.clock = builder.clock;
    }

    /**
     * Starts a provider that lets workspaces use the Vault at {@code address}, written exactly so.
     *
     * @throws IllegalArgumentException if {@code address} is not https (or http on loopback), or has a path
     */
    public static Builder builder(URI address) {
        return new Builder().allow(address);
    }

    @Override
    public VariableFamily family() {
        return FAMILY;
    }

    @Override
    public ConfiguredPlatform<VaultTokenCredentials> configure(PlatformSettings settings, Workload workload) {
        String allowed = settings.required(ADDRESS)
                .require(
                        allowedAddresses::contains,
                        "one of the addresses that this host allows, " + new TreeSet<>(allowedAddresses));
        VaultJwtExchanger.Builder builder = VaultJwtExchanger.builder(
                        URI.create(allowed), settings.required(ROLE).value(), http)
                .clock(clock);
        settings.optional(NAMESPACE).map(Setting::value).ifPresent(builder::namespace);
        settings.optional(AUTH_PATH).map(Setting::value).ifPresent(builder::authPath);
        settings.optional(AUDIENCE).map(Setting::value).ifPresent(builder::audience);
        VaultJwtExchanger exchanger = builder.build();
        return new ConfiguredPlatform<>(workload, exchanger, renderer(exchanger));
    }

    private static EnvironmentRenderer<VaultTokenCredentials> renderer(VaultJwtExchanger exchanger) {
        return (credentials, token, environment) -> {
            environment.variable("VAULT_ADDR", exchanger.address().toString());
            environment.secretVariable("VAULT_TOKEN", credentials.token());
            environment
                    .input("address", exchanger.address().toString())
                    .input(
                            "token_filename",
                            environment.file("vault-token", credentials.token()).toString());
            exchanger
                    .namespace()
                    .ifPresent(namespace ->
                            environment.variable("VAULT_NAMESPACE", namespace).input("namespace", namespace));
        };
    }

    /** Collects the settings of a provider. Not safe for use by several threads. */
    public static final class Builder {
        private final Set<String> allowedAddresses = new TreeSet<>();
        private @Nullable BoundedHttpClient http;
        private Clock clock = Clock.systemUTC();

        private Builder() {}

        /**
         * Lets workspaces use one more Vault.
         *
         * @throws IllegalArgumentException if {@code address} is not https (or http on loopback), or has a path
         */
        public Builder allow(URI address) {
            VaultJwtExchanger.requireAddress(address);
            allowedAddresses.add(address.toString());
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
        public VaultProvider build() {
            return new VaultProvider(this);
        }
    }
}
