package io.dynamiccredentials.vault;

import java.time.Instant;
import java.util.Optional;

/** What a secrets engine of Vault made at another platform. Immutable; what is sensitive is a {@code Secret}. */
sealed interface EngineSecret permits AwsKeys, GcpSecret, AzureClientSecret {

    /** Returns by what logs know it; no part of the secret itself. */
    String name();

    /** Returns when it ends by itself, if the engine says so. */
    Optional<Instant> endsAt();
}
