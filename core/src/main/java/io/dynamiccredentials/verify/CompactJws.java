package io.dynamiccredentials.verify;

import static io.dynamiccredentials.TokenRejectedException.Reason.MALFORMED;
import static java.nio.charset.StandardCharsets.US_ASCII;

import com.fasterxml.jackson.databind.JsonNode;
import io.dynamiccredentials.TokenRejectedException;
import io.dynamiccredentials.jwk.PublicJwk;
import io.dynamiccredentials.wire.Base64Url;
import io.dynamiccredentials.wire.StrictJson;
import io.dynamiccredentials.wire.UntrustedText;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * A signed text in compact form (RFC 7515, section 3.1), taken apart and not yet believed.
 *
 * <p>Each has one spelling: padding, white space, the other alphabet and loose last bits are refused, so that no later
 * rule depends on how a decoder forgives (RFC 7515, section 2; RFC 8725, section 3.11). Encrypted tokens have five
 * parts and are refused with everything else that has not three.
 */
final class CompactJws {
    private static final int MAX_LENGTH = 16 * 1024;

    /** What a header may hold. Each other member changes how a token is read or names a key that the sender likes. */
    private static final Set<String> HEADER_MEMBERS = Set.of("alg", "kid", "typ", "x5t", "x5t#S256");

    private final JsonNode header;
    private final byte[] payload;
    private final byte[] signingInput;
    private final byte[] signature;

    private CompactJws(JsonNode header, byte[] payload, byte[] signingInput, byte[] signature) {
        this.header = header;
        this.payload = payload;
        this.signingInput = signingInput;
        this.signature = signature;
    }

    /**
     * Takes {@code compact} apart. Size and parts are checked before anything is decoded.
     *
     * @throws TokenRejectedException if it is malformed, or its header asks for more than a signature with a key by id
     */
    static CompactJws parse(String compact) {
        if (compact.length() > MAX_LENGTH) {
            throw malformed("it has more than " + MAX_LENGTH + " characters");
        }
        int first = compact.indexOf('.');
        int last = compact.lastIndexOf('.');
        if (first < 0 || first == last || compact.indexOf('.', first + 1) != last) {
            throw malformed("it has not exactly three parts");
        }
        JsonNode header = object("header part", decode(compact.substring(0, first)));
        requireHeader(header);
        return new CompactJws(
                header,
                first + 1 == last ? new byte[0] : decode(compact.substring(first + 1, last)),
                compact.substring(0, last).getBytes(US_ASCII),
                decode(compact.substring(last + 1)));
    }

    /** Returns the algorithm that the header claims; empty if it claims none. */
    Optional<String> algorithm() {
        return StrictJson.text(header, "alg");
    }

    /** Returns the id of the key that the header claims; empty if it claims none. */
    Optional<String> keyId() {
        return StrictJson.text(header, "kid");
    }

    byte[] payload() {
        return payload;
    }

    byte[] signingInput() {
        return signingInput;
    }

    byte[] signature() {
        return signature;
    }

    /**
     * Reads one part as a JSON object.
     *
     * @throws TokenRejectedException if it is anything else
     */
    static JsonNode object(String what, byte[] utf8) {
        try {
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(utf8))
                    .toString();
            return StrictJson.parseSmallObject(text);
        } catch (CharacterCodingException e) {
            throw malformed("its " + what + " is not UTF-8");
        } catch (IllegalArgumentException e) {
            throw malformed("its " + what + " is " + e.getMessage());
        }
    }

    private static void requireHeader(JsonNode header) {
        for (Map.Entry<String, JsonNode> member : header.properties()) {
            if (!HEADER_MEMBERS.contains(member.getKey()) || !member.getValue().isTextual()) {
                throw malformed("its header has a member other than the strings " + new TreeSet<>(HEADER_MEMBERS));
            }
        }
        String type = header.path("typ").asText("JWT");
        if (!"JWT".equalsIgnoreCase(type)) {
            throw malformed("its typ is " + UntrustedText.quote(type) + " instead of \"JWT\"");
        }
        String keyId = header.path("kid").asText("");
        if (!keyId.isEmpty() && !UntrustedText.isName(keyId, PublicJwk.MAX_ID_LENGTH)) {
            throw malformed("its kid has more than " + PublicJwk.MAX_ID_LENGTH + " characters or a control character");
        }
    }

    private static byte[] decode(String part) {
        try {
            if (!part.isEmpty()) {
                return Base64Url.decode(part);
            }
        } catch (IllegalArgumentException e) {
            // Falls through to the one refusal for all bad spellings.
        }
        throw malformed("its header or signature is empty, or a part is not in canonical base64url (pass it without"
                + " \"Bearer \", blanks and line breaks)");
    }

    private static TokenRejectedException malformed(String why) {
        return TokenRejectedException.of(
                MALFORMED,
                "The token is malformed: " + why + ". Expected a JWT in compact form, signed and not encrypted");
    }
}
