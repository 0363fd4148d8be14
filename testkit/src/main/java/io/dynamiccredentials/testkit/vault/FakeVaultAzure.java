package io.dynamiccredentials.testkit.vault;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;

/** Vault's Azure secrets engine: hands out clients with a secret. Safe for use by many threads. */
public final class FakeVaultAzure implements FakeVaultEngine {
    private final String mount;
    private final Map<String, Duration> roles;
    private final Consumer<String> deletion;

    private FakeVaultAzure(Builder builder) {
        this.mount = builder.mount;
        this.roles = Map.copyOf(builder.roles);
        this.deletion = builder.deletion;
    }

    /** Starts the description of an engine that is mounted at {@code azure}. */
    public static Builder builder() {
        return new Builder();
    }

    @Override
    public String mount() {
        return mount;
    }

    @Override
    public boolean takesWrites() {
        return false;
    }

    @Override
    public Optional<FakeVaultSecret> read(String path, Map<String, String> parameters) {
        if (!path.startsWith("creds/")) {
            throw new NoSuchElementException("Azure credentials are read below creds/");
        }
        String name = path.substring("creds/".length());
        Duration ttl = roles.get(name);
        if (ttl == null) {
            throw new IllegalArgumentException("role '" + name + "' does not exist");
        }
        String clientId = UUID.randomUUID().toString();
        return Optional.of(
                FakeVaultSecret.of(Map.of("client_id", clientId, "client_secret", "fake~" + UUID.randomUUID()))
                        .leased(ttl, () -> deletion.accept(clientId)));
    }

    /** Collects the description of an engine. Not safe for use by several threads. */
    public static final class Builder {
        private final Map<String, Duration> roles = new LinkedHashMap<>();
        private String mount = "azure";
        private Consumer<String> deletion = clientId -> {};

        private Builder() {}

        /** Sets where it is mounted. */
        public Builder mount(String mount) {
            this.mount = mount;
            return this;
        }

        /** Adds a role, whose leases live for {@code ttl}. */
        public Builder role(String name, Duration ttl) {
            roles.put(name, ttl);
            return this;
        }

        /** Sets what is told the id of each client that is deleted. Default: nobody. */
        public Builder onDeletion(Consumer<String> deletion) {
            this.deletion = deletion;
            return this;
        }

        /** Returns the engine. */
        public FakeVaultAzure build() {
            return new FakeVaultAzure(this);
        }
    }
}
