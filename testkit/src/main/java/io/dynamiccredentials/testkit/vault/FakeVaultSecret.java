package io.dynamiccredentials.testkit.vault;

import io.dynamiccredentials.Secret;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a secrets engine of a {@link FakeVault} made. Its text form leaves the data out. Immutable. */
public final class FakeVaultSecret {
    private final Map<String, ?> data;
    private final @Nullable Duration ttl;
    private final Duration maxTtl;
    private final boolean renewable;
    private final boolean deleted;
    private final Runnable ending;
    private final List<Secret> secrets;

    private FakeVaultSecret(Map<String, ?> data, Form form, Runnable ending, List<Secret> secrets) {
        this.data = Map.copyOf(data);
        this.secrets = List.copyOf(secrets);
        this.ttl = form.ttl();
        this.maxTtl = form.maxTtl();
        this.renewable = form.renewable();
        this.deleted = form.deleted();
        this.ending = ending;
    }

    private record Form(@Nullable Duration ttl, Duration maxTtl, boolean renewable, boolean deleted) {}

    /** Returns a secret that Vault can't end. */
    public static FakeVaultSecret of(Map<String, ?> data) {
        return new FakeVaultSecret(data, new Form(null, Duration.ZERO, false, false), () -> {}, List.of());
    }

    /** Returns what is left of a secret that was deleted; it is answered with the status 404. */
    public static FakeVaultSecret deleted(Map<String, ?> data) {
        return new FakeVaultSecret(data, new Form(null, Duration.ZERO, false, true), () -> {}, List.of());
    }

    /**
     * Returns it with a lease that can be renewed.
     *
     * @param ttl how long the lease lives, anew with each renewal
     * @param ending ends the secret at its platform, once; if it throws, the lease lives on and it is tried again
     */
    public FakeVaultSecret leased(Duration ttl, Runnable ending) {
        return new FakeVaultSecret(data, new Form(ttl, maxTtl, true, false), ending, secrets);
    }

    /** Returns it with a lease that can't be renewed. */
    public FakeVaultSecret notRenewable() {
        return new FakeVaultSecret(data, new Form(ttl, maxTtl, false, false), ending, secrets);
    }

    /** Returns it with a lease that ends after {@code maxTtl}, however often it is renewed. Default: after 32 days. */
    public FakeVaultSecret atMost(Duration maxTtl) {
        return new FakeVaultSecret(data, new Form(ttl, maxTtl, renewable, deleted), ending, secrets);
    }

    Map<String, ?> data() {
        return data;
    }

    @Nullable
    Duration ttl() {
        return ttl;
    }

    /** Returns it with the remark that its data holds these secrets, where their names do not tell. */
    public FakeVaultSecret holding(List<Secret> secrets) {
        return new FakeVaultSecret(data, new Form(ttl, maxTtl, renewable, deleted), ending, secrets);
    }

    List<Secret> secrets() {
        return secrets;
    }

    Duration maxTtl() {
        return maxTtl;
    }

    boolean isDeleted() {
        return deleted;
    }

    boolean renewable() {
        return renewable;
    }

    void end() {
        ending.run();
    }

    @Override
    public String toString() {
        return "FakeVaultSecret" + data.keySet();
    }
}
