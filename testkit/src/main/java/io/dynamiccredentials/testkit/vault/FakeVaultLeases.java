package io.dynamiccredentials.testkit.vault;

import io.dynamiccredentials.testkit.HandedOut;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The leases of a fake Vault. They end with the token that obtained them; whatever is due to end does so before anybody
 * looks. Safe for use by many threads.
 */
final class FakeVaultLeases {
    private final FakeVaultTokens tokens;
    private final Clock clock;
    private final Map<String, Lease> leases = new ConcurrentHashMap<>();
    private final AtomicInteger renewals = new AtomicInteger();

    FakeVaultLeases(FakeVaultTokens tokens, Clock clock) {
        this.tokens = tokens;
        this.clock = clock;
    }

    private record Lease(
            String namespace, String token, String subject, FakeVaultSecret secret, Duration ttl, Instant expiresAt) {

        @Override
        public String toString() {
            return "Lease of " + subject;
        }
    }

    /** Returns what is told of a secret, which has a lease from now on if it can be ended. */
    Map<String, Object> hand(String path, String token, FakeVaultTokens.Grant grant, FakeVaultSecret secret) {
        Duration ttl = secret.ttl();
        String id = ttl == null ? "" : path + "/" + UUID.randomUUID().toString().replace("-", "");
        if (ttl != null) {
            leases.put(
                    id,
                    new Lease(
                            grant.namespace(),
                            token,
                            grant.subject(),
                            secret,
                            ttl,
                            clock.instant().plus(ttl)));
            // The token may have been revoked while the engine worked.
            sweep();
        }
        Map<String, Object> body = about(id, secret.renewable(), ttl == null ? Duration.ZERO : ttl);
        body.put("data", secret.data());
        return body;
    }

    List<HandedOut> live() {
        sweep();
        return leases.entrySet().stream()
                .map(entry -> new HandedOut(
                        entry.getKey(),
                        "lease \"" + entry.getKey() + "\"",
                        entry.getValue().subject(),
                        "",
                        entry.getValue().expiresAt()))
                .toList();
    }

    int renewals() {
        return renewals.get();
    }

    /**
     * Prolongs a lease.
     *
     * @throws IllegalArgumentException if that can't be; the message is Vault's text
     */
    Map<String, Object> renew(String namespace, String id) {
        sweep();
        Lease lease = find(namespace, id).orElseThrow(() -> new IllegalArgumentException("lease not found"));
        if (!lease.secret().renewable()) {
            throw new IllegalArgumentException("lease is not renewable");
        }
        Lease renewed = new Lease(
                namespace,
                lease.token(),
                lease.subject(),
                lease.secret(),
                lease.ttl(),
                clock.instant().plus(lease.ttl()));
        if (!leases.replace(id, lease, renewed)) {
            throw new IllegalArgumentException("lease not found");
        }
        renewals.incrementAndGet();
        return about(id, true, lease.ttl());
    }

    Map<String, Object> lookup(String namespace, String id) {
        sweep();
        Lease lease = find(namespace, id).orElseThrow(() -> new IllegalArgumentException("invalid lease"));
        Map<String, Object> data = new LinkedHashMap<>();
        data.put("id", id);
        data.put("expire_time", lease.expiresAt().toString());
        data.put("renewable", lease.secret().renewable());
        data.put("ttl", Duration.between(clock.instant(), lease.expiresAt()).toSeconds());
        return data;
    }

    /** Ends a lease; does nothing if there is none, as Vault. Throws what its engine throws. */
    void revoke(String namespace, String id) {
        find(namespace, id).ifPresent(lease -> end(id, lease));
    }

    /** Ends whatever has outlived its time or its token. What fails stays, and is tried again. */
    void sweep() {
        leases.forEach((id, lease) -> {
            boolean due = !clock.instant().isBefore(lease.expiresAt())
                    || tokens.live(lease.token()).isEmpty();
            if (due) {
                endQuietly(id, lease);
            }
        });
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

    private static Map<String, Object> about(String id, boolean renewable, Duration ttl) {
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("request_id", UUID.randomUUID().toString());
        body.put("lease_id", id);
        body.put("renewable", renewable);
        body.put("lease_duration", ttl.toSeconds());
        return body;
    }
}
