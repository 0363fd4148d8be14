package io.dynamiccredentials.vault;

import io.dynamiccredentials.Secret;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** A secret of an application of Entra. */
record AzureClientSecret(String clientId, Secret clientSecret) implements EngineSecret {

    @Override
    public String name() {
        return "client \"" + clientId + "\"";
    }

    /** Returns nothing: the engine only says when its lease ends. */
    @Override
    public Optional<Instant> endsAt() {
        return Optional.empty();
    }

    @Override
    public List<Secret> secrets() {
        return List.of(clientSecret);
    }
}
