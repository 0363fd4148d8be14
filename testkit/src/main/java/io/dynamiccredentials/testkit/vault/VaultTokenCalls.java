package io.dynamiccredentials.testkit.vault;

import io.dynamiccredentials.testkit.FakeAnswer;
import io.dynamiccredentials.vault.VaultJwtRole;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** What Vault answers at {@code auth/token}. Safe for use by many threads. */
final class VaultTokenCalls {
    private final Clock clock;
    private final VaultTokens tokens;
    private final VaultLeases leases;
    private final TokenMint mint;
    private final ChildTokens children;

    VaultTokenCalls(Clock clock, VaultTokens tokens, VaultLeases leases, TokenMint mint) {
        this.clock = clock;
        this.tokens = tokens;
        this.leases = leases;
        this.mint = mint;
        this.children = new ChildTokens(clock, mint);
    }

    /**
     * Answers a call whose policies allow it.
     *
     * @param operation what follows {@code auth/token/}
     * @param sudo whether the token may do what is kept for operators
     */
    FakeAnswer answer(VaultCall call, String operation, VaultToken caller, boolean sudo) {
        if (operation.equals("lookup-self")) {
            return mint.lookup(caller).ok();
        }
        if (operation.equals("lookup")) {
            return lookup(call, caller);
        }
        if (!call.isWrite()) {
            throw VaultRefusal.unsupported();
        }
        return switch (operation) {
            case "lookup-accessor" -> mint.lookup(byAccessor(call)).ok();
            case "renew-self" -> renew(call, caller);
            case "renew" -> renew(call, named(call, "token not found"));
            case "renew-accessor" -> renew(call, byAccessor(call));
            case "revoke-self" -> revoke(caller);
            case "revoke" -> revokeNamed(call);
            case "revoke-accessor" -> revoke(byAccessor(call));
            case "revoke-orphan" -> revokeOrphan(call);
            case "create" -> children.create(call, caller, sudo);
            case "create-orphan" -> children.createOrphan(call, caller, sudo);
            default -> throw VaultRefusal.noRoute(call.path());
        };
    }

    private FakeAnswer lookup(VaultCall call, VaultToken caller) {
        String id = call.body().path("token").asText("");
        return mint.lookup(
                        id.isEmpty()
                                ? caller
                                : tokens.live(id)
                                        .filter(token -> token.namespace()
                                                .equals(call.namespace().name()))
                                        .orElseThrow(() -> VaultRefusal.of(403, "bad token")))
                .ok();
    }

    private VaultToken named(VaultCall call, String otherwise) {
        String id = call.body().path("token").asText("");
        if (id.isEmpty()) {
            throw VaultRefusal.invalid("missing token ID");
        }
        return tokens.live(id)
                .filter(token -> token.namespace().equals(call.namespace().name()))
                .orElseThrow(() -> VaultRefusal.invalid(otherwise));
    }

    private VaultToken byAccessor(VaultCall call) {
        String accessor = call.body().path("accessor").asText("");
        if (accessor.isEmpty()) {
            throw VaultRefusal.error(400, "missing accessor");
        }
        return tokens.liveByAccessor(call.namespace().name(), accessor)
                .orElseThrow(() -> VaultRefusal.error(400, "invalid accessor"));
    }

    private FakeAnswer renew(VaultCall call, VaultToken token) {
        if (token.traits().batch()) {
            throw VaultRefusal.invalid("batch tokens cannot be renewed");
        }
        if (!token.traits().renewable()) {
            throw VaultRefusal.invalid("lease is not renewable");
        }
        Duration increment = VaultDuration.read(call.body(), "increment");
        VaultLife life = lifeNow(call.namespace(), token);
        Optional<VaultToken> before = tokens.live(token.id());
        while (before.isPresent()) {
            Instant now = clock.instant();
            VaultLife.Reckoned reckoned = life.reckon(increment, before.get().issuedAt(), now);
            VaultToken renewed = before.get().renewed(now, now.plus(reckoned.ttl()));
            // A revocation may have come in between, and what is revoked stays so.
            if (tokens.renew(before.get(), renewed)) {
                return mint.answer(renewed, reckoned, "token");
            }
            before = tokens.live(token.id());
        }
        throw VaultService.invalidToken();
    }

    /** Returns what the role of a login says now, which may be other than at the login. */
    private static VaultLife lifeNow(FakeVaultNamespace namespace, VaultToken token) {
        String path = token.origin().path();
        if (!path.endsWith("/login")) {
            return token.traits().life();
        }
        String mount = path.substring("auth/".length(), path.length() - "/login".length());
        VaultJwtRole role = namespace
                .roleOf(mount, token.origin().role())
                // UNVERIFIED: the status; the plug-in's error comes without a response.
                .orElseThrow(() ->
                        VaultRefusal.error(500, "role " + token.origin().role() + " does not exist during renewal"));
        VaultLife fromRole = TokenMint.lifeOf(role.tokens());
        return new VaultLife(
                fromRole.ttl(), fromRole.maxTtl(), token.traits().life().explicitMaxTtl(), fromRole.period());
    }

    private FakeAnswer revokeNamed(VaultCall call) {
        String id = call.body().path("token").asText("");
        if (id.isEmpty()) {
            throw VaultRefusal.invalid("missing token ID");
        }
        // Vault does not mind a token that is not there.
        return tokens.live(id)
                .filter(token -> token.namespace().equals(call.namespace().name()))
                .map(this::revoke)
                .orElseGet(() -> FakeAnswer.empty(204));
    }

    private FakeAnswer revoke(VaultToken token) {
        requireService(token);
        tokens.revoke(token.id());
        leases.sweep();
        return FakeAnswer.empty(204);
    }

    private FakeAnswer revokeOrphan(VaultCall call) {
        VaultToken token = named(call, "token to revoke not found");
        requireService(token);
        tokens.revokeAlone(token.id());
        leases.sweep();
        return FakeAnswer.empty(204);
    }

    private static void requireService(VaultToken token) {
        if (token.traits().batch()) {
            throw VaultRefusal.invalid("batch tokens cannot be revoked");
        }
    }
}
