package io.dynamiccredentials.testkit.vault;

import io.dynamiccredentials.testkit.HandedOut;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** The tokens that a fake Vault handed out. Safe for use by many threads. */
final class VaultTokens {
    /** The last use is under way: the token is good for nothing else. */
    private static final int LAST_USE = -1;

    /** Somebody tried to use it beside its last use. */
    private static final int SPENT = -2;

    private final Clock clock;
    private final Map<String, VaultToken> tokens = new ConcurrentHashMap<>();
    private final List<HandedOut> handedOut = new CopyOnWriteArrayList<>();
    private final AtomicInteger renewals = new AtomicInteger();

    VaultTokens(Clock clock) {
        this.clock = clock;
    }

    /** A new name for something, of letters and digits. */
    static String random() {
        return UUID.randomUUID().toString().replace("-", "");
    }

    void add(VaultToken token) {
        tokens.put(token.id(), token);
        handedOut.add(told(token));
    }

    /** Returns a token that is neither ended nor revoked, nor is one that it depends on. */
    Optional<VaultToken> live(String id) {
        return Optional.ofNullable(tokens.get(id)).filter(this::isLive);
    }

    Optional<VaultToken> liveByAccessor(String namespace, String accessor) {
        return tokens.values().stream()
                .filter(token -> !accessor.isEmpty()
                        && token.accessor().equals(accessor)
                        && token.namespace().equals(namespace)
                        && isLive(token))
                .findFirst();
    }

    /** Counts a use of a token of this namespace; empty if there is none left. */
    Optional<VaultToken> use(String namespace, String id) {
        VaultToken used =
                tokens.computeIfPresent(id, (same, token) -> token.namespace().equals(namespace) ? used(token) : token);
        return Optional.ofNullable(used).filter(token -> token.namespace().equals(namespace) && isLive(token));
    }

    private static VaultToken used(VaultToken token) {
        return switch (token.uses()) {
            case 0 -> token;
            case LAST_USE -> token.withUses(SPENT);
            case 1 -> token.withUses(LAST_USE);
            default -> token.withUses(token.uses() - 1);
        };
    }

    /** Ends a token whose last use is over. */
    void release(VaultToken used) {
        if (isLastUse(used)) {
            revoke(used.id());
        }
    }

    static boolean isLastUse(VaultToken token) {
        return token.uses() == LAST_USE || token.uses() == SPENT;
    }

    List<HandedOut> handedOut() {
        return List.copyOf(handedOut);
    }

    List<HandedOut> live() {
        return tokens.values().stream()
                .filter(this::isLive)
                .map(VaultTokens::told)
                .toList();
    }

    int renewals() {
        return renewals.get();
    }

    /** Ends a token and, with it, all that were made with it. */
    void revoke(String id) {
        tokens.remove(id);
    }

    /** Ends a token, and lets those that were made with it live on. */
    void revokeAlone(String id) {
        tokens.replaceAll((same, token) -> token.parent().equals(id) ? token.orphaned() : token);
        tokens.remove(id);
    }

    /** Puts a renewed token in the place of what it was; returns false if that is not there any more. */
    boolean renew(VaultToken before, VaultToken renewed) {
        boolean done = tokens.replace(before.id(), before, renewed);
        if (done) {
            renewals.incrementAndGet();
        }
        return done;
    }

    void clear() {
        tokens.clear();
        handedOut.clear();
        renewals.set(0);
    }

    private boolean isLive(VaultToken token) {
        Instant now = clock.instant();
        // What ends is never the parent of anything older, so this comes to an end.
        for (VaultToken one = token;
                one != null && !one.hasEnded(now) && one.uses() != SPENT;
                one = tokens.get(one.parent())) {
            if (one.isOrphan()) {
                return true;
            }
        }
        return false;
    }

    private static HandedOut told(VaultToken token) {
        return new HandedOut(
                token.origin().role(),
                "accessor \"" + token.accessor() + "\"",
                token.origin().subject(),
                token.origin().tokenId(),
                token.expiresAt().orElse(Instant.MAX));
    }
}
