package io.dynamiccredentials.vault;

import com.fasterxml.jackson.databind.JsonNode;
import io.dynamiccredentials.CredentialExchangeException;
import io.dynamiccredentials.Secret;
import io.dynamiccredentials.exchange.RenewableExchanger;
import io.dynamiccredentials.exchange.Revocation;
import io.dynamiccredentials.exchange.RevocationHandle;
import io.dynamiccredentials.token.IdentityToken;
import io.dynamiccredentials.wire.BoundedHttpClient;
import io.dynamiccredentials.wire.HttpReply;
import io.dynamiccredentials.wire.PlatformAddress;
import io.dynamiccredentials.wire.StrictJson;
import io.dynamiccredentials.wire.UntrustedText;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Logs in to Vault's JWT auth method, and renews and revokes the token that it gets.
 *
 * <p>One request per call and no retries. Redirects are refused: a standby node that can't forward would send the token
 * to an address that nobody configured. Safe for use by many threads.
 */
public final class VaultJwtExchanger implements RenewableExchanger<VaultTokenCredentials> {
    /** The audience that HCP Terraform's documents give for Vault. */
    public static final String STANDARD_AUDIENCE = "vault.workload.identity";

    static final String PLATFORM = "Vault";
    static final String EXPECTED_ROLE = "letters, digits, \"-\", \"_\" and single dots inside, such as \"deploy\"";
    static final String EXPECTED_AUDIENCE = "one of the role's bound_audiences, in visible ASCII";
    static final String EXPECTED_ENTITY_ID = "the id of an entity, such as \"0bfa3f9f-5a6a-4d9e-9f4b-3a1c0e5d7b21\"";
    static final String EXPECTED_PATH =
            "names of letters, digits, \"-\" and \"_\", joined by \"/\", such as \"team/jwt\"";

