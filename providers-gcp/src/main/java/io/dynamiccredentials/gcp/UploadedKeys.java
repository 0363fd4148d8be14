package io.dynamiccredentials.gcp;

import com.fasterxml.jackson.databind.JsonNode;
import io.dynamiccredentials.jwk.JwkSet;
import io.dynamiccredentials.wire.StrictJson;
import java.util.List;

/** The key set that an operator uploads where Google can't or shall not fetch one. */
final class UploadedKeys {
    /** Where there are certificates Google documents this text, and the rest is UNVERIFIED. */
    private static final String REFUSED = "Input JWK is not in a valid json format";

    private static final List<String> CERTIFICATES = List.of("x5c", "x5t");

    private static final int MAX_KEYS = 8;

    private UploadedKeys() {}

    /**
     * Reads a key set as Google takes it: only RSA and P-256, and no certificates.
     *
     * @throws IllegalArgumentException if Google would refuse it
     */
    static JwkSet parse(String json) {
        JwkSet keys = JwkSet.parse(json);
        JsonNode uploaded = StrictJson.parseObject(json).path("keys");
        if (uploaded.size() > MAX_KEYS) {
            throw new IllegalArgumentException(
                    "At most " + MAX_KEYS + " keys can be uploaded; they were " + uploaded.size());
        }
        for (JsonNode key : uploaded) {
            requireKind(key);
            for (String member : CERTIFICATES) {
                if (key.has(member)) {
                    throw new IllegalArgumentException(REFUSED + ": remove the member " + member + " of each key");
                }
            }
        }
        return keys;
    }

    private static void requireKind(JsonNode key) {
        String type = key.path("kty").asText();
        String curve = key.path("crv").asText();
        boolean taken = type.equals("RSA") || (type.equals("EC") && curve.equals("P-256"));
        if (!taken) {
            throw new IllegalArgumentException(
                    "An uploaded key must be of type RSA or EC with P-256; it was of type " + type + " " + curve);
        }
    }
}
