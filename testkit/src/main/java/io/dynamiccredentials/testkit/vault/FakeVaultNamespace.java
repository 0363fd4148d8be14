package io.dynamiccredentials.testkit.vault;

import io.dynamiccredentials.IssuerUrl;
import io.dynamiccredentials.testkit.vault.FakeVaultPolicy.Capability;
import io.dynamiccredentials.vault.VaultJwtMethod;
import io.dynamiccredentials.vault.VaultJwtRole;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;

/**
 * One namespace of a {@link FakeVault}: its JWT auth methods with their roles, its secrets engines and its policies.
 *
 * <p>Whatever an operator says to it holds from the next request on. Safe for use by many threads.
 */
public final class FakeVaultNamespace {
    /** Where methods are mounted unless said otherwise. */
    private static final String JWT = "jwt";

    private final String name;
    private final Map<String, VaultJwtMethod> methods = new ConcurrentHashMap<>();
    private final Map<String, Map<String, VaultJwtRole>> roles = new ConcurrentHashMap<>();
    private final Map<String, FakeVaultEngine> engines = new ConcurrentHashMap<>();
    private final Map<String, FakeVaultPolicy> policies = new ConcurrentHashMap<>();

    FakeVaultNamespace(String name) {
        this.name = name;
        policy(FakeVaultPolicy.standard());
    }

    /** Returns its name, without a trailing slash; empty for the root namespace. */
    public String name() {
        return name;
    }

    /** Mounts a JWT auth method at {@code jwt} that trusts {@code issuer} and nobody else. */
    public FakeVaultNamespace trust(IssuerUrl issuer) {
        return method(JWT, VaultJwtMethod.trusting(issuer));
    }

    /**
     * Mounts a JWT auth method, or configures one anew.
     *
     * @param path without {@code auth/}, and without slashes at its ends
     */
    public FakeVaultNamespace method(String path, VaultJwtMethod method) {
        methods.put(path, method);
        return this;
    }

    /** Mounts a JWT auth method that nobody has configured yet. */
    public FakeVaultNamespace unconfiguredMethod(String path) {
        methods.remove(path);
        roles.putIfAbsent(path, new ConcurrentHashMap<>());
        return this;
    }

    /** Unmounts a JWT auth method and forgets its roles. Tokens that it handed out live on, and can't be renewed. */
    public FakeVaultNamespace removeMethod(String path) {
        methods.remove(path);
        roles.remove(path);
        return this;
    }

    /**
     * Writes a role of the method at {@code jwt}, new or in place of the one of that name.
     *
     * @throws IllegalArgumentException if the period of its tokens is longer than the 32 days of a mount
     */
    public FakeVaultNamespace role(VaultJwtRole role) {
        return role(JWT, role);
    }

    /**
     * Writes a role of the method at {@code path}, new or in place of the one of that name.
     *
     * @throws IllegalArgumentException if there is no such method, or the period of its tokens is longer than the 32
     *     days of a mount
     */
    public FakeVaultNamespace role(String path, VaultJwtRole role) {
        Duration period = role.tokens().period();
        if (period.compareTo(VaultLife.SYSTEM_TTL) > 0) {
            throw new IllegalArgumentException("'period' of '" + VaultDuration.human(period)
                    + "' is greater than the backend's maximum lease TTL of '"
                    + VaultDuration.human(VaultLife.SYSTEM_TTL) + "'. Shorten it");
        }
        rolesOf(path).put(role.name(), role);
        return this;
    }

    /**
     * Deletes a role of the method at {@code path}. Tokens of the role live on, and can't be renewed.
     *
     * @throws IllegalArgumentException if there is no such method
     */
    public FakeVaultNamespace removeRole(String path, String role) {
        rolesOf(path).remove(role.toLowerCase(Locale.ROOT));
        return this;
    }

    /**
     * Mounts a secrets engine.
     *
     * @throws IllegalArgumentException if there is one already where it is to be mounted
     */
    public FakeVaultNamespace engine(FakeVaultEngine engine) {
        if (engines.putIfAbsent(engine.mount(), engine) != null) {
            throw new IllegalArgumentException(
                    "There is an engine at \"" + engine.mount() + "\" already. Remove it, or mount this one elsewhere");
        }
        return this;
    }

    /** Unmounts a secrets engine. */
    public FakeVaultNamespace removeEngine(String mount) {
        engines.remove(mount);
        return this;
    }

    /** Writes a policy, new or in place of the one of that name. */
    public FakeVaultNamespace policy(FakeVaultPolicy policy) {
        policies.put(policy.name(), policy);
        return this;
    }

    /**
     * Adds a rule to the policy {@code default}, which most tokens have.
     *
     * @param path as {@link FakeVaultPolicy#rule} has it
     */
    public FakeVaultNamespace permit(String path, Capability... capabilities) {
        policies.compute(
                "default",
                (same, policy) -> (policy == null ? FakeVaultPolicy.named(same) : policy).rule(path, capabilities));
        return this;
    }

    Optional<VaultJwtMethod> methodAt(String path) {
        return Optional.ofNullable(methods.get(path));
    }

    boolean isMounted(String path) {
        return methods.containsKey(path) || roles.containsKey(path);
    }

    Optional<VaultJwtRole> roleOf(String path, String role) {
        return Optional.ofNullable(roles.getOrDefault(path, Map.of()).get(role));
    }

    /** Returns the engine that a path is of: the one with the longest mount. */
    Optional<FakeVaultEngine> engineOf(String path) {
        return engines.values().stream()
                .filter(engine -> path.startsWith(engine.mount() + "/"))
                .max((one, other) ->
                        Integer.compare(one.mount().length(), other.mount().length()));
    }

    List<FakeVaultPolicy> policies(List<String> names) {
        List<FakeVaultPolicy> found = new ArrayList<>();
        for (String policy : names) {
            Optional.ofNullable(policies.get(policy)).ifPresent(found::add);
        }
        return found;
    }

    private Map<String, VaultJwtRole> rolesOf(String path) {
        if (!isMounted(path)) {
            throw new IllegalArgumentException(
                    "There is no JWT auth method at \"" + path + "\" to hold roles; there are "
                            + new TreeSet<>(methods.keySet()) + ". Mount it by trust(issuer) or method(path, …)");
        }
        return roles.computeIfAbsent(path, same -> new ConcurrentHashMap<>());
    }
}
