package io.dynamiccredentials.testkit.vault;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.dynamiccredentials.testkit.HandedOut;
import io.dynamiccredentials.vault.VaultJwtRole;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;

/** The tokens that a fake Vault handed out. Safe for use by many threads. */
final class FakeVaultTokens {
    private static final Duration NO_LIMIT = Duration.ofDays(36_500);

    private final Clock clock;
    private final Map<String, Duration> maxTtls;
    private final AtomicInteger granted = new AtomicInteger();
    private final Map<String, Grant> grants = new ConcurrentHashMap<>();
    private final AtomicInteger renewals = new AtomicInteger();

    FakeVaultTokens(Clock clock, Map<String, Duration> maxTtls) {
        this.clock = clock;
        this.maxTtls = maxTtls;
    }

    record Grant(
            String namespace,
            String accessor,
            VaultJwtRole role,
            String subject,
            String tokenId,
            Instant expiresAt,
            Instant neverAfter) {}

    Map<String, Object> grant(String namespace, FakeVaultNamespace.Admission admission) {
        VaultJwtRole role = admission.role();
        Instant now = clock.instant();
        Instant neverAfter = now.plus(maxTtls.getOrDefault(role.name().toLowerCase(Locale.ROOT), NO_LIMIT));
        String token = "hvs." + UUID.randomUUID().toString().replace("-", "");
        Grant grant = new Grant(
                namespace,
                UUID.randomUUID().toString(),
                role,
                admission.subject(),
                admission.tokenId(),
                earlier(now.plus(role.tokens().ttl()), neverAfter),
                neverAfter);
        granted.incrementAndGet();
        grants.put(token, grant);
        return auth(token, grant, now);
    }

    Optional<Grant> live(String token) {
        return Optional.ofNullable(grants.get(token)).filter(this::isLive);
    }

    List<HandedOut> live() {
        return grants.values().stream()
                .filter(this::isLive)
                .map(grant -> new HandedOut(
                        grant.role().name(),
                        "accessor \"" + grant.accessor() + "\"",
                        grant.subject(),
                        grant.tokenId(),
                        grant.expiresAt()))
                .toList();
    }

    /** Returns the {@code jti} of each identity token that bought a live one. */
    Set<String> liveTokenIds() {
        return grants.values().stream().filter(this::isLive).map(Grant::tokenId).collect(Collectors.toSet());
    }

    int granted() {
        return granted.get();
    }

    int renewals() {
        return renewals.get();
    }

    void revoke(String token) {
        grants.remove(token);
    }

    /** Ends the token of this accessor; returns false if the namespace has no such live one. */
    boolean revokeByAccessor(String namespace, String accessor) {
        return grants.values()
                .removeIf(grant -> isLive(grant)
                        && grant.namespace().equals(namespace)
                        && grant.accessor().equals(accessor));
    }

    /** Prolongs a token; empty if it was revoked meanwhile. */
    Optional<Map<String, Object>> renew(String token, Grant grant) {
        Instant now = clock.instant();
        Grant renewed = new Grant(
                grant.namespace(),
                grant.accessor(),
                grant.role(),
                grant.subject(),
                grant.tokenId(),
                earlier(now.plus(grant.role().tokens().ttl()), grant.neverAfter()),
                grant.neverAfter());
        // A revocation may have come in between, and what is revoked stays so. Another renewal may have, too: no
        // matter.
        if (grants.replace(token, renewed) == null) {
            return Optional.empty();
        }
        renewals.incrementAndGet();
        return Optional.of(auth(token, renewed, now));
    }

    Map<String, Object> lookup(Grant grant) {
        Map<String, Object> data = new LinkedHashMap<>();
        data.put("accessor", grant.accessor());
        data.put("display_name", "jwt-" + grant.subject());
        data.put("entity_id", entityId(grant));
        data.put("meta", Map.of("role", grant.role().name()));
        data.put("policies", List.of("default", grant.role().name()));
        data.put("expire_time", grant.expiresAt().toString());
        data.put("ttl", Duration.between(clock.instant(), grant.expiresAt()).toSeconds());
        data.put("renewable", true);
        data.put("type", "service");
        return data;
    }

    private static Map<String, Object> auth(String token, Grant grant, Instant now) {
        Map<String, Object> auth = new LinkedHashMap<>();
        auth.put("client_token", token);
        auth.put("accessor", grant.accessor());
        auth.put("policies", List.of("default", grant.role().name()));
        auth.put("token_policies", List.of("default", grant.role().name()));
        auth.put("metadata", Map.of("role", grant.role().name()));
        auth.put("lease_duration", Duration.between(now, grant.expiresAt()).toSeconds());
        auth.put("renewable", true);
        auth.put("entity_id", entityId(grant));
        auth.put("token_type", "service");
        auth.put("orphan", true);
        auth.put("num_uses", 0);
        return auth;
    }

    private static Instant earlier(Instant one, Instant other) {
        return one.isBefore(other) ? one : other;
    }

    private static String entityId(Grant grant) {
        return UUID.nameUUIDFromBytes(grant.subject().getBytes(UTF_8)).toString();
    }

    private boolean isLive(Grant grant) {
        return clock.instant().isBefore(grant.expiresAt());
    }
}
