package io.dynamiccredentials.testkit.vault;

import io.dynamiccredentials.vault.VaultTokenParameters;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A token of a fake Vault. Its text form leaves the token out. Immutable.
 *
 * @param id the token itself
 * @param accessor its name, which can end it and not use it; empty for a batch token
 * @param parent the token that it ends with; empty for an orphan
 * @param issuedAt when it was made
 * @param expiresAt when it ends; empty for a root token
 * @param renewedAt when it was renewed last
 * @param uses how many requests are left; 0 means any number
 */
record VaultToken(
        String id,
        String accessor,
        String namespace,
        String parent,
        Origin origin,
        Traits traits,
        Instant issuedAt,
        Optional<Instant> expiresAt,
        Optional<Instant> renewedAt,
        int uses) {

    /**
     * Where it comes from.
     *
     * @param path where it was asked for, such as {@code auth/jwt/login}
     * @param role the role of the login
     * @param subject the {@code sub} of the identity token
     * @param tokenId the {@code jti} of the identity token
     */
    record Origin(
            String path,
            String role,
            String subject,
            String tokenId,
            String displayName,
            String entityId,
            Map<String, String> metadata) {

        /** Returns that of a token which is made with this one. */
        Origin at(String childPath, String childName, Map<String, String> childMetadata, String childEntityId) {
            return new Origin(childPath, role, subject, tokenId, childName, childEntityId, childMetadata);
        }
    }

    /**
     * What it is like.
     *
     * @param creationTtl the life that it began with, in seconds
     * @param bounds where it may come from
     */
    record Traits(
            List<String> policies,
            VaultLife life,
            long creationTtl,
            boolean batch,
            boolean renewable,
            VaultTokenParameters bounds) {}

    boolean isOrphan() {
        return parent.isEmpty();
    }

    boolean hasEnded(Instant now) {
        return expiresAt.filter(end -> !now.isBefore(end)).isPresent();
    }

    VaultToken renewed(Instant now, Instant newEnd) {
        return new VaultToken(
                id, accessor, namespace, parent, origin, traits, issuedAt, Optional.of(newEnd), Optional.of(now), uses);
    }

    VaultToken orphaned() {
        return new VaultToken(id, accessor, namespace, "", origin, traits, issuedAt, expiresAt, renewedAt, uses);
    }

    VaultToken withUses(int left) {
        return new VaultToken(id, accessor, namespace, parent, origin, traits, issuedAt, expiresAt, renewedAt, left);
    }

    @Override
    public String toString() {
        return "VaultToken of " + origin.subject();
    }
}
