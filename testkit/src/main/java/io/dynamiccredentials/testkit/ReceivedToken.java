package io.dynamiccredentials.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.dynamiccredentials.jwk.PublicJwk;
import io.dynamiccredentials.wire.StrictJson;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.security.interfaces.RSAPublicKey;
import java.util.Base64;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jose4j.jwa.AlgorithmConstraints;
import org.jose4j.jwa.AlgorithmConstraints.ConstraintType;
import org.jose4j.jws.JsonWebSignature;
import org.jose4j.lang.JoseException;

/**
 * A signed JWT as it arrives at a fake platform: taken apart, nothing of it believed. Its text form shows nothing.
 *
 * <p>Fakes check signatures by jose4j itself and claims by their platform's own rules, and nothing by the library's
 * verifier: a fault of that would be theirs too, and no test would show it. Immutable.
 */
public final class ReceivedToken {
    private static final Pattern COMPACT = Pattern.compile("[A-Za-z0-9_-]+[.][A-Za-z0-9_-]+[.][A-Za-z0-9_-]*");
    private static final int OCTET_BITS = 8;

    private static final ObjectMapper LAST_COUNTS = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private final String compact;
    private final JsonNode header;
    private final JsonNode claims;

    private ReceivedToken(String compact, JsonNode header, JsonNode claims) {
        this.compact = compact;
        this.header = header;
        this.claims = claims;
    }

    /** Takes a token apart; empty if {@code text} does not have the form of a signed JWT (RFC 7515, section 7.1). */
    public static Optional<ReceivedToken> parse(String text) {
        return parse(text, ReceivedToken::json);
    }

    /**
     * Takes a token apart as {@link #parse(String)} does, for a platform to which the last counts of claims that have
     * the same name.
     */
    public static Optional<ReceivedToken> parseLastCounts(String text) {
        return parse(text, ReceivedToken::jsonLastCounts);
    }

    private static Optional<ReceivedToken> parse(String text, Function<String, JsonNode> claims) {
        if (!COMPACT.matcher(text).matches()) {
            return Optional.empty();
        }
        String[] parts = text.split("\\.", -1);
        try {
            return Optional.of(new ReceivedToken(text, json(parts[0]), claims.apply(parts[1])));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** Returns the header. Unverified. */
    public JsonNode header() {
        return header;
    }

    /** Returns the claims. Unverified until {@link #isSignedBy} was true. */
    public JsonNode claims() {
        return claims;
    }

    /** Returns the header's {@code alg}, empty if it has none. */
    public String algorithm() {
        return header.path("alg").asText();
    }

    /** Returns the header's {@code kid}, empty if it has none. */
    public String keyId() {
        return header.path("kid").asText();
    }

    /**
     * Tells whether {@code key} signed it, with the one algorithm that the key is for. Whatever else the header says,
     * {@code none} and shared secrets are no signature of it.
     */
    public boolean isSignedBy(PublicJwk key) {
        JsonWebSignature signature = new JsonWebSignature();
        signature.setAlgorithmConstraints(
                new AlgorithmConstraints(ConstraintType.PERMIT, key.algorithm().jwsName()));
        signature.setKey(key.publicKey());
        try {
            signature.setCompactSerialization(compact);
            return hasLengthOf(key) && signature.verifySignature();
        } catch (JoseException e) {
            // A signature that can't even be read is as wrong as one that does not match.
            return false;
        }
    }

    /** jose4j takes ECDSA signatures that are too short. */
    private boolean hasLengthOf(PublicJwk key) {
        int length = Base64.getUrlDecoder().decode(compact.substring(compact.lastIndexOf('.') + 1)).length;
        return length
                == switch (key.algorithm()) {
                    case RS256, RS384, RS512, PS256, PS384, PS512 ->
                        (((RSAPublicKey) key.publicKey()).getModulus().bitLength() + OCTET_BITS - 1) / OCTET_BITS;
                    case ES256, EDDSA -> 64;
                    case ES384 -> 96;
                    case ES512 -> 132;
                };
    }

    /** Reads UTF-8 and nothing else (RFC 7515, section 3.1), where a reader of JSON would guess. */
    private static String text(String part) {
        try {
            return UTF_8.newDecoder()
                    .decode(ByteBuffer.wrap(Base64.getUrlDecoder().decode(part)))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException("no UTF-8", e);
        }
    }

    private static JsonNode json(String part) {
        return StrictJson.parseSmallObject(text(part));
    }

    private static JsonNode jsonLastCounts(String part) {
        try {
            JsonNode claims = LAST_COUNTS.readTree(text(part));
            if (claims.isObject()) {
                return claims;
            }
        } catch (IOException e) {
            throw new IllegalArgumentException("no JSON", e);
        }
        throw new IllegalArgumentException("no JSON object");
    }

    @Override
    public String toString() {
        return "ReceivedToken";
    }
}
