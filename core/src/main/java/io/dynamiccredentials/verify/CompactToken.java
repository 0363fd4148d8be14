package io.dynamiccredentials.verify;

import static io.dynamiccredentials.TokenRejectedException.Reason.MALFORMED;
import static java.nio.charset.StandardCharsets.US_ASCII;

import com.fasterxml.jackson.databind.JsonNode;
import io.dynamiccredentials.TokenRejectedException;
import io.dynamiccredentials.wire.StrictJson;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Iterator;
import java.util.Set;
import java.util.TreeSet;

/**
 * A token taken apart and not yet believed.
 *
 * <p>Each token has one spelling: padding, white space, the other alphabet and loose last bits are refused, so that no
 * later rule depends on how a decoder forgives (RFC 7515, section 2; RFC 8725, section 3.11).
 */
final class CompactToken {
    private static final int MAX_LENGTH = 16 * 1024;

    /** What a header may hold. Each other member changes how a token is read or names a key that the sender likes. */
    private static final Set<String> HEADER_MEMBERS = Set.of("alg", "kid", "typ", "x5t", "x5t#S256");

    private final JsonNode header;
    private final JsonNode claims;
    private final byte[] signingInput;
    private final byte[] signature;

    private CompactToken(JsonNode header, JsonNode claims, byte[] signingInput, byte[] signature) {
        this.header = header;
        this.claims = claims;
        this.signingInput = signingInput;
        this.signature = signature;
    }

    static CompactToken parse(String compact) {
        if (compact.length() > MAX_LENGTH) {
            throw malformed("it has more than " + MAX_LENGTH + " characters");
        }
        int first = compact.indexOf('.');
        int last = compact.lastIndexOf('.');
        if (first < 0 || first == last || compact.indexOf('.', first + 1) != last) {
            throw malformed("it has not exactly three parts");
        }
        JsonNode header = object("header", decode(compact.substring(0, first)));
        for (Iterator<String> names = header.fieldNames(); names.hasNext(); ) {
            if (!HEADER_MEMBERS.contains(names.next())) {
                throw malformed("its header has a member other than " + new TreeSet<>(HEADER_MEMBERS));
            }
        }
        return new CompactToken(
                header,
                object("claims", decode(compact.substring(first + 1, last))),
                compact.substring(0, last).getBytes(US_ASCII),
                decode(compact.substring(last + 1)));
    }

    JsonNode header() {
        return header;
    }

    JsonNode claims() {
        return claims;
    }

    byte[] signingInput() {
        return signingInput;
    }

    byte[] signature() {
        return signature;
    }

    private static byte[] decode(String part) {
        try {
            byte[] bytes = Base64.getUrlDecoder().decode(part);
            // The decoder forgives padding and loose last bits; writing the bytes again shows both.
            if (!part.isEmpty()
                    && Base64.getUrlEncoder()
                            .withoutPadding()
                            .encodeToString(bytes)
                            .equals(part)) {
                return bytes;
            }
        } catch (IllegalArgumentException e) {
            // Falls through to the one refusal for all bad spellings.
        }
        throw malformed("a part is empty or not in canonical base64url");
    }

    private static JsonNode object(String what, byte[] utf8) {
        try {
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(utf8))
                    .toString();
            return StrictJson.parseObject(text);
        } catch (CharacterCodingException e) {
            throw malformed("its " + what + " is not UTF-8");
        } catch (IllegalArgumentException e) {
            throw malformed("its " + what + " is " + e.getMessage());
        }
    }

    private static TokenRejectedException malformed(String why) {
        return TokenRejectedException.of(
                MALFORMED,
                "The token is malformed: " + why + ". Expected a JWT in compact form, signed and not encrypted");
    }
}
