package io.dynamiccredentials.vault;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;

/** What to ask a secrets engine of Vault for, and how to read what it answers. Immutable. */
interface SecretsEngine<S extends EngineSecret> {

    /** Returns the path below {@code /v1/}, with the query. */
    String path();

    /** Tells whether Vault can end the secret; if not, it lives until its own end, whatever Vault is told. */
    boolean revocable();

    /**
     * Reads the {@code data} of an answer.
     *
     * @param before when it was asked for
     * @throws IllegalArgumentException if it is not what was asked for; the message repeats no secret
     */
    S read(JsonNode data, Instant before);
}
