package io.dynamiccredentials.vault;

import io.dynamiccredentials.wire.HttpReply;
import io.dynamiccredentials.wire.StrictJson;
import java.util.Optional;
import java.util.regex.Pattern;

/** Reads the id under which Vault's audit log has a request. */
final class VaultRequestId {
    private static final Pattern FORM = Pattern.compile("[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}");

    private VaultRequestId() {}

    /** Returns the {@code request_id} of an answer; empty if it has none, or it is no UUID. */
    static Optional<String> of(HttpReply reply) {
        try {
            return StrictJson.text(StrictJson.parseObject(reply.body()), "request_id")
                    .filter(id -> FORM.matcher(id).matches());
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
