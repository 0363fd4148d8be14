package io.dynamiccredentials.testkit.vault;

import java.time.Duration;
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

    private FakeVaultSecret(Map<String, ?> data, Form form, Runnable ending) {
        this.data = Map.copyOf(data);
        this.ttl = form.ttl();
        this.maxTtl = form.maxTtl();
        this.renewable = form.renewable();
        this.deleted = form.deleted();
        this.ending = ending;
    }

    private record Form(@Nullable Duration ttl, Duration maxTtl, boolean renewable, boolean deleted) {}

    /** Returns a secret that Vault can't end. */
    public static FakeVaultSecret of(Map<String, ?> data) {
        return new FakeVaultSecret(data, new Form(null, Duration.ZERO, false, false), () -> {});
    }

    /** Returns what is left of a secret that was deleted; it is answered with the status 404. */
    public static FakeVaultSecret deleted(Map<String, ?> data) {
        return new FakeVaultSecret(data, new Form(null, Duration.ZERO, false, true), () -> {});
    }

    /**
     * Returns it with a lease that can be renewed.
     *
     * @param ttl how long the lease lives, anew with each renewal
     * @param ending ends the secret at its platform, once; if it throws, the lease lives on and it is tried again
     */
    public FakeVaultSecret leased(Duration ttl, Runnable ending) {
        return new FakeVaultSecret(data, new Form(ttl, maxTtl, true, false), ending);
    }

    /** Returns it with a lease that can't be renewed. */
    public FakeVaultSecret notRenewable() {
        return new FakeVaultSecret(data, new Form(ttl, maxTtl, false, false), ending);
    }

    /** Returns it with a lease that ends after {@code maxTtl}, however often it is renewed. Default: after 32 days. */
    public FakeVaultSecret atMost(Duration maxTtl) {
        return new FakeVaultSecret(data, new Form(ttl, maxTtl, renewable, deleted), ending);
    }

    Map<String, ?> data() {
        return data;
    }

    @Nullable
    Duration ttl() {
        return ttl;
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
