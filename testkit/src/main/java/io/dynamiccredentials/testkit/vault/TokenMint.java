package io.dynamiccredentials.testkit.vault;

import io.dynamiccredentials.testkit.FakeAnswer;
import io.dynamiccredentials.vault.VaultJwtMethod.Edition;
import io.dynamiccredentials.vault.VaultTokenParameters;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Makes tokens and tells of them. Safe for use by many threads. */
final class TokenMint {
    private final Clock clock;
    private final VaultTokens tokens;
    private final Supplier<Edition> edition;

    TokenMint(Clock clock, VaultTokens tokens, Supplier<Edition> edition) {
        this.clock = clock;
        this.tokens = tokens;
        this.edition = edition;
    }

    /** Returns policies as Vault keeps them: in lower case, sorted, each once. */
    static List<String> sanitized(List<String> policies, boolean withDefault) {
        TreeSet<String> sorted = new TreeSet<>();
        policies.forEach(policy -> sorted.add(policy.strip().toLowerCase(Locale.ROOT)));
        if (withDefault) {
            sorted.add("default");
        } else {
            sorted.remove("default");
        }
        sorted.remove("");
        return List.copyOf(sorted);
    }

    static VaultLife lifeOf(VaultTokenParameters wanted) {
        return new VaultLife(wanted.ttl(), wanted.maxTtl(), wanted.explicitMaxTtl(), wanted.period());
    }

    /**
     * Makes a token whose life has been reckoned.
     *
     * @param parent the token that it ends with; empty for an orphan
     */
    VaultToken make(String namespace, String parent, VaultToken.Origin origin, VaultToken.Traits traits, int uses) {
        Instant now = clock.instant();
        Optional<Instant> end =
                traits.creationTtl() == 0 ? Optional.empty() : Optional.of(now.plusSeconds(traits.creationTtl()));
        VaultToken token = new VaultToken(
                prefix(traits.batch()) + VaultTokens.random(),
                traits.batch() ? "" : VaultTokens.random(),
                namespace,
                parent,
                origin,
                traits,
                now,
                end,
                Optional.empty(),
                uses);
        tokens.add(token);
        return token;
    }

    private String prefix(boolean batch) {
        return edition.get() == Edition.VAULT ? (batch ? "hvb." : "hvs.") : (batch ? "b." : "s.");
    }

    /** Returns what is told of a token that was made or renewed just now. */
    FakeAnswer answer(VaultToken token, VaultLife.Reckoned reckoned, String mountType) {
        return VaultAnswer.ofAuth(auth(token, reckoned.ttl()), reckoned.warnings())
                .from(mountType, edition.get())
                .ok();
    }

    private static Map<String, @Nullable Object> auth(VaultToken token, Duration life) {
        Map<String, @Nullable Object> auth = new LinkedHashMap<>();
        auth.put("client_token", token.id());
        auth.put("accessor", token.accessor());
        auth.put("policies", token.traits().policies());
        auth.put("token_policies", token.traits().policies());
        auth.put(
                "metadata",
                token.origin().metadata().isEmpty() ? null : token.origin().metadata());
        auth.put("lease_duration", life.toSeconds());
        auth.put("renewable", token.traits().renewable());
        auth.put("entity_id", token.origin().entityId());
        auth.put("token_type", type(token));
        auth.put("orphan", token.isOrphan());
        auth.put("mfa_requirement", null);
        auth.put("num_uses", Math.max(token.uses(), 0));
        return auth;
    }

    /** Returns what a look-up tells; not which token is the parent. */
    VaultAnswer lookup(VaultToken token) {
        VaultToken.Traits traits = token.traits();
        Map<String, @Nullable Object> data = new LinkedHashMap<>();
        data.put("accessor", token.accessor());
        data.put("creation_time", token.issuedAt().getEpochSecond());
        data.put("creation_ttl", traits.creationTtl());
        data.put("display_name", token.origin().displayName());
        data.put("entity_id", token.origin().entityId());
        data.put("expire_time", token.expiresAt().map(Instant::toString).orElse(null));
        data.put("explicit_max_ttl", traits.life().explicitMaxTtl().toSeconds());
        data.put("id", token.id());
        data.put("issue_time", token.issuedAt().toString());
        data.put("meta", token.origin().metadata());
        data.put("num_uses", token.uses());
        data.put("orphan", token.isOrphan());
        data.put("path", token.origin().path());
        data.put("policies", traits.policies());
        data.put("renewable", traits.renewable());
        data.put("ttl", ttl(token));
        data.put("type", type(token));
        addOccasional(token, data);
        return VaultAnswer.ofData(data).from("token", edition.get());
    }

    private static void addOccasional(VaultToken token, Map<String, @Nullable Object> data) {
        token.renewedAt().ifPresent(at -> {
            data.put("last_renewal", at.toString());
            data.put("last_renewal_time", at.getEpochSecond());
        });
        if (!token.traits().life().period().isZero()) {
            data.put("period", token.traits().life().period().toSeconds());
        }
        if (!token.namespace().isEmpty()) {
            data.put("namespace_path", token.namespace() + "/");
        }
    }

    private long ttl(VaultToken token) {
        return token.expiresAt()
                .map(end -> Duration.between(clock.instant(), end).toSeconds())
                .orElse(0L);
    }

    private static String type(VaultToken token) {
        return token.traits().batch() ? "batch" : "service";
    }
}
