package io.dynamiccredentials.vault;

import com.fasterxml.jackson.databind.JsonNode;
import io.dynamiccredentials.Secret;
import java.time.Instant;
import java.util.regex.Pattern;

/** Vault's Azure secrets engine. */
record AzureEngine(String mount, String role) implements SecretsEngine<AzureClientSecret> {
    private static final int MAX_SECRET = 1024;
    private static final Pattern GUID =
            Pattern.compile("[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}");

    @Override
    public String path() {
        return mount + "/creds/" + role;
    }

    @Override
    public boolean revocable() {
        return true;
    }

    @Override
    public AzureClientSecret read(JsonNode data, Instant before) {
        return new AzureClientSecret(
                EngineMembers.text(data, "client_id", EngineMembers.matching(GUID)),
                Secret.of(EngineMembers.text(data, "client_secret", EngineMembers.visible(MAX_SECRET))));
    }
}
