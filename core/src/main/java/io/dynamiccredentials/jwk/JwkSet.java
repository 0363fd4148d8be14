package io.dynamiccredentials.jwk;

import com.fasterxml.jackson.databind.JsonNode;
import io.dynamiccredentials.wire.StrictJson;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The public keys of one issuer (RFC 7517, section 5). Immutable.
 *
 * @param keys the keys, each id once
 */
public record JwkSet(List<PublicJwk> keys) {
    private static final int MAX_KEYS = 100;

    /**
     * Copies {@code keys}.
     *
     * @throws IllegalArgumentException if it is empty or an id occurs twice
     */
    public JwkSet {
        keys = List.copyOf(keys);
        if (keys.isEmpty()) {
            throw new IllegalArgumentException("A key set must hold at least one usable signature key; it holds none");
        }
        Set<String> ids = new HashSet<>();
        for (PublicJwk key : keys) {
            if (!ids.add(key.keyId())) {
                throw new IllegalArgumentException("Each key of a set needs an id of its own; two have the same");
            }
        }
    }

    /**
     * Reads a key set from the network. Keys for other uses and of other kinds are left out, as section 5 asks.
     *
     * @throws IllegalArgumentException if it is no key set, lists more than 100 keys, holds no usable one, or shows a
     *     private or symmetric key, which everybody then has
     */
    public static JwkSet parse(String json) {
        JsonNode array = StrictJson.parseObject(json).path("keys");
        if (!array.isArray() || array.size() > MAX_KEYS) {
            throw new IllegalArgumentException("A key set has a member \"keys\" with at most " + MAX_KEYS + " keys");
        }
        List<PublicJwk> usable = new ArrayList<>();
        for (JsonNode node : array) {
            JwkReader.requirePublic(node);
            JwkReader.read(node).ifPresent(usable::add);
        }
        return new JwkSet(usable);
    }

    /** Returns the key of that id. */
    public Optional<PublicJwk> find(String keyId) {
        return keys.stream().filter(key -> key.keyId().equals(keyId)).findFirst();
    }

    /** Returns the set as a JSON document: {@code {"keys":[…]}}. */
    public String toJson() {
        return StrictJson.write(
                Map.of("keys", keys.stream().map(PublicJwk::members).toList()));
    }
}
