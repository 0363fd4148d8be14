package io.dynamiccredentials.run;

import io.dynamiccredentials.exchange.Revocation;
import io.dynamiccredentials.wire.UntrustedText;
import java.util.LinkedHashMap;
import java.util.Map;

/** Makes what an event tells fit for a line of a log: between double quotes, escaped, without tokens and cut. */
final class EventText {
    private EventText() {}

    static String of(String value) {
        return UntrustedText.quoteName(value);
    }

    /** Returns what an event of such an end is called. */
    static LeaseEvent.Kind kindOf(Revocation revocation) {
        return revocation instanceof Revocation.Revoked ? LeaseEvent.Kind.REVOKED : LeaseEvent.Kind.LIVES_ON;
    }

    /** Returns what became of credentials that were to be ended. */
    static String of(Revocation revocation) {
        if (revocation instanceof Revocation.LivesUntil lives) {
            return "lives until " + lives.until();
        }
        return revocation instanceof Revocation.Ordered ordered
                ? "ordered, ends at " + ordered.until() + " at the latest"
                : "revoked";
    }

    /** Returns what the event tells beside its kind and time, by its keys and in their order. */
    static Map<String, String> fields(LeaseEvent event) {
        Map<String, String> fields = new LinkedHashMap<>();
        fields.put("run", of(event.runId()));
        event.configuration().ifPresent(value -> fields.put("configuration", of(value)));
        event.tokenId().ifPresent(value -> fields.put("token_id", UntrustedText.quoteId(value)));
        event.tokenFingerprint().ifPresent(value -> fields.put("token_fingerprint", of(value)));
        event.requestId().ifPresent(value -> fields.put("request_id", of(value)));
        event.principal().ifPresent(value -> fields.put("principal", of(value)));
        event.detail().ifPresent(value -> fields.put("detail", of(value)));
        return fields;
    }
}
