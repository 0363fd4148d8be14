package io.dynamiccredentials.vault;

import io.dynamiccredentials.config.ConfiguredPlatform;
import io.dynamiccredentials.config.CredentialProvider;
import io.dynamiccredentials.config.EnvironmentRenderer;
import io.dynamiccredentials.config.PlatformSettings;
import io.dynamiccredentials.config.Setting;
import io.dynamiccredentials.wire.BoundedHttpClient;
import io.dynamiccredentials.workload.Workload;
import java.net.URI;
import java.time.Clock;
import java.util.Optional;
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
    public String platform() {
        return "VAULT";
    }

    @Override
    public ConfiguredPlatform<VaultTokenCredentials> configure(PlatformSettings settings, Workload workload) {
        Setting address = settings.required("ADDR");
        String allowed = address.require(
                allowedAddresses::contains,
                "one of the addresses that this host allows, " + new TreeSet<>(allowedAddresses));
        String role =
                settings.requiredForPhase("ROLE").require(VaultJwtExchanger::isRole, VaultJwtExchanger.EXPECTED_ROLE);
        VaultJwtExchanger.Builder builder =
                VaultJwtExchanger.builder(URI.create(allowed), role, http).clock(clock);
        path(settings, "NAMESPACE").ifPresent(builder::namespace);
        path(settings, "AUTH_PATH").ifPresent(builder::authPath);
        settings.optional("WORKLOAD_IDENTITY_AUDIENCE")
                .ifPresent(audience -> builder.audience(
                        audience.require(VaultJwtExchanger::isAudience, VaultJwtExchanger.EXPECTED_AUDIENCE)));
        VaultJwtExchanger exchanger = builder.build();
        return new ConfiguredPlatform<>(exchanger, renderer(exchanger));
    }

    private static Optional<String> path(PlatformSettings settings, String name) {
        return settings.optional(name)
                .map(setting -> setting.require(VaultJwtExchanger::isPath, VaultJwtExchanger.EXPECTED_PATH));
    }

    private static EnvironmentRenderer<VaultTokenCredentials> renderer(VaultJwtExchanger exchanger) {
        return (credentials, token, environment) -> {
            environment.variable("VAULT_ADDR", exchanger.address().toString());
            environment.secretVariable("VAULT_TOKEN", credentials.token());
            exchanger.namespace().ifPresent(namespace -> environment.variable("VAULT_NAMESPACE", namespace));
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
