package io.dynamiccredentials.vault;

import com.fasterxml.jackson.databind.JsonNode;
import io.dynamiccredentials.wire.HttpReply;
import io.dynamiccredentials.wire.StrictJson;
import io.dynamiccredentials.wire.UntrustedText;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;

/** An answer with a lease, or about one. Immutable. */
final class EngineReply {
    private static final int MAX_LEASE_ID = 1024;

    private final JsonNode body;
    private final Instant before;

    private EngineReply(JsonNode body, Instant before) {
        this.body = body;
        this.before = before;
    }

    /**
     * Reads an answer.
     *
     * @throws IllegalArgumentException if it is no JSON object; the message does not repeat it
     */
    static EngineReply parse(HttpReply reply, Instant before) {
        return new EngineReply(StrictJson.parseObject(reply.body()), before);
    }

    /**
     * Returns what the engine made.
     *
     * @throws IllegalArgumentException if there is none, or it is wrapped
     */
    JsonNode data() {
        if (body.path("wrap_info").isObject()) {
            throw new IllegalArgumentException("the secret is wrapped, which nobody asked for");
        }
        if (!body.path("data").isObject()) {
            throw new IllegalArgumentException("its data is absent");
        }
        return body.path("data");
    }

    /** Returns the id of the lease, if there is one that can be one. */
    Optional<String> leaseId() {
        return StrictJson.text(body, "lease_id")
                .filter(id -> id.length() <= MAX_LEASE_ID && UntrustedText.isVisibleAscii(id));
    }

    /**
     * Returns the lease.
     *
     * @throws IllegalArgumentException if there is none, or it has no time
     */
    VaultLease lease() {
        String id =
                leaseId().orElseThrow(() -> new IllegalArgumentException("it has no lease, so nobody could end it"));
        OptionalLong seconds = EngineMembers.seconds(body, "lease_duration", EngineMembers.MAX_SECONDS);
        if (seconds.isEmpty()) {
            throw new IllegalArgumentException("lease_duration is absent");
        }
        return new VaultLease(id, body.path("renewable").booleanValue(), before.plusSeconds(seconds.getAsLong()));
    }

    /**
     * Returns when a secret that nobody can end does so by itself: what the engine says of it, or what its lease says.
     *
     * @throws IllegalArgumentException if neither says it
     */
    Instant end(EngineSecret secret) {
        Optional<Instant> own = secret.endsAt();
        if (leaseId().isEmpty()) {
            return own.orElseThrow(() -> new IllegalArgumentException("it does not say when it ends"));
        }
        Instant leased = lease().expiresAt();
        return own.filter(end -> end.isBefore(leased)).orElse(leased);
    }
}
