package io.dynamiccredentials.testkit.vault;

import io.dynamiccredentials.Secret;
import io.dynamiccredentials.testkit.FakeAnswer;
import io.dynamiccredentials.testkit.HandedOut;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The leases of a fake Vault. They end with the token that obtained them; whatever is due to end does so before anybody
 * looks. Safe for use by many threads.
 */
final class VaultLeases {
    private final VaultTokens tokens;
    private final Clock clock;
    private final Map<String, Lease> leases = new ConcurrentHashMap<>();
    private final AtomicInteger renewals = new AtomicInteger();

    VaultLeases(VaultTokens tokens, Clock clock) {
        this.tokens = tokens;
        this.clock = clock;
    }

    private record Lease(
            String namespace,
            VaultToken token,
            FakeVaultSecret secret,
            VaultLife life,
            Instant issuedAt,
            Instant expiresAt,
            Optional<Instant> renewedAt) {

        boolean hasEnded(Instant now) {
            return !now.isBefore(expiresAt);
        }

        @Override
        public String toString() {
            return "Lease of " + token;
        }
    }

    /** Returns what is told of a secret, which has a lease from now on if it can be ended. */
    FakeAnswer hand(VaultCall call, VaultToken token, FakeVaultSecret secret) {
        return leased(call, token, secret).holding(secret.secrets().toArray(Secret[]::new));
    }

    private FakeAnswer leased(VaultCall call, VaultToken token, FakeVaultSecret secret) {
        Duration ttl = secret.ttl();
        if (ttl == null) {
            return VaultAnswer.ofData(secret.data()).status(secret.isDeleted() ? 404 : 200);
        }
        Instant now = clock.instant();
        VaultLife life = VaultLife.of(ttl, secret.maxTtl());
        VaultLife.Reckoned reckoned = life.reckon(Duration.ZERO, now, now);
        Instant end = endOf(token, now.plus(reckoned.ttl()));
        String id = call.path() + "/" + VaultTokens.random();
        leases.put(id, new Lease(call.namespace().name(), token, secret, life, now, end, Optional.empty()));
        // The token may have been revoked while the engine worked.
        sweep();
        return VaultAnswer.ofLease(
                        id, secret.renewable(), Duration.between(now, end).toSeconds())
                .with(secret.data())
                .warned(reckoned.warnings())
                .ok();
    }

    List<HandedOut> live() {
        sweep();
        return leases.entrySet().stream()
                .map(entry -> new HandedOut(
                        entry.getKey(),
                        "lease \"" + entry.getKey() + "\"",
                        entry.getValue().token().origin().subject(),
                        "",
                        entry.getValue().expiresAt()))
                .toList();
    }

    int renewals() {
        return renewals.get();
    }

    FakeAnswer renew(VaultCall call, String id) {
        sweep();
        Duration increment = VaultDuration.read(call.body(), "increment");
        Lease lease = find(call.namespace().name(), id).orElseThrow(() -> VaultRefusal.invalid("lease not found"));
        Instant now = clock.instant();
        if (lease.hasEnded(now)) {
            // Its engine could not end it, and Vault goes on trying.
            throw VaultRefusal.invalid("lease expired");
        }
        if (!lease.secret().renewable()) {
            throw VaultRefusal.invalid("lease is not renewable");
        }
        VaultLife.Reckoned reckoned = lease.life().reckon(increment, lease.issuedAt(), now);
        Instant end = endOf(lease.token(), now.plus(reckoned.ttl()));
        Lease renewed = new Lease(
                lease.namespace(),
                lease.token(),
                lease.secret(),
                lease.life(),
                lease.issuedAt(),
                end,
                Optional.of(now));
        if (!leases.replace(id, lease, renewed)) {
            throw VaultRefusal.invalid("lease not found");
        }
        renewals.incrementAndGet();
        return VaultAnswer.ofLease(id, true, Duration.between(now, end).toSeconds())
                .warned(reckoned.warnings())
                .ok();
    }

    FakeAnswer lookup(VaultCall call, String id) {
        sweep();
        Lease lease = find(call.namespace().name(), id).orElseThrow(() -> VaultRefusal.invalid("invalid lease"));
        Map<String, @Nullable Object> data = new LinkedHashMap<>();
        data.put("id", id);
        data.put("issue_time", lease.issuedAt().toString());
        data.put("expire_time", lease.expiresAt().toString());
        data.put("last_renewal", lease.renewedAt().map(Instant::toString).orElse(null));
        data.put("renewable", lease.secret().renewable());
        data.put("ttl", Duration.between(clock.instant(), lease.expiresAt()).toSeconds());
        return VaultAnswer.ofData(data).ok();
    }

    /** Ends a lease at once; does nothing if there is none, as Vault. */
    void revoke(String namespace, String id) {
        find(namespace, id).ifPresent(lease -> endOrRefuse(id, lease));
    }

    /** Orders that a lease be ended. What fails stays, and is tried again. */
    void order(String namespace, String id) {
        find(namespace, id).ifPresent(lease -> endQuietly(id, lease));
    }

    /** Returns the leases that a prefix means: a lease itself, or all below a path. */
    List<String> below(String namespace, String prefix) {
        if (find(namespace, prefix).isPresent()) {
            return List.of(prefix);
        }
        String path = prefix.endsWith("/") ? prefix : prefix + "/";
        return leases.keySet().stream()
                .filter(id -> id.startsWith(path) && find(namespace, id).isPresent())
                .sorted()
                .toList();
    }

    /** Forgets a lease, whether or not its engine ends the secret. */
    void force(String namespace, String id) {
        order(namespace, id);
        find(namespace, id).ifPresent(lease -> leases.remove(id, lease));
    }

    /** Ends whatever has outlived its time or its token. What fails stays, and is tried again. */
    void sweep() {
        leases.forEach((id, lease) -> {
            if (lease.hasEnded(clock.instant())
                    || tokens.live(lease.token().id()).isEmpty()) {
                endQuietly(id, lease);
            }
        });
    }

    void clear() {
        leases.forEach(this::endQuietly);
        leases.clear();
        renewals.set(0);
    }

    /** A batch token can't be looked up later, so its leases never outlive it. */
    private static Instant endOf(VaultToken token, Instant end) {
        return token.traits().batch() ? token.expiresAt().filter(end::isAfter).orElse(end) : end;
    }

    private void endOrRefuse(String id, Lease lease) {
        try {
            end(id, lease);
        } catch (RuntimeException e) {
            throw VaultRefusal.invalid("failed to revoke entry: resp: (*logical.Response)(nil) err: " + e.getMessage());
        }
    }

    private void endQuietly(String id, Lease lease) {
        try {
            end(id, lease);
        } catch (RuntimeException e) {
            // Vault keeps such a lease, too, and tries again.
            return;
        }
    }

    private void end(String id, Lease lease) {
        if (leases.remove(id, lease)) {
            try {
                lease.secret().end();
            } catch (RuntimeException e) {
                leases.put(id, lease);
                throw e;
            }
        }
    }

    private Optional<Lease> find(String namespace, String id) {
        return Optional.ofNullable(leases.get(id))
                .filter(lease -> lease.namespace().equals(namespace));
    }
}
