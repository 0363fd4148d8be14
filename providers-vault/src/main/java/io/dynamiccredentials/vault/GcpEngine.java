package io.dynamiccredentials.vault;

import com.fasterxml.jackson.databind.JsonNode;
import io.dynamiccredentials.Secret;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** Vault's Google Cloud secrets engine. */
record GcpEngine(String mount, String account, Type type) implements SecretsEngine<GcpSecret> {
    private static final int MAX_TOKEN = 16 * 1024;
    private static final long MAX_EPOCH_SECONDS = 253_402_300_799L;

    /** Whose secret it is, and which. */
    enum Type {
        ROLESET_TOKEN("roleset", "token"),
        ROLESET_KEY("roleset", "key"),
        STATIC_ACCOUNT_TOKEN("static-account", "token"),
        STATIC_ACCOUNT_KEY("static-account", "key");

        /** By the words of the setting. */
        static final Map<String, Type> TYPES = Map.of(
                "roleset/access_token", ROLESET_TOKEN,
                "roleset/service_account_key", ROLESET_KEY,
                "static_account/access_token", STATIC_ACCOUNT_TOKEN,
                "static_account/service_account_key", STATIC_ACCOUNT_KEY);

        private final String owner;
        private final String kind;

        Type(String owner, String kind) {
            this.owner = owner;
            this.kind = kind;
        }

        boolean isOfRoleset() {
            return this == ROLESET_TOKEN || this == ROLESET_KEY;
        }

        boolean isKey() {
            return this == ROLESET_KEY || this == STATIC_ACCOUNT_KEY;
        }
    }

    @Override
    public String path() {
        return mount + "/" + type.owner + "/" + account + "/" + type.kind;
    }

    @Override
    public boolean revocable() {
        return type.isKey();
    }

    @Override
    public GcpSecret read(JsonNode data, Instant before) {
        return type.isKey() ? key(data) : accessTokenOf(data, before);
    }

    private static GcpSecret key(JsonNode data) {
        GoogleKeyFile file =
                GoogleKeyFile.parse(EngineMembers.text(data, "private_key_data", EngineMembers.visible(MAX_TOKEN)));
        return new GcpSecret(true, file.json(), file.name(), Optional.empty());
    }

    private GcpSecret accessTokenOf(JsonNode data, Instant before) {
        String text = EngineMembers.text(data, "token", EngineMembers.visible(MAX_TOKEN));
        OptionalLong life = EngineMembers.seconds(data, "token_ttl", EngineMembers.MAX_SECONDS);
        OptionalLong end = EngineMembers.seconds(data, "expires_at_seconds", MAX_EPOCH_SECONDS);
        Optional<Instant> byLife =
                life.isPresent() ? Optional.of(before.plusSeconds(life.getAsLong())) : Optional.empty();
        Optional<Instant> byClock =
                end.isPresent() ? Optional.of(Instant.ofEpochSecond(end.getAsLong())) : Optional.empty();
        Optional<Instant> earliest = byLife.filter(one -> byClock.isEmpty() || one.isBefore(byClock.get()))
                .or(() -> byClock);
        return new GcpSecret(false, Secret.of(text), "an access token of \"" + path() + "\"", earliest);
    }
}
