package io.dynamiccredentials.testkit.vault;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import io.dynamiccredentials.testkit.FakeAnswer;
import io.dynamiccredentials.vault.VaultJwtMethod;
import io.dynamiccredentials.vault.VaultJwtMethod.Decision.Admitted;
import io.dynamiccredentials.vault.VaultJwtMethod.Decision.Refused;
import io.dynamiccredentials.vault.VaultJwtMethod.Edition;
import io.dynamiccredentials.vault.VaultJwtRole;
import io.dynamiccredentials.vault.VaultTokenParameters;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.UUID;

/** The login of Vault's JWT auth method: its checks in its order, and the token that it ends in. */
final class VaultLogin {
    private final Clock clock;
    private final VaultKeys keys;
    private final TokenMint mint;

    VaultLogin(Clock clock, VaultKeys keys, TokenMint mint) {
        this.clock = clock;
        this.keys = keys;
        this.mint = mint;
    }

    /**
     * Logs in.
     *
     * @param mount where the method is mounted, without {@code auth/}
     */
    FakeAnswer login(VaultCall call, String mount, Edition edition) {
        VaultJwtMethod method = call.namespace()
                .methodAt(mount)
                .orElseThrow(() -> VaultRefusal.invalid("could not load configuration"))
                .in(edition);
        VaultJwtRole role = role(call, mount, method);
        String jwt = text(call.body(), "jwt");
        if (jwt.isEmpty()) {
            throw VaultRefusal.invalid("missing token");
        }
        if (!role.tokens().permitsAddress(VaultService.REMOTE)) {
            throw VaultRefusal.forbidden();
        }
        VaultKeys.Verified token = keys.verify(method, jwt);
        VaultJwtMethod.Decision decision = method.decide(role, token.algorithm(), token.claims(), clock.instant());
        if (decision instanceof Refused refused) {
            throw VaultRefusal.invalid(refused.text());
        }
        return token(call, mount, role, (Admitted) decision, token.claims());
    }

    private static VaultJwtRole role(VaultCall call, String mount, VaultJwtMethod method) {
        String asked = text(call.body(), "role").toLowerCase(Locale.ROOT);
        String name = asked.isEmpty() ? method.defaultRole().orElse("") : asked;
        if (name.isEmpty()) {
            throw VaultRefusal.invalid("missing role");
        }
        VaultJwtRole role = call.namespace()
                .roleOf(mount, name)
                .orElseThrow(() -> VaultRefusal.invalid("role \"" + name + "\" could not be found"));
        if (role.isOidc()) {
            throw VaultRefusal.invalid("role with oidc role_type is not allowed");
        }
        return role;
    }

    private FakeAnswer token(VaultCall call, String mount, VaultJwtRole role, Admitted admitted, JsonNode claims) {
        VaultTokenParameters wanted = role.tokens();
        List<String> policies = TokenMint.sanitized(wanted.policies(), wanted.hasDefaultPolicy());
        if (policies.contains("root")) {
            throw VaultRefusal.invalid("auth methods cannot create root tokens");
        }
        if (admitted.alias().isEmpty()) {
            // UNVERIFIED: which words Vault finds for an alias without a name. It makes none.
            throw VaultRefusal.internal();
        }
        VaultToken.Origin origin = new VaultToken.Origin(
                "auth/" + mount + "/login",
                role.name(),
                claims.path("sub").asText(""),
                claims.path("jti").asText(""),
                mount.replace('/', '-') + "-" + admitted.alias(),
                entityId(call.namespace().name(), mount, admitted.alias()),
                admitted.metadata());
        Instant now = clock.instant();
        VaultLife life = TokenMint.lifeOf(wanted);
        VaultLife.Reckoned reckoned = life.reckon(Duration.ZERO, now, now);
        VaultToken.Traits traits = new VaultToken.Traits(
                policies, life, reckoned.ttl().toSeconds(), wanted.isBatch(), !wanted.isBatch(), wanted);
        VaultToken token = mint.make(call.namespace().name(), "", origin, traits, wanted.numUses());
        return mint.answer(token, reckoned, "jwt");
    }

    /** An alias is one of its mount, and the same one is the same entity each time. */
    private static String entityId(String namespace, String mount, String alias) {
        return UUID.nameUUIDFromBytes((namespace + "\n" + mount + "\n" + alias).getBytes(UTF_8))
                .toString();
    }

    private static String text(JsonNode body, String name) {
        return body.path(name).asText("");
    }
}
