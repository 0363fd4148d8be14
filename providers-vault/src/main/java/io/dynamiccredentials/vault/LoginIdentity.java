package io.dynamiccredentials.vault;

import com.fasterxml.jackson.databind.JsonNode;
import io.dynamiccredentials.vault.VaultJwtMethod.Decision.Admitted;
import io.dynamiccredentials.vault.VaultJwtMethod.Decision.Refused;
import io.dynamiccredentials.wire.UntrustedText;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads from claims who somebody is to Vault. Not safe for use by several threads. */
final class LoginIdentity {
    private final VaultJwtRole role;
    private final JsonNode claims;
    private final Map<String, String> metadata = new LinkedHashMap<>();
    private final List<String> groups = new ArrayList<>();
    private String alias = "";

    private LoginIdentity(VaultJwtRole role, JsonNode claims) {
        this.role = role;
        this.claims = claims;
    }

    /** Returns who it is, or why that can't be said. */
    static VaultJwtMethod.Decision read(VaultJwtRole role, JsonNode claims) {
        LoginIdentity identity = new LoginIdentity(role, claims);
        Optional<Refused> refused =
                identity.readAlias().or(identity::readMetadata).or(identity::readGroups);
        return refused.<VaultJwtMethod.Decision>map(why -> why)
                .orElseGet(() -> new Admitted(identity.alias, identity.metadata, identity.groups));
    }

    private Optional<Refused> readAlias() {
        String claim = role.userClaim();
        Optional<JsonNode> user = role.user(claims);
        if (user.isEmpty()) {
            return refused("claim " + GoText.quoted(claim) + " not found in token", claim, "no such claim");
        }
        if (!user.get().isTextual()) {
            return refused(
                    "claim " + GoText.quoted(claim) + " could not be converted to string", claim, shown(user.get()));
        }
        alias = user.get().textValue();
        return Optional.empty();
    }

    private Optional<Refused> readMetadata() {
        for (Map.Entry<String, String> mapping : role.claimMappings().entrySet()) {
            Optional<JsonNode> found = ClaimPath.find(claims, mapping.getKey());
            if (found.isPresent() && !found.get().isTextual()) {
                return refused(
                        "error converting claim '" + mapping.getKey() + "' to string",
                        mapping.getKey(),
                        shown(found.get()));
            }
            found.ifPresent(claim -> metadata.put(mapping.getValue(), claim.textValue()));
        }
        metadata.put("role", role.name());
        return Optional.empty();
    }

    private Optional<Refused> readGroups() {
        return role.groupsClaim()
                .flatMap(claim -> ClaimPath.find(claims, claim)
                        .map(found -> readGroups(claim, found))
                        .orElseGet(() -> refused(
                                "failed to fetch groups: " + GoText.quoted(claim) + " claim not found in token",
                                claim,
                                "no such claim")));
    }

    private Optional<Refused> readGroups(String claim, JsonNode found) {
        if (found.isObject()) {
            return refused(GoText.quoted(claim) + " claim could not be converted to string list", claim, shown(found));
        }
        for (JsonNode group : found.isArray() ? found : List.of(found)) {
            if (!group.isTextual()) {
                return refused(
                        "value " + shown(group) + " in groups claim could not be parsed as string",
                        claim,
                        shown(found));
            }
            groups.add(group.textValue());
        }
        groups.removeIf(String::isEmpty);
        return Optional.empty();
    }

    private static Optional<Refused> refused(String text, String claim, String actual) {
        return Optional.of(new Refused(text, claim, "a text", actual));
    }

    private static String shown(JsonNode claim) {
        return UntrustedText.clean(claim.toString());
    }
}
