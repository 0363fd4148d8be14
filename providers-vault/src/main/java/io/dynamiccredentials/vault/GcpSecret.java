package io.dynamiccredentials.vault;

import io.dynamiccredentials.Secret;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** A secret of Google Cloud: an access token, or the JSON of a service account's key. */
record GcpSecret(boolean isKey, Secret text, String name, Optional<Instant> endsAt) implements EngineSecret {

    @Override
    public List<Secret> secrets() {
        return List.of(text);
    }
}
