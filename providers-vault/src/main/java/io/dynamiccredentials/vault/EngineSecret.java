package io.dynamiccredentials.vault;

import io.dynamiccredentials.Secret;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** What a secrets engine of Vault made at another platform. Immutable; what is sensitive is a {@code Secret}. */
sealed interface EngineSecret permits AwsKeys, GcpSecret, AzureClientSecret {

    /** Returns by what logs know it; no part of the secret itself. */
    String name();

    /** Returns when it ends by itself, if the engine says so. */
    Optional<Instant> endsAt();

    /** Returns every secret in it. */
    List<Secret> secrets();
}
