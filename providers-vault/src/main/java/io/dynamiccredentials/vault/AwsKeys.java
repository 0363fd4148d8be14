package io.dynamiccredentials.vault;

import io.dynamiccredentials.Secret;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** A key of AWS: of a user that Vault made, or of a session. */
record AwsKeys(String accessKeyId, Secret secretAccessKey, Optional<Secret> sessionToken, Optional<Instant> endsAt)
        implements EngineSecret {

    @Override
    public String name() {
        return "access key \"" + accessKeyId + "\"";
    }

    @Override
    public List<Secret> secrets() {
        return Stream.concat(Stream.of(secretAccessKey), sessionToken.stream()).toList();
    }
}
