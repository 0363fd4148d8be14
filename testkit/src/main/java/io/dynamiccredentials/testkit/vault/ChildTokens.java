package io.dynamiccredentials.testkit.vault;

import com.fasterxml.jackson.databind.JsonNode;
import io.dynamiccredentials.testkit.FakeAnswer;
import io.dynamiccredentials.vault.VaultTokenParameters;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** {@code auth/token/create}: tokens that are made with tokens. Safe for use by many threads. */
final class ChildTokens {
    private final Clock clock;
    private final TokenMint mint;

    ChildTokens(Clock clock, TokenMint mint) {
        this.clock = clock;
        this.mint = mint;
    }

    FakeAnswer create(VaultCall call, VaultToken parent, boolean sudo) {
        boolean orphan = call.body().path("no_parent").asBoolean(false);
        requireUnlessSudo(orphan, sudo, "root or sudo privileges required to create orphan token");
        return make(call, parent, orphan ? "" : parent.id(), sudo);
    }

    FakeAnswer createOrphan(VaultCall call, VaultToken parent, boolean sudo) {
        return make(call, parent, "", sudo);
    }

    private FakeAnswer make(VaultCall call, VaultToken parent, String parentId, boolean sudo) {
        JsonNode body = call.body();
        if (parent.traits().batch()) {
            throw VaultRefusal.invalid("batch tokens cannot create more tokens");
        }
        if (parent.uses() != 0) {
            throw VaultRefusal.invalid("restricted use token cannot generate child tokens");
        }
        boolean batch = isBatch(body);
        int uses = uses(body);
        requireUnlessSudo(
                !body.path("id").asText("").isEmpty(), sudo, "root or sudo privileges required to specify token id");
        VaultLife life = life(body, batch, uses);
        List<String> policies = policies(body, parent, sudo);
        requireUnlessSudo(!life.period().isZero(), sudo, "root or sudo privileges required to create periodic token");
        Instant now = clock.instant();
        VaultLife.Reckoned reckoned = life.reckon(Duration.ZERO, now, now);
        boolean renewable = !batch && body.path("renewable").asBoolean(true);
        VaultToken.Traits traits = new VaultToken.Traits(
                policies, life, reckoned.ttl().toSeconds(), batch, renewable, bounds(parent, parentId));
        VaultToken.Origin origin = parent.origin()
                .at(
                        call.path(),
                        displayName(body),
                        metadata(body),
                        parentId.isEmpty() ? "" : parent.origin().entityId());
        return mint.answer(mint.make(parent.namespace(), parentId, origin, traits, uses), reckoned, "token");
    }

    private static boolean isBatch(JsonNode body) {
        return switch (body.path("type").asText("")) {
            case "", "service" -> false;
            case "batch" -> true;
            default -> throw VaultRefusal.invalid("invalid 'token_type' value");
        };
    }

    private static int uses(JsonNode body) {
        int uses = body.path("num_uses").asInt(0);
        if (uses < 0) {
            throw VaultRefusal.invalid("number of uses cannot be negative");
        }
        return uses;
    }

    private static VaultLife life(JsonNode body, boolean batch, int uses) {
        Duration explicit = VaultDuration.read(body, "explicit_max_ttl");
        Duration period = VaultDuration.read(body, "period");
        if (batch) {
            String bad =
                    !explicit.isZero() ? "explicit_max_ttl" : uses != 0 ? "num_uses" : period.isZero() ? "" : "period";
            if (!bad.isEmpty()) {
                throw VaultRefusal.invalid("batch tokens cannot have \"" + bad + "\" set");
            }
        }
        return new VaultLife(VaultDuration.read(body, "ttl"), Duration.ZERO, explicit, period);
    }

    /** A child may do what its parent may, or less. */
    private static List<String> policies(JsonNode body, VaultToken parent, boolean sudo) {
        List<String> own = parent.traits().policies();
        boolean noDefault = body.path("no_default_policy").asBoolean(false);
        List<String> asked = body.path("policies")
                .valueStream()
                .map(JsonNode::asText)
                .map(String::strip)
                .toList();
        List<String> sanitized = asked.isEmpty() ? own : TokenMint.sanitized(asked, asked.contains("default"));
        if (!sudo && !own.containsAll(sanitized)) {
            throw VaultRefusal.invalid("child policies must be subset of parent");
        }
        if (sanitized.contains("root") && !own.contains("root")) {
            throw VaultRefusal.invalid("root tokens may not be created without parent token being root");
        }
        boolean withDefault =
                !noDefault && (asked.isEmpty() ? own.contains("default") : sudo || own.contains("default"));
        return TokenMint.sanitized(sanitized, withDefault);
    }

    /** A child may come from where its parent may, an orphan from anywhere. */
    private static VaultTokenParameters bounds(VaultToken parent, String parentId) {
        return parentId.isEmpty()
                ? VaultTokenParameters.builder().build()
                : parent.traits().bounds();
    }

    private static String displayName(JsonNode body) {
        String name = body.path("display_name").asText("");
        String full = name.isEmpty() ? "token" : ("token-" + name).replaceAll("[^a-zA-Z0-9-]", "-");
        return full.endsWith("-") ? full.substring(0, full.length() - 1) : full;
    }

    private static Map<String, String> metadata(JsonNode body) {
        Map<String, String> metadata = new LinkedHashMap<>();
        body.path("meta")
                .propertyStream()
                .forEach(member ->
                        metadata.put(member.getKey(), member.getValue().asText()));
        return Map.copyOf(metadata);
    }

    private static void requireUnlessSudo(boolean kept, boolean sudo, String text) {
        if (kept && !sudo) {
            throw VaultRefusal.invalid(text);
        }
    }
}
