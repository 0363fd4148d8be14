package io.dynamiccredentials.vault;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Optional;
import java.util.regex.Pattern;

/** Finds claims as Vault does: by name, or by JSON pointer (RFC 6901) if the name begins with a slash. */
final class ClaimPath {
    // Vault also takes 007, 0x7 and an empty text for numbers. Those are left out: no role means them.
    private static final Pattern INDEX = Pattern.compile("0|[1-9][0-9]{0,8}");

    private ClaimPath() {}

    /** Returns the claim; empty if it is absent or null. */
    static Optional<JsonNode> find(JsonNode claims, String path) {
        if (!path.startsWith("/")) {
            return named(claims, path);
        }
        JsonNode node = claims;
        for (String part : path.substring(1).split("/", -1)) {
            node = step(node, part.replace("~1", "/").replace("~0", "~"));
        }
        return present(node);
    }

    /** Returns the claim of exactly this name; empty if it is absent or null. */
    static Optional<JsonNode> named(JsonNode claims, String name) {
        return present(claims.path(name));
    }

    private static JsonNode step(JsonNode node, String part) {
        if (!node.isArray()) {
            return node.path(part);
        }
        return node.path(INDEX.matcher(part).matches() ? Integer.parseInt(part) : -1);
    }

    private static Optional<JsonNode> present(JsonNode node) {
        return node.isMissingNode() || node.isNull() ? Optional.empty() : Optional.of(node);
    }
}
