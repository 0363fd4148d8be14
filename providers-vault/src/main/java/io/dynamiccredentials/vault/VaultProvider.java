package io.dynamiccredentials.vault;

import io.dynamiccredentials.config.ConfiguredPlatform;
import io.dynamiccredentials.config.CredentialProvider;
import io.dynamiccredentials.config.Delivery;
import io.dynamiccredentials.config.PlatformSettings;
import io.dynamiccredentials.config.Setting;
import io.dynamiccredentials.config.SettingRule;
import io.dynamiccredentials.config.VariableFamily;
import io.dynamiccredentials.exchange.HandleRevoker;
import io.dynamiccredentials.vault.VaultSweeper.SweeperLogin;
import io.dynamiccredentials.wire.BoundedHttpClient;
import io.dynamiccredentials.workload.Workload;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Plugs Vault in. Reads {@code TFC_VAULT_ADDR}, {@code TFC_VAULT_RUN_ROLE} (or {@code PLAN}, {@code APPLY}),
 * {@code TFC_VAULT_NAMESPACE}, {@code TFC_VAULT_AUTH_PATH}, {@code TFC_VAULT_WORKLOAD_IDENTITY_AUDIENCE},
 * {@code TFC_VAULT_ENCODED_CACERT}, {@code TFC_VAULT_CLIENT_TIMEOUT} and, beyond HCP Terraform,
 * {@code DYNAMIC_CREDENTIALS_VAULT_EXPECTED_ENTITY_ID}; gives a run {@code VAULT_ADDR}, {@code VAULT_TOKEN},
 * {@code VAULT_NAMESPACE} and {@code VAULT_CACERT}.
 *
 * <p>With {@link Delivery#FILES} the run has no {@code VAULT_TOKEN}, which Vault's tools would prefer and which no
 * process sees change, but {@code .vault-token} in its private home, where these tools look next. Some tools find it
 * only there where {@code HOME} leads, as {@link io.dynamiccredentials.run.RunLease#start} has it. Where a run has
 * several configurations of Vault or a tagged one, neither is there: each configuration has a file of its own, which
 * {@code tfc_vault_dynamic_credentials} names.
 *
 * <p>A workspace may name only the addresses that the host allows: whoever sets the variables must not choose where
 * this machine sends tokens. The certificates of {@code TFC_VAULT_ENCODED_CACERT} are then the only ones that this
 * configuration trusts. {@code TFC_VAULT_CLIENT_TIMEOUT} bounds each request of this configuration in place of the
 * host's time-outs; without it these hold, and 60 seconds for requests on which Vault asks another platform (see
 * {@link VaultBackedProvider}). Safe for use by many threads.
 */
public final class VaultProvider implements CredentialProvider {
    private static final SettingRule ADDRESS = SettingRule.builder("ADDR", "Vault's address")
            .required()
            .form(address -> true, "one of the addresses that the host allows, written like them")
            .build();
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
    private static final SettingRule CA = SettingRule.builder(
                    "ENCODED_CACERT", "the certificates of the authority that vouches for Vault's address, in base64")
            .defaultsTo("the host's trust")
            .form(CaCertificates::isEncoded, CaCertificates.EXPECTED)
            .build();
    private static final SettingRule CLIENT_TIMEOUT = SettingRule.builder(
                    "CLIENT_TIMEOUT", "how many seconds Vault has for an answer")
            .defaultsTo("60 where Vault asks another platform, else the host's time-outs")
            .form(WholeSeconds.between(1, 600), WholeSeconds.expected(1, 600))
            .build();
    private static final SettingRule ENTITY = SettingRule.builder(
                    "EXPECTED_ENTITY_ID", "the only entity that the login may be of")
            .beyondTerraform()
            .form(VaultJwtExchanger::isEntityId, VaultJwtExchanger.EXPECTED_ENTITY_ID)
            .build();
    private static final String STANDARD_AUTH_PATH = "jwt";
    private static final Duration FOR_OTHER_PLATFORMS = Duration.ofSeconds(60);

    static final VariableFamily FAMILY = VariableFamily.builder("VAULT")
            .rules(ADDRESS, ROLE, NAMESPACE, AUTH_PATH, AUDIENCE, CA, CLIENT_TIMEOUT, ENTITY)
            .input("tfc_vault_dynamic_credentials", "token_filename", "address", "namespace", "ca_cert_file")
            .build();

    private final Set<String> allowedAddresses;
    private final BoundedHttpClient http;
    private final Delivery delivery;
    private final Clock clock;
    private final Optional<HandleRevoker> revoker;

    private VaultProvider(Builder builder) {
        this.allowedAddresses = Set.copyOf(builder.allowedAddresses);
        this.http = builder.http == null ? BoundedHttpClient.builder().build() : builder.http;
        this.delivery = builder.delivery;
        this.clock = builder.clock;
        this.revoker = Optional.ofNullable(builder.sweeperRole)
                .map(role -> new SweeperLogin(role, builder.sweeperAuthPath, builder.sweeperAudience))
                .map(login -> new VaultSweeper(allowedAddresses, login, http, clock));
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
        Optional<CaCertificates> ca = certificates(settings);
        VaultJwtExchanger exchanger = connect(settings, ca).login();
        return new ConfiguredPlatform<>(workload, exchanger, new VaultRenderer(exchanger, delivery, ca));
    }

    /**
     * Returns who ends tokens and leases of dead owners, those of each {@link VaultBackedProvider} upon this one
     * included; empty without {@link Builder#sweeperRole}. It trusts what the host's HTTP client trusts, and no
     * certificates that a workspace has named.
     */
    @Override
    public Optional<HandleRevoker> revoker() {
        return revoker;
    }

    /** Returns what the settings of one configuration come to. Opens nothing. */
    VaultConnection connect(PlatformSettings settings) {
        return connect(settings, certificates(settings));
    }

    private VaultConnection connect(PlatformSettings settings, Optional<CaCertificates> ca) {
        String allowed = settings.required(ADDRESS)
                .require(
                        allowedAddresses::contains,
                        "one of the addresses that this host allows, " + new TreeSet<>(allowedAddresses));
        Supplier<BoundedHttpClient> trusting = new Lazily<>(
                () -> ca.map(own -> http.trusting(own.sslContext())).orElse(http));
        Optional<Duration> patience = settings.optional(CLIENT_TIMEOUT).map(WholeSeconds::of);
        VaultJwtExchanger.Builder builder = VaultJwtExchanger.builder(
                        URI.create(allowed),
                        settings.required(ROLE).value(),
                        patience.<Supplier<BoundedHttpClient>>map(
                                        own -> () -> trusting.get().waiting(own))
                                .orElse(trusting))
                .clock(clock);
        settings.optional(NAMESPACE).map(Setting::value).ifPresent(builder::namespace);
        settings.optional(AUTH_PATH).map(Setting::value).ifPresent(builder::authPath);
        settings.optional(AUDIENCE).map(Setting::value).ifPresent(builder::audience);
        settings.optional(ENTITY).map(Setting::value).ifPresent(builder::expectedEntityId);
        VaultJwtExchanger exchanger = builder.build();
        return new VaultConnection(exchanger, exchanger.client().waiting(patience.orElse(FOR_OTHER_PLATFORMS)), clock);
    }

    private static Optional<CaCertificates> certificates(PlatformSettings settings) {
        return settings.optional(CA).map(setting -> CaCertificates.parse(setting.value()));
    }

    /** Collects the settings of a provider. Not safe for use by several threads. */
    public static final class Builder {
        private final Set<String> allowedAddresses = new TreeSet<>();
        private @Nullable BoundedHttpClient http;
        private Delivery delivery = Delivery.VARIABLES;
        private Clock clock = Clock.systemUTC();
        private @Nullable String sweeperRole;
        private String sweeperAuthPath = STANDARD_AUTH_PATH;
        private String sweeperAudience = VaultJwtExchanger.STANDARD_AUDIENCE;

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

        /**
         * Sets how a run's tools come by the token. {@link Delivery#VARIABLES}, the default, is what HCP Terraform
         * does: {@code VAULT_TOKEN}, which is prolonged in place up to the limit of its renewals, and not seen to
         * change by a process that lasts longer. {@link Delivery#FILES} gives them {@code ~/.vault-token}, which is
         * replaced then.
         *
         * @throws IllegalArgumentException if it is neither of these
         */
        public Builder delivery(Delivery delivery) {
            this.delivery = delivery.requireOneOf(Set.of(Delivery.FILES, Delivery.VARIABLES), "Vault");
            return this;
        }

        /** Sets the clock. Default: the system's. */
        public Builder clock(Clock clock) {
            this.clock = clock;
            return this;
        }

        /**
         * Lets the host itself end what a dead owner has left, by the role of the JWT auth method with which it logs
         * in, in the namespace of what it ends. The role's policies need {@code update} on
         * {@code auth/token/revoke-accessor} and, for Vault-backed credentials, on {@code sys/leases/revoke}. Default:
         * nobody ends it, and it lives until its own end.
         *
         * @throws IllegalArgumentException if {@code role} is malformed
         */
        public Builder sweeperRole(String role) {
            this.sweeperRole = require("role", role, VaultJwtExchanger.isRole(role), VaultJwtExchanger.EXPECTED_ROLE);
            return this;
        }

        /**
         * Sets where the JWT auth method of {@link #sweeperRole} is mounted, without {@code auth/}. Default
         * {@code jwt}.
         *
         * @throws IllegalArgumentException if {@code authPath} is malformed
         */
        public Builder sweeperAuthPath(String authPath) {
            this.sweeperAuthPath = VaultJwtExchanger.withoutSlash(require(
                    "auth path", authPath, VaultJwtExchanger.isPath(authPath), VaultJwtExchanger.EXPECTED_PATH));
            return this;
        }

        /**
         * Sets the audience of the host's own token. Default {@value VaultJwtExchanger#STANDARD_AUDIENCE}.
         *
         * @throws IllegalArgumentException if {@code audience} is malformed
         */
        public Builder sweeperAudience(String audience) {
            this.sweeperAudience = require(
                    "audience", audience, VaultJwtExchanger.isAudience(audience), VaultJwtExchanger.EXPECTED_AUDIENCE);
            return this;
        }

        /**
         * Returns the provider.
         *
         * @throws IllegalArgumentException if a path or an audience is set for a sweeper that has no role
         */
        public VaultProvider build() {
            boolean described = !sweeperAuthPath.equals(STANDARD_AUTH_PATH)
                    || !sweeperAudience.equals(VaultJwtExchanger.STANDARD_AUDIENCE);
            if (sweeperRole == null && described) {
                throw new IllegalArgumentException("sweeperAuthPath and sweeperAudience are for the login of "
                        + "sweeperRole, which is not set. Set it, or leave them out");
            }
            return new VaultProvider(this);
        }

        private static String require(String what, String value, boolean wellFormed, String expected) {
            if (!wellFormed) {
                throw new IllegalArgumentException(
                        "The sweeper's Vault " + what + " must be " + expected + "; it was \"" + value + "\"");
            }
            return value;
        }
    }
}