    // No dot at either end and no "..": these become parts of a path.
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-]++(?:[.][A-Za-z0-9_-]++)*+");
    private static final Pattern PATH = Pattern.compile("[A-Za-z0-9_-]++(?:[./][A-Za-z0-9_-]++)*+");
    private static final Pattern ENTITY_ID = Pattern.compile("[A-Za-z0-9-]{1,64}");
    private static final long MAX_LEASE_SECONDS = Duration.ofDays(3650).toSeconds();

    private final VaultClient client;
    private final String role;
    private final String authPath;
    private final String audience;
    private final @Nullable String expectedEntityId;
    private final Clock clock;

    private VaultJwtExchanger(Builder builder) {
        this.client = new VaultClient(builder.address, builder.namespace, builder.http);
        this.role = builder.role;
        this.authPath = builder.authPath;
        this.audience = builder.audience;
        this.expectedEntityId = builder.expectedEntityId;
        this.clock = builder.clock;
    }

    /**
     * Starts an exchanger for one role.
     *
     * @param address Vault's address without a path, https or on loopback http
     * @param role the role of the JWT auth method
     * @param http the client; make one and share it
     * @throws IllegalArgumentException if {@code address} or {@code role} is malformed
     */
    public static Builder builder(URI address, String role, BoundedHttpClient http) {
        return builder(address, role, () -> http);
    }

    static Builder builder(URI address, String role, Supplier<BoundedHttpClient> http) {
        return new Builder(address, role, http);
    }

    @Override
    public String platform() {
        return PLATFORM;
    }

    @Override
    public String audience() {
        return audience;
    }

    /** Returns Vault's address. */
    public URI address() {
        return client.address();
    }

    /** Returns the namespace of the login and of the token, without a trailing slash. */
    public Optional<String> namespace() {
        return client.namespace();
    }

    VaultClient client() {
        return client;
    }

    @Override
    public VaultTokenCredentials exchange(IdentityToken token) {
        String body =
                StrictJson.write(Map.of("role", role, "jwt", token.compact().reveal()));
        VaultFailures failures =
                VaultFailures.ofLogin("the login for role \"" + role + "\" at \"" + address() + "\"", audience);
        Instant before = clock.instant();
        HttpReply reply = client.postWithoutToken("auth/" + authPath + "/login", body, failures);
        if (reply.status() != 200) {
            throw failures.of(reply);
        }
        try {
            VaultTokenCredentials credentials = read(reply, before, failures);
            requireExpectedEntity(credentials, reply, failures);
            return credentials;
        } catch (CredentialExchangeException e) {
            revokeUnusable(reply, e);
            throw e;
        }
    }

    /** Returns two thirds of the life that is left, if the token is renewable. */
    @Override
    public Optional<Duration> renewalDueIn(VaultTokenCredentials credentials) {
        Duration left = Duration.between(clock.instant(), credentials.expiresAt());
        return credentials.renewable() && !left.isNegative()
                ? Optional.of(left.multipliedBy(2).dividedBy(3))
                : Optional.empty();
    }

    /**
     * Prolongs a token and returns it with its new end, which Vault may cap at the role's limit. An answer about
     * another token is refused: the run has this one, and it is this one that has to be revoked. Blocks on the network.
     *
     * @throws IllegalArgumentException if the token is not renewable
     * @throws io.dynamiccredentials.CredentialExchangeException if Vault does not renew it
     */
    @Override
    public VaultTokenCredentials renew(VaultTokenCredentials credentials) {
        if (!credentials.renewable()) {
            throw new IllegalArgumentException("Vault says that this token is not renewable; it ends at "
                    + credentials.expiresAt() + ". Exchange a new identity token instead");
        }
        VaultFailures failures = VaultFailures.ofToken("the renewal of the token of " + credentials.principal());
        Instant before = clock.instant();
        HttpReply reply = client.post("auth/token/renew-self", credentials.token(), "{}", failures);
        if (reply.status() != 200) {
            throw failures.of(reply);
        }
        VaultTokenCredentials answered = read(reply, before, failures);
        requireSameToken(answered, credentials, reply, failures);
        return credentials.prolonged(answered.renewable(), answered.expiresAt());
    }

    @Override
    public Revocation revoke(VaultTokenCredentials credentials) {
        if (credentials.batch()) {
            return new Revocation.LivesUntil(credentials.expiresAt());
        }
        VaultFailures failures = VaultFailures.ofToken("the revocation of the token of " + credentials.principal());
        HttpReply reply = client.post("auth/token/revoke-self", credentials.token(), "{}", failures);
        boolean done = reply.status() == 204 || reply.status() == 200;
        // The run may have revoked its own token, or outlived it; neither is a failure to end it.
        boolean wasDead =
                reply.status() == 403 && (VaultFailures.saysInvalidToken(reply) || hasSurelyEnded(credentials));
        if (!done && !wasDead) {
            throw failures.of(reply);
        }
        return new Revocation.Revoked();
    }

    /** Returns address, namespace and accessor; empty for a batch token, which Vault can't revoke. */
    @Override
    public Optional<RevocationHandle> handle(VaultTokenCredentials credentials) {
        return VaultHandle.ofToken(client, credentials);
    }

    /** Whoever has a renewable token may have prolonged it, and so may a renewal whose answer was lost. */
    private boolean hasSurelyEnded(VaultTokenCredentials credentials) {
        return !credentials.renewable() && !clock.instant().isBefore(credentials.expiresAt());
    }

    /** Ends a token that Vault gave with an answer that we can't use: nobody else would. */
    void revokeUnusable(HttpReply reply, CredentialExchangeException why) {
        Undisturbed.run(why, () -> revokeTokenIn(reply));
    }

    private void revokeTokenIn(HttpReply reply) {
        StrictJson.text(StrictJson.parseObject(reply.body()).path("auth"), "client_token")
                .filter(UntrustedText::isVisibleAscii)
                .map(Secret::of)
                .ifPresent(token -> client.post(
                        "auth/token/revoke-self", token, "{}", VaultFailures.ofToken("the revocation of a token")));
    }

    private static VaultTokenCredentials read(HttpReply reply, Instant before, VaultFailures failures) {
        JsonNode auth;
        try {
            auth = StrictJson.parseObject(reply.body()).path("auth");
        } catch (IllegalArgumentException e) {
            throw failures.unintelligible(reply, "the body is " + e.getMessage());
        }
        Optional<String> token = StrictJson.text(auth, "client_token");
        if (token.isEmpty() && auth.path("mfa_requirement").isObject()) {
            throw failures.needsSecondFactor(reply);
        }
        Optional<String> accessor = StrictJson.text(auth, "accessor");
        boolean batch = "batch".equals(auth.path("token_type").textValue());
        JsonNode seconds = auth.path("lease_duration");
        if (token.isEmpty() || !UntrustedText.isVisibleAscii(token.get())) {
            throw failures.unintelligible(reply, "auth.client_token is absent or has characters that no token has");
        }
        if (accessor.isEmpty() && !batch) {
            throw failures.unintelligible(reply, "auth.accessor is absent");
        }
        boolean whole = seconds.isIntegralNumber() && seconds.canConvertToLong();
        if (!whole || seconds.longValue() <= 0 || seconds.longValue() > MAX_LEASE_SECONDS) {
            throw failures.unintelligible(
                    reply,
                    "auth.lease_duration is " + UntrustedText.clean(seconds.toString()) + ", expected 1 s or more");
        }
        return new VaultTokenCredentials(
                Secret.of(token.get()),
                UntrustedText.clean(accessor.orElse("")),
                auth.path("renewable").booleanValue(),
                batch,
                StrictJson.text(auth, "entity_id").map(UntrustedText::clean),
                before.plusSeconds(seconds.longValue()),
                VaultRequestId.of(reply));
    }

    private static void requireSameToken(
            VaultTokenCredentials answered, VaultTokenCredentials asked, HttpReply reply, VaultFailures failures) {
        // Not every answer repeats the entity.
        boolean otherEntity =
                answered.entityId().isPresent() && !answered.entityId().equals(asked.entityId());
        boolean same =
                answered.token().equals(asked.token()) && answered.accessor().equals(asked.accessor()) && !otherEntity;
        if (!same) {
            throw failures.unintelligible(reply, "it is about another token or entity than the one to renew");
        }
    }

    private void requireExpectedEntity(VaultTokenCredentials credentials, HttpReply reply, VaultFailures failures) {
        if (expectedEntityId == null || credentials.entityId().equals(Optional.of(expectedEntityId))) {
            return;
        }
        String actual = credentials
                .entityId()
                .map(entity -> "the entity " + UntrustedText.quote(entity))
                .orElse("no entity");
        throw failures.wrongEntity(reply, "the token is of " + actual + ", expected \"" + expectedEntityId + "\"");
    }

    static boolean isAudience(String audience) {
        return UntrustedText.isVisibleAscii(audience);
    }

    static boolean isRole(String role) {
        return BoundedForm.matches(NAME, role);
    }

    static boolean isEntityId(String entityId) {
        return ENTITY_ID.matcher(entityId).matches();
    }

    /** Tells whether {@code path} can be a mount or a namespace. One slash at its end does no harm. */
    static boolean isPath(String path) {
        return BoundedForm.matches(PATH, withoutSlash(path));
    }

    static String withoutSlash(String path) {
        return path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
    }

    static URI requireAddress(URI address) {
        return PlatformAddress.requireBare("Vault address", address, "https://vault.example:8200");
    }

    /** Collects the settings of an exchanger. Not safe for use by several threads. */
    public static final class Builder {
        private final URI address;
        private final String role;
        private final Supplier<BoundedHttpClient> http;
        private String authPath = "jwt";
        private @Nullable String namespace;
        private String audience = STANDARD_AUDIENCE;
        private @Nullable String expectedEntityId;
        private Clock clock = Clock.systemUTC();

        private Builder(URI address, String role, Supplier<BoundedHttpClient> http) {
            this.address = requireAddress(address);
            this.role = require("role", role, isRole(role), EXPECTED_ROLE);
            this.http = http;
        }

        /** Sets where the JWT auth method is mounted, without {@code auth/}. Default {@code jwt}. */
        public Builder authPath(String authPath) {
            this.authPath = withoutSlash(require("auth path", authPath, isPath(authPath), EXPECTED_PATH));
            return this;
        }

        /** Sets the namespace, with or without a trailing slash. Default: none, the root namespace. */
        public Builder namespace(String namespace) {
            this.namespace = withoutSlash(require("namespace", namespace, isPath(namespace), EXPECTED_PATH));
            return this;
        }

        /** Sets the audience that the role's {@code bound_audiences} list. Default {@value #STANDARD_AUDIENCE}. */
        public Builder audience(String audience) {
            this.audience = require("audience", audience, isAudience(audience), EXPECTED_AUDIENCE);
            return this;
        }

        /**
         * Sets the only entity that a login may be of; a token of another one is revoked and refused. Default: any,
         * since the role has its own bounds.
         */
        public Builder expectedEntityId(String entityId) {
            this.expectedEntityId = require("entity id", entityId, isEntityId(entityId), EXPECTED_ENTITY_ID);
            return this;
        }

        /** Sets the clock. Default: the system's. */
        public Builder clock(Clock clock) {
            this.clock = clock;
            return this;
        }

        /** Returns the exchanger. */
        public VaultJwtExchanger build() {
            return new VaultJwtExchanger(this);
        }

        private static String require(String what, String value, boolean wellFormed, String expected) {
            if (!wellFormed) {
                throw new IllegalArgumentException(
                        "The Vault " + what + " must be " + expected + "; it was \"" + value + "\"");
            }
            return value;
        }
    }
}
