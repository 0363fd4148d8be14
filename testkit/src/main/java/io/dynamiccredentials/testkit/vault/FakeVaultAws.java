package io.dynamiccredentials.testkit.vault;

import com.fasterxml.jackson.databind.node.NullNode;
import io.dynamiccredentials.Secret;
import io.dynamiccredentials.testkit.aws.FakeAws;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * Vault's AWS secrets engine: hands out what a {@link Keys} makes, with the texts of the real one's refusals. Safe for
 * use by many threads, if the {@link Keys} are.
 */
public final class FakeVaultAws implements FakeVaultEngine {
    private final String mount;
    private final Map<String, Role> roles;
    private final Keys keys;

    private FakeVaultAws(Builder builder) {
        this.mount = builder.mount;
        this.roles = Map.copyOf(builder.roles);
        this.keys = builder.keys;
    }

    /** Starts the description of an engine that is mounted at {@code aws}. */
    public static Builder builder() {
        return new Builder();
    }

    /** Which kind of key a role is for. */
    public enum Type {
        /** That of an IAM user, which is deleted in the end. */
        IAM_USER,
        /** That of a session of an assumed role, which nobody can end. */
        ASSUMED_ROLE,
        /** That of a session of a federated user, which nobody can end. */
        FEDERATION_TOKEN,
        /** That of a session of the user as whom Vault asks, which nobody can end. */
        SESSION_TOKEN
    }

    /**
     * What the engine asks AWS for. Immutable.
     *
     * @param type the kind of key
     * @param role the engine's role
     * @param roleArn the role to assume; empty for other kinds
     * @param ttl how long it should live
     */
    public record Order(Type type, String role, Optional<String> roleArn, Duration ttl) {}

    /**
     * A key. Immutable.
     *
     * @param accessKeyId its name
     * @param secretAccessKey what signs requests
     * @param sessionToken what each request carries; empty for that of an IAM user
     */
    public record Key(String accessKeyId, Secret secretAccessKey, Optional<Secret> sessionToken) {}

    /**
     * The AWS that the engine asks, which may be another fake.
     *
     * <p><b>For implementers:</b> safe for use by many threads.
     */
    public interface Keys {

        /**
         * Makes a key.
         *
         * @throws IllegalStateException if AWS refuses it
         */
        Key make(Order order);

        /** Ends the key of an IAM user. Unless overridden, forgets it. */
        default void delete(Key key) {}
    }

    private record Role(Type type, Set<String> roleArns, Duration ttl) {}

    @Override
    public String mount() {
        return mount;
    }

    @Override
    public Optional<FakeVaultSecret> read(String path, Map<String, String> parameters) {
        boolean creds = path.startsWith("creds/");
        if (!creds && !path.startsWith("sts/")) {
            throw new NoSuchElementException("AWS credentials are read below creds/ and sts/");
        }
        String name = path.substring(path.indexOf('/') + 1);
        Role role = roles.get(name);
        if (role == null) {
            throw new IllegalArgumentException("Role \"" + name + "\" not found");
        }
        if (!creds && role.type() == Type.IAM_USER) {
            throw new IllegalArgumentException("attempted to retrieve iam_user credentials through the sts path; this "
                    + "is not allowed for legacy roles");
        }
        Optional<String> arn = role.type() == Type.ASSUMED_ROLE
                ? Optional.of(roleArn(name, role, parameters.getOrDefault("role_arn", "")))
                : Optional.empty();
        return Optional.of(secret(name, role, arn));
    }

    private static String roleArn(String name, Role role, String asked) {
        if (asked.isEmpty() && role.roleArns().size() != 1) {
            throw new IllegalArgumentException("did not supply a role_arn parameter and unable to determine one");
        }
        String arn = asked.isEmpty() ? role.roleArns().iterator().next() : asked;
        if (!role.roleArns().contains(arn)) {
            throw new IllegalArgumentException(
                    "role_arn \"" + arn + "\" not in allowed role arns for Vault role \"" + name + "\"");
        }
        return arn;
    }

    private FakeVaultSecret secret(String name, Role role, Optional<String> arn) {
        Key key = keys.make(new Order(role.type(), name, arn, role.ttl()));
        Map<String, Object> data = new LinkedHashMap<>();
        data.put("access_key", key.accessKeyId());
        data.put("secret_key", key.secretAccessKey().reveal());
        data.put(
                "security_token", key.sessionToken().<Object>map(Secret::reveal).orElseGet(NullNode::getInstance));
        arn.ifPresent(text -> data.put("arn", session(text)));
        FakeVaultSecret secret = FakeVaultSecret.of(data);
        return role.type() == Type.IAM_USER
                ? secret.leased(role.ttl(), () -> keys.delete(key))
                : secret.leased(role.ttl(), () -> {}).notRenewable();
    }

    private static String session(String roleArn) {
        return roleArn.replace(":iam:", ":sts:").replaceFirst(":role/(?:.*/)?", ":assumed-role/") + "/vault-fake";
    }

    /** Makes keys of the right form that nobody knows. */
    private static Key random(Order order) {
        String id = (UUID.randomUUID().toString() + UUID.randomUUID())
                .replace("-", "")
                .toUpperCase(Locale.ROOT);
        boolean user = order.type() == Type.IAM_USER;
        return new Key(
                (user ? "AKIA" : "ASIA") + id.substring(0, 16),
                Secret.of("fake-secret-key-" + id.substring(0, 24)),
                user ? Optional.empty() : Optional.of(Secret.of("fake-session-token-" + id)));
    }

    /** Collects the description of an engine. Not safe for use by several threads. */
    public static final class Builder {
        private final Map<String, Role> roles = new LinkedHashMap<>();
        private String mount = "aws";
        private Keys keys = FakeVaultAws::random;

        private Builder() {}

        /** Sets where it is mounted. */
        public Builder mount(String mount) {
            this.mount = mount;
            return this;
        }

        /** Adds a role of {@code credential_type=iam_user}, whose leases live for {@code ttl}. */
        public Builder iamUser(String name, Duration ttl) {
            roles.put(name, new Role(Type.IAM_USER, Set.of(), ttl));
            return this;
        }

        /** Adds a role of {@code credential_type=assumed_role} for these roles of AWS; sessions live for an hour. */
        public Builder assumedRole(String name, String... roleArns) {
            roles.put(name, new Role(Type.ASSUMED_ROLE, Set.of(roleArns), Duration.ofHours(1)));
            return this;
        }

        /** Adds a role of {@code credential_type=federation_token}; sessions live for an hour. */
        public Builder federationToken(String name) {
            roles.put(name, new Role(Type.FEDERATION_TOKEN, Set.of(), Duration.ofHours(1)));
            return this;
        }

        /** Adds a role of {@code credential_type=session_token}; sessions live for an hour. */
        public Builder sessionToken(String name) {
            roles.put(name, new Role(Type.SESSION_TOKEN, Set.of(), Duration.ofHours(1)));
            return this;
        }

        /**
         * Sets an AWS that makes the keys and honours them: those of users of {@code account}, and sessions of roles
         * that trust {@code arn:aws:iam::ACCOUNT:user/vault} ({@link FakeAws#chainedRole(String, java.util.Set)}).
         */
        public Builder keysOf(FakeAws aws, String account) {
            return keys(new FakeAwsForVault(aws, account));
        }

        /** Sets the AWS that makes the keys. Default: keys of the right form that nobody knows. */
        public Builder keys(Keys keys) {
            this.keys = keys;
            return this;
        }

        /** Returns the engine. */
        public FakeVaultAws build() {
            return new FakeVaultAws(this);
        }
    }
}
