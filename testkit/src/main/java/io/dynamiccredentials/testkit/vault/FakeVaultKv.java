package io.dynamiccredentials.testkit.vault;

import com.fasterxml.jackson.databind.node.NullNode;
import io.dynamiccredentials.Secret;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/** Vault's engine for kept secrets, KV version 2: it reads versions of them. Safe for use by many threads. */
public final class FakeVaultKv implements FakeVaultEngine {
    private static final Pattern VERSION = Pattern.compile("[0-9]{1,9}");

    private final String mount;
    private final Clock clock;
    private final Map<String, List<Version>> secrets = new ConcurrentHashMap<>();

    private FakeVaultKv(String mount, Clock clock) {
        this.mount = mount;
        this.clock = clock;
    }

    private record Version(Map<String, String> data, String createdAt, String deletedAt, boolean destroyed) {
        boolean isGone() {
            return destroyed || !deletedAt.isEmpty();
        }

        @Override
        public String toString() {
            return "Version" + data.keySet();
        }
    }

    /** Returns an engine without secrets. */
    public static FakeVaultKv at(String mount, Clock clock) {
        return new FakeVaultKv(mount, clock);
    }

    /**
     * Writes the next version of a secret.
     *
     * @throws IllegalArgumentException if a value is empty
     */
    public FakeVaultKv put(String path, Map<String, String> data) {
        change(
                path,
                versions -> versions.add(
                        new Version(Map.copyOf(data), clock.instant().toString(), "", false)));
        return this;
    }

    /** Deletes the newest version of a secret. */
    public FakeVaultKv delete(String path) {
        change(path, versions -> {
            Version newest = versions.remove(versions.size() - 1);
            versions.add(new Version(
                    newest.data(), newest.createdAt(), clock.instant().toString(), newest.destroyed()));
        });
        return this;
    }

    /** Destroys a version of a secret, the first of which is 1. */
    public FakeVaultKv destroy(String path, int version) {
        change(path, versions -> {
            Version before = versions.get(version - 1);
            versions.set(version - 1, new Version(Map.of(), before.createdAt(), before.deletedAt(), true));
        });
        return this;
    }

    private void change(String path, Consumer<List<Version>> change) {
        secrets.compute(path, (same, before) -> {
            List<Version> versions = before == null ? new ArrayList<>() : new ArrayList<>(before);
            change.accept(versions);
            return versions;
        });
    }

    @Override
    public String mount() {
        return mount;
    }

    /** Refuses them: what was written is set up on the running fake. */
    @Override
    public boolean takesWrites() {
        return false;
    }

    @Override
    public Optional<FakeVaultSecret> read(String path, Map<String, String> parameters) {
        if (!path.startsWith("data/")) {
            throw new NoSuchElementException("KV is read below data/");
        }
        List<Version> versions = secrets.getOrDefault(path.substring("data/".length()), List.of());
        String asked = parameters.getOrDefault("version", "0");
        if (!VERSION.matcher(asked).matches()) {
            throw new IllegalArgumentException("Field validation failed: error converting input for field \"version\"");
        }
        int number = Integer.parseInt(asked) == 0 ? versions.size() : Integer.parseInt(asked);
        return number < 1 || number > versions.size()
                ? Optional.empty()
                : Optional.of(secret(versions.get(number - 1), number));
    }

    private static FakeVaultSecret secret(Version version, int number) {
        Map<String, Object> metadata = new LinkedHashMap<>();
        metadata.put("created_time", version.createdAt());
        metadata.put("custom_metadata", NullNode.getInstance());
        metadata.put("deletion_time", version.deletedAt());
        metadata.put("destroyed", version.destroyed());
        metadata.put("version", number);
        return version.isGone()
                ? FakeVaultSecret.deleted(Map.of("data", NullNode.getInstance(), "metadata", metadata))
                : FakeVaultSecret.of(Map.of("data", version.data(), "metadata", metadata))
                        .holding(
                                version.data().values().stream().map(Secret::of).toList());
    }
}
