package io.dynamiccredentials.testkit.vault;

import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a secrets engine of a {@link FakeVault} made. Its text form leaves the data out. Immutable. */
public final class FakeVaultSecret {
    private final Map<String, ?> data;
    private final @Nullable Duration ttl;
    private final boolean renewable;
    private final Runnable ending;

    private FakeVaultSecret(Map<String, ?> data, @Nullable Duration ttl, boolean renewable, Runnable ending) {
        this.data = Map.copyOf(data);
        this.ttl = ttl;
        this.renewable = renewable;
        this.ending = ending;
    }

    /** Returns a secret that Vault can't end. */
    public static FakeVaultSecret of(Map<String, ?> data) {
        return new FakeVaultSecret(data, null, false, () -> {});
    }

    /**
     * Returns it with a lease that can be renewed.
     *
     * @param ttl how long the lease lives, anew with each renewal
     * @param ending ends the secret at its platform, once; if it throws, the lease lives on and it is tried again
     */
    public FakeVaultSecret leased(Duration ttl, Runnable ending) {
        return new FakeVaultSecret(data, ttl, true, ending);
    }

    /** Returns it with a lease that can't be renewed. */
    public FakeVaultSecret notRenewable() {
        return new FakeVaultSecret(data, ttl, false, ending);
    }

    Map<String, ?> data() {
        return data;
    }

    @Nullable
    Duration ttl() {
        return ttl;
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
