package io.dynamiccredentials.keys;

import com.fasterxml.jackson.databind.JsonNode;
import io.dynamiccredentials.Secret;
import io.dynamiccredentials.jwk.JwkSet;
import io.dynamiccredentials.jwk.PublicJwk;
import io.dynamiccredentials.wire.StrictJson;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Writes a {@link KeyRing} as JSON and reads it again:
 * {@code {"format":1,"markedAt":…,"straightened":…,"gone":[…],"keys":[{"jwk":{…},
 * "factory":…,"reference":…,"state":…,"publishedAt":…,"seenAt":…,"changedAt":…,"signsUntil":…,"tally":{…}}]}}, with
 * instants as in ISO 8601.
 */
final class RingCodec {
    private static final int FORMAT = 1;

    private RingCodec() {}

    static Secret write(KeyRing ring) {
        Map<String, Object> members = new LinkedHashMap<>();
        members.put("format", FORMAT);
        members.put("markedAt", ring.markedAt().toString());
        members.put("straightened", ring.isStraightened());
        members.put("gone", ring.goneKeyIds());
        members.put("keys", ring.keys().stream().map(RingCodec::members).toList());
        return Secret.of(StrictJson.write(members));
    }

    /**
     * Reads what {@link #write} wrote.
     *
     * @throws IllegalStateException if it is anything else, or of a newer format
     */
    static KeyRing read(long version, Secret text) {
        try {
            JsonNode node = StrictJson.parseObject(text.reveal());
            int format = node.path("format").asInt();
            if (format != FORMAT) {
                throw new IllegalStateException("The key store has format " + format + "; this version of the library "
                        + "reads format " + FORMAT + ". Use the version that wrote it");
            }
            List<RingKey> keys = new ArrayList<>();
            for (JsonNode key : node.path("keys")) {
                keys.add(key(key));
            }
            List<String> gone = new ArrayList<>();
            node.path("gone").forEach(keyId -> gone.add(keyId.asText()));
            return new KeyRing(
                    version,
                    keys,
                    gone,
                    instant(node, "markedAt").orElseThrow(),
                    node.path("straightened").asBoolean());
        } catch (IllegalArgumentException | DateTimeException | NoSuchElementException e) {
            // The cause is dropped: it may quote a private key.
            throw new IllegalStateException("Version " + version + " of the key store is no key ring ("
                    + e.getClass().getSimpleName() + ")");
        }
    }

    private static Map<String, Object> members(RingKey key) {
        Map<String, Object> members = new LinkedHashMap<>();
        members.put("jwk", key.publicJwk().members());
        members.put("factory", key.factory());
        members.put("reference", key.reference().reveal());
        members.put("state", key.state().name());
        members.put("publishedAt", key.publishedAt().toString());
        key.seenAt().ifPresent(at -> members.put("seenAt", at.toString()));
        members.put("changedAt", key.changedAt().toString());
        if (key.state() != KeyState.NEXT) {
            members.put("signsUntil", key.signsUntil().toString());
        }
        members.put("tally", key.tally().byHour());
        return members;
    }

    private static RingKey key(JsonNode node) {
        return new RingKey(
                publicJwk(node.path("jwk")),
                StrictJson.text(node, "factory").orElseThrow(),
                Secret.of(StrictJson.text(node, "reference").orElseThrow()),
                KeyState.valueOf(StrictJson.text(node, "state").orElseThrow()),
                instant(node, "publishedAt").orElseThrow(),
                instant(node, "seenAt"),
                instant(node, "changedAt").orElseThrow(),
                instant(node, "signsUntil").orElse(Instant.MIN),
                tally(node.path("tally")));
    }

    /** Reads the public half, and the id from the key itself: a store must not give a key another's id. */
    private static PublicJwk publicJwk(JsonNode node) {
        PublicJwk read = JwkSet.parse("{\"keys\":[" + node + "]}").keys().get(0);
        PublicJwk own = PublicJwk.of(read.publicKey(), read.algorithm());
        if (!own.keyId().equals(read.keyId())) {
            throw new IllegalArgumentException("a key under another's id");
        }
        return own;
    }

    private static Tally tally(JsonNode node) {
        Map<Long, Long> byHour = new TreeMap<>();
        node.properties()
                .forEach(hour ->
                        byHour.put(Long.valueOf(hour.getKey()), hour.getValue().asLong()));
        return new Tally(byHour);
    }

    private static Optional<Instant> instant(JsonNode node, String name) {
        return StrictJson.text(node, name).map(Instant::parse);
    }
}
